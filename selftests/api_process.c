// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets that several processes, threads or descriptors share.
 * A probe of a full socket may not come between two steps:
 * lab: --clock virtual
 */
#include <linux/sockios.h>
#include "api.h"

static char in[1000];

CASE(proc_fork, "S13", "parent and child share a connection")
{
	int fd[2];
	pid_t pid;

	api_pair(env, fd);
	pid = NEED(fork());
	if (!pid)
		_exit(send(fd[0], "child", 5, 0) != 5);
	WANT(api_child_ended(pid), 0);
	WANT(send(fd[0], "parent", 6, 0), 6);
	WANT(recv(fd[1], in, 11, MSG_WAITALL), 11);
	WANT(memcmp(in, "childparent", 11), 0);
}

CASE(proc_fork_close, "S3", "the last copy's close is the close")
{
	int fd[2];
	pid_t pid;
	char c;
	int go[2];

	api_pair(env, fd);
	NEED(pipe(go));
	pid = NEED(fork());
	if (!pid) {
		close(go[1]);
		_exit(read(go[0], &c, 1) != 0);
	}
	close(fd[0]);
	WANT_STR(api_poll(fd[1], POLLIN | POLLRDHUP), "none");
	WANT(api_state(env, fd[1]), VCTP_ESTABLISHED);
	close(go[1]);
	WANT(api_child_ended(pid), 0);
	WANT_STR(api_wait(fd[1], POLLIN | POLLRDHUP, POLLRDHUP), "IN|RDHUP");
}

CASE(proc_fork_shutdown, "S3", "shutdown acts for all copies")
{
	int fd[2];
	pid_t pid;

	api_pair(env, fd);
	pid = NEED(fork());
	if (!pid)
		_exit(shutdown(fd[0], SHUT_WR) != 0);
	WANT(api_child_ended(pid), 0);
	WANT(send(fd[0], "x", 1, 0), -EPIPE);
	WANT(recv(fd[1], in, 1, 0), 0);
}

CASE(proc_dup, "S13", "a duplicate is the same socket")
{
	int fd[2], copy;

	api_pair(env, fd);
	copy = NEED(dup(fd[0]));
	WANT(send(copy, "ab", 2, 0), 2);
	close(fd[0]);
	WANT(send(copy, "cd", 2, 0), 2);
	WANT(recv(fd[1], in, 4, MSG_WAITALL), 4);
	WANT(api_set(copy, env->level, TCP_NODELAY, 1), 0);
	close(copy);
	WANT(recv(fd[1], in, 4, 0), 0);
}

CASE(proc_killed, "S3", "a process that dies closes: FIN")
{
	int fd[2];
	pid_t pid;

	api_pair(env, fd);
	pid = NEED(fork());
	if (!pid) {
		close(fd[1]);
		pause();
		_exit(0);
	}
	close(fd[0]);
	kill(pid, SIGKILL);
	WANT(api_child_ended(pid), 1000 + SIGKILL);
	WANT(recv(fd[1], in, 1, 0), 0);
}

CASE(proc_killed_unread, "S5", "a process that dies with data unread: RST")
{
	int fd[2];
	pid_t pid;

	api_pair(env, fd);
	NEED(send(fd[1], "abc", 3, 0));
	WANT(api_wait_queued(fd[0], SIOCINQ, 3), 3);
	pid = NEED(fork());
	if (!pid) {
		close(fd[1]);
		pause();
		_exit(0);
	}
	close(fd[0]);
	kill(pid, SIGKILL);
	WANT(api_child_ended(pid), 1000 + SIGKILL);
	WANT(recv(fd[1], in, 1, 0), -ECONNRESET);
}

CASE(proc_killed_blocked, "S5", "a process killed in recv and in send")
{
	static char much[1 << 20];
	int turn;

	for (turn = 0; turn < 2; turn++) {
		int fd[2];
		pid_t pid;

		api_pair(env, fd);
		pid = NEED(fork());
		if (!pid) {
			if (turn) {
				api_stuff(fd[0]);
				send(fd[0], much, sizeof(much), 0);
			} else {
				recv(fd[0], in, 1, 0);
			}
			_exit(0);
		}
		close(fd[0]);
		api_pid_blocked(pid);
		kill(pid, SIGKILL);
		WANT(api_child_ended(pid), 1000 + SIGKILL);
		WANT(api_drain(fd[1]) >= 0, 1);
	}
}

CASE(proc_server, "S13", "a child serves while the parent accepts")
{
	int i, port, listener = api_listener(env, 4, &port), sum = 0;
	pid_t pid[4];

	for (i = 0; i < 4; i++) {
		int client = api_socket(env), conn;

		NEED(api_connect(env, client, LOOP, port));
		conn = NEED(accept(listener, NULL, NULL));
		pid[i] = NEED(fork());
		if (!pid[i]) {
			close(client);
			close(listener);
			i = recv(conn, in, 1, 0);
			_exit(i != 1 || send(conn, in, 1, 0) != 1);
		}
		close(conn);
		NEED(send(client, "x", 1, 0));
		sum += api_drain(client);
		close(client);
	}
	WANT(sum, 4);
	for (i = 0; i < 4; i++)
		WANT(api_child_ended(pid[i]), 0);
}

