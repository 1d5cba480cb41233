// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection of simulation builds: of all the calls that may find no
 * memory, one fails, the sim_fault-th from when that parameter was set.
 *
 *	insmod vctp.ko sim_fault=3
 *	echo 17 >/sys/module/vctp/parameters/sim_fault
 *
 * It counts down; 0: it has happened, or was never asked for. The kernel's own
 * injection cannot tell our calls in softirq from anybody else's; here the
 * linker leads every call of a name below to this file first (--wrap, see
 * Kbuild), whatever context it comes from. One line of the log says what failed.
 *
 * None of them takes more than six arguments, all of them words: so nothing
 * here depends on their types; and what a kernel has not is weak, and not called.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/module.h>

static int vctp_sim_fault;
module_param_named(sim_fault, vctp_sim_fault, int, 0644);
MODULE_PARM_DESC(sim_fault, "which allocation from now on fails; 0: none");

/* Is it the turn of this call? */
static bool vctp_fault(const char *what, void *caller)
{
	int left = READ_ONCE(vctp_sim_fault);

	if (!left || cmpxchg(&vctp_sim_fault, left, left - 1) != 1)
		return false;
	pr_info("vctp: fault: %s fails for %pS\n", what, caller);
	return true;
}

#define VCTP_WORDS	unsigned long a, unsigned long b, unsigned long c, \
			unsigned long d, unsigned long e, unsigned long f

#define VCTP_FAULT_UNLESS(name, cannot, failure)			\
unsigned long __weak vctp_real_##name(VCTP_WORDS) __asm__("__real_" #name); \
unsigned long vctp_wrap_##name(VCTP_WORDS) __asm__("__wrap_" #name);	\
unsigned long vctp_wrap_##name(VCTP_WORDS)				\
{									\
	if (!(cannot) && vctp_fault(#name, __builtin_return_address(0)))\
		return (unsigned long)(failure);			\
	return vctp_real_##name(a, b, c, d, e, f);			\
}

#define VCTP_FAULT(name, failure)	VCTP_FAULT_UNLESS(name, false, failure)

/* Kbuild reads the names from here. Objects: */
VCTP_FAULT(kmem_cache_alloc, NULL)
VCTP_FAULT(kmem_cache_alloc_noprof, NULL)
VCTP_FAULT(kmalloc_trace, NULL)
VCTP_FAULT(__kmalloc_cache_noprof, NULL)
VCTP_FAULT(__kmalloc, NULL)
VCTP_FAULT(__kmalloc_noprof, NULL)
VCTP_FAULT(kmemdup, NULL)
VCTP_FAULT(kmemdup_noprof, NULL)
VCTP_FAULT(sk_clone_lock, NULL)
VCTP_FAULT(sk_clone, NULL)
/* buffers: */
VCTP_FAULT_UNLESS(__alloc_skb, b & (__force unsigned long)__GFP_NOFAIL, NULL)
VCTP_FAULT(skb_clone, NULL)
VCTP_FAULT(__pskb_copy_fclone, NULL)
VCTP_FAULT(pskb_expand_head, -ENOMEM)
VCTP_FAULT(___pskb_trim, -ENOMEM)
VCTP_FAULT(__pskb_pull_tail, NULL)
VCTP_FAULT(skb_segment, ERR_PTR(-ENOMEM))
VCTP_FAULT(sk_page_frag_refill, false)
VCTP_FAULT(__sk_mem_schedule, 0)
VCTP_FAULT(sock_queue_err_skb, -ENOMEM)
VCTP_FAULT(msg_zerocopy_realloc, NULL)
/* what others keep for us: */
VCTP_FAULT(ip_route_output_flow, ERR_PTR(-ENOMEM))
VCTP_FAULT(ip6_dst_lookup_flow, ERR_PTR(-ENOMEM))
VCTP_FAULT(reuseport_alloc, -ENOMEM)
VCTP_FAULT(reuseport_add_sock, -ENOMEM)
VCTP_FAULT(rhashtable_insert_slow, ERR_PTR(-ENOMEM))
/* the beginning of a namespace: */
VCTP_FAULT(rhashtable_init, -ENOMEM)
VCTP_FAULT(rhashtable_init_noprof, -ENOMEM)
VCTP_FAULT(__rhashtable_init_noprof, -ENOMEM)
VCTP_FAULT(kvmalloc_node, NULL)
VCTP_FAULT(__kvmalloc_node_noprof, NULL)
VCTP_FAULT(__alloc_percpu, NULL)
VCTP_FAULT(pcpu_alloc_noprof, NULL)
VCTP_FAULT(__percpu_counter_init, -ENOMEM)
VCTP_FAULT(register_net_sysctl, NULL)
VCTP_FAULT(register_net_sysctl_sz, NULL)
VCTP_FAULT(proc_create_net_single, NULL)
VCTP_FAULT(proc_create_data, NULL)
/* and of the module: */
VCTP_FAULT(kmem_cache_create, NULL)
VCTP_FAULT(__kmem_cache_create_args, NULL)
VCTP_FAULT(proto_register, -ENOBUFS)
VCTP_FAULT(register_pernet_subsys, -ENOMEM)
