// SPDX-License-Identifier: GPL-2.0
/* bind(): which addresses and ports may be had, alone and together. */
#include <linux/capability.h>
#include <sys/fsuid.h>
#include "api.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

CASE(bind_port_zero, "S10", "port 0 gives an ephemeral port")
{
	int port, low = env->vctp ? 49152 : 32768;
	int high = env->vctp ? 65535 : 60999;

	api_bound(env, LOOP, &port);
	WANT(port >= low && port <= high, 1);
}

CASE(bind_port_zero_differs, "S10", "port 0 gives each socket another port")
{
	int port[32], i, j, same = 0;

	for (i = 0; i < 32; i++) {
		api_bound(env, LOOP, &port[i]);
		for (j = 0; j < i; j++)
			same += port[i] == port[j];
	}
	WANT(same, 0);
}

CASE(bind_specific, "S13", "bind to an address and a port")
{
	int fd = api_socket(env);

	WANT(api_bind(env, fd, LOOP, 7001), 0);
	WANT(api_local_port(fd), 7001);
	WANT_STR(api_sockname(fd),
		 env->family == AF_INET ? "127.0.0.1 port" : "::1 port");
}

CASE(bind_any, "S13", "bind to the any-address")
{
	int fd = api_socket(env);

	WANT(api_bind(env, fd, ANY, 7002), 0);
	WANT_STR(api_sockname(fd),
		 env->family == AF_INET ? "0.0.0.0 port" : ":: port");
}

CASE(bind_second_address, "S13", "one port on two addresses")
{
	int port, fd = api_socket(env);

	api_bound(env, LOOP, &port);
	WANT(api_bind(env, fd, OTHER, port), 0);
	WANT_STR(api_sockname(fd),
		 env->family == AF_INET ? "10.9.0.1 port" : "fd00:9::1 port");
}

CASE(bind_in_use, "S13", "a port that is taken is EADDRINUSE")
{
	int port, fd = api_socket(env);

	api_bound(env, LOOP, &port);
	WANT(api_bind(env, fd, LOOP, port), -EADDRINUSE);
	WANT_STR(api_sockname(fd),
		 env->family == AF_INET ? "0.0.0.0 0" : ":: 0");
	WANT(api_bind(env, fd, LOOP, 0), 0);
}

CASE(bind_any_in_use, "S13", "any-address and specific address conflict")
{
	int port;

	api_bound(env, LOOP, &port);
	WANT(api_bind(env, api_socket(env), ANY, port), -EADDRINUSE);
	api_bound(env, ANY, &port);
	WANT(api_bind(env, api_socket(env), OTHER, port), -EADDRINUSE);
}

CASE(bind_twice, "S13", "a second bind is EINVAL")
{
	int fd = api_bound(env, LOOP, NULL);

	WANT(api_bind(env, fd, LOOP, 0), -EINVAL);
	WANT(api_bind(env, fd, ANY, 7003), -EINVAL);
}

CASE(bind_connected, "S13", "bind of a connected socket is EINVAL")
{
	int fd[2];

	api_pair(env, fd);
	WANT(api_bind(env, fd[0], LOOP, 0), -EINVAL);
	WANT(api_bind(env, fd[1], LOOP, 0), -EINVAL);
}

CASE(bind_listening, "S13", "bind of a listener is EINVAL")
{
	int fd = api_socket(env);

	NEED(listen(fd, 1));
	WANT(api_bind(env, fd, LOOP, 0), -EINVAL);
}

CASE(bind_after_close, "S13", "a closed socket's port is free at once")
{
	int port, fd = api_bound(env, LOOP, &port);

	close(fd);
	WANT(api_bind(env, api_socket(env), LOOP, port), 0);
}

CASE(bind_reuseaddr, "S13", "SO_REUSEADDR on both lets both bind")
{
	int port, a = api_socket(env), b = api_socket(env);

	NEED(api_set(a, SOL_SOCKET, SO_REUSEADDR, 1));
	NEED(api_set(b, SOL_SOCKET, SO_REUSEADDR, 1));
	NEED(api_bind(env, a, LOOP, 0));
	port = api_local_port(a);
	WANT(api_bind(env, b, LOOP, port), 0);
	WANT(listen(a, 1), 0);
	WANT(listen(b, 1), -EADDRINUSE);
	close(a);
	WANT(listen(b, 1), 0);
}

