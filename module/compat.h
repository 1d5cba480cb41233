/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that VCTP builds for, 6.1 to 7.3: the only
 * file that knows a kernel version. All other code is written for the newest
 * kernel; here it is made true on the older ones.
 */
#ifndef _VCTP_COMPAT_H
#define _VCTP_COMPAT_H

#include <linux/bpf-cgroup.h>
#include <linux/cgroup.h>
#include <linux/errqueue.h>
#include <linux/hrtimer.h>
#include <linux/memcontrol.h>
#include <linux/net.h>
#include <linux/skbuff.h>
#include <linux/sysctl.h>
#include <linux/timer.h>
#include <linux/version.h>
#include <net/flow.h>
#include <net/gro.h>
#include <net/inet_common.h>
#include <net/inet_sock.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#include <net/proto_memory.h>
#endif

/* --- timers --- */

#ifndef timer_container_of		/* 6.16 */
#define timer_container_of	from_timer
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, const enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* --- the calls of struct proto and struct proto_ops --- */

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define sockaddr_unsized	sockaddr
#endif

/*
 * Each of these defines @name with the arguments that struct proto wants on
 * this kernel, around a function that has the same ones on all:
 *
 *	struct sock *accept(struct sock *sk, int flags, int *err)
 *	void accepted(struct socket *sock), after the kernel's inet_accept()
 *	int ioctl(struct sock *sk, int cmd, int *answer)
 *	int recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define VCTP_DEFINE_ACCEPT(name, accept)				\
static struct sock *name(struct sock *sk, int flags, int *err, bool kern) \
{									\
	return accept(sk, flags, err);					\
}

#define VCTP_DEFINE_STREAM_ACCEPT(name, accepted)			\
static int name(struct socket *sock, struct socket *new, int flags, bool kern) \
{									\
	int err = inet_accept(sock, new, flags, kern);			\
									\
	if (!err)							\
		accepted(new);						\
	return err;							\
}
#else
#define VCTP_DEFINE_ACCEPT(name, accept)				\
static struct sock *name(struct sock *sk, struct proto_accept_arg *arg)	\
{									\
	struct sock *child = accept(sk, arg->flags, &arg->err);		\
									\
	arg->is_empty = !vctp_accept_ready(sk);				\
	return child;							\
}

#define VCTP_DEFINE_STREAM_ACCEPT(name, accepted)			\
static int name(struct socket *sock, struct socket *new,		\
		struct proto_accept_arg *arg)				\
{									\
	int err = inet_accept(sock, new, arg);				\
									\
	if (!err)							\
		accepted(new);						\
	return err;							\
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define VCTP_DEFINE_IOCTL(name, ioctl)					\
static int name(struct sock *sk, int cmd, unsigned long arg)		\
{									\
	int answer = 0;							\
	int err = ioctl(sk, cmd, &answer);				\
									\
	return err ? err : put_user(answer, (int __user *)arg);		\
}
#else
#define VCTP_DEFINE_IOCTL(name, ioctl)					\
static int name(struct sock *sk, int cmd, int *karg)			\
{									\
	return ioctl(sk, cmd, karg);					\
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 1, 0)
#define VCTP_DEFINE_RECVMSG(name, recvmsg)				\
static int name(struct sock *sk, struct msghdr *msg, size_t len, int flags, \
		int *addr_len)						\
{									\
	int done = recvmsg(sk, msg, len, flags);			\
									\
	*addr_len = msg->msg_namelen;					\
	return done;							\
}
#else
#define VCTP_DEFINE_RECVMSG(name, recvmsg)				\
static int name(struct sock *sk, struct msghdr *msg, size_t len, int flags) \
{									\
	return recvmsg(sk, msg, len, flags);				\
}
#endif

/* In a struct proto: where in the v6 socket its struct ipv6_pinfo lies. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define VCTP_IPV6_PINFO(type, member)
#else
#define VCTP_IPV6_PINFO(type, member)					\
	.ipv6_pinfo_offset = offsetof(type, member),
#endif

/* In a struct proto or proto_ops: sendfile() by pages, where no message does it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define VCTP_SENDPAGE(function)	.sendpage = function,
#else
#define VCTP_SENDPAGE(function)
#endif

/* Flags that only one of the two ways of sendfile() has. */
#ifndef MSG_SENDPAGE_NOTLAST		/* gone in 6.6 */
#define MSG_SENDPAGE_NOTLAST	0
#endif
#ifndef MSG_SPLICE_PAGES		/* 6.5 */
#define MSG_SPLICE_PAGES	0
#endif

