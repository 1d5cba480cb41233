// SPDX-License-Identifier: GPL-2.0
/*
 * connect(): ways to succeed, ways to fail, and what is in between.
 * Timers are to be exact, and waiting free:
 * lab: --clock virtual
 */
#include <net/if.h>
#include "api.h"

CASE(connect_blocking, "S2", "a blocking connect ends in ESTABLISHED")
{
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);

	WANT(api_connect(env, fd, LOOP, port), 0);
	WANT(api_state(env, fd), VCTP_ESTABLISHED);
	WANT(api_state(env, NEED(accept(listener, NULL, NULL))),
	     VCTP_ESTABLISHED);
	WANT(api_error(fd), 0);
}

CASE(connect_nonblocking, "S13", "EINPROGRESS, POLLOUT, SO_ERROR 0, then 0")
{
	int port, fd = api_socket(env);

	api_listener(env, 1, &port);
	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	WANT_STR(api_wait(fd, POLLIN | POLLOUT, POLLOUT), "OUT");
	WANT(api_error(fd), 0);
	/* The second call collects the result of the first. */
	WANT(api_connect(env, fd, LOOP, port), 0);
	WANT(api_connect(env, fd, LOOP, port), -EISCONN);
}

CASE(connect_again, "S13", "connect of a connected socket is EISCONN")
{
	int fd[2];

	api_pair(env, fd);
	WANT(api_connect(env, fd[0], LOOP, 7010), -EISCONN);
	WANT(api_connect(env, fd[1], LOOP, 7010), -EISCONN);
	WANT(send(fd[0], "x", 1, 0), 1);
}

CASE(connect_already, "S13", "connect while connecting is EALREADY")
{
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);

	NEED(set_deaf(listener, true));
	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	WANT(api_connect(env, fd, LOOP, port), -EALREADY);
	WANT(api_connect(env, fd, LOOP, port), -EALREADY);
	WANT(api_state(env, fd), VCTP_SYN_SENT);
}

CASE(connect_repeats_syn, "S2", "a lost SYN is repeated")
{
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);

	NEED(set_deaf(listener, true));
	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	NEED(set_deaf(listener, false));
	WANT_STR(api_wait(fd, POLLIN | POLLOUT, POLLOUT), "OUT");
	WANT(api_connect(env, fd, LOOP, port), 0);
	WANT(accept(listener, NULL, NULL) >= 0, 1);
}

CASE(connect_refused, "S13", "connect to a port without listener is refused")
{
	int port, fd = api_socket(env), again;

	WANT(api_connect(env, fd, LOOP, api_refused_port(env)),
	     -ECONNREFUSED);
	WANT(api_error(fd), 0);
	WANT_STR(api_peername(fd), "ENOTCONN");
	WANT(api_state(env, fd), VCTP_CLOSED);
	/* The same socket may try elsewhere. */
	api_listener(env, 1, &port);
	again = api_connect(env, fd, LOOP, port);
	WANT(again, 0);
}

CASE(connect_refused_unbound, "S13", "a port that nobody holds refuses too")
{
	WANT(api_connect(env, api_socket(env), LOOP, 7011), -ECONNREFUSED);
}

CASE(connect_refused_later, "S13", "a refusal comes by SO_ERROR")
{
	int fd = api_socket(env), port = api_refused_port(env);

	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	WANT_STR(api_wait(fd, POLLIN | POLLOUT | POLLRDHUP, POLLHUP),
		 "IN|OUT|ERR|HUP|RDHUP");
	WANT(api_error(fd), -ECONNREFUSED);
	WANT(api_error(fd), 0);
	WANT_STR(api_poll(fd, POLLIN | POLLOUT), "IN|OUT|HUP");
	/* The error has been taken; what is left is this one. */
	WANT(api_connect(env, fd, LOOP, port), -ECONNABORTED);
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
}

CASE(connect_refused_collected, "S13", "a refusal comes by connect")
{
	int fd = api_socket(env), port = api_refused_port(env);

	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	api_wait(fd, POLLOUT, POLLHUP);
	WANT(api_connect(env, fd, LOOP, port), -ECONNREFUSED);
	WANT(api_error(fd), 0);
}

CASE(connect_refused_io, "S13", "send and recv after a refusal")
{
	char c;
	int fd = api_socket(env), port = api_refused_port(env);

	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	api_wait(fd, POLLOUT, POLLHUP);
	WANT(recv(fd, &c, 1, 0), -ECONNREFUSED);
	NOTE(recv(fd, &c, 1, 0));
	WANT(send(fd, "x", 1, 0), -EPIPE);
	WANT(shutdown(fd, SHUT_RDWR), -ENOTCONN);
}

static int unspec(int fd)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	return connect(fd, &sa, sizeof(sa));
}

