// SPDX-License-Identifier: GPL-2.0
/* SO_TIMESTAMPING: which bytes left, and which of them arrived. */
#include <time.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include "api.h"

#define LARGE	150000		/* several sk_buffs, the last one not full */

static char out[LARGE], in[LARGE];

/* The stamps that have come, a bit a kind, for the byte of that number. */
static int stamps_of(int fd, __u32 byte, int wanted)
{
	static struct {
		__u32 byte;
		int kinds;
	} seen[64];
	static unsigned int count;
	unsigned int i;

	for (;;) {
		struct sock_extended_err *err = NULL;
		char control[512];
		struct msghdr msg = {
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		struct cmsghdr *c;

		for (i = 0; i < count; i++)
			if (seen[i].byte == byte &&
			    (seen[i].kinds & wanted) == wanted)
				return seen[i].kinds;
		if (recvmsg(fd, &msg, MSG_ERRQUEUE) < 0) {
			NEED(errno == EAGAIN ? 0 : -1);
			api_nap();
			continue;
		}
		for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
			if ((c->cmsg_level == SOL_IP &&
			     c->cmsg_type == IP_RECVERR) ||
			    (c->cmsg_level == SOL_IPV6 &&
			     c->cmsg_type == IPV6_RECVERR))
				err = (void *)CMSG_DATA(c);
		NEED(err && err->ee_origin == SO_EE_ORIGIN_TIMESTAMPING ? 0 : -1);
		for (i = 0; i < count && seen[i].byte != err->ee_data; i++)
			;
		NEED(i < ARRAY_SIZE(seen) ? 0 : -1);
		if (i == count) {
			count++;
			seen[i].byte = err->ee_data;
			api_line("a stamp of byte %u", err->ee_data);
		}
		seen[i].kinds |= 1 << err->ee_info;
	}
}

#define SENT	(1 << SCM_TSTAMP_SND)
#define ACKED	(1 << SCM_TSTAMP_ACK)

static int ask(int fd, int what)
{
	return api_set(fd, SOL_SOCKET, SO_TIMESTAMPING,
		       what | SOF_TIMESTAMPING_SOFTWARE |
		       SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY);
}

CASE(stamps_small, "S13", "each call's last byte: sent, and acknowledged")
{
	int fd[2];

	api_pair(env, fd);
	WANT(ask(fd[0], SOF_TIMESTAMPING_TX_SOFTWARE |
			SOF_TIMESTAMPING_TX_ACK), 0);
	WANT(send(fd[0], out, 10, 0), 10);
	WANT(stamps_of(fd[0], 9, SENT | ACKED), SENT | ACKED);
	WANT(send(fd[0], out, 100, 0), 100);
	WANT(stamps_of(fd[0], 109, SENT | ACKED), SENT | ACKED);
}

CASE(stamps_large, "S13", "of a long message the last byte is stamped")
{
	struct api_call call = {
		.fn = api_call_recv, .flags = MSG_WAITALL, .buf = in,
		.len = LARGE,
	};
	int fd[2];

	api_fill(out, LARGE, 7);
	api_pair(env, fd);
	call.fd = fd[1];
	api_call_start(&call);
	WANT(ask(fd[0], SOF_TIMESTAMPING_TX_SOFTWARE |
			SOF_TIMESTAMPING_TX_ACK), 0);
	WANT(api_send_all(fd[0], out, LARGE), 0);
	WANT(api_call_join(&call), LARGE);
	WANT(memcmp(in, out, LARGE), 0);
	WANT(stamps_of(fd[0], LARGE - 1, SENT | ACKED), SENT | ACKED);
}

CASE(stamps_corked, "S13", "bytes that follow do not take a stamp away")
{
	int fd[2];

	api_pair(env, fd);
	WANT(ask(fd[0], SOF_TIMESTAMPING_TX_SOFTWARE |
			SOF_TIMESTAMPING_TX_ACK), 0);
	WANT(api_set(fd[0], env->level, TCP_CORK, 1), 0);
	WANT(send(fd[0], out, 20, 0), 20);
	WANT(api_set(fd[0], SOL_SOCKET, SO_TIMESTAMPING, 0), 0);
	WANT(send(fd[0], out, 30, 0), 30);
	WANT(api_set(fd[0], env->level, TCP_CORK, 0), 0);
	WANT(recv(fd[1], in, 50, MSG_WAITALL), 50);
}

CASE(stamps_uncounted, "S13", "calls without a stamp count all the same")
{
	char control[CMSG_SPACE(sizeof(__u32))] = { 0 };
	struct iovec iov = { out, 40 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int fd[2];

	api_pair(env, fd);
	WANT(ask(fd[0], 0), 0);
	WANT(send(fd[0], out, 1000, 0), 1000);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SO_TIMESTAMPING;
	c->cmsg_len = CMSG_LEN(sizeof(__u32));
	*(__u32 *)CMSG_DATA(c) = SOF_TIMESTAMPING_TX_ACK;
	WANT(sendmsg(fd[0], &msg, 0), 40);
	WANT(stamps_of(fd[0], 1039, ACKED), ACKED);
}

CASE(stamps_unread, "S13", "an ACK is not a read: the peer need not take it")
{
	int fd[2];

	api_pair(env, fd);
	WANT(ask(fd[0], SOF_TIMESTAMPING_TX_ACK), 0);
	WANT(send(fd[0], out, 5000, 0), 5000);
	WANT(stamps_of(fd[0], 4999, ACKED), ACKED);
	WANT_STR(api_poll(fd[0], 0), "none");
	WANT(api_wait_queued(fd[1], FIONREAD, 5000), 5000);
}