CASE(proc_shared_listener, "S13", "several processes accept from one listener")
{
	int i, port, listener = api_listener(env, 8, &port), done = 0;
	pid_t pid[3];
	char c;

	for (i = 0; i < 3; i++) {
		pid[i] = NEED(fork());
		if (!pid[i]) {
			int conn = accept(listener, NULL, NULL);

			_exit(conn < 0 || send(conn, "x", 1, 0) != 1);
		}
	}
	for (i = 0; i < 3; i++) {
		int client = api_socket(env);

		NEED(api_connect(env, client, LOOP, port));
		done += recv(client, &c, 1, 0) == 1;
	}
	WANT(done, 3);
	for (i = 0; i < 3; i++)
		WANT(api_child_ended(pid[i]), 0);
}

static int pass(int via, int fd)
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

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(via, &msg, 0) == 1 ? 0 : -1;
}

static int take(int via)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	char c;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd = -1;

	NEED(recvmsg(via, &msg, 0));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

CASE(proc_pass, "S13", "a connected socket passed by SCM_RIGHTS")
{
	int fd[2], via[2];
	pid_t pid;

	api_pair(env, fd);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, via));
	WANT(pass(via[0], fd[0]), 0);
	/* In flight, it lives on. */
	close(fd[0]);
	WANT_STR(api_poll(fd[1], POLLIN | POLLRDHUP), "none");
	pid = NEED(fork());
	if (!pid) {
		int got = take(via[1]);

		_exit(send(got, "passed", 6, 0) != 6);
	}
	WANT(api_child_ended(pid), 0);
	WANT(api_recv_all(fd[1], in, 100), 6);
}

CASE(proc_pass_lost, "S3", "a socket passed to nobody is closed")
{
	int fd[2], via[2];

	api_pair(env, fd);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, via));
	NEED(pass(via[0], fd[0]));
	close(fd[0]);
	close(via[0]);
	close(via[1]);
	WANT(recv(fd[1], in, 1, 0), 0);
}

CASE(proc_cloexec, "S3", "FD_CLOEXEC: exec closes the connection")
{
	int fd[2];
	pid_t pid;

	api_pair(env, fd);
	NEED(fcntl(fd[0], F_SETFD, FD_CLOEXEC));
	pid = NEED(fork());
	if (!pid) {
		close(fd[1]);
		execl("/bin/sh", "sh", "-c", "read x", NULL);
		_exit(1);
	}
	close(fd[0]);
	WANT(recv(fd[1], in, 1, 0), 0);
	kill(pid, SIGKILL);
	WANT(api_child_ended(pid) != 0, 1);
}

CASE(proc_exec, "S11", "a shell that reads and writes a connection")
{
	int fd[2];
	pid_t pid;

	api_pair(env, fd);
	pid = NEED(fork());
	if (!pid) {
		dup2(fd[1], 0);
		dup2(fd[1], 1);
		close(fd[0]);
		execl("/bin/sh", "sh", "-c", "read x; echo got $x", NULL);
		_exit(1);
	}
	close(fd[1]);
	WANT(send(fd[0], "this\n", 5, 0), 5);
	WANT(api_recv_all(fd[0], in, 100), 9);
	WANT(memcmp(in, "got this\n", 9), 0);
	WANT(api_child_ended(pid), 0);
}

CASE(proc_two_readers, "S7", "two readers take each byte once")
{
	struct api_call a = { .fn = api_call_recv, .len = 100 }, b = a;
	static char one[100], two[100];
	int fd[2];

	api_pair(env, fd);
	a.fd = fd[1];
	a.buf = one;
	a.flags = MSG_WAITALL;
	b = a;
	b.buf = two;
	api_call_start(&a);
	api_call_start(&b);
	api_call_blocked(&a);
	api_call_blocked(&b);
	memset(in, 'x', 200);
	NEED(api_send_all(fd[0], in, 200));
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_call_join(&a) + api_call_join(&b), 200);
}

CASE(proc_two_writers, "S7", "two writers: each send stays whole")
{
	static char a_data[3000], b_data[3000];
	struct api_call a = { .fn = api_call_send, .len = 3000 }, b;
	int i, changes = 0, fd[2];
	static char all[6000];

	api_pair(env, fd);
	memset(a_data, 'a', 3000);
	memset(b_data, 'b', 3000);
	a.fd = fd[0];
	b = a;
	a.buf = a_data;
	b.buf = b_data;
	api_call_start(&a);
	api_call_start(&b);
	WANT(recv(fd[1], all, 6000, MSG_WAITALL), 6000);
	for (i = 1; i < 6000; i++)
		changes += all[i] != all[i - 1];
	WANT(changes, 1);
	WANT(api_call_join(&a) + api_call_join(&b), 6000);
}

CASE(proc_close_blocked, "S13", "close does not disturb a blocked recv")
{
	struct api_call call = { .fn = api_call_recv, .buf = in, .len = 9 };
	int fd[2];

	api_pair(env, fd);
	call.fd = fd[1];
	api_call_start(&call);
	api_call_blocked(&call);
	/* The thread in recv holds the socket open. */
	WANT(close(fd[1]), 0);
	NEED(send(fd[0], "abc", 3, 0));
	WANT(api_call_join(&call), 3);
	WANT(recv(fd[0], in, 1, 0), 0);
}

CASE(proc_close_blocked_accept, "S13", "close does not disturb accept either")
{
	struct api_call call = { .fn = api_call_accept };
	int port, late;

	call.fd = api_listener(env, 1, &port);
	api_call_start(&call);
	api_call_blocked(&call);
	WANT(close(call.fd), 0);
	late = api_socket(env);
	WANT(api_connect(env, late, LOOP, port), 0);
	WANT(api_call_join(&call) >= 0, 1);
	WANT(api_connect(env, api_socket(env), LOOP, port), -ECONNREFUSED);
}
