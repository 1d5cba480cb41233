// SPDX-License-Identifier: GPL-2.0
/*
 * Time-outs: those the program asks for, and those that end a connection.
 * Timers are to be exact, and waiting free:
 * lab: --clock virtual
 */
#include <linux/sockios.h>
#include <sys/time.h>
#include "api.h"

static char buf[100000];

static int set_time(int fd, int option, long sec, long usec)
{
	struct timeval tv = { .tv_sec = sec, .tv_usec = usec };

	return setsockopt(fd, SOL_SOCKET, option, &tv, sizeof(tv));
}

static long get_usec(int fd, int option)
{
	struct timeval tv = {};
	socklen_t len = sizeof(tv);

	NEED(getsockopt(fd, SOL_SOCKET, option, &tv, &len));
	return tv.tv_sec * 1000000 + tv.tv_usec;
}

CASE(time_values, "S13", "SO_RCVTIMEO and SO_SNDTIMEO: their values")
{
	int fd = api_socket(env);

	WANT(get_usec(fd, SO_RCVTIMEO), 0);
	WANT(get_usec(fd, SO_SNDTIMEO), 0);
	WANT(set_time(fd, SO_RCVTIMEO, 2, 500000), 0);
	WANT(get_usec(fd, SO_RCVTIMEO), 2500000);
	WANT(set_time(fd, SO_SNDTIMEO, 0, 1000000), -EDOM);
	WANT(set_time(fd, SO_SNDTIMEO, 0, -1), -EDOM);
	WANT(set_time(fd, SO_RCVTIMEO, -1, 0), 0);
	NOTE(get_usec(fd, SO_RCVTIMEO));
	WANT(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, buf, 4), -EINVAL);
}

CASE(time_recv, "S13", "SO_RCVTIMEO bounds recv: EAGAIN")
{
	long start;
	int fd[2];

	api_pair(env, fd);
	WANT(set_time(fd[1], SO_RCVTIMEO, 0, 40000), 0);
	start = api_ms();
	WANT(recv(fd[1], buf, 1, 0), -EAGAIN);
	WANT(api_ms() - start >= 30, 1);
	WANT(read(fd[1], buf, 1), -EAGAIN);
	NEED(send(fd[0], "x", 1, 0));
	WANT(recv(fd[1], buf, 1, 0), 1);
}

CASE(time_recv_partial, "S13", "SO_RCVTIMEO with MSG_WAITALL gives a part")
{
	int fd[2];

	api_pair(env, fd);
	WANT(set_time(fd[1], SO_RCVTIMEO, 0, 40000), 0);
	NEED(send(fd[0], "abc", 3, 0));
	WANT(recv(fd[1], buf, 9, MSG_WAITALL), 3);
	WANT(recv(fd[1], buf, 9, MSG_WAITALL), -EAGAIN);
}

CASE(time_send, "S13", "SO_SNDTIMEO bounds send: EAGAIN")
{
	long start;
	int fd[2];

	api_pair(env, fd);
	NEED(api_stuff(fd[0]));
	WANT(set_time(fd[0], SO_SNDTIMEO, 0, 40000), 0);
	start = api_ms();
	WANT(send(fd[0], buf, sizeof(buf), 0), -EAGAIN);
	WANT(api_ms() - start >= 30, 1);
	WANT(api_error(fd[0]), 0);
}

CASE(time_send_partial, "S13", "SO_SNDTIMEO: what went before it is told")
{
	static char much[16 << 20];
	long n;
	int fd[2];

	api_pair(env, fd);
	WANT(set_time(fd[0], SO_SNDTIMEO, 0, 60000), 0);
	n = api_rc(send(fd[0], much, sizeof(much), 0));
	WANT(n > 0 && n < (long)sizeof(much), 1);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_drain(fd[1]) == n, 1);
}

CASE(time_signal, "S13", "a signal interrupts recv: EINTR, or a restart")
{
	int turn, fd[2];
	pid_t me = getpid(), pid;

	api_pair(env, fd);
	for (turn = 0; turn < 2; turn++) {
		api_catch(SIGUSR1, turn ? SA_RESTART : 0);
		pid = NEED(fork());
		if (!pid) {
			api_pid_blocked(me);
			kill(me, SIGUSR1);
			api_pid_blocked(me);
			_exit(turn && send(fd[0], "x", 1, 0) != 1);
		}
		if (turn)
			WANT(recv(fd[1], buf, 1, 0), 1);
		else
			WANT(recv(fd[1], buf, 1, 0), -EINTR);
		WANT(api_caught, 1);
		WANT(api_child_ended(pid), 0);
	}
}

