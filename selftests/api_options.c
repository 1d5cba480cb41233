// SPDX-License-Identifier: GPL-2.0
/* Options at SOL_SOCKET. */
#include <linux/capability.h>
#include <linux/sockios.h>
#include <sys/utsname.h>
#include "api.h"

/* Each kind of number a program may try, and what reads back. */
static void probe(int fd, int level, int option)
{
	static const int values[] = { 0, 1, 2, 77, -1, 300, 0x7fffffff };
	unsigned int i;

	NOTE(api_get(fd, level, option));
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		NOTE(api_set(fd, level, option, values[i]));
		NOTE(api_get(fd, level, option));
	}
}

CASE(so_read_only, "S13", "what a socket is cannot be set")
{
	int fd = api_socket(env);

	WANT(api_set(fd, SOL_SOCKET, SO_TYPE, 1), -ENOPROTOOPT);
	WANT(api_set(fd, SOL_SOCKET, SO_DOMAIN, 1), -ENOPROTOOPT);
	WANT(api_set(fd, SOL_SOCKET, SO_PROTOCOL, 1), -ENOPROTOOPT);
	WANT(api_set(fd, SOL_SOCKET, SO_ERROR, 1), -ENOPROTOOPT);
	NOTE(api_set(fd, SOL_SOCKET, SO_ACCEPTCONN, 1));
	NOTE(api_set(fd, SOL_SOCKET, SO_COOKIE, 1));
}

CASE(so_unknown, "S13", "an unknown option is ENOPROTOOPT")
{
	int fd = api_socket(env);

	WANT(api_set(fd, SOL_SOCKET, 9999, 1), -ENOPROTOOPT);
	WANT(api_get(fd, SOL_SOCKET, 9999), -ENOPROTOOPT);
	WANT(api_set(fd, env->level, 9999, 1), -ENOPROTOOPT);
	WANT(api_get(fd, env->level, 9999), -ENOPROTOOPT);
	WANT(api_set(fd, 9999, 1, 1), -ENOPROTOOPT);
	NOTE(api_get(fd, 9999, 1));
	NOTE(api_set(fd, IPPROTO_UDP, 1, 1));
	NOTE(api_get(fd, IPPROTO_UDP, 1));
}

CASE(so_short, "S13", "a value cut short is EINVAL")
{
	int value = 1, fd = api_socket(env);
	socklen_t len = 2;

	WANT(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, 2), -EINVAL);
	WANT(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, -1), -EINVAL);
	value = -1;
	WANT(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len), 0);
	WANT(len, 2);
	WANT(value & 0xffff, SOCK_STREAM);
	len = -1;
	WANT(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len), -EINVAL);
}

CASE(so_fault, "S13", "a value that cannot be read or written is EFAULT")
{
	int *nowhere = api_nowhere();
	socklen_t len = 4;
	int fd = api_socket(env);

	WANT(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, nowhere, 4), -EFAULT);
	WANT(setsockopt(fd, env->level, TCP_NODELAY, nowhere, 4), -EFAULT);
	WANT(getsockopt(fd, SOL_SOCKET, SO_TYPE, nowhere, &len), -EFAULT);
	WANT(getsockopt(fd, env->level, TCP_NODELAY, nowhere, &len), -EFAULT);
	WANT(getsockopt(fd, env->level, TCP_NODELAY, &len,
			(socklen_t *)nowhere), -EFAULT);
}

CASE(so_sndbuf, "S13", "SO_SNDBUF doubles, and has a minimum")
{
	int fd = api_socket(env);

	WANT(api_set(fd, SOL_SOCKET, SO_SNDBUF, 30000), 0);
	WANT(api_get(fd, SOL_SOCKET, SO_SNDBUF), 60000);
	WANT(api_set(fd, SOL_SOCKET, SO_SNDBUF, 0), 0);
	NOTE(api_get(fd, SOL_SOCKET, SO_SNDBUF));
	WANT(api_get(fd, SOL_SOCKET, SO_SNDBUF) > 2000, 1);
	WANT(api_set(fd, SOL_SOCKET, SO_SNDBUF, 0x7fffffff), 0);
	NOTE(api_get(fd, SOL_SOCKET, SO_SNDBUF));
	NOTE(api_set(fd, SOL_SOCKET, SO_SNDBUF, -1));
	NOTE(api_get(fd, SOL_SOCKET, SO_SNDBUF));
}

