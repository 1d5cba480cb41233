// SPDX-License-Identifier: GPL-2.0
/* accept() and accept4(): whom they return, and what that socket inherits. */
#include <fcntl.h>
#include <sys/resource.h>
#include "api.h"

CASE(accept_plain, "S13", "accept returns a blocking socket of its own")
{
	int port, fd[2], listener = api_listener(env, 1, &port);

	NEED(api_nonblock(listener));
	NEED(fcntl(listener, F_SETFD, FD_CLOEXEC));
	NEED(api_connect(env, api_socket(env), LOOP, port));
	api_wait(listener, POLLIN, POLLIN);
	fd[1] = NEED(accept(listener, NULL, NULL));
	WANT(fcntl(fd[1], F_GETFL), O_RDWR);
	WANT(fcntl(fd[1], F_GETFD), 0);
	WANT(api_get(fd[1], SOL_SOCKET, SO_ACCEPTCONN), 0);
}

CASE(accept_flags, "S13", "accept4 sets SOCK_NONBLOCK and SOCK_CLOEXEC")
{
	char c;
	int port, fd, listener = api_listener(env, 1, &port);

	NEED(api_connect(env, api_socket(env), LOOP, port));
	fd = NEED(accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
	WANT(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	WANT(fcntl(fd, F_GETFD), FD_CLOEXEC);
	WANT(recv(fd, &c, 1, 0), -EAGAIN);
}

CASE(accept_bad_flags, "S13", "accept4 with unknown flags is EINVAL")
{
	int port, listener = api_listener(env, 1, &port);

	NEED(api_connect(env, api_socket(env), LOOP, port));
	WANT(accept4(listener, NULL, NULL, 1), -EINVAL);
	WANT(accept4(listener, NULL, NULL, 0) >= 0, 1);
}

CASE(accept_empty, "S13", "a non-blocking accept of nobody is EAGAIN")
{
	int listener = api_listener(env, 1, NULL);

	NEED(api_nonblock(listener));
	WANT(accept(listener, NULL, NULL), -EAGAIN);
	WANT(accept4(listener, NULL, NULL, SOCK_NONBLOCK), -EAGAIN);
}

CASE(accept_not_listening, "S13", "accept on what does not listen is EINVAL")
{
	int fd[2];

	api_pair(env, fd);
	WANT(accept(fd[0], NULL, NULL), -EINVAL);
	WANT(accept(fd[1], NULL, NULL), -EINVAL);
	WANT(accept(api_bound(env, LOOP, NULL), NULL, NULL), -EINVAL);
}

CASE(accept_address, "S13", "accept tells the peer's address and port")
{
	union api_sa sa;
	socklen_t len = sizeof(sa);
	int port, client = api_socket(env);
	int listener = api_listener(env, 1, &port);

	NEED(api_connect(env, client, LOOP, port));
	NEED(accept(listener, &sa.sa, &len));
	WANT(len, env->len);
	WANT(sa.sa.sa_family, env->family);
	WANT_STR(api_name(&sa), env->family == AF_INET ? "127.0.0.1" : "::1");
	WANT(api_port(&sa) == api_local_port(client), 1);
}

CASE(accept_address_short, "S13", "accept cuts an address short, tells so")
{
	union api_sa sa;
	socklen_t len = 4;
	int port, listener = api_listener(env, 1, &port);

	memset(&sa, 0x5a, sizeof(sa));
	NEED(api_connect(env, api_socket(env), LOOP, port));
	NEED(accept(listener, &sa.sa, &len));
	WANT(len, env->len);
	WANT(sa.sa.sa_family, env->family);
	WANT(((unsigned char *)&sa)[4], 0x5a);
}

CASE(accept_address_bad, "S13", "a bad address length or pointer")
{
	union api_sa sa;
	socklen_t len = -1;
	struct sockaddr *nowhere = api_nowhere();
	int port, listener = api_listener(env, 4, &port);

	NEED(api_connect(env, api_socket(env), LOOP, port));
	NEED(api_connect(env, api_socket(env), LOOP, port));
	WANT(accept(listener, &sa.sa, &len), -EINVAL);
	len = sizeof(sa);
	WANT(accept(listener, nowhere, &len), -EFAULT);
	/* Both have taken a connection with them. */
	NEED(api_nonblock(listener));
	NOTE(accept(listener, NULL, NULL));
}

CASE(accept_order, "S13", "first come, first accepted")
{
	int i, port, listener = api_listener(env, 8, &port), ordered = 0;
	char c;

	for (i = 0; i < 8; i++) {
		int client = api_socket(env);

		c = '0' + i;
		NEED(api_connect(env, client, LOOP, port));
		NEED(send(client, &c, 1, 0));
	}
	for (i = 0; i < 8; i++) {
		int fd = NEED(accept(listener, NULL, NULL));

		ordered += recv(fd, &c, 1, 0) == 1 && c == '0' + i;
	}
	WANT(ordered, 8);
}

CASE(accept_inherits, "S13", "an accepted socket inherits SOL_SOCKET options")
{
	struct linger linger = { 1, 7 };
	socklen_t len = sizeof(linger);
	struct timeval tv = { .tv_sec = 3 };
	int port, fd, listener = api_listener(env, 1, &port);

	NEED(api_set(listener, SOL_SOCKET, SO_KEEPALIVE, 1));
	NEED(api_set(listener, SOL_SOCKET, SO_OOBINLINE, 1));
	NEED(api_set(listener, SOL_SOCKET, SO_REUSEADDR, 1));
	NEED(api_set(listener, SOL_SOCKET, SO_PRIORITY, 3));
	NEED(api_set(listener, SOL_SOCKET, SO_MARK, 9));
	NEED(api_set(listener, SOL_SOCKET, SO_RCVLOWAT, 5));
	NEED(api_set(listener, SOL_SOCKET, SO_DONTROUTE, 1));
	NEED(setsockopt(listener, SOL_SOCKET, SO_LINGER, &linger, len));
	NEED(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	NEED(api_connect(env, api_socket(env), LOOP, port));
	fd = NEED(accept(listener, NULL, NULL));
	WANT(api_get(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	WANT(api_get(fd, SOL_SOCKET, SO_OOBINLINE), 1);
	WANT(api_get(fd, SOL_SOCKET, SO_REUSEADDR), 1);
	NOTE(api_get(fd, SOL_SOCKET, SO_PRIORITY));
	NOTE(api_get(fd, SOL_SOCKET, SO_MARK));
	WANT(api_get(fd, SOL_SOCKET, SO_RCVLOWAT), 5);
	WANT(api_get(fd, SOL_SOCKET, SO_DONTROUTE), 1);
	linger.l_linger = 0;
	NEED(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
	WANT(linger.l_onoff, 1);
	WANT(linger.l_linger, 7);
	len = sizeof(tv);
	tv.tv_sec = 0;
	NEED(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	WANT(tv.tv_sec, 3);
}

CASE(accept_inherits_buffers, "S13", "an accepted socket inherits buffers")
{
	int port, fd, listener = api_listener(env, 1, &port);

	NEED(api_set(listener, SOL_SOCKET, SO_RCVBUF, 30000));
	NEED(api_set(listener, SOL_SOCKET, SO_SNDBUF, 40000));
	NEED(api_connect(env, api_socket(env), LOOP, port));
	fd = NEED(accept(listener, NULL, NULL));
	WANT(api_get(fd, SOL_SOCKET, SO_RCVBUF), 60000);
	WANT(api_get(fd, SOL_SOCKET, SO_SNDBUF), 80000);
}

CASE_FLAGS(accept_inherits_tcp, "S13",
	   "an accepted socket inherits transport options", API_TWIN)
{
	int port, fd, listener = api_listener(env, 1, &port);

	NEED(api_set(listener, env->level, TCP_NODELAY, 1));
	NEED(api_set(listener, env->level, TCP_KEEPIDLE, 11));
	NEED(api_set(listener, env->level, TCP_KEEPINTVL, 12));
	NEED(api_set(listener, env->level, TCP_KEEPCNT, 13));
	NEED(api_set(listener, env->level, TCP_USER_TIMEOUT, 1400));
	NEED(api_set(listener, env->level, TCP_LINGER2, 15));
	NEED(api_set(listener, env->level, TCP_NOTSENT_LOWAT, 16));
	NEED(setsockopt(listener, env->level, TCP_CONGESTION, "reno", 4));
	NEED(api_connect(env, api_socket(env), LOOP, port));
	fd = NEED(accept(listener, NULL, NULL));
	WANT(api_get(fd, env->level, TCP_NODELAY), 1);
	WANT(api_get(fd, env->level, TCP_KEEPIDLE), 11);
	WANT(api_get(fd, env->level, TCP_KEEPINTVL), 12);
	WANT(api_get(fd, env->level, TCP_KEEPCNT), 13);
	WANT(api_get(fd, env->level, TCP_USER_TIMEOUT), 1400);
	WANT(api_get(fd, env->level, TCP_LINGER2), 15);
	WANT(api_get(fd, env->level, TCP_NOTSENT_LOWAT), 16);
	WANT(api_get(fd, env->level, TCP_CONGESTION), 0x6f6e6572);
}

CASE(accept_inherits_ip, "S13", "an accepted socket inherits IP options")
{
	bool v4 = env->family == AF_INET;
	int level = v4 ? SOL_IP : SOL_IPV6;
	int ttl = v4 ? IP_TTL : IPV6_UNICAST_HOPS;
	int port, fd, listener = api_listener(env, 1, &port);

	NEED(api_set(listener, level, ttl, 33));
	NEED(api_set(listener, level, v4 ? IP_TOS : IPV6_TCLASS, 0x10));
	NEED(api_set(listener, level, v4 ? IP_RECVERR : IPV6_RECVERR, 1));
	NEED(api_connect(env, api_socket(env), LOOP, port));
	fd = NEED(accept(listener, NULL, NULL));
	WANT(api_get(fd, level, ttl), 33);
	NOTE(api_get(fd, level, v4 ? IP_TOS : IPV6_TCLASS));
	WANT(api_get(fd, level, v4 ? IP_RECVERR : IPV6_RECVERR), 1);
}

CASE(accept_blocked, "S13", "a blocked accept is woken by a connection")
{
	struct api_call call = { .fn = api_call_accept };
	int port;

	call.fd = api_listener(env, 1, &port);
	api_call_start(&call);
	api_call_blocked(&call);
	NEED(api_connect(env, api_socket(env), LOOP, port));
	WANT(api_call_join(&call) >= 0, 1);
}

CASE(accept_blocked_two, "S13", "one connection wakes one of two")
{
	struct api_call a = { .fn = api_call_accept }, b = a;
	int port;

	a.fd = api_listener(env, 2, &port);
	b.fd = a.fd;
	api_call_start(&a);
	api_call_start(&b);
	api_call_blocked(&a);
	api_call_blocked(&b);
	NEED(api_connect(env, api_socket(env), LOOP, port));
	NEED(api_connect(env, api_socket(env), LOOP, port));
	WANT(api_call_join(&a) >= 0, 1);
	WANT(api_call_join(&b) >= 0, 1);
	WANT(a.rc != b.rc, 1);
}

CASE(accept_blocked_shutdown, "S13", "shutdown wakes a blocked accept: EINVAL")
{
	struct api_call call = { .fn = api_call_accept };

	call.fd = api_listener(env, 1, NULL);
	api_call_start(&call);
	api_call_blocked(&call);
	WANT(shutdown(call.fd, SHUT_RDWR), 0);
	WANT(api_call_join(&call), -EINVAL);
}

CASE(accept_signal, "S13", "a signal interrupts accept, or restarts it")
{
	int port, listener = api_listener(env, 1, &port), turn;
	pid_t me = getpid(), pid;

	for (turn = 0; turn < 2; turn++) {
		api_catch(SIGUSR1, turn ? SA_RESTART : 0);
		pid = NEED(fork());
		if (!pid) {
			api_pid_blocked(me);
			kill(me, SIGUSR1);
			api_pid_blocked(me);
			if (turn)
				api_connect(env, api_socket(env), LOOP, port);
			_exit(0);
		}
		if (turn)
			WANT(accept(listener, NULL, NULL) >= 0, 1);
		else
			WANT(accept(listener, NULL, NULL), -EINTR);
		WANT(api_caught, 1);
		WANT(api_child_ended(pid), 0);
	}
}

CASE(accept_timeout, "S13", "SO_RCVTIMEO bounds accept: EAGAIN")
{
	struct timeval tv = { .tv_usec = 40000 };
	int listener = api_listener(env, 1, NULL);
	long start = api_ms();

	NEED(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	WANT(accept(listener, NULL, NULL), -EAGAIN);
	WANT(api_ms() - start >= 30, 1);
}

CASE_FLAGS(accept_deferred, "S13", "TCP_DEFER_ACCEPT waits for data", API_TWIN)
{
	char c;
	int port, fd, client = api_socket(env);
	int listener = api_listener(env, 1, &port);

	NEED(api_set(listener, env->level, TCP_DEFER_ACCEPT, 5));
	NEED(api_nonblock(listener));
	WANT(api_connect(env, client, LOOP, port), 0);
	WANT(accept(listener, NULL, NULL), -EAGAIN);
	WANT_STR(api_poll(listener, POLLIN), "none");
	WANT(send(client, "x", 1, 0), 1);
	WANT_STR(api_wait(listener, POLLIN, POLLIN), "IN");
	fd = NEED(accept(listener, NULL, NULL));
	WANT(recv(fd, &c, 1, MSG_DONTWAIT), 1);
}

CASE(accept_limit, "S13", "accept past the limit of files is EMFILE")
{
	struct rlimit few = { 40, 40 };
	int port, listener = api_listener(env, 2, &port), fd = -1, next;

	NEED(setrlimit(RLIMIT_NOFILE, &few));
	NEED(api_connect(env, api_socket(env), LOOP, port));
	api_wait(listener, POLLIN, POLLIN);
	while ((next = dup(listener)) >= 0)
		fd = next;
	WANT(accept(listener, NULL, NULL), -EMFILE);
	close(fd);
	/* Nobody was lost. */
	WANT(accept(listener, NULL, NULL) >= 0, 1);
}
