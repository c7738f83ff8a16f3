// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fills the port map of a namespace from the bind table: which ports of a range are in use,
 * and which of these connect() skips.
 *
 * A chain is read under its own lock where it must be (compat/tables.h). No other
 * lock is taken under it (the kernel's order is: bind table, then established table).
 *
 * Without the lock a bucket may be seen before the connect() that made it has said so
 * (inet_hashtables.c:__inet_hash_connect()): then it looks like one of bind(), and its
 * port, which that connection blocks, is not usable for another reason.
 *
 * All namespaces share the table: each has a bucket in the chain for one port, and another
 * one in each VRF. So a long chain is read under its lock in sections, between which the
 * lock is free (hold.h). If the place is lost, the chain is read again. After three times it
 * is read in one section, as connect() and bind() read it with the lock held if the port is
 * not in use (inet_hashtables.c:__inet_hash_connect()). New buckets are at the head, and
 * need not be seen: when the reading began, nobody had this port.
 */
#include <linux/bitmap.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/inet_hashtables.h>
#include <net/net_namespace.h>

#include "compat/tables.h"
#include "compute/gfp.h"
#include "compute/portmap.h"
#include "compute/stride.h"
#include "hold.h"
#include "ports.h"

/* Buckets in a batch at first; it grows for a longer chain. */
#define TWS_BUCKETS	512

/* How often a long chain is read in sections if that fails. */
#define TWS_BINDCHAIN_TRIES	3u

/**
 * struct tws_bindwalk - a walk over the bind table
 * @hashinfo:	tables of @net
 * @net:	only ports of this namespace are taken
 * @map:	gets them, in process context with no lock held
 * @skipped_only: only ports that connect() skips are taken
 * @breath:	as for tws_breathe()
 * @batch:	ports for @map
 * @nr:		how many
 * @room:	for how many there is room
 * @visited:	buckets, in this section
 * @wanted:	buckets of a chain that did not fit, or 0
 * @growths:	how often the batch grew for this chain
 */
struct tws_bindwalk {
	struct inet_hashinfo *hashinfo;
	struct net *net;
	struct tws_portmap *map;
	bool skipped_only;
	struct tws_breath *breath;
	struct tws_used_port *batch;
	unsigned int nr;
	unsigned int room;
	unsigned int visited;
	unsigned int wanted;
	unsigned int growths;
};

/*
 * inet_hashtables.c:__inet_hash_connect() skips a port whose bucket bind() or
 * listen() has created or joined. In buckets of its own both fields are -1.
 */
static bool tws_is_skipped(const struct inet_bind_bucket *tb)
{
	return READ_ONCE(tb->fastreuse) >= 0 ||
	       READ_ONCE(tb->fastreuseport) >= 0;
}

/*
 * Copy a bucket of a chain into the batch, if there is room behind the @found ones of the
 * same chain. Return whether it is wanted.
 */
static bool tws_bindwalk_copy(struct tws_bindwalk *w, struct inet_bind_bucket *tb,
			      unsigned int found)
{
	const bool skipped = tws_is_skipped(tb);

	if ((w->skipped_only && !skipped) || !net_eq(ib_net(tb), w->net) ||
	    !tws_in_range(&w->map->range, tb->port))
		return false;
	if (w->nr + found < w->room)
		w->batch[w->nr + found] = (struct tws_used_port){
			.l3mdev = tb->l3mdev,
			.port = tb->port,
			.skipped = skipped,
		};
	return true;
}

/*
 * Copy what fits of a chain into the batch. Return how many of its buckets are wanted; or
 * -EAGAIN, the section may not visit so many entries more; or -E2BIG, no section may.
 */
static int tws_copy_chain(struct tws_bindwalk *w,
			  struct inet_bind_hashbucket *head)
{
	const unsigned int most = TWS_ENTRIES - w->visited;
	struct inet_bind_bucket *tb;
	unsigned int found = 0, seen = 0;

	tws_compat_bind_chain_lock(head);
	hlist_for_each_entry_rcu(tb, &head->chain, node,
				 lockdep_is_held(&head->lock)) {
		if (++seen > most)
			break;
		found += tws_bindwalk_copy(w, tb, found);
	}
	tws_compat_bind_chain_unlock(head);
	w->visited += min(seen, most);
	if (seen <= most)
		return found;
	return most == TWS_ENTRIES ? -E2BIG : -EAGAIN;
}

/**
 * struct tws_bindchain - a chain that is being read
 * @w:		the walk
 * @head:	its head
 * @tries:	how often it was read in vain
 * @found:	wanted buckets so far
 * @place:	the bucket that was read last
 */
struct tws_bindchain {
	struct tws_bindwalk *w;
	struct inet_bind_hashbucket *head;
	unsigned int tries;
	unsigned int found;
	struct tws_bindplace place;
};

enum tws_bindchain_end {
	TWS_BINDCHAIN_DONE,
	TWS_BINDCHAIN_MORE,	/* the section ends, the chain goes on */
	TWS_BINDCHAIN_AGAIN,	/* the place is lost */
};

static bool tws_bindchain_stay(struct tws_bindchain *c, struct inet_bind_bucket *tb)
{
	struct sock *owner = tws_compat_bind_first(tb);

	return owner && tws_bindplace_keep(&c->place, tb, owner);
}

/* Under the lock of the chain. */
static enum tws_bindchain_end tws_bindchain_section(struct tws_bindchain *c)
{
	const unsigned int most = c->tries < TWS_BINDCHAIN_TRIES ? TWS_ENTRIES : UINT_MAX;
	struct hlist_node *node = c->head->chain.first;
	struct inet_bind_bucket *tb;
	unsigned int seen = 0;

	if (c->place.owner) {
		if (!tws_bindplace_is_kept(&c->place))
			return TWS_BINDCHAIN_AGAIN;
		node = c->place.tb->node.next;
		c->place.owner = NULL;
	}
	for (; node; node = node->next) {
		tb = hlist_entry(node, struct inet_bind_bucket, node);
		c->found += tws_bindwalk_copy(c->w, tb, c->found);
		if (++seen >= most && node->next && tws_bindchain_stay(c, tb))
			return TWS_BINDCHAIN_MORE;
	}
	return TWS_BINDCHAIN_DONE;
}

/*
 * Copy what fits of a long chain into the batch. Return how many of its buckets are wanted.
 * May sleep.
 */
static unsigned int tws_bindchain_read(struct tws_bindwalk *w,
				       struct inet_bind_hashbucket *head)
{
	struct tws_bindchain c = { .w = w, .head = head };
	enum tws_bindchain_end how;

	do {
		struct sock *left = c.place.owner;

		spin_lock_bh(&head->lock);
		how = tws_bindchain_section(&c);
		spin_unlock_bh(&head->lock);
		if (left)
			sock_gen_put(left);
		tws_breathe(w->breath);
		if (how == TWS_BINDCHAIN_AGAIN) {
			c.place.owner = NULL;
			c.found = 0;
			c.tries++;
		}
	} while (how != TWS_BINDCHAIN_DONE);
	return c.found;
}

static int tws_flush_buckets(struct tws_bindwalk *w)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < w->nr && !err; i++)
		err = tws_portmap_add(w->map, &w->batch[i]);
	w->nr = 0;
	return err;
}

