// SPDX-License-Identifier: GPL-2.0
/*
 * Sending in all forms: what is accepted, and that it arrives unchanged. What
 * is full stays full only while no probe finds room:
 * lab: --clock virtual
 */
#include <linux/sockios.h>
#include <sys/mman.h>
#include "api.h"

static char out[1 << 20], in[1 << 20];

CASE(send_write_read, "S13", "write and read")
{
	int fd[2];

	api_pair(env, fd);
	WANT(write(fd[0], "hello", 5), 5);
	WANT(read(fd[1], in, 100), 5);
	WANT(memcmp(in, "hello", 5), 0);
	WANT(write(fd[1], "back", 4), 4);
	WANT(read(fd[0], in, 2), 2);
	WANT(read(fd[0], in, 100), 2);
	WANT(memcmp(in, "ck", 2), 0);
}

CASE(send_sendto, "S13", "sendto with and without an address")
{
	union api_sa sa;
	int fd[2];

	api_pair(env, fd);
	WANT(sendto(fd[0], "abc", 3, 0, NULL, 0), 3);
	/* A connected stream takes no notice of the address. */
	api_addr(env, &sa, NONLOCAL, 7040);
	WANT(sendto(fd[0], "de", 2, 0, &sa.sa, env->len), 2);
	WANT(recv(fd[1], in, 5, MSG_WAITALL), 5);
	WANT(memcmp(in, "abcde", 5), 0);
	WANT(sendto(api_socket(env), "x", 1, MSG_NOSIGNAL, &sa.sa, env->len),
	     -EPIPE);
	WANT(sendto(fd[0], "x", 1, 0, &sa.sa, -1), -EINVAL);
}

CASE(send_sendmsg, "S13", "sendmsg gathers, empty pieces too")
{
	struct iovec iov[] = {
		{ "one", 3 }, { "", 0 }, { "two", 3 }, { NULL, 0 }, { "x", 1 },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 5 };
	int fd[2];

	api_pair(env, fd);
	WANT(sendmsg(fd[0], &msg, 0), 7);
	WANT(recv(fd[1], in, 7, MSG_WAITALL), 7);
	WANT(memcmp(in, "onetwox", 7), 0);
	msg.msg_iovlen = 0;
	WANT(sendmsg(fd[0], &msg, 0), 0);
	msg.msg_iovlen = 100000;
	WANT(sendmsg(fd[0], &msg, 0), -EMSGSIZE);
}

CASE(send_writev_readv, "S13", "writev gathers, readv scatters")
{
	struct iovec iov[] = { { "abcd", 4 }, { "ef", 2 }, { "ghi", 3 } };
	struct iovec to[] = { { in, 1 }, { in + 10, 5 }, { in + 20, 100 } };
	int fd[2];

	api_pair(env, fd);
	WANT(writev(fd[0], iov, 3), 9);
	WANT(api_wait_queued(fd[1], SIOCINQ, 9), 9);
	WANT(readv(fd[1], to, 3), 9);
	WANT(in[0] == 'a' && !memcmp(in + 10, "bcdef", 5) &&
	     !memcmp(in + 20, "ghi", 3), 1);
}

CASE(send_sendmmsg, "S13", "sendmmsg and recvmmsg")
{
	struct iovec iov[] = { { "ab", 2 }, { "cde", 3 } };
	struct iovec to[] = { { in, 2 }, { in + 2, 10 } };
	struct mmsghdr mm[2] = {};
	int i, fd[2];

	api_pair(env, fd);
	for (i = 0; i < 2; i++) {
		mm[i].msg_hdr.msg_iov = &iov[i];
		mm[i].msg_hdr.msg_iovlen = 1;
	}
	WANT(sendmmsg(fd[0], mm, 2, 0), 2);
	WANT(mm[0].msg_len, 2);
	WANT(mm[1].msg_len, 3);
	WANT(api_wait_queued(fd[1], SIOCINQ, 5), 5);
	for (i = 0; i < 2; i++)
		mm[i].msg_hdr.msg_iov = &to[i];
	WANT(recvmmsg(fd[1], mm, 2, 0, NULL), 2);
	WANT(mm[0].msg_len, 2);
	WANT(mm[1].msg_len, 3);
	WANT(memcmp(in, "abcde", 5), 0);
}