CASE(connect_unspec, "S13", "AF_UNSPEC dissolves a connection, with a RST")
{
	char c;
	int port, fd[2], listener = api_listener(env, 1, &port);

	api_join_pair(env, api_socket(env), listener, fd);
	WANT(unspec(fd[0]), 0);
	WANT(api_state(env, fd[0]), VCTP_CLOSED);
	WANT_STR(api_peername(fd[0]), "ENOTCONN");
	WANT_STR(api_wait(fd[1], POLLIN | POLLOUT | POLLRDHUP, POLLHUP),
		 "IN|OUT|ERR|HUP|RDHUP");
	WANT(recv(fd[1], &c, 1, 0), -ECONNRESET);
	NOTE(api_error(fd[0]));
	NOTE_STR(api_poll(fd[0], POLLIN | POLLOUT));
	NOTE_STR(api_sockname(fd[0]));
	/* And the socket can be used again. */
	WANT(api_connect(env, fd[0], LOOP, port), 0);
	fd[1] = NEED(accept(listener, NULL, NULL));
	WANT(send(fd[0], "x", 1, 0), 1);
	WANT(recv(fd[1], &c, 1, 0), 1);
}

CASE(connect_unspec_data, "S13", "AF_UNSPEC throws away what was not read")
{
	int port, fd[2], listener = api_listener(env, 1, &port);

	api_join_pair(env, api_socket(env), listener, fd);
	NEED(send(fd[1], "old", 3, 0));
	WANT(api_wait_queued(fd[0], FIONREAD, 3), 3);
	WANT(unspec(fd[0]), 0);
	NEED(api_connect(env, fd[0], LOOP, port));
	WANT(api_queued(fd[0], FIONREAD), 0);
}

CASE(connect_unspec_fresh, "S13", "AF_UNSPEC on a fresh or a bound socket")
{
	int fd = api_socket(env);

	WANT(unspec(fd), 0);
	NOTE(api_error(fd));
	fd = api_bound(env, LOOP, NULL);
	WANT(unspec(fd), 0);
	/* An address that the program chose stays. */
	NOTE_STR(api_sockname(fd));
}

