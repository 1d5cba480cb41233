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
 * Few of them take more than six arguments, all of them words: so nothing here
 * depends on their types; and what a kernel has not is weak, and not called.
 *
 * What the module imports stands here, or in tools/lint.d/never-fails.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/skbuff.h>

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

/* What an sk_buff that was to be sent gives: it is gone in any case. */
static int vctp_unsent(unsigned long skb)
{
	kfree_skb((struct sk_buff *)skb);
	return -ENOBUFS;
}

#define VCTP_WORDS	unsigned long a, unsigned long b, unsigned long c, \
			unsigned long d, unsigned long e, unsigned long f

#define VCTP_WRAP(name, cannot, failure, words, given)			\
unsigned long __weak vctp_real_##name words __asm__("__real_" #name);	\
unsigned long vctp_wrap_##name words __asm__("__wrap_" #name);		\
unsigned long vctp_wrap_##name words					\
{									\
	if (!(cannot) && vctp_fault(#name, __builtin_return_address(0)))\
		return (unsigned long)(failure);			\
	return vctp_real_##name given;					\
}

#define VCTP_FAULT_UNLESS(name, cannot, failure) \
	VCTP_WRAP(name, cannot, failure, (VCTP_WORDS), (a, b, c, d, e, f))

#define VCTP_FAULT(name, failure)	VCTP_FAULT_UNLESS(name, false, failure)

/* of seven arguments: one lies on the stack, where others have none */
#define VCTP_FAULT_SEVEN(name, failure) \
	VCTP_WRAP(name, false, failure, (VCTP_WORDS, unsigned long g), \
		  (a, b, c, d, e, f, g))

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
VCTP_FAULT(skb_splice_from_iter, -ENOMEM)
VCTP_FAULT(iov_iter_get_pages2, -ENOMEM)
VCTP_FAULT(skb_splice_bits, 0)
VCTP_FAULT(sk_filter_trim_cap, -ENOMEM)
VCTP_FAULT(__skb_tstamp_tx, 0)
/* what is sent: */
VCTP_FAULT(ip_queue_xmit, vctp_unsent(b))
VCTP_FAULT_SEVEN(ip6_xmit, vctp_unsent(b))
VCTP_FAULT(ip_local_out, vctp_unsent(c))
VCTP_FAULT(ip6_local_out, vctp_unsent(c))
/* what others keep for us: */
VCTP_FAULT(ip_route_output_flow, ERR_PTR(-ENOMEM))
VCTP_FAULT(ip_route_output_key_hash, ERR_PTR(-ENOMEM))
VCTP_FAULT(ip6_dst_lookup_flow, ERR_PTR(-ENOMEM))
VCTP_FAULT(reuseport_alloc, -ENOMEM)
VCTP_FAULT(reuseport_add_sock, -ENOMEM)
VCTP_FAULT(rhashtable_insert_slow, ERR_PTR(-ENOMEM))
VCTP_FAULT(rht_bucket_nested_insert, NULL)
VCTP_FAULT(ipv6_dup_options, NULL)
VCTP_FAULT(__seq_open_private, NULL)
VCTP_FAULT_UNLESS(trace_event_reg, b, -ENOMEM) /* to end it takes no memory */
/* what they do for programs: */
VCTP_FAULT(sock_setsockopt, -ENOMEM)
VCTP_FAULT(ip_setsockopt, -ENOMEM)
VCTP_FAULT(ipv6_setsockopt, -ENOMEM)
VCTP_FAULT(ip_getsockopt, -ENOMEM)
VCTP_FAULT(ipv6_getsockopt, -ENOMEM)
VCTP_FAULT(inet_ioctl, -ENOMEM)
VCTP_FAULT(inet6_ioctl, -ENOMEM)
VCTP_FAULT(inet6_compat_ioctl, -ENOMEM)
/* the beginning of a namespace: */
VCTP_FAULT(rhashtable_init, -ENOMEM)
VCTP_FAULT(rhashtable_init_noprof, -ENOMEM)
VCTP_FAULT(__rhashtable_init_noprof, -ENOMEM)
VCTP_FAULT(kvmalloc_node, NULL)
VCTP_FAULT(__kvmalloc_node_noprof, NULL)
VCTP_FAULT(__alloc_percpu, NULL)
VCTP_FAULT(pcpu_alloc_noprof, NULL)
VCTP_FAULT(__percpu_counter_init, -ENOMEM)
VCTP_FAULT(__percpu_counter_init_many, -ENOMEM)
VCTP_FAULT(register_net_sysctl, NULL)
VCTP_FAULT(register_net_sysctl_sz, NULL)
VCTP_FAULT(proc_create_net_single, NULL)
VCTP_FAULT(proc_create_data, NULL)
/* and of the module: */
VCTP_FAULT(kmem_cache_create, NULL)
VCTP_FAULT(__kmem_cache_create_args, NULL)
VCTP_FAULT(proto_register, -ENOBUFS)
VCTP_FAULT(register_pernet_subsys, -ENOMEM)
