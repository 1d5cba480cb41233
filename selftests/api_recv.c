// SPDX-License-Identifier: GPL-2.0
/* Receiving in all forms: how much, from where, and what stays. */
#include <linux/sockios.h>
#include <sys/mman.h>
#include "api.h"

static char in[1 << 17];

static void pair_with(const struct api_env *env, int fd[2], const char *text)
{
	int len = strlen(text);

	api_pair(env, fd);
	NEED(send(fd[0], text, len, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, len), len);
}

CASE(recv_peek, "S13", "MSG_PEEK leaves what it shows")
{
	int fd[2];

	pair_with(env, fd, "abcdef");
	WANT(recv(fd[1], in, 3, MSG_PEEK), 3);
	WANT(recv(fd[1], in, 100, MSG_PEEK), 6);
	WANT(memcmp(in, "abcdef", 6), 0);
	WANT(api_queued(fd[1], SIOCINQ), 6);
	WANT(recv(fd[1], in, 2, 0), 2);
	WANT(recv(fd[1], in, 100, MSG_PEEK), 4);
	WANT(memcmp(in, "cdef", 4), 0);
	WANT(recv(fd[1], in, 100, 0), 4);
}

CASE(recv_peek_end, "S13", "MSG_PEEK at the end of the stream")
{
	int fd[2];

	pair_with(env, fd, "ab");
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(recv(fd[1], in, 100, MSG_PEEK | MSG_WAITALL), 2);
	WANT(recv(fd[1], in, 100, 0), 2);
	WANT(recv(fd[1], in, 100, MSG_PEEK), 0);
	WANT(recv(fd[1], in, 100, 0), 0);
}

CASE(recv_peek_waitall, "S13", "MSG_PEEK with MSG_WAITALL waits for all")
{
	struct api_call call = {
		.fn = api_call_recv, .buf = in, .len = 6,
		.flags = MSG_PEEK | MSG_WAITALL,
	};
	int fd[2];

	pair_with(env, fd, "abc");
	call.fd = fd[1];
	api_call_start(&call);
	api_call_blocked(&call);
	NEED(send(fd[0], "def", 3, 0));
	WANT(api_call_join(&call), 6);
	WANT(memcmp(in, "abcdef", 6), 0);
	WANT(api_queued(fd[1], SIOCINQ), 6);
}

CASE(recv_peek_off, "S13", "SO_PEEK_OFF, where TCP has it")
{
	int fd[2];

	/* 6.9 */
	fd[0] = NEED(socket(env->family, SOCK_STREAM, IPPROTO_TCP));
	if (api_set(fd[0], SOL_SOCKET, SO_PEEK_OFF, 2))
		api_skip("TCP of this kernel has no SO_PEEK_OFF");
	pair_with(env, fd, "abcdef");
	WANT(api_set(fd[1], SOL_SOCKET, SO_PEEK_OFF, 2), 0);
	WANT(recv(fd[1], in, 2, MSG_PEEK), 2);
	WANT(memcmp(in, "cd", 2), 0);
	WANT(recv(fd[1], in, 2, MSG_PEEK), 2);
	WANT(memcmp(in, "ef", 2), 0);
	WANT(recv(fd[1], in, 3, 0), 3);
	NOTE(api_get(fd[1], SOL_SOCKET, SO_PEEK_OFF));
}

CASE(recv_waitall, "S13", "MSG_WAITALL waits for all of it")
{
	struct api_call call = {
		.fn = api_call_recv, .buf = in, .len = 9, .flags = MSG_WAITALL,
	};
	int fd[2];

	pair_with(env, fd, "abc");
	call.fd = fd[1];
	api_call_start(&call);
	api_call_blocked(&call);
	NEED(send(fd[0], "def", 3, 0));
	api_call_blocked(&call);
	NEED(send(fd[0], "ghij", 4, 0));
	WANT(api_call_join(&call), 9);
	WANT(memcmp(in, "abcdefghi", 9), 0);
	WANT(recv(fd[1], in, 9, 0), 1);
}

CASE(recv_waitall_end, "S13", "MSG_WAITALL gives what there is at the end")
{
	int fd[2];

	pair_with(env, fd, "abc");
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(recv(fd[1], in, 9, MSG_WAITALL), 3);
	WANT(recv(fd[1], in, 9, MSG_WAITALL), 0);
}

CASE(recv_waitall_dontwait, "S13", "MSG_WAITALL with MSG_DONTWAIT")
{
	int fd[2];

	pair_with(env, fd, "abc");
	WANT(recv(fd[1], in, 9, MSG_WAITALL | MSG_DONTWAIT), 3);
	WANT(recv(fd[1], in, 9, MSG_WAITALL | MSG_DONTWAIT), -EAGAIN);
}