static int tws_grow_buckets(struct tws_bindwalk *w, unsigned int room)
{
	struct tws_used_port *batch;

	batch = kmalloc_array(room, sizeof(*batch), TWS_GFP);
	if (!batch)
		return -ENOMEM;
	kfree(w->batch);
	w->batch = batch;
	w->room = room;
	return 0;
}

/* Make room for a chain that did not fit, as often as it goes on growing. */
static int tws_make_room(struct tws_bindwalk *w)
{
	const unsigned int wanted = w->wanted;
	int err = tws_flush_buckets(w);

	w->wanted = 0;
	if (err || wanted <= w->room)
		return err;
	if (w->growths++ == TWS_GROWTHS)
		return -ENOMEM;
	return tws_grow_buckets(w, wanted + wanted / 4);
}

/*
 * @head is empty. Return it, or one behind it that is empty too, with all between them.
 * Four at once: 2 instructions less for each port of the range.
 */
static struct inet_bind_hashbucket *
tws_skip_empty(struct inet_bind_hashbucket *head, const struct inet_bind_hashbucket *end)
{
	unsigned long any;

	for (; end - head > 4; head += 4) {
		any = (unsigned long)READ_ONCE(head[1].chain.first);
		any |= (unsigned long)READ_ONCE(head[2].chain.first);
		any |= (unsigned long)READ_ONCE(head[3].chain.first);
		any |= (unsigned long)READ_ONCE(head[4].chain.first);
		if (any)
			break;
	}
	return head;
}

