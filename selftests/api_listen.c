// SPDX-License-Identifier: GPL-2.0
/* listen(): what a listener is, how many it holds, and how it ends. */
#include <linux/sockios.h>
#include "api.h"

CASE(listen_state, "S2", "a listener is in LISTEN, and says so")
{
	int fd = api_listener(env, 1, NULL);

	WANT(api_state(env, fd), VCTP_LISTEN);
	WANT(api_get(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
	WANT_STR(api_peername(fd), "ENOTCONN");
}

CASE(listen_autobind, "S13", "listen without bind chooses a port")
{
	int fd = api_socket(env);

	WANT(listen(fd, 1), 0);
	WANT_STR(api_sockname(fd),
		 env->family == AF_INET ? "0.0.0.0 port" : ":: port");
	WANT(api_connect(env, api_socket(env), LOOP, api_local_port(fd)), 0);
}

CASE(listen_twice, "S13", "a second listen changes the backlog")
{
	int i, port, fd = api_listener(env, 0, &port);

	WANT(listen(fd, 16), 0);
	for (i = 0; i < 8; i++)
		NEED(api_connect(env, api_socket(env), LOOP, port));
	for (i = 0; i < 8; i++)
		NEED(accept(fd, NULL, NULL));
	WANT(listen(fd, 0), 0);
	WANT(api_get(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
}

CASE(listen_negative, "S13", "a negative backlog means a large one")
{
	int i, port, fd = api_bound(env, LOOP, &port);

	WANT(listen(fd, -1), 0);
	for (i = 0; i < 8; i++)
		NEED(api_connect(env, api_socket(env), LOOP, port));
	WANT(i, 8);
}

CASE(listen_zero, "S13", "a backlog of 0 still takes one")
{
	int port, fd = api_listener(env, 0, &port);

	WANT(api_connect(env, api_socket(env), LOOP, port), 0);
	WANT(accept(fd, NULL, NULL) >= 0, 1);
}

CASE(listen_connected, "S13", "listen on a connected socket is EINVAL")
{
	int fd[2];

	api_pair(env, fd);
	WANT(listen(fd[0], 1), -EINVAL);
	WANT(listen(fd[1], 1), -EINVAL);
}

CASE(listen_io, "S13", "a listener neither sends nor receives")
{
	char c;
	int fd = api_listener(env, 1, NULL);

	WANT(recv(fd, &c, 1, 0), -ENOTCONN);
	WANT(recv(fd, &c, 1, MSG_DONTWAIT), -ENOTCONN);
	WANT(send(fd, "x", 1, 0), -EPIPE);
	WANT(api_queued(fd, SIOCINQ), -EINVAL);
	WANT(api_queued(fd, SIOCOUTQ), -EINVAL);
	WANT(api_error(fd), 0);
}

CASE(listen_poll, "S13", "a listener is readable when one waits")
{
	int port, fd = api_listener(env, 2, &port);

	WANT_STR(api_poll(fd, POLLIN | POLLOUT | POLLRDHUP), "none");
	NEED(api_connect(env, api_socket(env), LOOP, port));
	WANT_STR(api_wait(fd, POLLIN | POLLOUT | POLLRDNORM, POLLIN),
		 "IN|RDNORM");
	NEED(accept(fd, NULL, NULL));
	WANT_STR(api_poll(fd, POLLIN | POLLOUT), "none");
}

CASE(listen_shutdown_rd, "S13", "SHUT_RD ends a listener, listen revives it")
{
	int fd = api_socket(env);

	/* A port that the program did not choose would be given up. */
	NEED(api_bind(env, fd, LOOP, 7030));
	NEED(listen(fd, 1));
	WANT(shutdown(fd, SHUT_RD), 0);
	WANT(accept(fd, NULL, NULL), -EINVAL);
	WANT(api_get(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	WANT(api_connect(env, api_socket(env), LOOP, 7030), -ECONNREFUSED);
	WANT_STR(api_poll(fd, POLLIN | POLLOUT | POLLRDHUP), "OUT|HUP");
	WANT(listen(fd, 1), 0);
	WANT(api_connect(env, api_socket(env), LOOP, 7030), 0);
	WANT(accept(fd, NULL, NULL) >= 0, 1);
}

CASE(listen_shutdown_port, "S13", "an ephemeral port is given up by SHUT_RD")
{
	int port, fd = api_listener(env, 1, &port);

	WANT(shutdown(fd, SHUT_RD), 0);
	NOTE(api_local_port(fd) != 0);
	WANT(api_bind(env, api_socket(env), LOOP, port), 0);
	WANT(listen(fd, 1), 0);
	WANT(api_connect(env, api_socket(env), LOOP, api_local_port(fd)), 0);
}

CASE(listen_shutdown_wr, "S13", "SHUT_WR does nothing to a listener")
{
	int port, fd = api_listener(env, 1, &port);

	WANT(shutdown(fd, SHUT_WR), 0);
	WANT(api_connect(env, api_socket(env), LOOP, port), 0);
	WANT(accept(fd, NULL, NULL) >= 0, 1);
	WANT(shutdown(fd, SHUT_RDWR), 0);
	WANT(accept(fd, NULL, NULL), -EINVAL);
	WANT(shutdown(fd, SHUT_RDWR), -ENOTCONN);
}

CASE(listen_shutdown_pending, "S13", "SHUT_RD resets those who wait")
{
	char c;
	int port, fd = api_listener(env, 1, &port), client = api_socket(env);

	NEED(api_connect(env, client, LOOP, port));
	WANT_STR(api_wait(fd, POLLIN, POLLIN), "IN");
	WANT(shutdown(fd, SHUT_RD), 0);
	WANT(recv(client, &c, 1, 0), -ECONNRESET);
}

CASE(listen_close_pending, "S13", "closing a listener resets those who wait")
{
	char c;
	int i, port, fd = api_listener(env, 4, &port), client[3];

	for (i = 0; i < 3; i++) {
		client[i] = api_socket(env);
		NEED(api_connect(env, client[i], LOOP, port));
		NEED(send(client[i], "early", 5, 0));
	}
	WANT_STR(api_wait(fd, POLLIN, POLLIN), "IN");
	close(fd);
	for (i = 0; i < 3; i++) {
		WANT(recv(client[i], &c, 1, 0), -ECONNRESET);
		WANT(recv(client[i], &c, 1, 0), 0);
		WANT(send(client[i], "x", 1, 0), -EPIPE);
	}
	WANT(api_connect(env, api_socket(env), LOOP, port), -ECONNREFUSED);
}

CASE(listen_close_accepted, "S13", "accepted connections outlive the listener")
{
	char c;
	int fd[2];

	api_pair(env, fd);
	WANT(send(fd[0], "x", 1, 0), 1);
	WANT(recv(fd[1], &c, 1, 0), 1);
	WANT(send(fd[1], "y", 1, 0), 1);
	WANT(recv(fd[0], &c, 1, 0), 1);
}

CASE(listen_overflow, "S13", "past the backlog they wait, and none is lost")
{
	int i, port, fd = api_listener(env, 1, &port), client[4], sum = 0;
	char c;

	NEED(api_nonblock(fd));
	for (i = 0; i < 4; i++) {
		client[i] = api_socket(env);
		NEED(api_nonblock(client[i]));
		WANT(api_connect(env, client[i], LOOP, port), -EINPROGRESS);
		if (i < 2)
			api_wait(client[i], POLLOUT, POLLOUT);
	}
	/* A queue of 1 holds 2, as it always has. */
	for (i = 0; i < 4; i++) {
		int conn;

		WANT_STR(api_wait(fd, POLLIN, POLLIN), "IN");
		conn = NEED(accept(fd, NULL, NULL));
		NEED(send(conn, "x", 1, 0));
	}
	for (i = 0; i < 4; i++) {
		WANT_STR(api_wait(client[i], POLLIN, POLLIN), "IN");
		sum += recv(client[i], &c, 1, 0);
	}
	WANT(sum, 4);
	WANT(accept(fd, NULL, NULL), -EAGAIN);
}

CASE(listen_early_data, "S13", "data sent before accept is there at accept")
{
	char buf[5];
	int port, fd = api_listener(env, 1, &port), client = api_socket(env);

	NEED(api_connect(env, client, LOOP, port));
	WANT(send(client, "early", 5, 0), 5);
	WANT(shutdown(client, SHUT_WR), 0);
	fd = NEED(accept(fd, NULL, NULL));
	WANT(recv(fd, buf, 5, MSG_WAITALL), 5);
	WANT(memcmp(buf, "early", 5), 0);
	WANT(recv(fd, buf, 5, 0), 0);
}

CASE(listen_early_close, "S13", "a client that came and left is accepted")
{
	char c;
	int port, fd = api_listener(env, 1, &port), client = api_socket(env);

	NEED(api_connect(env, client, LOOP, port));
	close(client);
	fd = NEED(accept(fd, NULL, NULL));
	WANT(recv(fd, &c, 1, 0), 0);
	WANT_STR(api_wait(fd, POLLIN | POLLOUT | POLLRDHUP, POLLRDHUP),
		 "IN|OUT|RDHUP");
}

CASE(listen_early_reset, "S13", "a client that reset is accepted all the same")
{
	struct linger hard = { .l_onoff = 1 };
	char c;
	int port, fd = api_listener(env, 1, &port), client = api_socket(env);

	NEED(api_connect(env, client, LOOP, port));
	WANT_STR(api_wait(fd, POLLIN, POLLIN), "IN");
	NEED(setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(client);
	fd = NEED(accept(fd, NULL, NULL));
	WANT_STR(api_peername(fd), "ENOTCONN");
	WANT(recv(fd, &c, 1, 0), -ECONNRESET);
	WANT(recv(fd, &c, 1, 0), 0);
}

CASE(listen_most_specific, "S13", "the more specific listener gets the call")
{
	int port, any = api_socket(env), one = api_socket(env);

	NEED(api_set(any, SOL_SOCKET, SO_REUSEADDR, 1));
	NEED(api_set(one, SOL_SOCKET, SO_REUSEADDR, 1));
	NEED(api_bind(env, one, OTHER, 0));
	port = api_local_port(one);
	NEED(api_bind(env, any, LOOP, port));
	NEED(listen(one, 1));
	NEED(listen(any, 1));
	NEED(api_connect(env, api_socket(env), OTHER, port));
	WANT_STR(api_wait(one, POLLIN, POLLIN), "IN");
	WANT_STR(api_poll(any, POLLIN), "none");
	NEED(api_connect(env, api_socket(env), LOOP, port));
	WANT_STR(api_wait(any, POLLIN, POLLIN), "IN");
}

CASE(listen_device, "S13", "a listener bound to a device")
{
	int port, fd = api_socket(env);

	WANT(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), 0);
	NEED(api_bind(env, fd, ANY, 0));
	port = api_local_port(fd);
	WANT(listen(fd, 1), 0);
	WANT(api_connect(env, api_socket(env), LOOP, port), 0);
	fd = NEED(accept(fd, NULL, NULL));
	WANT(api_get(fd, SOL_SOCKET, SO_BINDTOIFINDEX), 1);
}

CASE(listen_filter, "S13", "a listener's socket filter is asked")
{
	int port, client = api_socket(env), fd = api_listener(env, 1, &port);

	NEED(set_deaf(fd, true));
	NEED(api_nonblock(client));
	WANT(api_connect(env, client, LOOP, port), -EINPROGRESS);
	WANT_STR(api_poll(fd, POLLIN), "none");
	WANT(api_state(env, client), VCTP_SYN_SENT);
}