CASE(send_nothing, "S13", "sending nothing sends nothing")
{
	int fd[2];

	api_pair(env, fd);
	WANT(send(fd[0], "", 0, 0), 0);
	WANT(write(fd[0], "", 0), 0);
	WANT(send(fd[0], NULL, 0, 0), 0);
	WANT(api_queued(fd[0], SIOCOUTQ), 0);
	WANT_STR(api_poll(fd[1], POLLIN), "none");
	WANT(send(fd[0], "x", 1, 0), 1);
	WANT(recv(fd[1], in, 9, 0), 1);
}

CASE(send_fault, "S13", "send from nowhere is EFAULT, and sends nothing")
{
	char *nowhere = api_nowhere();
	int fd[2];

	api_pair(env, fd);
	WANT(send(fd[0], nowhere, 10, 0), -EFAULT);
	WANT(send(fd[0], "x", 1, 0), 1);
	WANT(recv(fd[1], in, 9, 0), 1);
}

CASE(send_half_fault, "S13", "send that faults half way tells what it sent")
{
	long page = sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 17 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd[2], n;

	api_pair(env, fd);
	NEED(mprotect(map + 16 * page, page, PROT_NONE));
	api_fill(map, 16 * page, 1);
	n = api_rc(send(fd[0], map, 17 * page, 0));
	/* How much depends on where the pieces end. */
	WANT(n == -EFAULT || (n > 0 && n <= 16 * page), 1);
	if (n < 0)
		n = 0;
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_recv_all(fd[1], in, sizeof(in)) == n, 1);
	WANT(memcmp(map, in, n), 0);
}

CASE(send_huge, "S13", "a huge length is cut, not refused")
{
	char *nowhere = api_nowhere();
	int fd[2];

	api_pair(env, fd);
	WANT(send(fd[0], nowhere, SIZE_MAX / 2, MSG_DONTWAIT), -EFAULT);
	WANT(send(fd[0], "abc", 3, 0), 3);
	WANT(api_wait_queued(fd[1], SIOCINQ, 3), 3);
	WANT(recv(fd[1], in, SIZE_MAX / 2, 0), 3);
}

CASE(send_epipe, "S13", "SIGPIPE with EPIPE, unless MSG_NOSIGNAL")
{
	int fd[2];

	api_pair(env, fd);
	NEED(shutdown(fd[0], SHUT_WR));
	api_catch(SIGPIPE, 0);
	WANT(send(fd[0], "x", 1, MSG_NOSIGNAL), -EPIPE);
	WANT(api_caught, 0);
	WANT(send(fd[0], "x", 1, 0), -EPIPE);
	WANT(api_caught, 1);
	WANT(write(fd[0], "x", 1), -EPIPE);
	WANT(api_caught, 2);
	NOTE(send(fd[0], "x", 0, 0));
	NOTE(api_caught);
}

CASE(send_more, "S13", "MSG_MORE holds back what is not full")
{
	int fd[2];

	api_pair(env, fd);
	WANT(send(fd[0], "abc", 3, MSG_MORE), 3);
	WANT(send(fd[0], "def", 3, 0), 3);
	WANT_STR(api_wait(fd[1], POLLIN, POLLIN), "IN");
	WANT(recv(fd[1], in, 100, 0), 6);
	WANT(memcmp(in, "abcdef", 6), 0);
}

CASE(send_more_unsent, "S13", "MSG_MORE: queued, and not sent")
{
	int fd[2];

	api_pair(env, fd);
	WANT(send(fd[0], "abc", 3, MSG_MORE), 3);
	WANT(api_queued(fd[0], SIOCOUTQNSD), 3);
	WANT(api_queued(fd[0], SIOCOUTQ), 3);
	/* It is not held for ever. */
	WANT(recv(fd[1], in, 100, 0), 3);
}

