# SPDX-License-Identifier: GPL-2.0-only
# What the headers of the kernel at hand have. Included by Kbuild; the headers
# here ask for the macros. Only for what the version does not tell, because stable
# releases and distributions have taken the change over.

# $(call tws-header-has,HEADER of include/,PATTERN,MACRO)
tws-header-has = $(if $(shell grep -s '$(2)' $(srctree)/include/$(1)),-D$(3))

# 6.14: "tcp: Measure TIME-WAIT reuse delay with millisecond precision"
ccflags-y += $(call tws-header-has,net/inet_timewait_sock.h,tw_entry_stamp,TWS_HAS_ENTRY_STAMP)
# Until 5.19 and 5.15's stable releases of 2025: "net: inet: Retire port only
# listening_hash"
ccflags-y += $(call tws-header-has,net/inet_hashtables.h,listening_hash\[,TWS_HAS_LISTENING_HASH)
# From 5.18 to 6.0: "tcp: allocate tcp_death_row outside of struct netns_ipv4"
ccflags-y += $(call tws-header-has,net/netns/ipv4.h,\*tcp_death_row;,TWS_DEATH_ROW_IS_POINTER)
# 5.13: "list: make list_sort()'s comparison function const"
ccflags-y += $(call tws-header-has,linux/list_sort.h,const struct list_head,TWS_HAS_CONST_LIST_CMP)

# 6.3: "inet: Add IP_LOCAL_PORT_RANGE socket option"
ccflags-y += $(call tws-header-has,net/inet_sock.h,local_port_range;,TWS_HAS_SOCKET_RANGE)

# Until 6.7: "Use READ/WRITE_ONCE() for IP local_port_range."
ccflags-y += $(call tws-header-has,net/netns/ipv4.h,int[[:space:]]*range\[2\],TWS_HAS_RANGE_PAIR)

# 6.19 and stable releases: "rculist: Add hlist_nulls_replace_rcu() and
# hlist_nulls_replace_init_rcu()"; see handover.h
ccflags-y += $(call tws-header-has,linux/rculist_nulls.h,hlist_nulls_replace_init_rcu,TWS_HAS_NULLS_REPLACE)

# 7.x: bind buckets are freed after an RCU grace period.
ccflags-y += $(call tws-header-has,net/inet_hashtables.h,struct rcu_head,TWS_HAS_BIND_RCU)

# 6.1: "net: Add a bhash2 table hashed by port and address"
ccflags-y += $(call tws-header-has,net/inet_hashtables.h,struct inet_bind2_bucket {,TWS_HAS_BIND2)

# 6.8: "tcp: Link sk and twsk to tb2->owners using skc_bind_node"
ccflags-y += $(call tws-header-has,net/inet_hashtables.h,bhash_node,TWS_HAS_BIND2_OWNERS)

# 5.17, and Red Hat's 5.14: "proc: remove PDE_DATA() completely"
ccflags-y += $(call tws-header-has,linux/proc_fs.h,pde_data,TWS_HAS_PDE_DATA)

# The functions that are probed are declared there; see probed.h.
ifneq ($(shell grep -s 'int __inet_hash_connect' $(srctree)/include/net/inet_hashtables.h),)
ccflags-y += $(call tws-header-has,net/inet_connection_sock.h,int inet_csk_get_port,TWS_HAS_PROBED)
endif

# Without these two a probe can't read which socket a call is about: to 6.1 arm,
# mips and powerpc have no regs_get_kernel_argument(), and User-mode Linux has no
# kprobes. Then probe.c is left out, and failures are not counted.
ifeq ($(CONFIG_KRETPROBES),y)
ifneq ($(shell grep -sl regs_get_kernel_argument $(srctree)/arch/$(SRCARCH)/include/asm/ptrace.h),)
tws-probe := probe.o
ccflags-y += -DTWS_HAS_PROBE
endif
endif