CASE(so_rcvbuf, "S13", "SO_RCVBUF doubles, and has a minimum")
{
	int fd = api_socket(env);

	WANT(api_set(fd, SOL_SOCKET, SO_RCVBUF, 30000), 0);
	WANT(api_get(fd, SOL_SOCKET, SO_RCVBUF), 60000);
	WANT(api_set(fd, SOL_SOCKET, SO_RCVBUF, 0), 0);
	NOTE(api_get(fd, SOL_SOCKET, SO_RCVBUF));
	WANT(api_get(fd, SOL_SOCKET, SO_RCVBUF) > 1000, 1);
	WANT(api_set(fd, SOL_SOCKET, SO_RCVBUF, 0x7fffffff), 0);
	NOTE(api_get(fd, SOL_SOCKET, SO_RCVBUF));
}

CASE(so_bufforce, "S13", "SO_SNDBUFFORCE and SO_RCVBUFFORCE need the right")
{
	int fd = api_socket(env);

	NOTE(api_set(fd, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 24));
	NOTE(api_get(fd, SOL_SOCKET, SO_SNDBUF));
	NOTE(api_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24));
	NOTE(api_get(fd, SOL_SOCKET, SO_RCVBUF));
	NEED(api_drop_cap(CAP_NET_ADMIN));
	WANT(api_set(fd, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 24), -EPERM);
	WANT(api_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24), -EPERM);
}

CASE(so_buffers_small, "S8", "the smallest buffers still pass everything")
{
	struct api_call call = { .fn = api_call_recv, .flags = MSG_WAITALL };
	static char out[50000], in[50000];
	int port, fd[2], client = api_socket(env), listener;

	listener = api_listener(env, 1, &port);
	NEED(api_set(listener, SOL_SOCKET, SO_RCVBUF, 1));
	NEED(api_set(client, SOL_SOCKET, SO_SNDBUF, 1));
	api_join_pair(env, client, listener, fd);
	api_fill(out, sizeof(out), 9);
	call.fd = fd[1];
	call.buf = in;
	call.len = sizeof(in);
	api_call_start(&call);
	WANT(api_send_all(fd[0], out, sizeof(out)), 0);
	WANT(api_call_join(&call), sizeof(in));
	WANT(memcmp(in, out, sizeof(in)), 0);
}

CASE(so_error_clears, "S13", "SO_ERROR is told once")
{
	struct linger hard = { .l_onoff = 1 };
	char c;
	int fd[2];

	api_pair(env, fd);
	NEED(setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(fd[1]);
	api_wait(fd[0], 0, POLLHUP);
	WANT(api_error(fd[0]), -ECONNRESET);
	WANT(api_error(fd[0]), 0);
	WANT(recv(fd[0], &c, 1, 0), 0);
	WANT(send(fd[0], "x", 1, 0), -EPIPE);
}

CASE(so_bindtodevice, "S13", "SO_BINDTODEVICE")
{
	char name[16] = "?";
	socklen_t len = sizeof(name);
	int fd = api_socket(env);

	WANT(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "nodev", 5), -ENODEV);
	WANT(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2), 0);
	WANT(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len), 0);
	WANT_STR(name, "lo");
	WANT(api_get(fd, SOL_SOCKET, SO_BINDTOIFINDEX), 1);
	WANT(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "", 0), 0);
	WANT(api_get(fd, SOL_SOCKET, SO_BINDTOIFINDEX), 0);
	WANT(api_set(fd, SOL_SOCKET, SO_BINDTOIFINDEX, 1), 0);
	NOTE(api_set(fd, SOL_SOCKET, SO_BINDTOIFINDEX, 999));
	WANT(api_set(fd, SOL_SOCKET, SO_BINDTOIFINDEX, -5), -EINVAL);
}