CASE(bind_reuseaddr_one, "S13", "SO_REUSEADDR on one of two is not enough")
{
	int port, a = api_bound(env, LOOP, &port), b = api_socket(env);

	NEED(api_set(b, SOL_SOCKET, SO_REUSEADDR, 1));
	WANT(api_bind(env, b, LOOP, port), -EADDRINUSE);
	NEED(api_set(a, SOL_SOCKET, SO_REUSEADDR, 1));
	WANT(api_bind(env, b, LOOP, port), 0);
}

CASE(bind_reuseaddr_listener, "S13", "a listener's port is not to be reused")
{
	int a = api_socket(env), b = api_socket(env);

	NEED(api_set(a, SOL_SOCKET, SO_REUSEADDR, 1));
	NEED(api_set(b, SOL_SOCKET, SO_REUSEADDR, 1));
	NEED(api_bind(env, a, LOOP, 0));
	NEED(listen(a, 1));
	WANT(api_bind(env, b, LOOP, api_local_port(a)), -EADDRINUSE);
	WANT(api_bind(env, b, ANY, api_local_port(a)), -EADDRINUSE);
}

CASE(bind_reuseport, "S13", "SO_REUSEPORT lets a group bind and listen")
{
	int i, fd[3], port = 0;

	for (i = 0; i < 3; i++) {
		fd[i] = api_socket(env);
		NEED(api_set(fd[i], SOL_SOCKET, SO_REUSEPORT, 1));
		WANT(api_bind(env, fd[i], LOOP, port), 0);
		port = api_local_port(fd[i]);
		WANT(listen(fd[i], 1), 0);
	}
}

CASE(bind_reuseport_mixed, "S13", "one without SO_REUSEPORT spoils the group")
{
	int port, a = api_bound(env, LOOP, &port), b = api_socket(env);

	NEED(api_set(b, SOL_SOCKET, SO_REUSEPORT, 1));
	WANT(api_bind(env, b, LOOP, port), -EADDRINUSE);
	close(a);
	WANT(api_bind(env, b, LOOP, port), 0);
	WANT(api_bind(env, api_socket(env), LOOP, port), -EADDRINUSE);
}

CASE(bind_reuseport_uid, "S13", "SO_REUSEPORT does not reach other users")
{
	int a = api_socket(env), b;

	if (getuid())
		api_skip("needs root");
	setfsuid(12345);
	if (setfsuid(-1) != 12345)
		api_skip("needs a second user id");
	b = api_socket(env);
	setfsuid(0);
	NEED(api_set(a, SOL_SOCKET, SO_REUSEPORT, 1));
	NEED(api_set(b, SOL_SOCKET, SO_REUSEPORT, 1));
	NEED(api_bind(env, a, LOOP, 0));
	WANT(api_bind(env, b, LOOP, api_local_port(a)), -EADDRINUSE);
}

CASE(bind_reuseport_spread, "S13", "a SO_REUSEPORT group shares the load")
{
	int i, j, got[2] = {}, fd[2], port = 0;

	for (i = 0; i < 2; i++) {
		fd[i] = api_socket(env);
		NEED(api_set(fd[i], SOL_SOCKET, SO_REUSEPORT, 1));
		NEED(api_bind(env, fd[i], LOOP, port));
		NEED(listen(fd[i], 64));
		NEED(api_nonblock(fd[i]));
		port = api_local_port(fd[i]);
	}
	for (i = 0; i < 64; i++) {
		NEED(api_connect(env, api_socket(env), LOOP, port));
		/* The third segment may still be on its way. */
		while (got[0] + got[1] == i)
			for (j = 0; j < 2; j++)
				got[j] += accept(fd[j], NULL, NULL) >= 0;
	}
	WANT(got[0] + got[1], 64);
	WANT(got[0] > 0 && got[1] > 0, 1);
}