CASE(recv_waitall_reset, "S5", "MSG_WAITALL cut off by a reset")
{
	struct api_call call = {
		.fn = api_call_recv, .buf = in, .len = 9, .flags = MSG_WAITALL,
	};
	struct linger hard = { .l_onoff = 1 };
	int fd[2];

	pair_with(env, fd, "abc");
	call.fd = fd[1];
	api_call_start(&call);
	api_call_blocked(&call);
	NEED(setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(fd[0]);
	/* First what came, then why no more comes. */
	WANT(api_call_join(&call), 3);
	WANT(recv(fd[1], in, 9, 0), -ECONNRESET);
	WANT(recv(fd[1], in, 9, 0), 0);
}

CASE(recv_dontwait, "S13", "nothing to read is EAGAIN")
{
	int fd[2];

	api_pair(env, fd);
	WANT(recv(fd[1], in, 9, MSG_DONTWAIT), -EAGAIN);
	NEED(api_nonblock(fd[1]));
	WANT(recv(fd[1], in, 9, 0), -EAGAIN);
	WANT(recv(fd[1], in, 9, MSG_PEEK), -EAGAIN);
	WANT(read(fd[1], in, 9), -EAGAIN);
}

CASE(recv_nothing, "S13", "receiving nothing: recv waits, read does not")
{
	int fd[2];

	api_pair(env, fd);
	WANT(recv(fd[1], in, 0, MSG_DONTWAIT), -EAGAIN);
	WANT(read(fd[1], in, 0), 0);
	NEED(send(fd[0], "abc", 3, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 3), 3);
	WANT(recv(fd[1], in, 0, MSG_DONTWAIT), 0);
	WANT(recv(fd[1], in, 0, 0), 0);
	WANT(api_queued(fd[1], SIOCINQ), 3);
}

CASE(recv_trunc, "S13", "MSG_TRUNC throws away without copying")
{
	int fd[2];

	pair_with(env, fd, "abcdef");
	in[0] = '?';
	WANT(recv(fd[1], in, 4, MSG_TRUNC), 4);
	WANT(in[0], '?');
	WANT(recv(fd[1], NULL, 1, MSG_TRUNC), 1);
	WANT(recv(fd[1], in, 9, 0), 1);
	WANT(in[0], 'f');
}

CASE(recv_recvfrom, "S13", "recvfrom names nobody on a stream")
{
	union api_sa sa;
	socklen_t len = sizeof(sa);
	int fd[2];

	pair_with(env, fd, "abc");
	memset(&sa, 0x5a, sizeof(sa));
	WANT(recvfrom(fd[1], in, 9, 0, &sa.sa, &len), 3);
	WANT(len, 0);
	WANT(sa.sa.sa_family, 0x5a5a);
}

CASE(recv_recvmsg, "S13", "recvmsg: no name, no control, no flags")
{
	struct iovec iov[] = { { in, 2 }, { in + 8, 0 }, { in + 8, 9 } };
	union api_sa sa;
	char control[64];
	struct msghdr msg = {
		.msg_name = &sa, .msg_namelen = sizeof(sa),
		.msg_iov = iov, .msg_iovlen = 3, .msg_control = control,
		.msg_controllen = sizeof(control), .msg_flags = -1,
	};
	int fd[2];

	pair_with(env, fd, "abcde");
	WANT(recvmsg(fd[1], &msg, 0), 5);
	WANT(msg.msg_namelen, 0);
	WANT(msg.msg_controllen, 0);
	WANT(msg.msg_flags, 0);
	WANT(!memcmp(in, "ab", 2) && !memcmp(in + 8, "cde", 3), 1);
	WANT(recvmsg(fd[1], &msg, MSG_DONTWAIT), -EAGAIN);
	msg.msg_iovlen = 100000;
	WANT(recvmsg(fd[1], &msg, MSG_DONTWAIT), -EMSGSIZE);
}

CASE(recv_cmsg_cloexec, "S13", "recvmsg gives MSG_CMSG_CLOEXEC back")
{
	struct iovec iov = { in, 9 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fd[2];

	pair_with(env, fd, "abc");
	WANT(recvmsg(fd[1], &msg, MSG_CMSG_CLOEXEC), 3);
	NOTE(msg.msg_flags);
}

CASE(recv_fault, "S13", "recv to nowhere is EFAULT, and nothing is lost")
{
	char *nowhere = api_nowhere();
	int fd[2];

	pair_with(env, fd, "abcdef");
	WANT(recv(fd[1], nowhere, 6, 0), -EFAULT);
	WANT(recv(fd[1], in, 9, 0), 6);
	WANT(memcmp(in, "abcdef", 6), 0);
}

CASE(recv_half_fault, "S13", "recv that faults half way loses nothing")
{
	long page = sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static char out[3 * 65536];
	int fd[2];
	long n, rest;

	api_pair(env, fd);
	api_fill(out, 2 * page, 3);
	NEED(mprotect(map + page, page, PROT_NONE));
	NEED(api_send_all(fd[0], out, 2 * page));
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_wait_queued(fd[1], SIOCINQ, 2 * page) == 2 * page, 1);
	n = api_rc(recv(fd[1], map, 2 * page, 0));
	WANT(n == -EFAULT || (n > 0 && n <= page), 1);
	if (n < 0)
		n = 0;
	rest = api_recv_all(fd[1], in, sizeof(in));
	WANT(n + rest == 2 * page, 1);
	WANT(memcmp(map, out, n), 0);
	WANT(memcmp(in, out + n, rest), 0);
}

CASE(recv_errqueue, "S13", "an empty error queue is EAGAIN")
{
	struct iovec iov = { in, 9 };
	char control[64];
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int fd[2];

	pair_with(env, fd, "abc");
	WANT(recvmsg(fd[1], &msg, MSG_ERRQUEUE), -EAGAIN);
	WANT(recv(fd[1], in, 9, MSG_ERRQUEUE), -EAGAIN);
	WANT(recv(fd[1], in, 9, 0), 3);
}

CASE(recv_end, "S3", "the end of the stream stays the end")
{
	int fd[2];

	pair_with(env, fd, "abc");
	close(fd[0]);
	WANT(recv(fd[1], in, 2, 0), 2);
	WANT(recv(fd[1], in, 9, 0), 1);
	WANT(recv(fd[1], in, 9, 0), 0);
	WANT(recv(fd[1], in, 9, MSG_DONTWAIT), 0);
	WANT(recv(fd[1], in, 9, MSG_PEEK), 0);
	WANT(read(fd[1], in, 9), 0);
	WANT(api_error(fd[1]), 0);
}

CASE(recv_blocked, "S13", "a blocked recv is woken by data, and by the end")
{
	struct api_call call = { .fn = api_call_recv, .buf = in, .len = 9 };
	int fd[2];

	api_pair(env, fd);
	call.fd = fd[1];
	api_call_start(&call);
	api_call_blocked(&call);
	NEED(send(fd[0], "abc", 3, 0));
	WANT(api_call_join(&call), 3);
	call.tid = 0;
	api_call_start(&call);
	api_call_blocked(&call);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_call_join(&call), 0);
}

