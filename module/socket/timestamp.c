// SPDX-License-Identifier: GPL-2.0
/*
 * SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING on received data: when the
 * last of the sk_buffs that a call read from came in. The kernel's own
 * sock_recv_timestamp() wants the sk_buff, which is gone by then.
 */
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include "internal.h"

static void vctp_stamp_tell_ns(struct msghdr *msg, const struct sock *sk,
			       const struct timespec64 *time)
{
	if (sock_flag(sk, SOCK_TSTAMP_NEW)) {
		struct __kernel_timespec stamp = {
			.tv_sec = time->tv_sec,
			.tv_nsec = time->tv_nsec,
		};

		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_NEW, sizeof(stamp),
			 &stamp);
	} else {
		struct __kernel_old_timespec stamp = {
			.tv_sec = time->tv_sec,
			.tv_nsec = time->tv_nsec,
		};

		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_OLD, sizeof(stamp),
			 &stamp);
	}
}

static void vctp_stamp_tell_us(struct msghdr *msg, const struct sock *sk,
			       const struct timespec64 *time)
{
	if (sock_flag(sk, SOCK_TSTAMP_NEW)) {
		struct __kernel_sock_timeval stamp = {
			.tv_sec = time->tv_sec,
			.tv_usec = time->tv_nsec / NSEC_PER_USEC,
		};

		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_NEW, sizeof(stamp),
			 &stamp);
	} else {
		struct __kernel_old_timeval stamp = {
			.tv_sec = time->tv_sec,
			.tv_usec = time->tv_nsec / NSEC_PER_USEC,
		};

		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_OLD, sizeof(stamp),
			 &stamp);
	}
}

/**
 * vctp_stamps_tell() - put the times that were asked for into control messages
 * @msg: the message
 * @sk: its socket's options say which; no lock
 * @stamps: the times
 */
void vctp_stamps_tell(struct msghdr *msg, const struct sock *sk,
		      const struct vctp_stamps *stamps)
{
	u32 wanted = READ_ONCE(sk->sk_tsflags);
	struct scm_timestamping_internal tell = { };
	bool any = false;

	if (stamps->software && sock_flag(sk, SOCK_RCVTSTAMP)) {
		struct timespec64 time = ktime_to_timespec64(stamps->software);

		if (sock_flag(sk, SOCK_RCVTSTAMPNS))
			vctp_stamp_tell_ns(msg, sk, &time);
		else
			vctp_stamp_tell_us(msg, sk, &time);
	}
	if (stamps->software && wanted & SOF_TIMESTAMPING_SOFTWARE) {
		vctp_stamp_set(&tell, 0, stamps->software);
		any = true;
	}
	if (stamps->hardware && wanted & SOF_TIMESTAMPING_RAW_HARDWARE) {
		vctp_stamp_set(&tell, 2, stamps->hardware);
		any = true;
	}
	if (!any)
		return;
	if (sock_flag(sk, SOCK_TSTAMP_NEW))
		put_cmsg_scm_timestamping64(msg, &tell);
	else
		put_cmsg_scm_timestamping(msg, &tell);
}
