/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that VCTP builds for, 6.1 to 7.2: the only
 * file that knows a kernel version. All other code is written for the newest
 * kernel; here it is made true on the older ones.
 */
#ifndef _VCTP_COMPAT_H
#define _VCTP_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/net.h>
#include <linux/skbuff.h>
#include <linux/sysctl.h>
#include <linux/timer.h>
#include <linux/version.h>
#include <net/flow.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#if __has_include(<net/proto_memory.h>)	/* 6.10 */
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
 *	int ioctl(struct sock *sk, int cmd, int *answer)
 *	int recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define VCTP_DEFINE_ACCEPT(name, accept)				\
static struct sock *name(struct sock *sk, int flags, int *err, bool kern) \
{									\
	return accept(sk, flags, err);					\
}
#else
#define VCTP_DEFINE_ACCEPT(name, accept)				\
static struct sock *name(struct sock *sk, struct proto_accept_arg *arg)	\
{									\
	return accept(sk, arg->flags, &arg->err);			\
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
	return recvmsg(sk, msg, len, flags);				\
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
 * vctp_skb_splice() - move the pages of @iter into @skb (MSG_SPLICE_PAGES)
 *
 * Gives the bytes moved or -errno. Before 6.5 nothing asks for it: sendfile()
 * copies there.
 */
static inline ssize_t vctp_skb_splice(struct sk_buff *skb, struct iov_iter *iter,
				      ssize_t bytes, gfp_t gfp)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	return -EOPNOTSUPP;
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
	return skb_splice_from_iter(skb, iter, bytes, gfp);
#else
	return skb_splice_from_iter(skb, iter, bytes);
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

#endif /* _VCTP_COMPAT_H */