/* What cgroups' programs have to say to connect(); @len is an int. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define VCTP_BPF_CONNECT4(sk, addr, len) \
	BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, addr)
#define VCTP_BPF_CONNECT6(sk, addr, len) \
	BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, addr)
#else
#define VCTP_BPF_CONNECT4(sk, addr, len) \
	BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, addr, len)
#define VCTP_BPF_CONNECT6(sk, addr, len) \
	BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, addr, len)
#endif

/*
 * vctp_take_sol_socket() - SOL_SOCKET's options go to our setsockopt first
 *
 * Before 6.7 that was MPTCP's alone, and SO_ZEROCOPY is refused there.
 */
static inline void vctp_take_sol_socket(struct socket *sock)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	set_bit(SOCK_CUSTOM_SOCKOPT, &sock->flags);
#endif
}

/* vctp_recv_error() - MSG_ERRQUEUE; fills msg_namelen too */
static inline int vctp_recv_error(struct sock *sk, struct msghdr *msg,
				  size_t len)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 1, 0)
	return inet_recv_error(sk, msg, len, &msg->msg_namelen);
#else
	return inet_recv_error(sk, msg, len);
#endif
}

/* --- the flags of inet sockets were bit-fields before they were bits --- */

#ifndef inet_test_bit			/* 6.6 */
#define VCTP_FLAG_RECVERR	recverr
#define VCTP_FLAG_RECVERR_RFC4884	recverr_rfc4884
#define VCTP_FLAG_IS_ICSK	is_icsk
#define VCTP_FLAG_FREEBIND	freebind
#define VCTP_FLAG_HDRINCL	hdrincl
#define VCTP_FLAG_TRANSPARENT	transparent
#define VCTP_FLAG_BIND_ADDRESS_NO_PORT	bind_address_no_port
#define VCTP_FLAG_DEFER_CONNECT	defer_connect
#define VCTP_FLAG_MC_LOOP	mc_loop

#define inet_test_bit(nr, sk)	(inet_sk(sk)->VCTP_FLAG_##nr)
#define inet_set_bit(nr, sk)	(inet_sk(sk)->VCTP_FLAG_##nr = 1)
#define inet_clear_bit(nr, sk)	(inet_sk(sk)->VCTP_FLAG_##nr = 0)
#define inet_assign_bit(nr, sk, val)	(inet_sk(sk)->VCTP_FLAG_##nr = !!(val))
#endif

#ifndef inet6_test_bit			/* 6.7 */
#define VCTP_FLAG6_RECVERR6	recverr
#define VCTP_FLAG6_AUTOFLOWLABEL	autoflowlabel
#define VCTP_FLAG6_REPFLOW	repflow
#define VCTP_FLAG6_SNDFLOW	sndflow
#define VCTP_FLAG6_DONTFRAG	dontfrag

#define inet6_test_bit(nr, sk)	(inet6_sk(sk)->VCTP_FLAG6_##nr)
#define inet6_set_bit(nr, sk)	(inet6_sk(sk)->VCTP_FLAG6_##nr = 1)
#endif

/* --- sysctl --- */

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define VCTP_CTL_TABLE		struct ctl_table
#else
#define VCTP_CTL_TABLE		const struct ctl_table
#endif

/*
 * vctp_register_sysctl() - register @count entries under @path in @net
 *
 * Older kernels look for an empty entry instead of counting: there has to be
 * one after the last.
 */