CASE(so_mark, "S13", "SO_MARK")
{
	int fd = api_socket(env);

	probe(fd, SOL_SOCKET, SO_MARK);
	NEED(api_drop_cap(CAP_NET_ADMIN));
	NOTE(api_set(fd, SOL_SOCKET, SO_MARK, 1));
}

CASE(so_priority, "S13", "SO_PRIORITY")
{
	int fd = api_socket(env);

	WANT(api_set(fd, SOL_SOCKET, SO_PRIORITY, 6), 0);
	WANT(api_get(fd, SOL_SOCKET, SO_PRIORITY), 6);
	NEED(api_drop_cap(CAP_NET_ADMIN));
	NEED(api_drop_cap(CAP_NET_RAW));
	WANT(api_set(fd, SOL_SOCKET, SO_PRIORITY, 7), -EPERM);
	WANT(api_set(fd, SOL_SOCKET, SO_PRIORITY, 3), 0);
}

CASE(so_flags, "S13", "options that are flags")
{
	int fd = api_socket(env);

	probe(fd, SOL_SOCKET, SO_REUSEADDR);
	probe(fd, SOL_SOCKET, SO_REUSEPORT);
	probe(fd, SOL_SOCKET, SO_KEEPALIVE);
	probe(fd, SOL_SOCKET, SO_BROADCAST);
	probe(fd, SOL_SOCKET, SO_DONTROUTE);
	probe(fd, SOL_SOCKET, SO_OOBINLINE);
	probe(fd, SOL_SOCKET, SO_DEBUG);
	probe(fd, SOL_SOCKET, SO_NO_CHECK);
	probe(fd, SOL_SOCKET, SO_PASSCRED);
	probe(fd, SOL_SOCKET, SO_RXQ_OVFL);
	probe(fd, SOL_SOCKET, SO_SELECT_ERR_QUEUE);
	probe(fd, SOL_SOCKET, SO_NOFCS);
}

CASE(so_timestamps, "S13", "options about time")
{
	int fd = api_socket(env);

	probe(fd, SOL_SOCKET, SO_TIMESTAMP);
	probe(fd, SOL_SOCKET, SO_TIMESTAMPNS);
	WANT(api_set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 0), 0);
	WANT(api_set(fd, SOL_SOCKET, SO_TIMESTAMP, 1), 0);
	WANT(api_get(fd, SOL_SOCKET, SO_TIMESTAMP), 1);
	NOTE(api_set(fd, SOL_SOCKET, SO_TIMESTAMPING, 1 << 30));
	NOTE(api_set(fd, SOL_SOCKET, SO_TIMESTAMPING, 1 << 4 | 1 << 3));
	NOTE(api_get(fd, SOL_SOCKET, SO_TIMESTAMPING));
}

static bool has_timestamp(int fd)
{
	char data[9], control[256];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	NEED(recvmsg(fd, &msg, 0));
	c = CMSG_FIRSTHDR(&msg);
	return c && c->cmsg_level == SOL_SOCKET &&
	       c->cmsg_type == SCM_TIMESTAMP;
}

CASE(so_timestamp_data, "S13", "SO_TIMESTAMP comes with the data")
{
	long end = api_ms() + 5000;
	bool stamped = false;
	int fd[2];

	api_pair(env, fd);
	NEED(api_set(fd[1], SOL_SOCKET, SO_TIMESTAMP, 1));
	/* The kernel switches its stamping on a little later. */
	while (!stamped && api_ms() < end) {
		NEED(send(fd[0], "abc", 3, 0));
		stamped = has_timestamp(fd[1]);
		api_nap();
	}
	WANT(stamped, true);
}

/* Before 6.7 the kernel itself refuses protocols that it has not listed. */
static int zerocopy_rc(void)
{
	int major, minor;
	struct utsname u;

	uname(&u);
	if (sscanf(u.release, "%d.%d", &major, &minor) != 2)
		return 0;
	return major * 100 + minor >= 607 ? 0 : -EOPNOTSUPP;
}

