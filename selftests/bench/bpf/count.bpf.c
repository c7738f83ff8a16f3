// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an expert would write instead of a module: an iterator over the kernel's TCP
 * sockets that counts those of IPv4 in TIME_WAIT for each destination. It does not know
 * how many ports are left.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "count.h"

#define AF_INET		2
#define TCP_TIME_WAIT	6

/* What is read of the kernel's structure, wherever it is in this kernel. */
struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	unsigned short skc_family;
	unsigned char skc_state;
} __attribute__((preserve_access_index));

struct bpf_iter_meta;

struct bpf_iter__tcp {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct sock_common *, sk_common);
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, struct destination);
	__type(value, __u64);
} counts SEC(".maps");

SEC("iter/tcp")
int count(struct bpf_iter__tcp *ctx)
{
	struct sock_common *sk = ctx->sk_common;
	struct destination key = {};
	__u64 one = 1, *number;

	if (!sk || sk->skc_state != TCP_TIME_WAIT || sk->skc_family != AF_INET)
		return 0;
	key.local = sk->skc_rcv_saddr;
	key.remote = sk->skc_daddr;
	key.port = sk->skc_dport;
	number = bpf_map_lookup_elem(&counts, &key);
	if (number)
		++*number;
	else
		bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
