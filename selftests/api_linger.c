// SPDX-License-Identifier: GPL-2.0
/*
 * SO_LINGER: what close() waits for, and when it resets.
 * Timers are to be exact, and waiting free:
 * lab: --clock virtual
 */
#include <linux/sockios.h>
#include "api.h"

static int set_linger(int fd, int on, int seconds)
{
	struct linger l = { .l_onoff = on, .l_linger = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

CASE(linger_values, "S13", "SO_LINGER is kept as it was set")
{
	struct linger l = { 5, 5 };
	socklen_t len = sizeof(l);
	int fd = api_socket(env);

	NEED(getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len));
	WANT(l.l_onoff, 0);
	WANT(l.l_linger, 0);
	WANT(set_linger(fd, 7, 30), 0);
	NEED(getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len));
	WANT(l.l_onoff, 1);
	WANT(l.l_linger, 30);
	WANT(set_linger(fd, 0, 99), 0);
	NEED(getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len));
	WANT(l.l_onoff, 0);
	NOTE(l.l_linger);
	WANT(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, 4), -EINVAL);
}

CASE(linger_zero, "S5", "SO_LINGER 0: close resets")
{
	char c;
	int fd[2];

	api_pair(env, fd);
	WANT(set_linger(fd[0], 1, 0), 0);
	WANT(close(fd[0]), 0);
	WANT(recv(fd[1], &c, 1, 0), -ECONNRESET);
	WANT(api_state(env, fd[1]), VCTP_CLOSED);
}

CASE(linger_zero_data, "S5", "SO_LINGER 0 throws away what is not sent")
{
	char c;
	int fd[2];

	api_pair(env, fd);
	WANT(set_linger(fd[0], 1, 0), 0);
	WANT(api_stuff(fd[0]) > 0, 1);
	close(fd[0]);
	api_wait(fd[1], POLLIN, POLLHUP);
	/* It reports before what had arrived is read. */
	WANT(recv(fd[1], &c, 1, 0), 1);
	WANT(api_error(fd[1]), -ECONNRESET);
}

CASE(linger_zero_half_closed, "S5", "SO_LINGER 0 after SHUT_WR")
{
	char c;
	int fd[2];

	api_pair(env, fd);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(recv(fd[1], &c, 1, 0), 0);
	WANT(set_linger(fd[0], 1, 0), 0);
	close(fd[0]);
	WANT_STR(api_wait(fd[1], POLLIN | POLLOUT, POLLHUP), "IN|OUT|ERR|HUP");
	/* CLOSE_WAIT: EPIPE. */
	WANT(api_error(fd[1]), -EPIPE);
}

CASE(linger_zero_peer_done, "S5", "SO_LINGER 0 in CLOSE_WAIT")
{
	char c;
	int fd[2];

	api_pair(env, fd);
	NEED(shutdown(fd[1], SHUT_WR));
	WANT(recv(fd[0], &c, 1, 0), 0);
	WANT(set_linger(fd[0], 1, 0), 0);
	close(fd[0]);
	WANT(recv(fd[1], &c, 1, 0), -ECONNRESET);
}

CASE(linger_sent, "S13", "SO_LINGER with nothing left closes at once")
{
	long start;
	int fd[2];

	api_pair(env, fd);
	WANT(set_linger(fd[0], 1, 20), 0);
	NEED(send(fd[0], "abc", 3, 0));
	WANT(api_wait_queued(fd[0], SIOCOUTQ, 0), 0);
	start = api_ms();
	WANT(close(fd[0]), 0);
	WANT(api_ms() - start < 10000, 1);
	WANT(api_drain(fd[1]), 3);
}

CASE(linger_waits, "S13", "SO_LINGER waits, then close goes on without")
{
	long start, sent;
	int fd[2];

	api_pair(env, fd);
	WANT(set_linger(fd[0], 1, 1), 0);
	sent = api_stuff(fd[0]);
	start = api_ms();
	WANT(close(fd[0]), 0);
	WANT(api_ms() - start >= 900, 1);
	/* All that was accepted still arrives. */
	WANT(api_drain(fd[1]) == sent, 1);
}

CASE(linger_woken, "S13", "SO_LINGER ends as soon as the reader is done")
{
	long start, sent;
	int fd[2], ready[2];
	pid_t me = getpid(), pid;
	char c;

	api_pair(env, fd);
	WANT(set_linger(fd[0], 1, 25), 0);
	sent = api_stuff(fd[0]);
	NEED(pipe(ready));
	pid = NEED(fork());
	if (!pid) {
		close(fd[0]);
		NEED(write(ready[1], "x", 1));
		api_pid_blocked(me);
		_exit(api_drain(fd[1]) != sent);
	}
	close(fd[1]);
	/* Ours has to be the last close. */
	NEED(read(ready[0], &c, 1));
	start = api_ms();
	WANT(close(fd[0]), 0);
	WANT(api_ms() - start < 20000, 1);
	WANT(api_child_ended(pid), 0);
}

CASE(linger_nonblocking, "S13", "SO_LINGER waits on non-blocking sockets too")
{
	long start, sent;
	int fd[2];

	api_pair(env, fd);
	WANT(set_linger(fd[0], 1, 1), 0);
	NEED(api_nonblock(fd[0]));
	sent = api_stuff(fd[0]);
	start = api_ms();
	WANT(close(fd[0]), 0);
	WANT(api_ms() - start >= 900, 1);
	WANT(api_drain(fd[1]) == sent, 1);
}

CASE(linger_shutdown, "S13", "shutdown does not linger")
{
	long start;
	int fd[2];

	api_pair(env, fd);
	WANT(set_linger(fd[0], 1, 20), 0);
	NEED(api_stuff(fd[0]));
	start = api_ms();
	WANT(shutdown(fd[0], SHUT_WR), 0);
	WANT(api_ms() - start < 10000, 1);
	NEED(set_linger(fd[0], 1, 0));
}

CASE(linger_dup, "S13", "only the last close lingers or resets")
{
	int fd[2], copy;

	api_pair(env, fd);
	WANT(set_linger(fd[0], 1, 0), 0);
	copy = NEED(dup(fd[0]));
	close(fd[0]);
	WANT(send(copy, "x", 1, 0), 1);
	WANT_STR(api_wait(fd[1], POLLIN | POLLRDHUP, POLLIN), "IN");
	close(copy);
	WANT_STR(api_wait(fd[1], POLLRDHUP, POLLHUP), "ERR|HUP|RDHUP");
}

CASE(linger_connecting, "S5", "SO_LINGER 0 while connecting")
{
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);

	NEED(set_deaf(listener, true));
	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	WANT(set_linger(fd, 1, 0), 0);
	WANT(close(fd), 0);
	NEED(set_deaf(listener, false));
	NEED(api_nonblock(listener));
	WANT(accept(listener, NULL, NULL), -EAGAIN);
}

CASE(linger_listener, "S13", "SO_LINGER does not hold a listener")
{
	int port, fd = api_listener(env, 1, &port);
	long start = api_ms();

	WANT(set_linger(fd, 1, 20), 0);
	WANT(close(fd), 0);
	WANT(api_ms() - start < 10000, 1);
	WANT(api_connect(env, api_socket(env), LOOP, port), -ECONNREFUSED);
}