CASE(time_signal_timeout, "S13", "with SO_RCVTIMEO a signal does not restart")
{
	int fd[2];
	pid_t me = getpid(), pid;

	api_pair(env, fd);
	NEED(set_time(fd[1], SO_RCVTIMEO, 20, 0));
	api_catch(SIGUSR1, SA_RESTART);
	pid = NEED(fork());
	if (!pid) {
		api_pid_blocked(me);
		_exit(kill(me, SIGUSR1));
	}
	WANT(recv(fd[1], buf, 1, 0), -EINTR);
	WANT(api_child_ended(pid), 0);
}

CASE(time_signal_part, "S13", "a signal ends MSG_WAITALL with a part")
{
	int fd[2];
	pid_t me = getpid(), pid;

	api_pair(env, fd);
	NEED(send(fd[0], "abc", 3, 0));
	api_catch(SIGUSR1, SA_RESTART);
	pid = NEED(fork());
	if (!pid) {
		while (api_queued(fd[1], SIOCINQ))
			api_nap();
		api_pid_blocked(me);
		_exit(kill(me, SIGUSR1));
	}
	WANT(recv(fd[1], buf, 9, MSG_WAITALL), 3);
	WANT(api_child_ended(pid), 0);
}

CASE_FLAGS(time_user_timeout, "S5", "TCP_USER_TIMEOUT: ETIMEDOUT", API_TWIN)
{
	int i, fd[2][2];

	for (i = 0; i < 2; i++) {
		api_pair(env, fd[i]);
		NEED(api_set(fd[i][0], env->level, TCP_USER_TIMEOUT, 300));
		NEED(set_deaf(fd[i][1], true));
		NEED(send(fd[i][0], "x", 1, 0));
	}
	/* It wakes a blocked recv. */
	WANT(recv(fd[1][0], buf, 1, 0), -ETIMEDOUT);
	WANT_STR(api_wait(fd[0][0], POLLIN | POLLOUT | POLLRDHUP, POLLHUP),
		 "IN|OUT|ERR|HUP|RDHUP");
	WANT(recv(fd[0][0], buf, 1, 0), -ETIMEDOUT);
	WANT(send(fd[0][0], "x", 1, 0), -EPIPE);
	WANT(api_state(env, fd[0][0]), VCTP_CLOSED);
}

CASE(time_keepalive, "S5", "keepalive finds the peer that vanished, no other")
{
	int i, fd[2][2];

	for (i = 0; i < 2; i++) {
		api_pair(env, fd[i]);
		NEED(api_set(fd[i][0], env->level, TCP_KEEPIDLE, 1));
		NEED(api_set(fd[i][0], env->level, TCP_KEEPINTVL, 1));
		NEED(api_set(fd[i][0], env->level, TCP_KEEPCNT, 1));
	}
	NEED(set_deaf(fd[1][1], true));
	for (i = 0; i < 2; i++)
		NEED(api_set(fd[i][0], SOL_SOCKET, SO_KEEPALIVE, 1));
	WANT(recv(fd[1][0], buf, 1, 0), -ETIMEDOUT);
	WANT(api_state(env, fd[1][0]), VCTP_CLOSED);
	WANT(api_state(env, fd[0][0]), VCTP_ESTABLISHED);
	WANT(recv(fd[0][0], buf, 1, MSG_DONTWAIT), -EAGAIN);
	WANT(send(fd[0][1], "x", 1, 0), 1);
	WANT(recv(fd[0][0], buf, 1, 0), 1);
}

CASE(time_connect_gives_up, "S5", "connect gives up by TCP_USER_TIMEOUT")
{
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);

	NEED(set_deaf(listener, true));
	NEED(api_set(fd, env->level, TCP_USER_TIMEOUT, 300));
	NEED(api_set(fd, env->level, TCP_SYNCNT, 1));
	WANT(api_connect(env, fd, LOOP, port), -ETIMEDOUT);
	WANT(api_state(env, fd), VCTP_CLOSED);
	WANT(api_error(fd), 0);
}

CASE_FLAGS(time_linger2, "S5", "TCP_LINGER2 -1: no FIN_WAIT_2 for an orphan",
	   API_TWIN)
{
	int fd[2];

	api_pair(env, fd);
	NEED(api_set(fd[0], env->level, TCP_LINGER2, -1));
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(recv(fd[1], buf, 1, 0), 0);
	close(fd[0]);
	/* It is gone, with a RST, as soon as it is an orphan. */
	WANT_STR(api_wait(fd[1], POLLIN | POLLOUT, POLLHUP), "IN|OUT|ERR|HUP");
	WANT(api_error(fd[1]), -EPIPE);
}