CASE(connect_unspec_listener, "S13", "AF_UNSPEC ends a listener")
{
	int port, fd = api_listener(env, 1, &port);

	WANT(unspec(fd), 0);
	WANT(api_get(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	WANT(api_connect(env, api_socket(env), LOOP, port), -ECONNREFUSED);
	WANT(listen(fd, 1), 0);
}

CASE(connect_unspec_pending, "S13", "AF_UNSPEC gives a connect up")
{
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);

	NEED(set_deaf(listener, true));
	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	WANT(unspec(fd), 0);
	WANT(api_state(env, fd), VCTP_CLOSED);
	NOTE(api_error(fd));
	NEED(set_deaf(listener, false));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	api_wait(fd, POLLOUT, POLLOUT);
	WANT(api_connect(env, fd, LOOP, port), 0);
}

CASE(connect_any, "S13", "connect to the any-address reaches this host")
{
	int port, fd = api_socket(env);

	api_listener(env, 1, &port);
	WANT(api_connect(env, fd, ANY, port), 0);
	WANT_STR(api_peername(fd),
		 env->family == AF_INET ? "127.0.0.1 port" : "::1 port");
}

CASE(connect_multicast, "S1", "connect to multicast is ENETUNREACH")
{
	int fd = api_socket(env);

	WANT(api_connect(env, fd, MCAST, 7012), -ENETUNREACH);
	WANT(api_state(env, fd), VCTP_CLOSED);
	WANT(api_error(fd), 0);
}

CASE(connect_broadcast, "S1", "connect to broadcast is ENETUNREACH")
{
	int fd = api_socket(env);

	NEED(api_set(fd, SOL_SOCKET, SO_BROADCAST, 1));
	WANT(api_connect(env, fd, BCAST, 7013), -ENETUNREACH);
}

CASE_FLAGS(connect_limited_broadcast, "S1",
	   "connect to 255.255.255.255 is ENETUNREACH", API_V4)
{
	union api_sa sa;

	api_addr(env, &sa, ANY, 7014);
	sa.v4.sin_addr.s_addr = INADDR_BROADCAST;
	WANT(connect(api_socket(env), &sa.sa, env->len), -ENETUNREACH);
}

CASE(connect_no_route, "S6", "no route is ENETUNREACH")
{
	int fd = api_socket(env);

	WANT(api_connect(env, fd, NONLOCAL, 7015), -ENETUNREACH);
	WANT(api_error(fd), 0);
	WANT_STR(api_peername(fd), "ENOTCONN");
	NOTE_STR(api_sockname(fd));
}

CASE(connect_self, "S2", "a socket that connects to itself")
{
	char buf[4] = "";
	int port, fd = api_bound(env, LOOP, &port);

	WANT(api_connect(env, fd, LOOP, port), 0);
	WANT(api_state(env, fd), VCTP_ESTABLISHED);
	WANT(send(fd, "echo", 4, 0), 4);
	WANT(recv(fd, buf, 4, MSG_WAITALL), 4);
	WANT(memcmp(buf, "echo", 4), 0);
	WANT(shutdown(fd, SHUT_WR), 0);
	WANT(recv(fd, buf, 4, 0), 0);
}

CASE(connect_simultaneous, "S2", "two sockets connect to each other")
{
	char buf[4];
	int a_port, b_port;
	int a = api_bound(env, LOOP, &a_port), b = api_bound(env, LOOP, &b_port);

	/* Deaf to the RST, the first stays in SYN_SENT until the second is. */
	NEED(set_deaf(a, true));
	NEED(api_nonblock(a));
	WANT(api_connect(env, a, LOOP, b_port), -EINPROGRESS);
	WANT(api_state(env, a), VCTP_SYN_SENT);
	NEED(set_deaf(a, false));
	WANT(api_connect(env, b, LOOP, a_port), 0);
	WANT_STR(api_wait(a, POLLOUT, POLLOUT), "OUT");
	WANT(api_wait_state(env, a, VCTP_ESTABLISHED), VCTP_ESTABLISHED);
	WANT(send(a, "abc", 3, 0), 3);
	WANT(recv(b, buf, 3, MSG_WAITALL), 3);
	WANT(send(b, "de", 2, 0), 2);
	WANT_STR(api_wait(a, POLLIN, POLLIN), "IN");
	WANT(recv(a, buf, 4, 0), 2);
}

CASE(connect_listener, "S13", "connect of a listener is EISCONN")
{
	int port, fd = api_listener(env, 1, NULL);

	api_listener(env, 1, &port);
	WANT(api_connect(env, fd, LOOP, port), -EISCONN);
	WANT(api_get(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
}

CASE(connect_timeout, "S13", "SO_SNDTIMEO bounds a connect: EINPROGRESS")
{
	struct timeval tv = { .tv_usec = 50000 };
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);
	long start = api_ms();

	NEED(set_deaf(listener, true));
	NEED(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	WANT(api_ms() - start >= 40, 1);
	WANT(api_connect(env, fd, LOOP, port), -EALREADY);
}

CASE(connect_bound_source, "S13", "a bound source is the one the peer sees")
{
	union api_sa sa;
	socklen_t len = sizeof(sa);
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);

	NEED(api_bind(env, fd, OTHER, 7016));
	WANT(api_connect(env, fd, LOOP, port), 0);
	NEED(accept(listener, &sa.sa, &len));
	WANT_STR(api_name(&sa),
		 env->family == AF_INET ? "10.9.0.1" : "fd00:9::1");
	WANT(api_port(&sa), 7016);
	WANT(len, env->len);
}

CASE(connect_bound_any, "S13", "bound to the any-address, the route chooses")
{
	int port, fd = api_bound(env, ANY, NULL);

	api_listener(env, 1, &port);
	WANT(api_connect(env, fd, LOOP, port), 0);
	WANT_STR(api_sockname(fd),
		 env->family == AF_INET ? "127.0.0.1 port" : "::1 port");
}

CASE(connect_device, "S13", "bound to a device that leads there")
{
	int port, fd = api_socket(env);

	api_listener(env, 1, &port);
	WANT(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2), 0);
	WANT(api_connect(env, fd, LOOP, port), 0);
	WANT(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "nodev", 5), -ENODEV);
}

CASE(connect_same_tuple, "S13", "a 4-tuple that lives is EADDRNOTAVAIL")
{
	int i, port, other, fd[2];

	api_listener(env, 4, &port);
	api_listener(env, 4, &other);
	for (i = 0; i < 2; i++) {
		fd[i] = api_socket(env);
		NEED(api_set(fd[i], SOL_SOCKET, SO_REUSEADDR, 1));
		WANT(api_bind(env, fd[i], LOOP, 7017), 0);
	}
	WANT(api_connect(env, fd[0], LOOP, port), 0);
	WANT(api_connect(env, fd[1], LOOP, port), -EADDRNOTAVAIL);
	WANT(api_connect(env, fd[1], LOOP, other), 0);
}

CASE(connect_time_wait, "B1", "a 4-tuple in TIME_WAIT is used again at once")
{
	int i, port, fd[2], listener = api_listener(env, 4, &port);

	for (i = 0; i < 2; i++) {
		int client = api_socket(env);

		NEED(api_set(client, SOL_SOCKET, SO_REUSEADDR, 1));
		NEED(api_bind(env, client, LOOP, 7018));
		if (i) {
			WANT(api_connect(env, client, LOOP, port), 0);
			break;
		}
		api_join_pair(env, client, listener, fd);
		NEED(shutdown(fd[0], SHUT_WR));
		NEED(shutdown(fd[1], SHUT_WR));
		WANT(api_drain(fd[0]), 0);
		close(fd[0]);
	}
}

