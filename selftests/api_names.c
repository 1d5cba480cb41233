// SPDX-License-Identifier: GPL-2.0
/* getsockname() and getpeername(), in each state. */
#include "api.h"

static const char *loop_port(const struct api_env *env)
{
	return env->family == AF_INET ? "127.0.0.1 port" : "::1 port";
}

CASE(names_connected, "S13", "both ends name each other")
{
	int fd[2];

	api_pair(env, fd);
	WANT_STR(api_sockname(fd[0]), loop_port(env));
	WANT_STR(api_peername(fd[0]), loop_port(env));
	WANT_STR(api_sockname(fd[1]), loop_port(env));
	WANT_STR(api_peername(fd[1]), loop_port(env));
	WANT(api_local_port(fd[0]) != api_local_port(fd[1]), 1);
}

CASE(names_any_listener, "S13", "accepted from any, the address is specific")
{
	int fd, port, listener = api_bound(env, ANY, &port);

	NEED(listen(listener, 1));
	NEED(api_connect(env, api_socket(env), OTHER, port));
	fd = NEED(accept(listener, NULL, NULL));
	WANT_STR(api_sockname(fd),
		 env->family == AF_INET ? "10.9.0.1 port" : "fd00:9::1 port");
	WANT(api_local_port(fd) == port, 1);
}

CASE(names_short, "S13", "a name cut short tells its whole length")
{
	union api_sa sa;
	socklen_t len = 2;
	int fd[2];

	api_pair(env, fd);
	memset(&sa, 0x5a, sizeof(sa));
	WANT(getpeername(fd[0], &sa.sa, &len), 0);
	WANT(len, env->len);
	WANT(sa.sa.sa_family, env->family);
	WANT(((unsigned char *)&sa)[2], 0x5a);
	len = 0;
	WANT(getsockname(fd[0], &sa.sa, &len), 0);
	WANT(len, env->len);
	len = -1;
	WANT(getsockname(fd[0], &sa.sa, &len), -EINVAL);
	WANT(getpeername(fd[0], &sa.sa, &len), -EINVAL);
}

CASE(names_fault, "S13", "a name that cannot be written is EFAULT")
{
	struct sockaddr *nowhere = api_nowhere();
	socklen_t *nothing = api_nowhere();
	union api_sa sa;
	socklen_t len = sizeof(sa);
	int fd[2];

	api_pair(env, fd);
	WANT(getsockname(fd[0], nowhere, &len), -EFAULT);
	len = sizeof(sa);
	WANT(getpeername(fd[0], nowhere, &len), -EFAULT);
	WANT(getsockname(fd[0], &sa.sa, nothing), -EFAULT);
}

CASE(names_closing, "S3", "names through the states of a close")
{
	int fd[2];

	api_pair(env, fd);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_wait_state(env, fd[0], VCTP_FIN_WAIT_2), VCTP_FIN_WAIT_2);
	WANT(api_wait_state(env, fd[1], VCTP_CLOSE_WAIT), VCTP_CLOSE_WAIT);
	WANT_STR(api_peername(fd[0]), loop_port(env));
	WANT_STR(api_peername(fd[1]), loop_port(env));
	NEED(shutdown(fd[1], SHUT_WR));
	WANT(api_wait_state(env, fd[0], VCTP_CLOSED), VCTP_CLOSED);
	WANT(api_wait_state(env, fd[1], VCTP_CLOSED), VCTP_CLOSED);
	WANT_STR(api_peername(fd[0]), "ENOTCONN");
	WANT_STR(api_peername(fd[1]), "ENOTCONN");
	NOTE_STR(api_sockname(fd[0]));
	NOTE_STR(api_sockname(fd[1]));
}

CASE(names_reset, "S5", "names after a reset")
{
	struct linger hard = { .l_onoff = 1 };
	int fd[2];

	api_pair(env, fd);
	NEED(setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(fd[1]);
	api_wait(fd[0], POLLIN, POLLHUP);
	WANT_STR(api_peername(fd[0]), "ENOTCONN");
	NOTE_STR(api_sockname(fd[0]));
}

CASE(names_refused, "S13", "names after a refusal")
{
	int fd = api_socket(env), bound = api_bound(env, LOOP, NULL);
	int port = api_refused_port(env);

	WANT(api_connect(env, fd, LOOP, port), -ECONNREFUSED);
	NOTE_STR(api_sockname(fd));
	WANT(api_connect(env, bound, LOOP, port), -ECONNREFUSED);
	WANT_STR(api_sockname(bound), loop_port(env));
	WANT_STR(api_peername(bound), "ENOTCONN");
}
