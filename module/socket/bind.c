// SPDX-License-Identifier: GPL-2.0
/*
 * bind(): the kernel's own, but for what a circuit between two points cannot
 * have: a multicast or a broadcast address.
 */
#include <net/addrconf.h>
#include <net/inet_common.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "internal.h"

/* As inet_bind() takes them, and it lets TCP listen where nothing arrives. */
static bool vctp_address_of_many(const struct sock *sk, __be32 addr)
{
	struct net *net = sock_net(sk);
	u32 table;
	int type;

	if (addr == htonl(INADDR_ANY))
		return false;
	table = l3mdev_fib_table_by_index(net, READ_ONCE(sk->sk_bound_dev_if));
	type = inet_addr_type_table(net, addr, table ? : RT_TABLE_LOCAL);
	return type == RTN_MULTICAST || type == RTN_BROADCAST;
}

/**
 * vctp_bind() - proto_ops.bind of an IPv4 socket
 * @sock: the socket
 * @addr: struct sockaddr_in
 * @len: bytes of @addr
 *
 * Return: as TCP's; -EADDRNOTAVAIL also for multicast and broadcast.
 */
int vctp_bind(struct socket *sock, struct sockaddr_unsized *addr, int len)
{
	const struct sockaddr_in *sin = (struct sockaddr_in *)addr;

	if (len >= sizeof(*sin) && sin->sin_family == AF_INET &&
	    vctp_address_of_many(sock->sk, sin->sin_addr.s_addr))
		return -EADDRNOTAVAIL;
	return inet_bind(sock, addr, len);
}

/**
 * vctp6_bind() - proto_ops.bind of an IPv6 socket
 * @sock: the socket
 * @addr: struct sockaddr_in6
 * @len: bytes of @addr
 *
 * An IPv6 multicast address gives -EINVAL, for TCP too: inet6_bind() sees to
 * it for all streams.
 *
 * Return: as TCP's; -EADDRNOTAVAIL also for mapped multicast and broadcast.
 */
int vctp6_bind(struct socket *sock, struct sockaddr_unsized *addr, int len)
{
	const struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)addr;

	if (len >= SIN6_LEN_RFC2133 && sin6->sin6_family == AF_INET6 &&
	    ipv6_addr_v4mapped(&sin6->sin6_addr) &&
	    !ipv6_only_sock(sock->sk) &&
	    vctp_address_of_many(sock->sk, sin6->sin6_addr.s6_addr32[3]))
		return -EADDRNOTAVAIL;
	return inet6_bind(sock, addr, len);
}