CASE_FLAGS(send_cork, "S13", "TCP_CORK holds back, and lets go", API_TWIN)
{
	int fd[2];

	api_pair(env, fd);
	NEED(api_set(fd[0], env->level, TCP_CORK, 1));
	WANT(send(fd[0], "ab", 2, 0), 2);
	WANT(send(fd[0], "cd", 2, 0), 2);
	WANT(api_queued(fd[0], SIOCOUTQNSD), 4);
	NEED(api_set(fd[0], env->level, TCP_CORK, 0));
	WANT(api_queued(fd[0], SIOCOUTQNSD), 0);
	WANT(recv(fd[1], in, 100, 0), 4);
}

CASE_FLAGS(send_cork_nodelay, "S13", "TCP_NODELAY pushes what is corked",
	   API_TWIN)
{
	int fd[2];

	api_pair(env, fd);
	NEED(api_set(fd[0], env->level, TCP_CORK, 1));
	WANT(send(fd[0], "ab", 2, 0), 2);
	NEED(api_set(fd[0], env->level, TCP_NODELAY, 1));
	WANT(api_queued(fd[0], SIOCOUTQNSD), 0);
	WANT(recv(fd[1], in, 100, 0), 2);
}

CASE_FLAGS(send_cork_fin, "S13", "a FIN takes along what is corked", API_TWIN)
{
	int fd[2];

	api_pair(env, fd);
	NEED(api_set(fd[0], env->level, TCP_CORK, 1));
	WANT(send(fd[0], "ab", 2, 0), 2);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_recv_all(fd[1], in, 100), 2);
}

CASE(send_flags, "S13", "flags that mean nothing here do no harm")
{
	int fd[2];

	api_pair(env, fd);
	WANT(send(fd[0], "a", 1, MSG_EOR), 1);
	WANT(send(fd[0], "b", 1, MSG_CONFIRM), 1);
	WANT(send(fd[0], "c", 1, MSG_DONTROUTE), 1);
	WANT(send(fd[0], "d", 1, MSG_TRUNC | MSG_CTRUNC), 1);
	WANT(send(fd[0], "e", 1, MSG_WAITALL), 1);
	WANT(recv(fd[1], in, 5, MSG_WAITALL), 5);
	WANT(memcmp(in, "abcde", 5), 0);
}

CASE(send_zerocopy_off, "S13", "MSG_ZEROCOPY without SO_ZEROCOPY copies")
{
	int fd[2];

	api_pair(env, fd);
	WANT(send(fd[0], "abc", 3, MSG_ZEROCOPY), 3);
	WANT(recv(fd[1], in, 3, MSG_WAITALL), 3);
	WANT(recv(fd[0], in, 3, MSG_ERRQUEUE), -EAGAIN);
}

static long send_control(int fd, int level, int type)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	return sendmsg(fd, &msg, 0);
}

CASE(send_control_messages, "S13", "control messages, known and unknown")
{
	int fd[2];

	api_pair(env, fd);
	WANT(send_control(fd[0], SOL_SOCKET, 999), -EINVAL);
	WANT(send_control(fd[0], SOL_SOCKET, SCM_RIGHTS), 1);
	WANT(send_control(fd[0], SOL_SOCKET, SO_MARK), 1);
	NOTE(send_control(fd[0], SOL_IP, IP_TTL));
	NOTE(send_control(fd[0], 12345, 1));
}

static void move(const struct api_env *env, size_t piece, size_t total)
{
	struct api_call call = { .fn = api_call_recv, .flags = MSG_WAITALL };
	size_t sent;
	int fd[2];

	api_pair(env, fd);
	api_fill(out, total, piece);
	memset(in, 0, total);
	call.fd = fd[1];
	call.buf = in;
	call.len = total;
	api_call_start(&call);
	for (sent = 0; sent < total; sent += piece) {
		size_t n = total - sent < piece ? total - sent : piece;

		NEED(api_send_all(fd[0], out + sent, n));
	}
	WANT(api_call_join(&call), (long)total);
	WANT(api_digest(in, total) == api_digest(out, total), 1);
}

CASE(send_one_by_one, "S7", "a thousand single bytes")
{
	move(env, 1, 1000);
}

