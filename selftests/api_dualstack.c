// SPDX-License-Identifier: GPL-2.0
/* IPv6 sockets with IPv4 peers, and who gets in whose way. */
#include <arpa/inet.h>
#include "api.h"

static const struct api_env *as(const struct api_env *env, int family)
{
	static struct api_env other;

	other = *env;
	other.family = family;
	other.len = family == AF_INET ? sizeof(struct sockaddr_in) :
					sizeof(struct sockaddr_in6);
	return &other;
}

static socklen_t mapped(union api_sa *sa, const char *v4, int port)
{
	struct in_addr addr;

	memset(sa, 0, sizeof(*sa));
	inet_pton(AF_INET, v4, &addr);
	sa->v6.sin6_family = AF_INET6;
	sa->v6.sin6_port = htons(port);
	sa->v6.sin6_addr.s6_addr[10] = 0xff;
	sa->v6.sin6_addr.s6_addr[11] = 0xff;
	memcpy(&sa->v6.sin6_addr.s6_addr[12], &addr, 4);
	return sizeof(sa->v6);
}

static int bind_mapped(int fd, const char *v4, int port)
{
	union api_sa sa;
	socklen_t len = mapped(&sa, v4, port);

	return bind(fd, &sa.sa, len);
}

static int connect_mapped(int fd, const char *v4, int port)
{
	union api_sa sa;
	socklen_t len = mapped(&sa, v4, port);

	return connect(fd, &sa.sa, len);
}

CASE_FLAGS(dual_accept, "S11", "an IPv6 listener takes IPv4 callers, mapped",
	   API_V6)
{
	char c;
	int port, fd = api_bound(env, ANY, &port);
	int client = api_socket(as(env, AF_INET));

	NEED(listen(fd, 1));
	WANT(api_connect(as(env, AF_INET), client, LOOP, port), 0);
	fd = NEED(accept(fd, NULL, NULL));
	WANT_STR(api_peername(fd), "::ffff:127.0.0.1 port");
	WANT_STR(api_sockname(fd), "::ffff:127.0.0.1 port");
	WANT_STR(api_peername(client), "127.0.0.1 port");
	WANT(send(client, "x", 1, 0), 1);
	WANT(recv(fd, &c, 1, 0), 1);
	WANT(send(fd, "y", 1, 0), 1);
	WANT(recv(client, &c, 1, 0), 1);
	WANT(api_get(fd, SOL_SOCKET, SO_DOMAIN), AF_INET6);
}

CASE_FLAGS(dual_accept_both, "S11", "an IPv6 listener takes both", API_V6)
{
	int port, fd = api_bound(env, ANY, &port);

	NEED(listen(fd, 2));
	WANT(api_connect(env, api_socket(env), LOOP, port), 0);
	WANT_STR(api_peername(NEED(accept(fd, NULL, NULL))), "::1 port");
	env = as(env, AF_INET);
	WANT(api_connect(env, api_socket(env), OTHER, port), 0);
	WANT_STR(api_sockname(NEED(accept(fd, NULL, NULL))),
		 "::ffff:10.9.0.1 port");
}

CASE_FLAGS(dual_connect, "S11", "an IPv6 socket calls IPv4, mapped", API_V6)
{
	char c;
	int port, fd = api_socket(env);
	int listener = api_listener(as(env, AF_INET), 1, &port), conn;

	WANT(connect_mapped(fd, "127.0.0.1", port), 0);
	WANT_STR(api_sockname(fd), "::ffff:127.0.0.1 port");
	WANT_STR(api_peername(fd), "::ffff:127.0.0.1 port");
	conn = NEED(accept(listener, NULL, NULL));
	WANT_STR(api_peername(conn), "127.0.0.1 port");
	WANT(send(fd, "x", 1, 0), 1);
	WANT(recv(conn, &c, 1, 0), 1);
	WANT(shutdown(conn, SHUT_WR), 0);
	WANT(recv(fd, &c, 1, 0), 0);
}

CASE_FLAGS(dual_connect_refused, "S11", "a mapped call can be refused, too",
	   API_V6)
{
	int port, fd = api_socket(env);

	WANT(connect_mapped(fd, "127.0.0.1", api_refused_port(env)),
	     -ECONNREFUSED);
	api_listener(as(env, AF_INET), 1, &port);
	WANT(connect_mapped(fd, "127.0.0.1", port), 0);
}

CASE_FLAGS(dual_v6only_accept, "S11", "IPV6_V6ONLY takes no IPv4", API_V6)
{
	int port, fd = api_socket(env);

	NEED(api_set(fd, SOL_IPV6, IPV6_V6ONLY, 1));
	NEED(api_bind(env, fd, ANY, 0));
	NEED(listen(fd, 1));
	port = api_local_port(fd);
	WANT(api_connect(env, api_socket(env), LOOP, port), 0);
	env = as(env, AF_INET);
	WANT(api_connect(env, api_socket(env), LOOP, port), -ECONNREFUSED);
}

