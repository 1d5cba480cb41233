// SPDX-License-Identifier: GPL-2.0
/*
 * sendfile(), splice(), vmsplice(), tee(): pages in place of copies.
 * A probe of a full socket may not come between two steps:
 * lab: --clock virtual
 */
#include <linux/sockios.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include "api.h"

#define SIZE 200000

static char out[SIZE], in[SIZE];

static int file_of(size_t size, unsigned int seed)
{
	int fd = NEED(memfd_create("data", 0));

	api_fill(out, size, seed);
	NEED(write(fd, out, size));
	NEED(lseek(fd, 0, SEEK_SET));
	return fd;
}

static void start_reading(struct api_call *call, int fd, size_t len)
{
	memset(call, 0, sizeof(*call));
	call->fn = api_call_recv;
	call->fd = fd;
	call->flags = MSG_WAITALL;
	call->buf = in;
	call->len = len;
	api_call_start(call);
}

CASE(sendfile_whole, "S13", "sendfile sends a file")
{
	struct api_call call;
	int file = file_of(SIZE, 1), fd[2];
	size_t sent = 0;

	api_pair(env, fd);
	start_reading(&call, fd[1], SIZE);
	while (sent < SIZE)
		sent += NEED(sendfile(fd[0], file, NULL, SIZE - sent));
	WANT(api_call_join(&call), SIZE);
	WANT(memcmp(in, out, SIZE), 0);
	WANT(sendfile(fd[0], file, NULL, 100), 0);
}

CASE(sendfile_offset, "S13", "sendfile from an offset leaves the position")
{
	int file = file_of(10000, 2), fd[2];
	off_t at = 4000;

	api_pair(env, fd);
	WANT(sendfile(fd[0], file, &at, 1000), 1000);
	WANT(at, 5000);
	WANT(lseek(file, 0, SEEK_CUR), 0);
	WANT(recv(fd[1], in, 1000, MSG_WAITALL), 1000);
	WANT(memcmp(in, out + 4000, 1000), 0);
	at = 9990;
	WANT(sendfile(fd[0], file, &at, 1000), 10);
	WANT(sendfile(fd[0], file, &at, 1000), 0);
	at = -1;
	WANT(sendfile(fd[0], file, &at, 1), -EINVAL);
}

CASE(sendfile_full, "S13", "sendfile into a full non-blocking socket")
{
	int file = file_of(SIZE, 3), fd[2];
	off_t at = 0;

	api_pair(env, fd);
	NEED(api_nonblock(fd[0]));
	WANT(api_stuff(fd[0]) > 0, 1);
	WANT(sendfile(fd[0], file, &at, SIZE), -EAGAIN);
	WANT(at, 0);
}

CASE(sendfile_errors, "S13", "sendfile where nothing can be sent")
{
	int file = file_of(100, 4), fd[2];

	api_pair(env, fd);
	WANT(sendfile(api_socket(env), file, NULL, 10), -EPIPE);
	WANT(sendfile(api_listener(env, 1, NULL), file, NULL, 10), -EPIPE);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(sendfile(fd[0], file, NULL, 10), -EPIPE);
	WANT(sendfile(file, fd[0], NULL, 10), -EINVAL);
}

CASE(sendfile_later_writes, "S7", "sendfile sends pages: the file's, as it is")
{
	int file = file_of(5000, 5), fd[2];

	api_pair(env, fd);
	WANT(sendfile(fd[0], file, NULL, 5000), 5000);
	WANT(send(fd[0], "tail", 4, 0), 4);
	WANT(ftruncate(file, 0), 0);
	WANT(recv(fd[1], in, 5004, MSG_WAITALL), 5004);
	WANT(memcmp(in + 5000, "tail", 4), 0);
}

CASE(splice_in, "S13", "splice from a socket into a pipe")
{
	int fd[2], p[2];

	api_pair(env, fd);
	NEED(pipe(p));
	NEED(send(fd[0], "hello", 5, 0));
	WANT(splice(fd[1], NULL, p[1], NULL, 100, 0), 5);
	WANT(read(p[0], in, 100), 5);
	WANT(memcmp(in, "hello", 5), 0);
}

CASE(splice_in_parts, "S13", "splice takes as much as it is told")
{
	int fd[2], p[2];

	api_pair(env, fd);
	NEED(pipe(p));
	NEED(send(fd[0], "abcdef", 6, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 6), 6);
	WANT(splice(fd[1], NULL, p[1], NULL, 2, 0), 2);
	WANT(api_queued(fd[1], SIOCINQ), 4);
	WANT(recv(fd[1], in, 100, 0), 4);
	WANT(memcmp(in, "cdef", 4), 0);
}

