// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts sockets into the established/timewait table that belong to no connection, as many
 * as are wanted, and walks over them in the plainest way.
 *
 * Two files in debugfs, tw_bench/plain and tw_bench/touch. A read of one walks once; it prints
 * how many sockets there are and how long that took. "plain" follows each chain and reads the
 * state of each socket. "touch" reads as many chains at a time as the module does, and of each
 * socket what the module fetches from memory, but does nothing with it: it is the limit of
 * what any order of work can reach.
 *
 * The objects are timewait sockets as TCP makes them, in random order of memory, hashed as
 * the kernel hashes. They have no timer and no bind bucket: they stay until the module is
 * removed.
 */
#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/rculist_nulls.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#include "walk/copy.h"
#include "walk/section.h"

#define FIRST_PORT	32768
#define PORTS		28000
#define STRIDE		256

static unsigned int sockets = 1000000;
module_param(sockets, uint, 0444);
MODULE_PARM_DESC(sockets, "how many");

static unsigned int destinations = 1000;
module_param(destinations, uint, 0444);
MODULE_PARM_DESC(destinations, "how many remote addresses they have");

static bool ipv6;
module_param(ipv6, bool, 0444);
MODULE_PARM_DESC(ipv6, "with IPv6 addresses");

static bool loopback;
module_param(loopback, bool, 0444);
MODULE_PARM_DESC(loopback, "with IPv4 addresses of the loopback device");

static unsigned int full;
module_param(full, uint, 0444);
MODULE_PARM_DESC(full, "every such one is an established socket, 0: none");

static unsigned int seed = 1;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "of the order in memory and of the ages");

static struct kmem_cache *cache;
static struct tcp_timewait_sock **all;
static struct dentry *dir;

static struct inet_hashinfo *table(void)
{
	return init_net.ipv4.tcp_death_row.hashinfo;
}

/* Connection i of the remote address i % destinations. */
static void address(struct inet_timewait_sock *tw, u32 i)
{
	const u32 to = i % destinations, nr = i / destinations;
	const u32 net = loopback ? INADDR_LOOPBACK & 0xff000000 : 0x0a000000;

	tw->tw_num = FIRST_PORT + nr % PORTS;
	tw->tw_dport = htons(443);
	tw->tw_rcv_saddr = htonl(net + 1 + nr / PORTS);
	tw->tw_daddr = htonl(net + 0x800000 + to);
	tw->tw_family = AF_INET;
#if IS_ENABLED(CONFIG_IPV6)
	if (!ipv6)
		return;
	tw->tw_family = AF_INET6;
	ipv6_addr_set(&tw->tw_v6_rcv_saddr, htonl(0xfd000000), 0, 0,
		      htonl(1 + nr / PORTS));
	ipv6_addr_set(&tw->tw_v6_daddr, htonl(0xfd000000), 0, 1, htonl(to));
#endif
}

static u32 hash_of(const struct inet_timewait_sock *tw)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (ipv6)
		return inet6_ehashfn(&init_net, &tw->tw_v6_rcv_saddr, tw->tw_num,
				     &tw->tw_v6_daddr, tw->tw_dport);
#endif
	return inet_ehashfn(&init_net, tw->tw_rcv_saddr, tw->tw_num,
			    tw->tw_daddr, tw->tw_dport);
}

static void fill(struct tcp_timewait_sock *tcptw, u32 i, struct rnd_state *random)
{
	struct inet_timewait_sock *tw = &tcptw->tw_sk;

	address(tw, i);
	write_pnet(&tw->tw_net, &init_net);
	tw->tw_prot = &tcp_prot;
	tw->tw_hash = hash_of(tw);
	tw->tw_substate = TCP_TIME_WAIT;
	tw->tw_timer.expires = jiffies +
			       prandom_u32_state(random) % TCP_TIMEWAIT_LEN;
	tcptw->tw_ts_recent_stamp = ktime_get_seconds();
	tw->tw_state = full && i % full == 0 ? TCP_ESTABLISHED : TCP_TIME_WAIT;
	refcount_set(&tw->tw_refcnt, 3);
}

static void insert(struct inet_hashinfo *h, struct inet_timewait_sock *tw)
{
	struct sock *sk = (struct sock *)tw;
	spinlock_t *lock = inet_ehash_lockp(h, tw->tw_hash);

	spin_lock_bh(lock);
	hlist_nulls_add_head_rcu(&sk->sk_nulls_node,
				 &inet_ehash_bucket(h, tw->tw_hash)->chain);
	spin_unlock_bh(lock);
}

static void delete(struct inet_hashinfo *h, struct inet_timewait_sock *tw)
{
	struct sock *sk = (struct sock *)tw;
	spinlock_t *lock = inet_ehash_lockp(h, tw->tw_hash);

	spin_lock_bh(lock);
	hlist_nulls_del_init_rcu(&sk->sk_nulls_node);
	spin_unlock_bh(lock);
}

