// SPDX-License-Identifier: GPL-2.0
/*
 * The same calls by io_uring.
 * A probe of a full socket may not come between two steps:
 * lab: --clock virtual
 */
#include <linux/sockios.h>
#include <linux/time_types.h>
#include "api.h"
#include "uring.h"

static struct uring ring;
static char in[1000];

static void open_ring(void)
{
	int err = uring_open(&ring, 8);

	if (err)
		api_skip("this kernel refuses io_uring");
}

static struct io_uring_sqe *queue(int op, int fd, const void *buf, int len,
				  int tag)
{
	uring_queue(&ring, op, fd, (void *)buf, len, tag);
	return &ring.sqes[(*ring.sq_tail - 1) & *ring.sq_mask];
}

/* The result of the next operation that ends, and which one it was. */
static long result(int *tag)
{
	unsigned long long which = 0;
	int res = 0;

	NEED(uring_wait(&ring, &res, &which));
	if (tag)
		*tag = which;
	errno = -res;
	return res < 0 ? -1 : res;
}

static long one(int op, int fd, const void *buf, int len)
{
	queue(op, fd, buf, len, 1);
	return result(NULL);
}

CASE(uring_send_recv, "S13", "send and recv")
{
	int fd[2];

	open_ring();
	api_pair(env, fd);
	WANT(one(IORING_OP_SEND, fd[0], "hello", 5), 5);
	WANT(one(IORING_OP_RECV, fd[1], in, sizeof(in)), 5);
	WANT(memcmp(in, "hello", 5), 0);
}

CASE(uring_read_write, "S13", "read and write")
{
	int fd[2];

	open_ring();
	api_pair(env, fd);
	WANT(one(IORING_OP_WRITE, fd[0], "hello", 5), 5);
	WANT(one(IORING_OP_READ, fd[1], in, sizeof(in)), 5);
	WANT(memcmp(in, "hello", 5), 0);
}

CASE(uring_messages, "S13", "sendmsg and recvmsg")
{
	struct iovec iov[] = { { "ab", 2 }, { "cde", 3 } };
	struct iovec to = { in, sizeof(in) };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	int fd[2];

	open_ring();
	api_pair(env, fd);
	WANT(one(IORING_OP_SENDMSG, fd[0], &msg, 1), 5);
	msg.msg_iov = &to;
	msg.msg_iovlen = 1;
	WANT(one(IORING_OP_RECVMSG, fd[1], &msg, 1), 5);
	WANT(memcmp(in, "abcde", 5), 0);
	WANT(msg.msg_flags, 0);
}

CASE(uring_recv_waits, "S13", "a recv that waits ends when data comes")
{
	int tag, fd[2];

	open_ring();
	api_pair(env, fd);
	queue(IORING_OP_RECV, fd[1], in, sizeof(in), 1);
	queue(IORING_OP_SEND, fd[0], "abc", 3, 2);
	WANT(result(&tag), 3);
	NOTE(tag);
	WANT(result(&tag), 3);
	WANT(memcmp(in, "abc", 3), 0);
}

CASE(uring_recv_waitall, "S13", "recv with MSG_WAITALL")
{
	int i, tag, fd[2];

	open_ring();
	api_pair(env, fd);
	queue(IORING_OP_RECV, fd[1], in, 6, 1)->msg_flags = MSG_WAITALL;
	for (i = 0; i < 2; i++) {
		queue(IORING_OP_SEND, fd[0], "abc", 3, 2);
		WANT(result(&tag), 3);
		WANT(tag, 2);
	}
	WANT(result(&tag), 6);
	WANT(tag, 1);
	WANT(memcmp(in, "abcabc", 6), 0);
}

CASE(uring_dontwait, "S13", "MSG_DONTWAIT gives EAGAIN")
{
	int fd[2];

	open_ring();
	api_pair(env, fd);
	queue(IORING_OP_RECV, fd[1], in, 9, 1)->msg_flags = MSG_DONTWAIT;
	WANT(result(NULL), -EAGAIN);
	NEED(send(fd[0], "abc", 3, 0));
	queue(IORING_OP_RECV, fd[1], in, 9, 1)->msg_flags = MSG_DONTWAIT;
	WANT(result(NULL), 3);
}

CASE(uring_end, "S3", "recv at the end, send after the end")
{
	int fd[2];

	open_ring();
	api_pair(env, fd);
	queue(IORING_OP_SHUTDOWN, fd[0], NULL, SHUT_WR, 1);
	WANT(result(NULL), 0);
	WANT(one(IORING_OP_RECV, fd[1], in, 9), 0);
	WANT(one(IORING_OP_SEND, fd[0], "x", 1), -EPIPE);
	WANT(one(IORING_OP_SEND, fd[1], "x", 1), 1);
}