CASE(bind_privileged, "S13", "a low port without the right is EACCES")
{
	int fd = api_socket(env);

	NEED(api_drop_cap(CAP_NET_BIND_SERVICE));
	WANT(api_bind(env, fd, LOOP, 80), -EACCES);
	WANT(api_bind(env, fd, LOOP, 1023), -EACCES);
	WANT(api_bind(env, fd, LOOP, 1024), 0);
}

CASE(bind_low, "S13", "a low port with the right")
{
	WANT(api_bind(env, api_socket(env), LOOP, 80), 0);
	WANT(api_bind(env, api_socket(env), LOOP, 80), -EADDRINUSE);
}

CASE(bind_family, "S13", "bind to an address of another family")
{
	union api_sa sa;
	int fd = api_socket(env);

	api_addr(env, &sa, LOOP, 7004);
	sa.sa.sa_family = AF_UNIX;
	WANT(bind(fd, &sa.sa, env->len), -EAFNOSUPPORT);
	sa.sa.sa_family = env->family == AF_INET ? AF_INET6 : AF_INET;
	NOTE(bind(fd, &sa.sa, sizeof(sa.v6)));
	sa.sa.sa_family = AF_UNSPEC;
	WANT(bind(fd, &sa.sa, env->len), -EAFNOSUPPORT);
}

CASE_FLAGS(bind_unspec, "S13", "AF_UNSPEC with the any-address binds", API_V4)
{
	union api_sa sa;

	api_addr(env, &sa, ANY, 7005);
	sa.sa.sa_family = AF_UNSPEC;
	WANT(bind(api_socket(env), &sa.sa, env->len), 0);
}

CASE(bind_short, "S13", "an address cut short is EINVAL")
{
	union api_sa sa;
	int fd = api_socket(env);

	api_addr(env, &sa, LOOP, 0);
	WANT(bind(fd, &sa.sa, 0), -EINVAL);
	WANT(bind(fd, &sa.sa, 2), -EINVAL);
	WANT(bind(fd, &sa.sa, 15), -EINVAL);
	NOTE(bind(fd, &sa.sa, env->len - 4));
	WANT(bind(fd, &sa.sa, -1), -EINVAL);
	WANT(bind(fd, &sa.sa, sizeof(sa) + 1), -EINVAL);
}

CASE(bind_long, "S13", "an address with room behind it binds")
{
	union api_sa sa;

	api_addr(env, &sa, LOOP, 0);
	WANT(bind(api_socket(env), &sa.sa, sizeof(sa)), 0);
}

CASE(bind_fault, "S13", "an address that cannot be read is EFAULT")
{
	struct sockaddr *nowhere = api_nowhere();

	WANT(bind(api_socket(env), nowhere, env->len), -EFAULT);
}

CASE(bind_nonlocal, "S13", "somebody else's address is EADDRNOTAVAIL")
{
	WANT(api_bind(env, api_socket(env), NONLOCAL, 0), -EADDRNOTAVAIL);
}

CASE(bind_freebind, "S13", "IP_FREEBIND binds to an address yet to come")
{
	int fd = api_socket(env);

	if (env->family == AF_INET)
		WANT(api_set(fd, SOL_IP, IP_FREEBIND, 1), 0);
	else
		WANT(api_set(fd, SOL_IPV6, IPV6_FREEBIND, 1), 0);
	WANT(api_bind(env, fd, NONLOCAL, 7006), 0);
	WANT(listen(fd, 1), 0);
}

CASE(bind_transparent, "S13", "IP_TRANSPARENT binds to a foreign address")
{
	int fd = api_socket(env);

	if (env->family == AF_INET)
		WANT(api_set(fd, SOL_IP, IP_TRANSPARENT, 1), 0);
	else
		WANT(api_set(fd, SOL_IPV6, IPV6_TRANSPARENT, 1), 0);
	WANT(api_bind(env, fd, NONLOCAL, 7007), 0);
}

CASE_FLAGS(bind_multicast, "S1", "bind to multicast is refused", API_V4)
{
	WANT_EACH(api_bind(env, api_socket(env), MCAST, 0), 0, -EADDRNOTAVAIL,
		  "row S1, a circuit has one end; TCP lets it pass");
}