static int plain_show(struct seq_file *m, void *v)
{
	struct inet_hashinfo *h = table();
	const u64 start = tw_thread_ns();
	u64 found = 0, timewait = 0;
	unsigned int slot = 0, i;

	while (slot <= h->ehash_mask) {
		rcu_read_lock();
		for (i = 0; i < STRIDE && slot <= h->ehash_mask; i++, slot++) {
			const struct hlist_nulls_node *node;
			const struct sock *sk;

			sk_nulls_for_each_rcu(sk, node, &h->ehash[slot].chain) {
				found++;
				timewait += READ_ONCE(sk->sk_state) ==
					    TCP_TIME_WAIT;
			}
		}
		rcu_read_unlock();
		cond_resched();
	}
	seq_printf(m, "sockets %llu timewait %llu slots %u ns %llu\n", found,
		   timewait, slot, tw_thread_ns() - start);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(plain);

/* Chains that are followed at a time; the first @nr nodes are the next sockets of each. */
struct touching {
	const struct hlist_nulls_node *node[TWS_LANES];
	unsigned int nr;
	u64 found;
	u64 timewait;
};

static void fetch(const struct hlist_nulls_node *node)
{
	tws_copy_fetch(hlist_nulls_entry(node, struct sock, sk_nulls_node));
}

static void touch(struct touching *t)
{
	unsigned int i = 0;

	while (i < t->nr) {
		const struct hlist_nulls_node *node = t->node[i];
		const struct sock *sk = hlist_nulls_entry(node, struct sock, sk_nulls_node);

		t->found++;
		t->timewait += READ_ONCE(sk->sk_state) == TCP_TIME_WAIT &&
			       READ_ONCE(inet_twsk(sk)->tw_substate) &&
			       READ_ONCE(inet_twsk(sk)->tw_timer.expires) &&
			       READ_ONCE(tcp_twsk(sk)->tw_ts_recent_stamp);
		node = READ_ONCE(node->next);
		if (is_a_nulls(node)) {
			t->node[i] = t->node[--t->nr];
			continue;
		}
		fetch(node);
		t->node[i++] = node;
	}
}

static int touch_show(struct seq_file *m, void *v)
{
	struct inet_hashinfo *h = table();
	const u64 start = tw_thread_ns();
	struct touching *t = kzalloc(sizeof(*t), GFP_KERNEL);
	unsigned int slot = 0;
	u64 end = 0;

	if (!t)
		return -ENOMEM;
	while (slot <= h->ehash_mask || t->nr) {
		rcu_read_lock();
		for (end = t->found + STRIDE; t->found < end; touch(t)) {
			for (; t->nr < TWS_LANES && slot <= h->ehash_mask; slot++) {
				const struct hlist_nulls_node *node;

				node = READ_ONCE(h->ehash[slot].chain.first);
				if (is_a_nulls(node))
					continue;
				fetch(node);
				t->node[t->nr++] = node;
			}
			if (!t->nr)
				break;
		}
		rcu_read_unlock();
		cond_resched();
	}
	seq_printf(m, "sockets %llu timewait %llu slots %u ns %llu\n", t->found,
		   t->timewait, slot, tw_thread_ns() - start);
	kfree(t);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(touch);

static void shuffle(struct rnd_state *random)
{
	u32 i, other;

	for (i = sockets - 1; i > 0; i--) {
		other = prandom_u32_state(random) % (i + 1);
		swap(all[i], all[other]);
	}
}

static void remove_all(void)
{
	struct inet_hashinfo *h = table();
	u32 i;

	for (i = 0; all && i < sockets && all[i]; i++) {
		if (!hlist_nulls_unhashed(&((struct sock *)all[i])->sk_nulls_node))
			delete(h, &all[i]->tw_sk);
		cond_resched();
	}
	synchronize_rcu();
	for (i = 0; all && i < sockets && all[i]; i++) {
		kmem_cache_free(cache, all[i]);
		cond_resched();
	}
	kvfree(all);
	kmem_cache_destroy(cache);
}

static int add_all(void)
{
	struct inet_hashinfo *h = table();
	struct rnd_state random;
	u32 i;

	prandom_seed_state(&random, seed);
	for (i = 0; i < sockets; i++) {
		all[i] = kmem_cache_zalloc(cache, GFP_KERNEL);
		if (!all[i])
			return -ENOMEM;
	}
	shuffle(&random);
	for (i = 0; i < sockets; i++) {
		fill(all[i], i, &random);
		insert(h, &all[i]->tw_sk);
		cond_resched();
	}
	return 0;
}

static int __init bench_init(void)
{
	int err;

	if (!destinations || sockets / destinations > 100 * PORTS)
		return -EINVAL;
	cache = kmem_cache_create("tw_bench", sizeof(struct tcp_timewait_sock), 0,
				  SLAB_TYPESAFE_BY_RCU, NULL);
	all = kvcalloc(sockets, sizeof(*all), GFP_KERNEL);
	err = cache && all ? add_all() : -ENOMEM;
	if (err) {
		remove_all();
		return err;
	}
	dir = debugfs_create_dir("tw_bench", NULL);
	debugfs_create_file("plain", 0444, dir, NULL, &plain_fops);
	debugfs_create_file("touch", 0444, dir, NULL, &touch_fops);
	return 0;
}

static void __exit bench_exit(void)
{
	debugfs_remove(dir);
	remove_all();
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("sockets to measure tw_summary with");
MODULE_LICENSE("GPL");