static inline struct ctl_table_header *
vctp_register_sysctl(struct net *net, const char *path, struct ctl_table *table,
		     size_t count)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return register_net_sysctl(net, path, table);
#else
	return register_net_sysctl_sz(net, path, table, count);
#endif
}

/* --- sockets --- */

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define sk_uid(sk)		(READ_ONCE((sk)->sk_uid))
#endif

/*
 * vctp_skb_splice() - move the pages of @iter into @skb
 *
 * Gives the bytes moved, or -errno: -EMSGSIZE where @skb has no room for one
 * more page. Before 6.5 @iter is always one that we made of a page.
 */
static inline ssize_t vctp_skb_splice(struct sk_buff *skb, struct iov_iter *iter,
				      ssize_t bytes, gfp_t gfp)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	int i = skb_shinfo(skb)->nr_frags;
	struct page *page;
	size_t offset;

	if (i >= MAX_SKB_FRAGS)
		return -EMSGSIZE;
	bytes = iov_iter_get_pages2(iter, &page, bytes, 1, &offset);
	if (bytes <= 0)
		return bytes ? bytes : -EIO;
	if (skb_can_coalesce(skb, i, page, offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], bytes);
		put_page(page);
	} else {
		skb_fill_page_desc_noacc(skb, i, page, offset, bytes);
	}
	skb_len_add(skb, bytes);
	return bytes;
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
	return skb_splice_from_iter(skb, iter, bytes, gfp);
#else
	return skb_splice_from_iter(skb, iter, bytes);
#endif
}

/* IP_LOCAL_PORT_RANGE: the highest port << 16 | the lowest; 0: not set. */
static inline u32 vctp_local_port_range(const struct sock *sk)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	return (u32)inet_sk(sk)->local_port_range.hi << 16 |
	       inet_sk(sk)->local_port_range.lo;
#else
	return READ_ONCE(inet_sk(sk)->local_port_range);
#endif
}

/* What a cmsg asks for: flags for @skb, which ends what this call sent. */
static inline void vctp_tx_timestamp(struct sock *sk,
				     const struct sockcm_cookie *cookie,
				     struct sk_buff *skb)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
	sock_tx_timestamp(sk, cookie->tsflags, &skb_shinfo(skb)->tx_flags);
#else
	sock_tx_timestamp(sk, cookie, &skb_shinfo(skb)->tx_flags);
#endif
}

/* Timestamps for a cmsg are kept in one of two forms. */
static inline void vctp_stamp_set(struct scm_timestamping_internal *stamps,
				  int which, ktime_t time)
{
	stamps->ts[which] = _Generic(stamps->ts[which],
				     struct timespec64 : ktime_to_timespec64(time),
				     ktime_t : time);
}

static inline struct ubuf_info *vctp_zerocopy_begin(struct sock *sk, size_t size)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
	return msg_zerocopy_realloc(sk, size, NULL);
#else
	return msg_zerocopy_realloc(sk, size, NULL, false);
#endif
}

/*
 * vctp_memcg_accept() - an accepted socket counts for the cgroup of who took it
 *
 * From 6.19 on inet_accept() sees to that. Before, the functions for it are
 * the kernel's own: what the socket holds is taken once more with the group
 * in place, and given back without.
 */
static inline void vctp_memcg_accept(struct sock *sk)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0) && IS_ENABLED(CONFIG_MEMCG)
	struct mem_cgroup *memcg;
	int bytes;

	if (!mem_cgroup_sockets_enabled)
		return;
	lock_sock(sk);
	rcu_read_lock();
	memcg = mem_cgroup_from_task(current);
	if (!sk->sk_memcg && memcg && memcg->css.parent &&
	    cgroup_subsys_on_dfl(memory_cgrp_subsys) &&
	    css_tryget(&memcg->css))
		sk->sk_memcg = memcg;
	else
		memcg = NULL;
	rcu_read_unlock();
	bytes = sk->sk_forward_alloc + atomic_read(&sk->sk_rmem_alloc);
	bytes = sk_mem_pages(bytes) << PAGE_SHIFT;
	if (memcg && bytes) {
		bool charged = __sk_mem_schedule(sk, bytes, SK_MEM_RECV);

		sk->sk_memcg = NULL;
		if (charged) {
			__sk_mem_reclaim(sk, bytes);
			sk->sk_memcg = memcg;
		} else {
			css_put(&memcg->css);
		}
	}
	release_sock(sk);
