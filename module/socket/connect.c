// SPDX-License-Identifier: GPL-2.0
/*
 * connect(): what TCP checks, in its order; the kernel's inet_stream_connect()
 * has the states of the socket and the waiting.
 */
#include <linux/bpf-cgroup.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>

#include "internal.h"

/**
 * vctp_v4_pre_connect() - let a cgroup's BPF programs look at the address
 * @sk: the socket; locked
 * @addr: struct sockaddr_in; they may change it
 * @len: bytes of @addr
 *
 * Return: 0 or -errno.
 */
int vctp_v4_pre_connect(struct sock *sk, struct sockaddr_unsized *addr, int len)
{
	if (len < sizeof(struct sockaddr_in))
		return -EINVAL;
	sock_owned_by_me(sk);
	return VCTP_BPF_CONNECT4(sk, addr, &len);
}

/**
 * vctp_v6_pre_connect() - the same for IPv6
 * @sk: the socket; locked
 * @addr: struct sockaddr_in6; they may change it
 * @len: bytes of @addr
 *
 * Return: 0 or -errno.
 */
int vctp_v6_pre_connect(struct sock *sk, struct sockaddr_unsized *addr, int len)
{
	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	sock_owned_by_me(sk);
	return VCTP_BPF_CONNECT6(sk, addr, &len);
}

/* Nothing came of it: the socket is as it was before connect(). */
static void vctp_connect_undo(struct sock *sk)
{
	vctp_leave(vctp_net(sock_net(sk)), &vctp_sk(sk)->entry);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK) && inet_sk(sk)->inet_num)
		vctp_port_put(sk);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		inet_reset_saddr(sk);
	sk->sk_route_caps = 0;
	inet_sk(sk)->inet_dport = 0;
}

/* Route and addresses from @af, then a port, then the SYN. */
static int vctp_connect_by(struct sock *sk, const struct vctp_af_ops *af,
			   struct sockaddr *addr, int len)
{
	int err;

	err = af->connect_route(sk, addr, len);
	if (err)
		return err;
	/*
	 * A free 4-tuple is found and held before the state says SYN_SENT, so
	 * that nobody sees a circuit without a port.
	 */
	err = vctp_port_connect(sk);
	if (err)
		goto out_undo;
	sk_set_txhash(sk);
	err = vctp_circuit_connect(sk);
	if (!err)
		return 0;

out_undo:
	vctp_connect_undo(sk);
	return err;
}

/**
 * vctp_v4_connect() - proto.connect of an IPv4 socket
 * @sk: the socket; locked, CLOSED
 * @addr: struct sockaddr_in
 * @len: bytes of @addr
 *
 * Return: 0 once the SYN is on its way, or -errno as TCP's; -ENETUNREACH for
 * multicast and broadcast.
 */
int vctp_v4_connect(struct sock *sk, struct sockaddr_unsized *addr, int len)
{
	const struct sockaddr_in *sin = (struct sockaddr_in *)addr;

	if (len < sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	return vctp_connect_by(sk, &vctp_ipv4_ops, (struct sockaddr *)addr, len);
}

/* The flow label is one that the program has a lease of. */
static int vctp_flow_label_check(struct sock *sk, const struct sockaddr_in6 *sin6)
{
	__be32 label = sin6->sin6_flowinfo & IPV6_FLOWLABEL_MASK;
	struct ip6_flowlabel *lease;

	if (!inet6_test_bit(SNDFLOW, sk) || !label)
		return 0;
	lease = fl6_sock_lookup(sk, label);
	if (IS_ERR(lease))
		return -EINVAL;
	fl6_sock_release(lease);
	return 0;
}

/* A link-local address says nothing without its link. */
static int vctp_link_local_device(struct sock *sk,
				  const struct sockaddr_in6 *sin6, int len)
{
	if (len >= sizeof(*sin6) && sin6->sin6_scope_id) {
		if (!sk_dev_equal_l3scope(sk, sin6->sin6_scope_id))
			return -EINVAL;
		sk->sk_bound_dev_if = sin6->sin6_scope_id;
	}
	return sk->sk_bound_dev_if ? 0 : -EINVAL;
}

/* An IPv4 peer: from here on the socket speaks IPv4, unless this fails. */
static int vctp_connect_mapped(struct sock *sk, const struct sockaddr_in6 *sin6)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = sin6->sin6_port,
		.sin_addr.s_addr = sin6->sin6_addr.s6_addr32[3],
	};
	int err;

	if (ipv6_only_sock(sk))
		return -ENETUNREACH;
	/* Read without the lock by setsockopt(). */
	WRITE_ONCE(vs->af, &vctp_mapped_ops);
	err = vctp_connect_by(sk, &vctp_mapped_ops, (struct sockaddr *)&sin,
			      sizeof(sin));
	if (err)
		WRITE_ONCE(vs->af, &vctp_ipv6_ops);
	return err;
}

/**
 * vctp_v6_connect() - proto.connect of an IPv6 socket
 * @sk: the socket; locked, CLOSED
 * @addr: struct sockaddr_in6
 * @len: bytes of @addr
 *
 * Return: as vctp_v4_connect().
 */
int vctp_v6_connect(struct sock *sk, struct sockaddr_unsized *addr, int len)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)addr;
	int type, err;

	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	if (sin6->sin6_family != AF_INET6)
		return -EAFNOSUPPORT;
	err = vctp_flow_label_check(sk, sin6);
	if (err)
		return err;

	/* Any is the loopback, of the family that the socket is bound to. */
	if (ipv6_addr_any(&sin6->sin6_addr)) {
		if (ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr))
			ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK),
					       &sin6->sin6_addr);
		else
			sin6->sin6_addr = in6addr_loopback;
	}
	type = ipv6_addr_type(&sin6->sin6_addr);
	if (type & IPV6_ADDR_MULTICAST)
		return -ENETUNREACH;
	if (type & IPV6_ADDR_LINKLOCAL) {
		err = vctp_link_local_device(sk, sin6, len);
		if (err)
			return err;
	}
	if (type & IPV6_ADDR_MAPPED)
		return vctp_connect_mapped(sk, sin6);
	WRITE_ONCE(vctp_sk(sk)->af, &vctp_ipv6_ops);
	return vctp_connect_by(sk, &vctp_ipv6_ops, (struct sockaddr *)addr, len);
}