CASE(so_zerocopy, "S13", "SO_ZEROCOPY: a number is told, or it is refused")
{
	char control[256];
	struct msghdr msg = {
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd[2];

	api_pair(env, fd);
	WANT_EACH(api_set(fd[0], SOL_SOCKET, SO_ZEROCOPY, 1), 0, zerocopy_rc(),
		  "the kernel lists the protocols it is for");
	if (zerocopy_rc())
		return;
	WANT(api_get(fd[0], SOL_SOCKET, SO_ZEROCOPY), 1);
	WANT(api_set(fd[0], SOL_SOCKET, SO_ZEROCOPY, 2), -EINVAL);
	WANT(send(fd[0], "abc", 3, MSG_ZEROCOPY), 3);
	api_wait(fd[0], 0, POLLERR);
	WANT(recvmsg(fd[0], &msg, MSG_ERRQUEUE | MSG_DONTWAIT), 0);
	NOTE(msg.msg_flags & MSG_ERRQUEUE ? 1 : 0);
	NOTE(api_error(fd[0]));
}

CASE(so_busy_poll, "S13", "SO_BUSY_POLL, SO_INCOMING_CPU")
{
	int fd = api_socket(env);

	NOTE(api_set(fd, SOL_SOCKET, SO_BUSY_POLL, 50));
	NOTE(api_get(fd, SOL_SOCKET, SO_BUSY_POLL));
	NOTE(api_get(fd, SOL_SOCKET, SO_INCOMING_CPU));
	NOTE(api_set(fd, SOL_SOCKET, SO_INCOMING_CPU, 0));
	NOTE(api_get(fd, SOL_SOCKET, SO_INCOMING_CPU));
}

CASE(so_cookie, "S13", "SO_COOKIE is there, and each socket's own")
{
	__u64 a = 0, b = 0;
	socklen_t len = sizeof(a);
	int fd[2];

	api_pair(env, fd);
	WANT(getsockopt(fd[0], SOL_SOCKET, SO_COOKIE, &a, &len), 0);
	WANT(getsockopt(fd[1], SOL_SOCKET, SO_COOKIE, &b, &len), 0);
	WANT(a && b && a != b, 1);
}

CASE(so_meminfo, "S13", "SO_MEMINFO counts what is queued")
{
	unsigned int info[9] = {};
	socklen_t len = sizeof(info);
	int fd[2];

	api_pair(env, fd);
	NEED(send(fd[0], "abc", 3, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 3), 3);
	WANT(getsockopt(fd[1], SOL_SOCKET, SO_MEMINFO, info, &len), 0);
	WANT(info[0] > 0, 1);
	WANT(info[1] == (unsigned int)api_get(fd[1], SOL_SOCKET, SO_RCVBUF), 1);
	/* Dropped packets: none. */
	WANT(info[8], 0);
}

CASE(so_pacing, "S13", "SO_MAX_PACING_RATE")
{
	int fd = api_socket(env);

	WANT(api_set(fd, SOL_SOCKET, SO_MAX_PACING_RATE, 1000000), 0);
	WANT(api_get(fd, SOL_SOCKET, SO_MAX_PACING_RATE), 1000000);
}

CASE(so_filter, "S13", "a socket filter drops; without it all comes through")
{
	char c;
	int fd[2];

	api_pair(env, fd);
	WANT(set_deaf(fd[1], false), -ENOENT);
	WANT(set_deaf(fd[1], true), 0);
	NEED(send(fd[0], "x", 1, 0));
	WANT_STR(api_poll(fd[1], POLLIN), "none");
	WANT(set_deaf(fd[1], false), 0);
	/* It is repeated. */
	WANT_STR(api_wait(fd[1], POLLIN, POLLIN), "IN");
	WANT(recv(fd[1], &c, 1, 0), 1);
	WANT(api_set(fd[1], SOL_SOCKET, SO_LOCK_FILTER, 1), 0);
	WANT(set_deaf(fd[1], true), -EPERM);
}