CASE(recv_blocked_reset, "S5", "a blocked recv is woken by a reset")
{
	struct api_call call = { .fn = api_call_recv, .buf = in, .len = 9 };
	struct linger hard = { .l_onoff = 1 };
	int fd[2];

	api_pair(env, fd);
	call.fd = fd[1];
	api_call_start(&call);
	api_call_blocked(&call);
	NEED(setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(fd[0]);
	WANT(api_call_join(&call), -ECONNRESET);
}

CASE(recv_blocked_shutdown, "S13", "a blocked recv is woken by SHUT_RD")
{
	struct api_call call = { .fn = api_call_recv, .buf = in, .len = 9 };
	int fd[2];

	api_pair(env, fd);
	call.fd = fd[1];
	api_call_start(&call);
	api_call_blocked(&call);
	WANT(shutdown(fd[1], SHUT_RD), 0);
	WANT(api_call_join(&call), 0);
}

CASE(recv_coalesced, "S13", "a stream has no boundaries")
{
	int i, fd[2];

	api_pair(env, fd);
	NEED(api_set(fd[0], env->level, TCP_NODELAY, 1));
	for (i = 0; i < 100; i++)
		NEED(send(fd[0], "0123456789", 10, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 1000), 1000);
	WANT(recv(fd[1], in, 5, 0), 5);
	WANT(recv(fd[1], in, 1000, 0), 995);
	WANT(memcmp(in, "567890", 6), 0);
}

CASE(recv_lowat, "S13", "SO_RCVLOWAT: recv and poll wait for so much")
{
	struct api_call call = { .fn = api_call_recv, .buf = in, .len = 100 };
	int fd[2];

	api_pair(env, fd);
	WANT(api_set(fd[1], SOL_SOCKET, SO_RCVLOWAT, 4), 0);
	WANT(api_get(fd[1], SOL_SOCKET, SO_RCVLOWAT), 4);
	NEED(send(fd[0], "abc", 3, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 3), 3);
	WANT_STR(api_poll(fd[1], POLLIN), "none");
	call.fd = fd[1];
	api_call_start(&call);
	api_call_blocked(&call);
	/* What recv has taken already does not count when it is woken. */
	NEED(send(fd[0], "defg", 4, 0));
	WANT(api_call_join(&call), 7);
}

CASE(recv_lowat_range, "S13", "SO_RCVLOWAT: its values")
{
	int fd = api_socket(env);

	WANT(api_get(fd, SOL_SOCKET, SO_RCVLOWAT), 1);
	WANT(api_set(fd, SOL_SOCKET, SO_RCVLOWAT, 0), 0);
	WANT(api_get(fd, SOL_SOCKET, SO_RCVLOWAT), 1);
	NOTE(api_set(fd, SOL_SOCKET, SO_RCVLOWAT, -1));
	NOTE(api_set(fd, SOL_SOCKET, SO_SNDLOWAT, 5));
	NOTE(api_get(fd, SOL_SOCKET, SO_SNDLOWAT));
}

CASE(recv_lowat_end, "S13", "SO_RCVLOWAT does not hide the end")
{
	int fd[2];

	pair_with(env, fd, "abc");
	NEED(api_set(fd[1], SOL_SOCKET, SO_RCVLOWAT, 100));
	NEED(shutdown(fd[0], SHUT_WR));
	WANT_STR(api_wait(fd[1], POLLIN | POLLRDHUP, POLLIN), "IN|RDHUP");
	WANT(recv(fd[1], in, 200, 0), 3);
}
