// SPDX-License-Identifier: GPL-2.0
/* Options at SOL_IP and SOL_IPV6, as far as a stream socket has them. */
#include <linux/capability.h>
#include <linux/sockios.h>
#include "api.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif
#ifndef IPV6_MINHOPCOUNT
#define IPV6_MINHOPCOUNT 73
#endif

static void probe(int fd, int level, int option)
{
	static const int values[] = { 0, 1, 64, 255, 256, -1, -2 };
	unsigned int i;

	NOTE(api_get(fd, level, option));
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		NOTE(api_set(fd, level, option, values[i]));
		NOTE(api_get(fd, level, option));
	}
}

CASE_FLAGS(ip_ttl, "S13", "IP_TTL", API_V4)
{
	int fd = api_socket(env);

	WANT(api_get(fd, SOL_IP, IP_TTL), 64);
	WANT(api_set(fd, SOL_IP, IP_TTL, 7), 0);
	WANT(api_get(fd, SOL_IP, IP_TTL), 7);
	WANT(api_set(fd, SOL_IP, IP_TTL, 0), -EINVAL);
	WANT(api_set(fd, SOL_IP, IP_TTL, 256), -EINVAL);
	WANT(api_set(fd, SOL_IP, IP_TTL, -1), 0);
	WANT(api_get(fd, SOL_IP, IP_TTL), 64);
}

CASE_FLAGS(ip_tos, "S13", "IP_TOS; the two ECN bits are the transport's",
	   API_V4)
{
	int fd = api_socket(env);

	WANT(api_set(fd, SOL_IP, IP_TOS, 0x10), 0);
	WANT(api_get(fd, SOL_IP, IP_TOS), 0x10);
	WANT(api_get(fd, SOL_SOCKET, SO_PRIORITY), 6);
	/* A stream's ECN bits cannot be set by the program. */
	WANT(api_set(fd, SOL_IP, IP_TOS, 0xff), 0);
	WANT(api_get(fd, SOL_IP, IP_TOS), 0xfc);
	probe(fd, SOL_IP, IP_TOS);
}

CASE_FLAGS(ip_minttl, "S6", "IP_MINTTL", API_V4)
{
	probe(api_socket(env), SOL_IP, IP_MINTTL);
}

CASE_FLAGS(ip_minttl_drops, "B2", "IP_MINTTL drops what came from too far",
	   API_V4)
{
	char c;
	int fd[2];

	api_pair(env, fd);
	WANT(api_set(fd[1], SOL_IP, IP_MINTTL, 255), 0);
	NEED(send(fd[0], "x", 1, 0));
	WANT_STR(api_poll(fd[1], POLLIN), "none");
	WANT(api_set(fd[0], SOL_IP, IP_TTL, 255), 0);
	WANT_STR(api_wait(fd[1], POLLIN, POLLIN), "IN");
	WANT(recv(fd[1], &c, 1, 0), 1);
}

CASE_FLAGS(ipv6_minhop_drops, "B2", "IPV6_MINHOPCOUNT drops likewise", API_V6)
{
	char c;
	int fd[2];

	api_pair(env, fd);
	WANT(api_set(fd[1], SOL_IPV6, IPV6_MINHOPCOUNT, 255), 0);
	NEED(send(fd[0], "x", 1, 0));
	WANT_STR(api_poll(fd[1], POLLIN), "none");
	WANT(api_set(fd[0], SOL_IPV6, IPV6_UNICAST_HOPS, 255), 0);
	WANT_STR(api_wait(fd[1], POLLIN, POLLIN), "IN");
	WANT(recv(fd[1], &c, 1, 0), 1);
}

CASE_FLAGS(ip_flags, "S13", "IP options that are flags", API_V4)
{
	int fd = api_socket(env);

	probe(fd, SOL_IP, IP_RECVERR);
	probe(fd, SOL_IP, IP_FREEBIND);
	probe(fd, SOL_IP, IP_PKTINFO);
	probe(fd, SOL_IP, IP_RECVTTL);
	probe(fd, SOL_IP, IP_RECVTOS);
	probe(fd, SOL_IP, IP_MTU_DISCOVER);
	probe(fd, SOL_IP, IP_NODEFRAG);
	probe(fd, SOL_IP, IP_HDRINCL);
	probe(fd, SOL_IP, IP_MULTICAST_TTL);
	probe(fd, SOL_IP, IP_MULTICAST_LOOP);
}