CASE(send_odd_pieces, "S7", "pieces of 1447 bytes")
{
	move(env, 1447, 200000);
}

CASE(send_large_pieces, "S7", "one piece of a megabyte")
{
	move(env, 1 << 20, 1 << 20);
}

CASE(send_both_ways, "S1", "both ways at once")
{
	struct api_call a = { .fn = api_call_send }, b = { .fn = api_call_recv };
	static char back[1 << 18];
	int fd[2];

	api_pair(env, fd);
	api_fill(out, sizeof(back), 7);
	a.fd = fd[1];
	a.buf = out;
	a.len = sizeof(back);
	b.fd = fd[1];
	b.buf = in;
	b.len = sizeof(back);
	b.flags = MSG_WAITALL;
	api_call_start(&a);
	api_call_start(&b);
	WANT(api_send_all(fd[0], out, sizeof(back)), 0);
	WANT(api_recv_all(fd[0], back, sizeof(back)), sizeof(back));
	WANT(api_call_join(&a), sizeof(back));
	WANT(api_call_join(&b), sizeof(back));
	WANT(memcmp(back, out, sizeof(back)), 0);
	WANT(memcmp(in, out, sizeof(back)), 0);
}

CASE(send_full, "S8", "a full buffer is EAGAIN; room makes it writable")
{
	long stuffed;
	int fd[2];

	api_pair(env, fd);
	NEED(api_nonblock(fd[0]));
	stuffed = api_stuff(fd[0]);
	WANT(stuffed > 0, 1);
	WANT(send(fd[0], "x", 1, 0), -EAGAIN);
	WANT_STR(api_poll(fd[0], POLLOUT), "none");
	WANT(api_queued(fd[0], SIOCOUTQ) > 0, 1);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_drain(fd[1]) == stuffed, 1);
}

CASE(send_full_writable, "S8", "a reader that catches up wakes the writer")
{
	int fd[2];

	api_pair(env, fd);
	NEED(api_nonblock(fd[0]));
	WANT(api_stuff(fd[0]) > 0, 1);
	NEED(api_nonblock(fd[1]));
	WANT(api_drain(fd[1]), -EAGAIN);
	while (!strcmp(api_poll(fd[0], POLLOUT), "none")) {
		api_wait(fd[1], POLLIN, POLLIN);
		api_drain(fd[1]);
	}
	WANT_STR(api_poll(fd[0], POLLOUT), "OUT");
	WANT(send(fd[0], "x", 1, 0), 1);
}

CASE(send_blocks, "S8", "a blocking send waits for the reader")
{
	struct api_call call = { .fn = api_call_send, .buf = out };
	long stuffed;
	int fd[2];

	api_pair(env, fd);
	stuffed = api_stuff(fd[0]);
	WANT(stuffed > 0, 1);
	call.fd = fd[0];
	call.len = 100000;
	api_call_start(&call);
	api_call_blocked(&call);
	while (stuffed + 100000 > 0) {
		ssize_t n = NEED(recv(fd[1], in, sizeof(in), 0));

		stuffed -= n;
	}
	WANT(api_call_join(&call), 100000);
}

CASE(send_blocked_shutdown, "S13", "shutdown wakes a blocked send")
{
	struct api_call call = {
		.fn = api_call_send, .buf = out, .len = sizeof(out),
	};
	int fd[2];

	api_pair(env, fd);
	NEED(api_stuff(fd[0]));
	call.fd = fd[0];
	api_call_start(&call);
	api_call_blocked(&call);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_call_join(&call), -EPIPE);
}

CASE(send_blocked_reset, "S5", "a reset wakes a blocked send: ECONNRESET")
{
	struct api_call call = {
		.fn = api_call_send, .buf = out, .len = sizeof(out),
	};
	int fd[2];

	api_pair(env, fd);
	NEED(api_stuff(fd[0]));
	call.fd = fd[0];
	api_call_start(&call);
	api_call_blocked(&call);
	/* It has not read all: it resets. */
	close(fd[1]);
	WANT(api_call_join(&call), -ECONNRESET);
}