CASE_FLAGS(dual_v6only_connect, "S11", "IPV6_V6ONLY calls no IPv4", API_V6)
{
	int port, fd = api_socket(env);

	api_listener(as(env, AF_INET), 1, &port);
	NEED(api_set(fd, SOL_IPV6, IPV6_V6ONLY, 1));
	WANT(connect_mapped(fd, "127.0.0.1", port), -ENETUNREACH);
	WANT(bind_mapped(fd, "127.0.0.1", 0), -EINVAL);
}

CASE_FLAGS(dual_conflict, "S13", "an IPv6 any-address takes the IPv4 port too",
	   API_V6)
{
	int port;

	api_bound(env, ANY, &port);
	env = as(env, AF_INET);
	WANT(api_bind(env, api_socket(env), ANY, port), -EADDRINUSE);
	WANT(api_bind(env, api_socket(env), LOOP, port), -EADDRINUSE);
}

CASE_FLAGS(dual_conflict_v4, "S13", "IPv4 first, then the IPv6 any-address",
	   API_V6)
{
	int port, fd = api_socket(env);

	api_bound(as(env, AF_INET), LOOP, &port);
	WANT(api_bind(env, fd, ANY, port), -EADDRINUSE);
	WANT(api_bind(env, fd, LOOP, port), 0);
}

CASE_FLAGS(dual_no_conflict, "S13", "IPV6_V6ONLY leaves the IPv4 port alone",
	   API_V6)
{
	int port, fd = api_socket(env), v4 = api_socket(as(env, AF_INET));

	NEED(api_set(fd, SOL_IPV6, IPV6_V6ONLY, 1));
	NEED(api_bind(env, fd, ANY, 0));
	port = api_local_port(fd);
	NEED(listen(fd, 1));
	WANT(api_bind(as(env, AF_INET), v4, ANY, port), 0);
	WANT(listen(v4, 1), 0);
	WANT(api_connect(as(env, AF_INET), api_socket(as(env, AF_INET)), LOOP,
			 port), 0);
	WANT_STR(api_wait(v4, POLLIN, POLLIN), "IN");
	WANT_STR(api_poll(fd, POLLIN), "none");
}

CASE_FLAGS(dual_bind_mapped, "S11", "bind to a mapped address", API_V6)
{
	int port, fd = api_socket(env);

	WANT(bind_mapped(fd, "127.0.0.1", 0), 0);
	WANT_STR(api_sockname(fd), "::ffff:127.0.0.1 port");
	port = api_local_port(fd);
	WANT(listen(fd, 1), 0);
	WANT(api_connect(env, api_socket(env), LOOP, port), -ECONNREFUSED);
	env = as(env, AF_INET);
	WANT(api_connect(env, api_socket(env), LOOP, port), 0);
	WANT(bind_mapped(api_socket(as(env, AF_INET6)), "192.0.2.7", 0),
	     -EADDRNOTAVAIL);
}

CASE_FLAGS(dual_mapped_multicast, "S1", "mapped multicast and broadcast",
	   API_V6)
{
	WANT(connect_mapped(api_socket(env), "224.0.0.99", 7070),
	     -ENETUNREACH);
	WANT(connect_mapped(api_socket(env), "10.9.0.255", 7070),
	     -ENETUNREACH);
	WANT_EACH(bind_mapped(api_socket(env), "224.0.0.99", 0), 0,
		  -EADDRNOTAVAIL,
		  "row S1, a circuit has one end; TCP lets it pass");
}

CASE_FLAGS(dual_families_mixed, "S13", "bound in one family, call in the other",
	   API_V6)
{
	int port, fd = api_bound(env, LOOP, NULL);

	api_listener(as(env, AF_INET), 1, &port);
	NOTE(connect_mapped(fd, "127.0.0.1", port));
	fd = api_socket(env);
	NEED(bind_mapped(fd, "127.0.0.1", 0));
	NOTE(api_connect(env, fd, LOOP, port));
}

CASE_FLAGS(dual_options, "S13", "IPv4 options of a mapped connection", API_V6)
{
	int port, fd = api_socket(env);

	api_listener(as(env, AF_INET), 1, &port);
	WANT(api_set(fd, SOL_IP, IP_TTL, 9), 0);
	WANT(connect_mapped(fd, "127.0.0.1", port), 0);
	WANT(api_get(fd, SOL_IP, IP_TTL), 9);
	NOTE(api_get(fd, SOL_IP, IP_MTU));
	NOTE(api_set(fd, SOL_IP, IP_TOS, 8));
	NOTE(api_get(fd, SOL_IPV6, IPV6_UNICAST_HOPS));
}

CASE_FLAGS(dual_addrform, "S13", "IPV6_ADDRFORM of a mapped connection",
	   API_V6)
{
	int port, fd = api_socket(env);

	api_listener(as(env, AF_INET), 1, &port);
	NEED(connect_mapped(fd, "127.0.0.1", port));
	/* TCP turns into an IPv4 socket; the kernel knows only TCP and UDP. */
	WANT_EACH(api_set(fd, SOL_IPV6, IPV6_ADDRFORM, AF_INET), 0,
		  -ENOPROTOOPT, "the kernel names the protocols it is for");
	WANT(send(fd, "x", 1, 0), 1);
}
