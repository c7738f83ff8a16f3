// SPDX-License-Identifier: GPL-2.0-only
/*
 * Return probes on the two places where the kernel chooses a port:
 *
 * - inet_hashtables.c:__inet_hash_connect(), for connect(), of IPv4, IPv6, mapped and
 *   MPTCP sockets. Its caller holds the socket, and the addresses are set. A call whose
 *   socket has a port from bind() takes none, and fails for another reason: all that is
 *   done for it is check_established(), which returns -EADDRNOTAVAIL if the connection,
 *   with these addresses, ports and this device, is there, and may not be taken over
 *   (__inet_check_established(), __inet6_check_established()). Where connect() finds no
 *   address to call from, it returns -EADDRNOTAVAIL before it comes here.
 * - inet_connection_sock.c:inet_csk_get_port(), for bind(), and for listen() without
 *   bind(). Its caller holds the socket. Only calls for any port are followed.
 *
 * The handlers, and all that tws_probe_ended() does, run with preemption off. So nothing there
 * may sleep, on PREEMPT_RT neither, where a spinlock_t, a local lock (random.c:
 * get_random_u32()) and the reader of a seqlock_t sleep. What is used does not: raw
 * spinlocks (compute/memo.c, reserve.c), counters of a processor, RCU, clocks, the buffers
 * of events, and queues of work and timers, whose locks are raw (workqueue.c, timer.c).
 * selftests/probe_never_sleeps.sh tries it.
 *
 * Built only if compat/features.mk finds that the kernel can do this.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/smp.h>
#include <net/inet_sock.h>

#include "compat/probed.h"
#include "compute/sampler.h"
#include "probe.h"

/* Calls of each kind that can be followed at the same time; others count as missed. */
#define TWS_MAX_PROBED	1024

static tws_call_ended_t tws_probe_ended;
static const atomic_t *tws_probe_round;

/* One of so many calls is sampled, whatever it finds. Those that failed are always reported. */
static u32 tws_probe_one_in;
static DEFINE_PER_CPU(struct tws_sampler, tws_probe_sampler);

/*
 * Calls since the module was loaded. @connects, @found and @none are connect() calls
 * without a port that began, that ended with one (or with another error), and that found
 * none; @binds are bind() and listen() calls that began.
 */
struct tws_tally {
	u64 connects;
	u64 found;
	u64 none;
	u64 binds;
};

static DEFINE_PER_CPU(struct tws_tally, tws_probe_tally);

static struct tws_probed *tws_probed_in(struct kretprobe_instance *ri)
{
	return (struct tws_probed *)ri->data;
}

/* Of a call that does not pass the sampler. Returns 0: follow it. */
static noinline int tws_sample(struct tws_probed *call)
{
	call->calls = tws_sampler_decides(this_cpu_ptr(&tws_probe_sampler),
					  READ_ONCE(tws_probe_one_in));
	if (call->calls)
		call->began_ns = ktime_get_ns();
	return 0;
}

/*
 * Follow a call. Whether it is sampled is decided here, when it begins, so that the time
 * is known. Preemption is off, and nothing that interrupts calls connect() or bind().
 *
 * This and what calls it runs for each connect(): rare things are done in functions of
 * their own.
 */
static __always_inline int tws_follow(struct tws_probed *call, struct sock *sk)
{
	call->sk = sk;
	call->calls = 0;
	if (likely(tws_sampler_passes(this_cpu_ptr(&tws_probe_sampler))))
		return 0;
	return tws_sample(call);
}

/* 1: no return probe for this call. */
static int notrace tws_connect_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct tws_probed *call = tws_probed_in(ri);
	struct sock *sk = (struct sock *)
		regs_get_kernel_argument(regs, TWS_COMPAT_CONNECT_SOCK);

	if (sk->sk_protocol != IPPROTO_TCP)
		return 1;
	call->port = inet_sk(sk)->inet_num;
	if (!call->port) {
		this_cpu_inc(tws_probe_tally.connects);
		/* Before it looks at a port. */
		call->round = atomic_read_acquire(tws_probe_round);
	}
	return tws_follow(call, sk);
}

static noinline int tws_connect_ended(const struct tws_probed *call, bool refused)
{
	enum tws_call_end end = TWS_CALL_NOT_FAILED;

	if (refused)
		end = call->port ? TWS_CALL_CLASHED : TWS_CALL_FAILED;
	if (end == TWS_CALL_FAILED)
		this_cpu_inc(tws_probe_tally.none);
	tws_probe_ended(call, false, end);
	return 0;
}

/* Preemption is off (kprobes.c:__kretprobe_trampoline_handler(), rethook.c). */
static int notrace tws_connect_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct tws_probed *call = tws_probed_in(ri);

	if (unlikely((int)regs_return_value(regs) == -EADDRNOTAVAIL))
		return tws_connect_ended(call, true);
	if (!call->port)
		this_cpu_inc(tws_probe_tally.found);
	if (unlikely(call->calls))
		return tws_connect_ended(call, false);
	return 0;
}

static int notrace tws_bind_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct sock *sk = (struct sock *)
		regs_get_kernel_argument(regs, TWS_COMPAT_BIND_SOCK);
	const u16 port = regs_get_kernel_argument(regs, TWS_COMPAT_BIND_PORT);

	if (sk->sk_protocol != IPPROTO_TCP)
		return 1;
	this_cpu_inc(tws_probe_tally.binds);
	if (port)
		return 1;
	return tws_follow(tws_probed_in(ri), sk);
}