CASE(uring_reset, "S5", "a recv that waits is ended by a reset")
{
	struct linger hard = { .l_onoff = 1 };
	int tag, fd[2];

	open_ring();
	api_pair(env, fd);
	NEED(setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	queue(IORING_OP_RECV, fd[1], in, 9, 1);
	queue(IORING_OP_CLOSE, fd[0], NULL, 0, 2);
	WANT(result(&tag), 0);
	WANT(tag, 2);
	WANT(result(&tag), -ECONNRESET);
	WANT(tag, 1);
}

CASE(uring_accept, "S13", "accept, of one who waits and of one to come")
{
	union api_sa sa;
	socklen_t len = sizeof(sa);
	int tag, fd, port, listener = api_listener(env, 2, &port);

	open_ring();
	NEED(api_connect(env, api_socket(env), LOOP, port));
	queue(IORING_OP_ACCEPT, listener, &sa, 0, 1)->addr2 =
		(unsigned long)&len;
	fd = result(&tag);
	WANT(fd >= 0, 1);
	WANT(len, env->len);
	queue(IORING_OP_ACCEPT, listener, NULL, 0, 1)->accept_flags =
		SOCK_CLOEXEC;
	queue(IORING_OP_NOP, -1, NULL, 0, 2);
	WANT(result(&tag), 0);
	WANT(tag, 2);
	NEED(api_connect(env, api_socket(env), LOOP, port));
	fd = result(&tag);
	WANT(fd >= 0, 1);
	WANT(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

CASE(uring_connect, "S13", "connect, and a connect that is refused")
{
	union api_sa sa;
	int port;

	open_ring();
	api_listener(env, 1, &port);
	api_addr(env, &sa, LOOP, port);
	queue(IORING_OP_CONNECT, api_socket(env), &sa, 0, 1)->off = env->len;
	WANT(result(NULL), 0);
	api_addr(env, &sa, LOOP, api_refused_port(env));
	queue(IORING_OP_CONNECT, api_socket(env), &sa, 0, 1)->off = env->len;
	WANT(result(NULL), -ECONNREFUSED);
	api_addr(env, &sa, NONLOCAL, 7060);
	queue(IORING_OP_CONNECT, api_socket(env), &sa, 0, 1)->off = env->len;
	WANT(result(NULL), -ENETUNREACH);
}

CASE(uring_poll, "S13", "poll, of what is ready and of what will be")
{
	int tag, fd[2];

	open_ring();
	api_pair(env, fd);
	queue(IORING_OP_POLL_ADD, fd[1], NULL, 0, 1)->poll32_events = POLLOUT;
	WANT(result(NULL), POLLOUT);
	queue(IORING_OP_POLL_ADD, fd[1], NULL, 0, 1)->poll32_events =
		POLLIN | POLLRDHUP;
	queue(IORING_OP_NOP, -1, NULL, 0, 2);
	WANT(result(&tag), 0);
	NEED(send(fd[0], "x", 1, 0));
	WANT(result(&tag), POLLIN);
	queue(IORING_OP_POLL_ADD, fd[1], NULL, 0, 1)->poll32_events =
		POLLRDHUP;
	queue(IORING_OP_SHUTDOWN, fd[0], NULL, SHUT_WR, 2);
	WANT(result(&tag) + result(&tag), POLLRDHUP);
}

CASE(uring_cancel, "S13", "a recv that is cancelled loses nothing")
{
	int tag, fd[2], cancelled = 0;

	open_ring();
	api_pair(env, fd);
	queue(IORING_OP_RECV, fd[1], in, 9, 1);
	queue(IORING_OP_ASYNC_CANCEL, -1, (void *)1, 0, 2);
	while (cancelled < 2) {
		long rc = api_rc(result(&tag));

		WANT(rc, tag == 1 ? -ECANCELED : 0);
		cancelled++;
	}
	NEED(send(fd[0], "abc", 3, 0));
	WANT(recv(fd[1], in, 9, 0), 3);
}

CASE(uring_timeout, "S13", "a recv with a linked time-out")
{
	struct __kernel_timespec ts = { .tv_nsec = 30000000 };
	int i, tag, fd[2];

	open_ring();
	api_pair(env, fd);
	queue(IORING_OP_RECV, fd[1], in, 9, 1)->flags = IOSQE_IO_LINK;
	queue(IORING_OP_LINK_TIMEOUT, -1, &ts, 1, 2);
	for (i = 0; i < 2; i++) {
		long rc = api_rc(result(&tag));

		/* Which of the two is told first is not said. */
		WANT(tag == 1 ? rc == -ECANCELED : rc == -ETIME, 1);
	}
	NEED(send(fd[0], "abc", 3, 0));
	WANT(one(IORING_OP_RECV, fd[1], in, 9), 3);
}

CASE(uring_socket, "S13", "a socket made by io_uring")
{
	struct io_uring_sqe *sqe;
	int port, fd;

	open_ring();
	api_listener(env, 1, &port);
	sqe = queue(IORING_OP_SOCKET, env->family, NULL, env->proto, 1);
	sqe->off = SOCK_STREAM;
	fd = result(NULL);
	WANT(fd >= 0, 1);
	WANT(api_connect(env, fd, LOOP, port), 0);
}

CASE(uring_send_full, "S8", "a send that waits for room")
{
	static char much[300000], sink[300000];
	long left;
	int tag, fd[2];

	open_ring();
	api_pair(env, fd);
	left = api_stuff(fd[0]) + sizeof(much);
	queue(IORING_OP_SEND, fd[0], much, sizeof(much), 1)->msg_flags =
		MSG_WAITALL;
	queue(IORING_OP_NOP, -1, NULL, 0, 2);
	WANT(result(&tag), 0);
	WANT(tag, 2);
	/* It goes on when this task enters the kernel, so no blocking here. */
	while (left > 0) {
		long n = recv(fd[1], sink, sizeof(sink), MSG_DONTWAIT);

		if (n < 0)
			api_nap();
		else
			left -= n;
	}
	WANT(result(&tag), sizeof(much));
	WANT(tag, 1);
}

CASE(uring_send_zc, "S13", "send without copying, or as if")
{
	int fd[2];

	open_ring();
	api_pair(env, fd);
	WANT(one(IORING_OP_SEND_ZC, fd[0], "abc", 3), 3);
	WANT(recv(fd[1], in, sizeof(in), 0), 3);
	WANT(memcmp(in, "abc", 3), 0);
}