CASE(splice_in_empty, "S13", "splice of nothing: EAGAIN, at the end 0")
{
	int fd[2], p[2];

	api_pair(env, fd);
	NEED(pipe(p));
	/* SPLICE_F_NONBLOCK is for the pipe alone. */
	NEED(api_nonblock(fd[1]));
	WANT(splice(fd[1], NULL, p[1], NULL, 9, 0), -EAGAIN);
	NEED(shutdown(fd[0], SHUT_WR));
	api_wait(fd[1], POLLRDHUP, POLLRDHUP);
	WANT(splice(fd[1], NULL, p[1], NULL, 9, 0), 0);
}

CASE(splice_in_errors, "S13", "splice from what is not connected")
{
	struct linger hard = { .l_onoff = 1 };
	int fd[2], p[2];
	loff_t at = 0;

	api_pair(env, fd);
	NEED(pipe(p));
	WANT(splice(api_socket(env), NULL, p[1], NULL, 9, 0), -ENOTCONN);
	WANT(splice(api_listener(env, 1, NULL), NULL, p[1], NULL, 9, 0),
	     -ENOTCONN);
	WANT(splice(fd[1], &at, p[1], NULL, 9, 0), -EINVAL);
	NEED(setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(fd[0]);
	api_wait(fd[1], 0, POLLHUP);
	WANT(splice(fd[1], NULL, p[1], NULL, 9, 0), -ECONNRESET);
}

CASE(splice_out, "S13", "splice from a pipe into a socket")
{
	int fd[2], p[2];

	api_pair(env, fd);
	NEED(pipe(p));
	NEED(write(p[1], "hello", 5));
	WANT(splice(p[0], NULL, fd[0], NULL, 100, 0), 5);
	WANT(recv(fd[1], in, 5, MSG_WAITALL), 5);
	WANT(memcmp(in, "hello", 5), 0);
}

CASE(splice_out_more, "S13", "SPLICE_F_MORE holds back what is not full")
{
	int fd[2], p[2];

	api_pair(env, fd);
	NEED(pipe(p));
	NEED(write(p[1], "ab", 2));
	WANT(splice(p[0], NULL, fd[0], NULL, 2, SPLICE_F_MORE), 2);
	WANT(api_queued(fd[0], SIOCOUTQNSD), 2);
	NEED(write(p[1], "cd", 2));
	WANT(splice(p[0], NULL, fd[0], NULL, 2, 0), 2);
	WANT(recv(fd[1], in, 100, 0), 4);
}

CASE(splice_through, "S7", "a stream spliced from socket to socket")
{
	struct api_call call;
	int a[2], b[2], p[2];
	pid_t pid;

	api_pair(env, a);
	api_pair(env, b);
	NEED(pipe(p));
	api_fill(out, SIZE, 6);
	pid = NEED(fork());
	if (!pid)
		_exit(api_send_all(a[0], out, SIZE));
	close(a[0]);
	start_reading(&call, b[1], SIZE);
	while (1) {
		long n = NEED(splice(a[1], NULL, p[1], NULL, 50000, 0));

		if (!n)
			break;
		while (n > 0)
			n -= NEED(splice(p[0], NULL, b[0], NULL, n,
					 SPLICE_F_MOVE));
	}
	NEED(shutdown(b[0], SHUT_WR));
	WANT(api_call_join(&call), SIZE);
	WANT(memcmp(in, out, SIZE), 0);
	WANT(api_child_ended(pid), 0);
}

CASE(splice_vmsplice, "S13", "vmsplice, then splice into a socket")
{
	struct iovec iov = { out, 20000 };
	int fd[2], p[2];

	api_pair(env, fd);
	NEED(pipe(p));
	api_fill(out, 20000, 7);
	WANT(vmsplice(p[1], &iov, 1, 0), 20000);
	WANT(splice(p[0], NULL, fd[0], NULL, 20000, 0), 20000);
	WANT(recv(fd[1], in, 20000, MSG_WAITALL), 20000);
	WANT(memcmp(in, out, 20000), 0);
}

CASE(splice_tee, "S13", "tee copies what was spliced in")
{
	int fd[2], p[2], q[2];

	api_pair(env, fd);
	NEED(pipe(p));
	NEED(pipe(q));
	NEED(send(fd[0], "hello", 5, 0));
	WANT(splice(fd[1], NULL, p[1], NULL, 5, 0), 5);
	WANT(tee(p[0], q[1], 5, 0), 5);
	WANT(splice(q[0], NULL, fd[1], NULL, 5, 0), 5);
	WANT(recv(fd[0], in, 5, MSG_WAITALL), 5);
	WANT(read(p[0], in, 5), 5);
}

CASE(splice_broken_pipe, "S13", "splice into a pipe without reader")
{
	int fd[2], p[2];

	api_pair(env, fd);
	NEED(pipe(p));
	close(p[0]);
	NEED(send(fd[0], "abc", 3, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 3), 3);
	WANT(splice(fd[1], NULL, p[1], NULL, 3, 0), -EPIPE);
	/* The data stays. */
	WANT(recv(fd[1], in, 9, 0), 3);
}