static noinline int tws_bind_ended(const struct tws_probed *call, bool failed)
{
	tws_probe_ended(call, true, failed ? TWS_CALL_FAILED : TWS_CALL_NOT_FAILED);
	return 0;
}

/* Where there is no port, old kernels return 1 and new ones -EADDRINUSE. */
static int notrace tws_bind_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct tws_probed *call = tws_probed_in(ri);

	if (likely(!((u32)regs_return_value(regs) | call->calls)))
		return 0;
	return tws_bind_ended(call, (u32)regs_return_value(regs));
}

static struct kretprobe tws_connect_probe, tws_bind_probe;
static struct kretprobe *tws_probes[] = { &tws_connect_probe, &tws_bind_probe };

/* An earlier registration has left values in the structures. */
static void tws_probe_prepare(struct kretprobe *probe, const char *symbol,
			      kretprobe_handler_t entry, kretprobe_handler_t handler)
{
	memset(probe, 0, sizeof(*probe));
	probe->kp.symbol_name = symbol;
	probe->entry_handler = entry;
	probe->handler = handler;
	probe->data_size = sizeof(struct tws_probed);
	probe->maxactive = TWS_MAX_PROBED;
}

/*
 * Called by an interrupt. If that comes in the middle of a handler's counting down, the
 * handler may undo this: then the new setting holds from its next decision on.
 */
static void tws_sampler_restart_here(void *unused)
{
	tws_sampler_restart(this_cpu_ptr(&tws_probe_sampler));
}

/**
 * tws_probe_sample() - choose how many calls are reported whatever they found
 * @one_in:	one in so many, at most TWS_ONE_IN_MAX; 0 for none
 *
 * Context: process context, may sleep.
 */
void tws_probe_sample(u32 one_in)
{
	WRITE_ONCE(tws_probe_one_in, one_in);
	on_each_cpu(tws_sampler_restart_here, NULL, true);
}

static void tws_samplers_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		tws_sampler_init(per_cpu_ptr(&tws_probe_sampler, cpu),
				 get_random_u32());
}

/**
 * tws_probe_lacks() - what this kernel lacks, so that there are no probes
 *
 * Return: NULL if it lacks nothing that is known when the module is built.
 */
const char *tws_probe_lacks(void)
{
	return TWS_COMPAT_PROBED_KNOWN ?
	       NULL : "a function to probe has not the arguments that are known";
}

/**
 * tws_probe_set() - set the probes
 * @ended:	whom to tell
 * @round:	tws_failures_round; is handed on as it was when a call began
 * @one_in:	see tws_probe_sample()
 *
 * Context: process context, may sleep.
 * Return: 0, -EOPNOTSUPP where tws_probe_lacks(), or the error of register_kretprobes().
 */
int tws_probe_set(tws_call_ended_t ended, const atomic_t *round, u32 one_in)
{
	if (tws_probe_lacks())
		return -EOPNOTSUPP;
	tws_probe_ended = ended;
	tws_probe_round = round;
	tws_samplers_init();
	tws_probe_sample(one_in);
	tws_probe_prepare(&tws_connect_probe, "__inet_hash_connect",
			  tws_connect_entry, tws_connect_return);
	tws_probe_prepare(&tws_bind_probe, "inet_csk_get_port", tws_bind_entry,
			  tws_bind_return);
	return register_kretprobes(tws_probes, ARRAY_SIZE(tws_probes));
}

/**
 * tws_probe_clear() - remove the probes; waits for calls being followed
 */
void tws_probe_clear(void)
{
	unregister_kretprobes(tws_probes, ARRAY_SIZE(tws_probes));
}

/**
 * tws_probe_missed() - calls that could not be followed since the probes were set
 */
u64 tws_probe_missed(void)
{
	u64 missed = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tws_probes); i++)
		missed += READ_ONCE(tws_probes[i]->nmissed) +
			  READ_ONCE(tws_probes[i]->kp.nmissed);
	return missed;
}

/**
 * tws_probe_took() - how many ports calls have taken so far
 *
 * A bind(), and a call that could not be followed, counts from its begin: nobody sees its end.
 * So one that is on its way is counted a little too soon (prediction.h).
 */
u64 tws_probe_took(void)
{
	u64 took = tws_probe_missed();
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		const struct tws_tally *tally = per_cpu_ptr(&tws_probe_tally, cpu);

		took += READ_ONCE(tally->found) + READ_ONCE(tally->binds);
	}
	return took;
}

/**
 * tws_probe_may_have_taken() - how many ports calls have taken, at most
 *
 * So calls that have not ended count too.
 */
u64 tws_probe_may_have_taken(void)
{
	u64 taken = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		taken -= READ_ONCE(per_cpu_ptr(&tws_probe_tally, cpu)->none);
	smp_rmb();	/* a call that has ended has begun too */
	for_each_possible_cpu(cpu) {
		const struct tws_tally *tally = per_cpu_ptr(&tws_probe_tally, cpu);

		taken += READ_ONCE(tally->connects) + READ_ONCE(tally->binds);
	}
	return taken + tws_probe_missed();
}
