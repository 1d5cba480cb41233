// SPDX-License-Identifier: GPL-2.0
/* What socket() makes, and what a socket is that nobody has used yet. */
#include <linux/sockios.h>
#include "api.h"

CASE(socket_stream, "S13", "a stream socket knows what it is")
{
	int fd = api_socket(env);

	WANT(api_get(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
	WANT(api_get(fd, SOL_SOCKET, SO_DOMAIN), env->family);
	WANT_EACH(api_get(fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP,
		  IPPROTO_VCTP, "its own number");
	WANT(api_get(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	WANT(api_error(fd), 0);
	WANT(close(fd), 0);
}

CASE(socket_flags, "S13", "SOCK_NONBLOCK and SOCK_CLOEXEC at creation")
{
	int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = NEED(socket(env->family, type, env->proto));

	WANT(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	WANT(fcntl(fd, F_GETFD), FD_CLOEXEC);
	fd = api_socket(env);
	WANT(fcntl(fd, F_GETFL), O_RDWR);
	WANT(fcntl(fd, F_GETFD), 0);
}

CASE(socket_dgram, "S13", "a datagram socket of this protocol is refused")
{
	WANT(socket(env->family, SOCK_DGRAM, env->proto), -EPROTONOSUPPORT);
}

CASE(socket_seqpacket, "S13", "a packet socket of this protocol is refused")
{
	WANT(socket(env->family, SOCK_SEQPACKET, env->proto),
	     -ESOCKTNOSUPPORT);
	WANT(socket(env->family, SOCK_RDM, env->proto), -ESOCKTNOSUPPORT);
}

CASE(socket_bad_flags, "S13", "unknown type flags are EINVAL")
{
	WANT(socket(env->family, SOCK_STREAM | 0x100, env->proto), -EINVAL);
	WANT(socket(env->family, 15, env->proto), -EINVAL);
}

CASE(socket_pair, "S13", "socketpair() is EOPNOTSUPP")
{
	int fd[2];

	WANT(socketpair(env->family, SOCK_STREAM, env->proto, fd),
	     -EOPNOTSUPP);
}

CASE(socket_fresh_names, "S13", "a fresh socket's names")
{
	int fd = api_socket(env);

	WANT_STR(api_sockname(fd),
		 env->family == AF_INET ? "0.0.0.0 0" : ":: 0");
	WANT_STR(api_peername(fd), "ENOTCONN");
}

CASE(socket_fresh_io, "S13", "a fresh socket sends EPIPE, receives ENOTCONN")
{
	struct msghdr msg = {};
	char c = 'x';
	int fd = api_socket(env);

	WANT(send(fd, &c, 1, MSG_NOSIGNAL), -EPIPE);
	WANT(write(fd, &c, 1), -EPIPE);
	WANT(recv(fd, &c, 1, 0), -ENOTCONN);
	WANT(recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK), -ENOTCONN);
	WANT(read(fd, &c, 1), -ENOTCONN);
	NOTE(send(fd, &c, 0, MSG_NOSIGNAL));
	NOTE(read(fd, &c, 0));
	NOTE(sendmsg(fd, &msg, MSG_NOSIGNAL));
	NOTE(recvmsg(fd, &msg, 0));
	WANT(api_error(fd), 0);
}

CASE(socket_fresh_state, "S2", "a fresh socket is CLOSED, and says so")
{
	WANT(api_state(env, api_socket(env)), VCTP_CLOSED);
}

CASE(socket_fresh_poll, "S13", "poll of a fresh socket")
{
	int fd = api_socket(env);

	WANT_STR(api_poll(fd, POLLIN | POLLOUT | POLLRDHUP | POLLPRI),
		 "OUT|HUP");
	WANT_STR(api_poll(fd, 0), "HUP");
	WANT_STR(api_poll(fd, POLLWRNORM | POLLWRBAND | POLLRDNORM),
		 "HUP|WRNORM");
}

CASE(socket_fresh_accept, "S13", "accept on a fresh socket is EINVAL")
{
	WANT(accept(api_socket(env), NULL, NULL), -EINVAL);
}

CASE(socket_fresh_shutdown, "S13", "shutdown of a fresh socket is ENOTCONN")
{
	int fd = api_socket(env);

	WANT(shutdown(fd, SHUT_RD), -ENOTCONN);
	WANT(shutdown(fd, SHUT_WR), -ENOTCONN);
	WANT(shutdown(fd, SHUT_RDWR), -ENOTCONN);
	WANT(shutdown(fd, 3), -EINVAL);
	WANT(shutdown(fd, -1), -EINVAL);
	/* Refused or not, it leaves its mark on what poll says. */
	NOTE_STR(api_poll(fd, POLLIN | POLLOUT | POLLRDHUP));
}

CASE(socket_after_shutdown, "S13", "a shutdown that failed is not forgotten")
{
	int port, fd = api_socket(env);

	api_listener(env, 1, &port);
	WANT(shutdown(fd, SHUT_RDWR), -ENOTCONN);
	WANT(api_connect(env, fd, LOOP, port), 0);
	/* ENOTCONN, and yet the direction is shut. */
	WANT(send(fd, "x", 1, 0), -EPIPE);
}

CASE(socket_many, "S13", "a hundred sockets open and close")
{
	int fd[100], i, opened = 0;

	for (i = 0; i < 100; i++) {
		fd[i] = socket(env->family, SOCK_STREAM, env->proto);
		opened += fd[i] >= 0;
	}
	WANT(opened, 100);
	for (i = 0; i < 100; i++)
		opened -= !close(fd[i]);
	WANT(opened, 0);
}

CASE(socket_fstat, "S13", "a socket's file can be neither sought nor mapped")
{
	int fd = api_socket(env);

	WANT(lseek(fd, 0, SEEK_SET), -ESPIPE);
	WANT(ftruncate(fd, 0), -EINVAL);
	WANT(pread(fd, &fd, 1, 0), -ESPIPE);
	WANT(fsync(fd), -EINVAL);
}

CASE(socket_port_space, "S10", "the port space is this protocol's own")
{
	int other = env->vctp ? IPPROTO_TCP : IPPROTO_UDP;
	int type = env->vctp ? SOCK_STREAM : SOCK_DGRAM;
	int port, fd = api_bound(env, LOOP, &port);
	int stranger = NEED(socket(env->family, type, other));

	(void)fd;
	WANT(api_bind(env, stranger, LOOP, port), 0);
}