/* What was found of a chain stays in the batch. Return false if it had no room there. */
static bool tws_keep_chain(struct tws_bindwalk *w, unsigned int found)
{
	if (w->nr + found > w->room) {
		w->wanted = found;
		return false;
	}
	w->nr += found;
	w->growths = 0;
	return true;
}

/*
 * Read up to TWS_STRIDE chains, starting with the one of the port @i of the range.
 * Return the first port that was not read. Ports that follow each other are
 * in chains that follow each other (inet_hashtables.h:inet_bhashfn()), but for the last
 * chain, which the first one follows.
 */
static u32 tws_bindwalk_stride(struct tws_bindwalk *w, u32 i, u32 nr_chains)
{
	const u32 size = w->hashinfo->bhash_size;
	const u32 first = inet_bhashfn(w->net, w->map->range.low + i, size);
	struct inet_bind_hashbucket *const begin = &w->hashinfo->bhash[first];
	struct inet_bind_hashbucket *const end =
		begin + min3(TWS_STRIDE, nr_chains - i, size - first);
	struct inet_bind_hashbucket *head, *far = begin + TWS_FEW;
	int found = 0;

	w->visited = 0;
	tws_compat_bind_section_begin();
	for (head = begin; head < end; head++) {
		if (hlist_empty(&head->chain)) {
			if (head == far)
				head = tws_skip_empty(head, end);
			continue;
		}
		far = head + TWS_FEW;
		found = tws_copy_chain(w, head);
		if (found < 0 || !tws_keep_chain(w, found))
			break;
	}
	tws_compat_bind_section_end();
	if (found == -E2BIG && tws_keep_chain(w, tws_bindchain_read(w, head)))
		head++;
	return i + (head - begin);
}

/* The ports of a range are in as many chains, or in all. */
static int tws_bindwalk(struct tws_bindwalk *w, const bool *stop)
{
	const u32 nr_chains = min(tws_range_size(&w->map->range),
				  w->hashinfo->bhash_size);
	u32 next = 0;
	int err = tws_grow_buckets(w, TWS_BUCKETS);

	while (!err && next < nr_chains) {
		next = tws_bindwalk_stride(w, next, nr_chains);
		tws_breathe(w->breath);
		if (tws_unwanted(stop))
			err = -EINTR;
		else if (w->wanted)
			err = tws_make_room(w);
	}
	if (!err)
		err = tws_flush_buckets(w);
	kfree(w->batch);
	return err;
}

/**
 * tws_portmap_reserve() - read the reserved ports of a namespace
 * @map:	the map, not finished
 * @net:	the namespace
 *
 * As ip.h:inet_is_local_reserved_port() asks for each port.
 */
void tws_portmap_reserve(struct tws_portmap *map, const struct net *net)
{
#ifdef CONFIG_SYSCTL
	const unsigned long *reserved = net->ipv4.sysctl_local_reserved_ports;

	if (reserved)
		bitmap_copy(map->reserved, reserved, TWS_PORTS);
#endif
}

/**
 * tws_portmap_fill() - find out which ports connect() may use now
 * @map:	result; for tws_portmap_free(), also on error
 * @net:	the namespace; the caller keeps it alive
 * @range:	its local port range
 * @skipped_only: the bitmaps TWS_HELD are not wanted
 * @breath:	as for tws_breathe()
 * @stop:	ends the walk within a stride; or NULL
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM if memory is short or there are too many VRFs, or -EINTR if nobody
 * wants it any more.
 */
int tws_portmap_fill(struct tws_portmap *map, struct net *net,
		     const struct tws_range *range, bool skipped_only,
		     struct tws_breath *breath, const bool *stop)
{
	struct tws_bindwalk walk = {
		.hashinfo = tws_compat_hashinfo(net),
		.net = net,
		.map = map,
		.skipped_only = skipped_only,
		.breath = breath,
	};
	int err = tws_portmap_init(map, range);

	if (err)
		return err;
	tws_portmap_reserve(map, net);
	err = tws_bindwalk(&walk, stop);
	tws_portmap_finish(map);
	return err;
}