CASE_FLAGS(ip_mtu, "S6", "IP_MTU, once connected", API_V4)
{
	int fd[2];

	api_pair(env, fd);
	WANT(api_get(api_socket(env), SOL_IP, IP_MTU), -ENOTCONN);
	WANT(api_get(fd[0], SOL_IP, IP_MTU), 65535);
	WANT(api_get(fd[1], SOL_IP, IP_MTU), 65535);
}

CASE_FLAGS(ip_options, "S13", "IP_OPTIONS", API_V4)
{
	unsigned char nop[4] = { 1, 1, 1, 1 }, back[40];
	socklen_t len = sizeof(back);
	char c;
	int client = api_socket(env), fd[2];
	int listener = api_listener(env, 1, NULL);

	WANT(setsockopt(client, SOL_IP, IP_OPTIONS, nop, 4), 0);
	WANT(getsockopt(client, SOL_IP, IP_OPTIONS, back, &len), 0);
	WANT(len, 4);
	api_join_pair(env, client, listener, fd);
	WANT(send(fd[0], "x", 1, 0), 1);
	WANT(recv(fd[1], &c, 1, 0), 1);
	WANT(setsockopt(fd[0], SOL_IP, IP_OPTIONS, nop, 0), 0);
	WANT(send(fd[0], "y", 1, 0), 1);
	WANT(recv(fd[1], &c, 1, 0), 1);
}

CASE_FLAGS(ip_membership, "S1", "a stream joins no multicast group", API_V4)
{
	struct ip_mreqn mreq = { .imr_ifindex = 1 };
	int fd = api_socket(env);

	mreq.imr_multiaddr.s_addr = htonl(0xe0000063);
	WANT(setsockopt(fd, SOL_IP, IP_ADD_MEMBERSHIP, &mreq, sizeof(mreq)),
	     -EPROTO);
	NOTE(setsockopt(fd, SOL_IP, IP_MULTICAST_IF, &mreq, sizeof(mreq)));
}

CASE_FLAGS(ip_wrong_level, "S13", "IPv6 options on an IPv4 socket", API_V4)
{
	int fd = api_socket(env);

	NOTE(api_set(fd, SOL_IPV6, IPV6_V6ONLY, 1));
	NOTE(api_get(fd, SOL_IPV6, IPV6_V6ONLY));
	NOTE(api_set(fd, SOL_IP, 9999, 1));
	NOTE(api_get(fd, SOL_IP, 9999));
}

CASE_FLAGS(ipv6_hops, "S13", "IPV6_UNICAST_HOPS", API_V6)
{
	int fd = api_socket(env);

	WANT(api_get(fd, SOL_IPV6, IPV6_UNICAST_HOPS), 64);
	WANT(api_set(fd, SOL_IPV6, IPV6_UNICAST_HOPS, 9), 0);
	WANT(api_get(fd, SOL_IPV6, IPV6_UNICAST_HOPS), 9);
	WANT(api_set(fd, SOL_IPV6, IPV6_UNICAST_HOPS, 256), -EINVAL);
	WANT(api_set(fd, SOL_IPV6, IPV6_UNICAST_HOPS, -2), -EINVAL);
	WANT(api_set(fd, SOL_IPV6, IPV6_UNICAST_HOPS, -1), 0);
}

CASE_FLAGS(ipv6_tclass, "S13", "IPV6_TCLASS", API_V6)
{
	int fd = api_socket(env);

	WANT(api_set(fd, SOL_IPV6, IPV6_TCLASS, 0x28), 0);
	WANT(api_get(fd, SOL_IPV6, IPV6_TCLASS), 0x28);
	WANT(api_set(fd, SOL_IPV6, IPV6_TCLASS, 256), -EINVAL);
	probe(fd, SOL_IPV6, IPV6_TCLASS);
}

CASE_FLAGS(ipv6_flags, "S13", "IPv6 options that are flags", API_V6)
{
	int fd = api_socket(env);

	probe(fd, SOL_IPV6, IPV6_RECVERR);
	probe(fd, SOL_IPV6, IPV6_RECVPKTINFO);
	probe(fd, SOL_IPV6, IPV6_RECVHOPLIMIT);
	probe(fd, SOL_IPV6, IPV6_RECVTCLASS);
	probe(fd, SOL_IPV6, IPV6_FREEBIND);
	probe(fd, SOL_IPV6, IPV6_MTU_DISCOVER);
	probe(fd, SOL_IPV6, IPV6_DONTFRAG);
	probe(fd, SOL_IPV6, IPV6_MINHOPCOUNT);
	probe(fd, SOL_IPV6, IPV6_MULTICAST_HOPS);
	probe(fd, SOL_IPV6, IPV6_CHECKSUM);
}