CASE_FLAGS(bind_multicast_v6, "S1", "bind to multicast is refused", API_V6)
{
	WANT(api_bind(env, api_socket(env), MCAST, 0), -EINVAL);
	WANT(api_bind(env, api_socket(env), BCAST, 0), -EINVAL);
}

CASE_FLAGS(bind_broadcast, "S1", "bind to broadcast is refused", API_V4)
{
	union api_sa sa;

	WANT_EACH(api_bind(env, api_socket(env), BCAST, 0), 0, -EADDRNOTAVAIL,
		  "row S1, a circuit has one end; TCP lets it pass");
	api_addr(env, &sa, ANY, 0);
	sa.v4.sin_addr.s_addr = INADDR_BROADCAST;
	WANT_EACH(bind(api_socket(env), &sa.sa, env->len), 0, -EADDRNOTAVAIL,
		  "row S1, as above");
}

CASE_FLAGS(bind_link_local, "S13", "a link-local address needs its link",
	   API_V6)
{
	union api_sa sa;

	api_addr(env, &sa, LOOP, 0);
	memset(&sa.v6.sin6_addr, 0, sizeof(sa.v6.sin6_addr));
	sa.v6.sin6_addr.s6_addr[0] = 0xfe;
	sa.v6.sin6_addr.s6_addr[1] = 0x80;
	sa.v6.sin6_addr.s6_addr[15] = 7;
	WANT(bind(api_socket(env), &sa.sa, env->len), -EINVAL);
	sa.v6.sin6_scope_id = 999;
	WANT(bind(api_socket(env), &sa.sa, env->len), -ENODEV);
	sa.v6.sin6_scope_id = 1;
	WANT(bind(api_socket(env), &sa.sa, env->len), -EADDRNOTAVAIL);
}

CASE(bind_no_port, "S13", "IP_BIND_ADDRESS_NO_PORT puts the port off")
{
	int port, fd = api_socket(env);

	api_listener(env, 1, &port);
	WANT(api_set(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1), 0);
	WANT(api_bind(env, fd, LOOP, 0), 0);
	WANT(api_local_port(fd), 0);
	WANT(api_connect(env, fd, LOOP, port), 0);
	WANT(api_local_port(fd) != 0, 1);
}

CASE(bind_child_lives, "S13", "an accepted connection keeps its port taken")
{
	int port, pair[2], fd = api_socket(env);
	int listener = api_listener(env, 1, &port);

	api_join_pair(env, api_socket(env), listener, pair);
	close(listener);
	WANT(api_bind(env, fd, LOOP, port), -EADDRINUSE);
	NEED(api_set(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	WANT(api_bind(env, fd, LOOP, port), -EADDRINUSE);
}

CASE(bind_restart, "S13", "SO_REUSEADDR lets a server start again")
{
	int port, pair[2], fd = api_socket(env), listener = api_socket(env);

	NEED(api_set(listener, SOL_SOCKET, SO_REUSEADDR, 1));
	NEED(api_bind(env, listener, LOOP, 0));
	NEED(listen(listener, 1));
	port = api_local_port(listener);
	api_join_pair(env, api_socket(env), listener, pair);
	close(listener);
	NEED(api_set(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	WANT(api_bind(env, fd, LOOP, port), 0);
	WANT(listen(fd, 1), 0);
	WANT(send(pair[0], "old", 3, 0), 3);
	api_join_pair(env, api_socket(env), fd, pair);
	WANT(api_queued(pair[1], FIONREAD), 0);
}

CASE(bind_time_wait, "B1", "TIME_WAIT leaves the port free")
{
	int port, pair[2], listener = api_listener(env, 1, &port);

	api_join_pair(env, api_socket(env), listener, pair);
	close(listener);
	NEED(shutdown(pair[1], SHUT_WR));
	NEED(shutdown(pair[0], SHUT_WR));
	WANT(api_drain(pair[1]), 0);
	close(pair[1]);
	WANT_EACH(api_bind(env, api_socket(env), LOOP, port), -EADDRINUSE, 0,
		  "the circuit identifier tells old from new");
}