#endif
}

/* --- tracepoints --- */

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define VCTP_ASSIGN_STR(field, string)	__assign_str(field, string)
#else
#define VCTP_ASSIGN_STR(field, string)	__assign_str(field)
#endif

/* --- routes --- */

#ifndef flowi4_dscp			/* 6.18 */
#define VCTP_FLOWI4_TOS(fl4, tos)	((fl4)->flowi4_tos = (tos))
#else
#define VCTP_FLOWI4_TOS(fl4, tos)	\
	((fl4)->flowi4_dscp = inet_dsfield_to_dscp(tos))
#endif

/* The flow is kept beside the route, so that no address is cached in it. */
static inline void vctp_ip6_dst_store(struct sock *sk, struct dst_entry *dst)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	ip6_dst_store(sk, dst, NULL, NULL);
#else
	ip6_dst_store(sk, dst, false, false);
#endif
}

/* A clone of a socket has no part in the leases of flow labels. */
static inline void vctp_ipv6_fl_list_clear(struct sock *sk)
{
#ifdef VCTP_FL_LIST_IN_INET		/* 6.18, and stable releases: Kbuild looks */
	RCU_INIT_POINTER(inet_sk(sk)->ipv6_fl_list, NULL);
#else
	RCU_INIT_POINTER(inet6_sk(sk)->ipv6_fl_list, NULL);
#endif
}

/* --- segmentation and merging --- */

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
static inline void skb_frag_fill_page_desc(skb_frag_t *frag, struct page *page,
					   int off, int size)
{
	__skb_frag_set_page(frag, page);
	skb_frag_off_set(frag, off);
	skb_frag_size_set(frag, size);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline unsigned int netif_get_gro_max_size(const struct net_device *dev,
						  const struct sk_buff *skb)
{
	return READ_ONCE(dev->gro_max_size);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
/*
 * Do the IP headers below the transport headers @th and @th2, the latter of
 * the held @p, forbid merging? The network's receive has prepared the answer.
 */
static inline int gro_receive_network_flush(const void *th, const void *th2,
					    struct sk_buff *p)
{
	int flush = NAPI_GRO_CB(p)->flush;

	/* The second packet shows whether the IP identifier counts up. */
	if (NAPI_GRO_CB(p)->flush_id != 1 || NAPI_GRO_CB(p)->count != 1 ||
	    !NAPI_GRO_CB(p)->is_atomic)
		flush |= NAPI_GRO_CB(p)->flush_id;
	else
		NAPI_GRO_CB(p)->is_atomic = false;
	return flush;
}
#endif

/*
 * All of @skb is acknowledged: a stamp of that for @sk's error queue. From 6.15
 * on the kernel asks TCP's control block whether one is wanted, where ours is:
 * so a clone says so.
 */
static inline void vctp_stamp_ack(struct sock *sk, struct sk_buff *skb)
{
#ifdef TSTAMP_ACK_SK
	skb = skb_clone(skb, GFP_ATOMIC);
	if (!skb)
		return;
	TCP_SKB_CB(skb)->txstamp_ack = TSTAMP_ACK_SK;
	__skb_tstamp_tx(skb, NULL, NULL, sk, SCM_TSTAMP_ACK);
	consume_skb(skb);
#else
	__skb_tstamp_tx(skb, NULL, NULL, sk, SCM_TSTAMP_ACK);
#endif
}

#endif /* _VCTP_COMPAT_H */
