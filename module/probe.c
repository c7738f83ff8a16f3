// SPDX-License-Identifier: GPL-2.0-only
/*
 * The return probe on inet_hashtables.c:__inet_hash_connect(): the one place
 * where connect() chooses a port, for IPv4, IPv6, mapped and MPTCP sockets. Its
 * caller holds the socket, and the addresses are set. Calls for a port that
 * bind() has chosen are not followed: they fail for another reason.
 *
 * Built only if compat/features.mk finds that the kernel can do this.
 */
#include <linux/kprobes.h>
#include <net/inet_sock.h>

#include "probe.h"

/* Calls that can be followed at the same time; others count as missed. */
#define TWS_MAX_PROBED	1024

/* Whom to tell of a call that found no port; set while the probe is. */
static void (*tws_probe_failed)(const struct sock *sk);

struct tws_probed {
	struct sock *sk;
};

static int tws_probe_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct sock *sk = (struct sock *)regs_get_kernel_argument(regs, 1);

	if (sk->sk_protocol != IPPROTO_TCP || inet_sk(sk)->inet_num)
		return 1;	/* no return probe for this call */
	((struct tws_probed *)ri->data)->sk = sk;
	return 0;
}

static int tws_probe_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if ((int)regs_return_value(regs) == -EADDRNOTAVAIL)
		tws_probe_failed(((struct tws_probed *)ri->data)->sk);
	return 0;
}

static struct kretprobe tws_probe;

/**
 * tws_probe_set() - set the probe
 * @failed:	is called for each connect() that found no port, with its socket,
 *		in any context but NMI
 *
 * Context: process context, may sleep.
 * Return: 0, or the error of register_kretprobe().
 */
int tws_probe_set(void (*failed)(const struct sock *sk))
{
	tws_probe_failed = failed;
	/* An earlier registration has left values in the structure. */
	memset(&tws_probe, 0, sizeof(tws_probe));
	tws_probe.kp.symbol_name = "__inet_hash_connect";
	tws_probe.entry_handler = tws_probe_entry;
	tws_probe.handler = tws_probe_return;
	tws_probe.data_size = sizeof(struct tws_probed);
	tws_probe.maxactive = TWS_MAX_PROBED;
	return register_kretprobe(&tws_probe);
}

/**
 * tws_probe_clear() - remove the probe; waits for calls being followed
 */
void tws_probe_clear(void)
{
	unregister_kretprobe(&tws_probe);
}

/**
 * tws_probe_missed() - calls that could not be followed since the probe was set
 */
u64 tws_probe_missed(void)
{
	return tws_probe.nmissed + tws_probe.kp.nmissed;
}