CASE_FLAGS(ipv6_mtu, "S6", "IPV6_MTU, once connected", API_V6)
{
	int fd[2];

	api_pair(env, fd);
	NOTE(api_get(api_socket(env), SOL_IPV6, IPV6_MTU));
	WANT(api_get(fd[0], SOL_IPV6, IPV6_MTU), 65536);
}

CASE_FLAGS(ipv6_v6only, "S13", "IPV6_V6ONLY, until it is bound", API_V6)
{
	int fd = api_socket(env);

	WANT(api_get(fd, SOL_IPV6, IPV6_V6ONLY), 0);
	WANT(api_set(fd, SOL_IPV6, IPV6_V6ONLY, 1), 0);
	WANT(api_get(fd, SOL_IPV6, IPV6_V6ONLY), 1);
	NEED(api_bind(env, fd, LOOP, 0));
	WANT(api_set(fd, SOL_IPV6, IPV6_V6ONLY, 0), -EINVAL);
}

CASE_FLAGS(ipv6_addrform, "S13", "IPV6_ADDRFORM on a native connection",
	   API_V6)
{
	int fd[2];

	api_pair(env, fd);
	NOTE(api_set(fd[0], SOL_IPV6, IPV6_ADDRFORM, AF_INET));
	NOTE(api_set(api_socket(env), SOL_IPV6, IPV6_ADDRFORM, AF_INET));
}

CASE_FLAGS(ipv6_pktoptions, "S13", "IPV6_2292PKTOPTIONS of a stream", API_V6)
{
	char room[200];
	socklen_t len = sizeof(room);
	int fd[2];

	api_pair(env, fd);
	NEED(api_set(fd[1], SOL_IPV6, IPV6_RECVPKTINFO, 1));
	NOTE(getsockopt(fd[1], SOL_IPV6, IPV6_2292PKTOPTIONS, room, &len));
}

CASE_FLAGS(ipv6_membership, "S1", "a stream joins no IPv6 group", API_V6)
{
	struct ipv6_mreq mreq = { .ipv6mr_interface = 1 };

	mreq.ipv6mr_multiaddr.s6_addr[0] = 0xff;
	mreq.ipv6mr_multiaddr.s6_addr[1] = 0x02;
	mreq.ipv6mr_multiaddr.s6_addr[15] = 0x99;
	WANT(setsockopt(api_socket(env), SOL_IPV6, IPV6_JOIN_GROUP, &mreq,
			sizeof(mreq)), -EPROTO);
}

CASE_FLAGS(ip_recverr_refused, "S6", "IP_RECVERR does not change a refusal",
	   API_V4)
{
	int fd = api_socket(env);

	NEED(api_set(fd, SOL_IP, IP_RECVERR, 1));
	WANT(api_connect(env, fd, LOOP, api_refused_port(env)),
	     -ECONNREFUSED);
}

CASE(ip_local_port_range, "S10", "IP_LOCAL_PORT_RANGE narrows the ports")
{
	int first = api_socket(env), second = api_socket(env), third, port;
	int range = 51000 | 51001 << 16;

	if (api_set(first, SOL_IP, IP_LOCAL_PORT_RANGE, range))
		api_skip("a kernel without IP_LOCAL_PORT_RANGE");
	WANT(api_set(second, SOL_IP, IP_LOCAL_PORT_RANGE, range), 0);
	WANT(api_bind(env, first, LOOP, 0), 0);
	WANT(api_bind(env, second, LOOP, 0), 0);
	port = api_local_port(first);
	WANT(port == 51000 || port == 51001, 1);
	WANT(api_local_port(first) + api_local_port(second), 102001);
	third = api_socket(env);
	WANT(api_set(third, SOL_IP, IP_LOCAL_PORT_RANGE, range), 0);
	WANT(api_bind(env, third, LOOP, 0), -EADDRINUSE);
}

CASE(ip_local_port_range_connect, "S10", "IP_LOCAL_PORT_RANGE and connect()")
{
	int range = 51010 | 51011 << 16, port, fd[3], i;

	api_listener(env, 8, &port);
	for (i = 0; i < 3; i++) {
		fd[i] = api_socket(env);
		if (api_set(fd[i], SOL_IP, IP_LOCAL_PORT_RANGE, range))
			api_skip("a kernel without IP_LOCAL_PORT_RANGE");
	}
	WANT(api_connect(env, fd[0], LOOP, port), 0);
	WANT(api_connect(env, fd[1], LOOP, port), 0);
	WANT(api_local_port(fd[0]) + api_local_port(fd[1]), 102021);
	WANT(api_connect(env, fd[2], LOOP, port), -EADDRNOTAVAIL);
}