CASE(connect_family, "S13", "connect to an address of another family")
{
	union api_sa sa;
	int fd = api_socket(env);

	api_addr(env, &sa, LOOP, 7019);
	sa.sa.sa_family = AF_UNIX;
	WANT(connect(fd, &sa.sa, env->len), -EAFNOSUPPORT);
	sa.sa.sa_family = env->family == AF_INET ? AF_INET6 : AF_INET;
	NOTE(connect(fd, &sa.sa, sizeof(sa.v6)));
}

CASE(connect_short, "S13", "an address cut short is EINVAL")
{
	union api_sa sa;
	int fd = api_socket(env);

	api_addr(env, &sa, LOOP, 7020);
	WANT(connect(fd, &sa.sa, 0), -EINVAL);
	WANT(connect(fd, &sa.sa, 1), -EINVAL);
	WANT(connect(fd, &sa.sa, 15), -EINVAL);
	NOTE(connect(fd, &sa.sa, env->len - 4));
}

CASE(connect_fault, "S13", "an address that cannot be read is EFAULT")
{
	struct sockaddr *nowhere = api_nowhere();
	int fd = api_socket(env);

	WANT(connect(fd, nowhere, env->len), -EFAULT);
}

CASE(connect_port_zero, "S13", "connect to port 0 is refused")
{
	WANT(api_connect(env, api_socket(env), LOOP, 0), -ECONNREFUSED);
}

CASE(connect_interrupted, "S13", "a signal interrupts connect, not its course")
{
	int status, port, fd = api_socket(env);
	int listener = api_listener(env, 1, &port);
	pid_t me = getpid(), pid;

	NEED(set_deaf(listener, true));
	api_catch(SIGUSR1, 0);
	pid = NEED(fork());
	if (!pid) {
		api_pid_blocked(me);
		kill(me, SIGUSR1);
		_exit(0);
	}
	WANT(api_connect(env, fd, LOOP, port), -EINTR);
	WANT(api_caught, 1);
	WANT(api_state(env, fd), VCTP_SYN_SENT);
	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EALREADY);
	status = api_child_ended(pid);
	WANT(status, 0);
}

CASE(connect_pending_io, "S13", "send and recv while connecting")
{
	char c;
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);

	NEED(set_deaf(listener, true));
	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	WANT(send(fd, "x", 1, 0), -EAGAIN);
	WANT(recv(fd, &c, 1, 0), -EAGAIN);
	WANT_STR(api_poll(fd, POLLIN | POLLOUT | POLLRDHUP), "none");
	WANT_STR(api_peername(fd), "ENOTCONN");
	WANT_STR(api_sockname(fd),
		 env->family == AF_INET ? "127.0.0.1 port" : "::1 port");
}

CASE(connect_pending_shutdown, "S13", "shutdown while connecting")
{
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);

	NEED(set_deaf(listener, true));
	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	NOTE(shutdown(fd, SHUT_WR));
	NOTE(api_state(env, fd));
	NOTE_STR(api_poll(fd, POLLIN | POLLOUT | POLLRDHUP));
	NOTE(api_error(fd));
	NEED(set_deaf(listener, false));
	NOTE(api_connect(env, fd, LOOP, port));
}

CASE(connect_pending_listen, "S13", "listen while connecting is EINVAL")
{
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);

	NEED(set_deaf(listener, true));
	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	WANT(listen(fd, 1), -EINVAL);
	WANT(accept(fd, NULL, NULL), -EINVAL);
}

CASE(connect_blocked_send, "S13", "a blocking send waits for the handshake")
{
	struct api_call call = { .fn = api_call_send, .buf = "abc", .len = 3 };
	char buf[3];
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);

	NEED(set_deaf(listener, true));
	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	NEED(fcntl(fd, F_SETFL, O_RDWR));
	call.fd = fd;
	api_call_start(&call);
	api_call_blocked(&call);
	NEED(set_deaf(listener, false));
	WANT(api_call_join(&call), 3);
	fd = NEED(accept(listener, NULL, NULL));
	WANT(recv(fd, buf, 3, MSG_WAITALL), 3);
}

CASE(connect_many, "S2", "two hundred connections, one after the other")
{
	int i, port, done = 0, fd[2], listener = api_listener(env, 1, &port);

	for (i = 0; i < 200; i++) {
		api_join_pair(env, api_socket(env), listener, fd);
		done += send(fd[0], "x", 1, 0) == 1;
		close(fd[0]);
		done += api_drain(fd[1]) == 1;
		close(fd[1]);
	}
	WANT(done, 400);
}
