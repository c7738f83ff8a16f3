// SPDX-License-Identifier: GPL-2.0-only
/* All network namespaces, and what the module keeps for each. */
#include <linux/list.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "compute/gfp.h"
#include "net.h"

static DEFINE_MUTEX(tws_nets_lock);
static LIST_HEAD(tws_nets_list);
static int tws_nets_nr;

/* Given by register_pernet_subsys(). */
unsigned int tws_net_id;

/**
 * tws_net_of() - what the module keeps for a namespace
 * @net:	the namespace, not freed yet
 *
 * Context: any; while the module is registered.
 */
struct tws_net *tws_net_of(const struct net *net)
{
	return net_generic(net, tws_net_id);
}

void tws_nets_add(struct tws_net *tn)
{
	mutex_lock(&tws_nets_lock);
	list_add_tail(&tn->list, &tws_nets_list);
	tws_nets_nr++;
	mutex_unlock(&tws_nets_lock);
}

void tws_nets_remove(struct tws_net *tn)
{
	mutex_lock(&tws_nets_lock);
	list_del(&tn->list);
	tws_nets_nr--;
	mutex_unlock(&tws_nets_lock);
}

/**
 * tws_nets_get() - get a reference to each namespace
 * @nets:	result: the namespaces, oldest first, for tws_nets_put()
 *
 * Namespaces on their way out are left out.
 *
 * Context: process context, may sleep.
 * Return: how many, or -ENOMEM.
 */
int tws_nets_get(struct tws_net ***nets)
{
	struct tws_net **all, *tn;
	int nr = 0;

	mutex_lock(&tws_nets_lock);
	all = kmalloc_array(max(tws_nets_nr, 1), sizeof(*all), TWS_GFP);
	if (all)
		list_for_each_entry(tn, &tws_nets_list, list)
			if (maybe_get_net(tn->net))
				all[nr++] = tn;
	mutex_unlock(&tws_nets_lock);
	if (!all)
		return -ENOMEM;
	*nets = all;
	return nr;
}

/**
 * tws_nets_each() - call a function for each namespace
 * @each:	must not add or remove a namespace
 *
 * Context: process context, may sleep.
 */
void tws_nets_each(void (*each)(struct tws_net *tn))
{
	struct tws_net *tn;

	mutex_lock(&tws_nets_lock);
	list_for_each_entry(tn, &tws_nets_list, list)
		each(tn);
	mutex_unlock(&tws_nets_lock);
}

void tws_nets_put(struct tws_net **nets, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		put_net(nets[i]->net);
	kfree(nets);
}
