// SPDX-License-Identifier: GPL-2.0
/*
 * The addresses of sockets, of both families, as one thing: an IPv4 address
 * stands as v4-mapped.
 */
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "internal.h"

/**
 * vctp_net_tuple_of() - the 4-tuple of a socket, for the tables
 * @sk: the socket; locked, its addresses and ports set
 * @tuple: filled; the peer's identifier becomes 0
 */
void vctp_net_tuple_of(const struct sock *sk, struct vctp_tuple *tuple)
{
	const struct inet_sock *inet = inet_sk(sk);

	if (sk->sk_family == AF_INET) {
		ipv6_addr_set_v4mapped(inet->inet_rcv_saddr, &tuple->local);
		ipv6_addr_set_v4mapped(inet->inet_daddr, &tuple->remote);
	} else {
		tuple->local = sk->sk_v6_rcv_saddr;
		tuple->remote = sk->sk_v6_daddr;
	}
	tuple->local_port = inet->inet_sport;
	tuple->remote_port = inet->inet_dport;
	tuple->peer_id = 0;
}

/* Bound addresses that a socket takes segments for, family by family. */
enum vctp_bound {
	VCTP_BOUND_NONE,
	VCTP_BOUND_ANY,
	VCTP_BOUND_ONE,
};

struct vctp_bound_to {
	enum vctp_bound	v4, v6;
	__be32		v4_addr;
	struct in6_addr	v6_addr;
};

static void vctp_bound_to(const struct sock *sk, struct vctp_bound_to *to)
{
	to->v4 = VCTP_BOUND_NONE;
	to->v6 = VCTP_BOUND_NONE;
	if (sk->sk_family == AF_INET) {
		to->v4_addr = sk->sk_rcv_saddr;
	} else if (ipv6_addr_any(&sk->sk_v6_rcv_saddr)) {
		to->v6 = VCTP_BOUND_ANY;
		to->v4_addr = htonl(INADDR_ANY);
		if (ipv6_only_sock(sk))
			return;
	} else if (ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr)) {
		to->v4_addr = sk->sk_v6_rcv_saddr.s6_addr32[3];
	} else {
		to->v6 = VCTP_BOUND_ONE;
		to->v6_addr = sk->sk_v6_rcv_saddr;
		return;
	}
	to->v4 = to->v4_addr == htonl(INADDR_ANY) ? VCTP_BOUND_ANY :
						    VCTP_BOUND_ONE;
}

/* Do they overlap in one family? @same: the addresses are, if there are two. */
static bool vctp_bound_overlap(enum vctp_bound a, enum vctp_bound b, bool same,
			       bool match_any)
{
	if (a == VCTP_BOUND_NONE || b == VCTP_BOUND_NONE)
		return false;
	if (a == VCTP_BOUND_ONE && b == VCTP_BOUND_ONE)
		return same;
	return a == b || match_any;
}

/**
 * vctp_net_address_conflict() - do the bound addresses of two sockets overlap?
 * @a: a socket with a bound port
 * @b: another, with the same port
 * @match_any: any address overlaps with each; else only with any, of sockets
 *	that take the same families (SO_REUSEPORT's groups)
 *
 * Families and IPV6_V6ONLY included. The port's lock.
 */
bool vctp_net_address_conflict(const struct sock *a, const struct sock *b,
			       bool match_any)
{
	struct vctp_bound_to to_a, to_b;

	vctp_bound_to(a, &to_a);
	vctp_bound_to(b, &to_b);
	if (!match_any && (to_a.v4 != to_b.v4 || to_a.v6 != to_b.v6))
		return false;
	return vctp_bound_overlap(to_a.v4, to_b.v4,
				  to_a.v4_addr == to_b.v4_addr, match_any) ||
	       vctp_bound_overlap(to_a.v6, to_b.v6,
				  ipv6_addr_equal(&to_a.v6_addr, &to_b.v6_addr),
				  match_any);
}

/**
 * vctp_net_listener_score() - is a listener there for a segment, and how well?
 * @sk: a listener with the right port
 * @flow: the segment, local is ours
 * @dif: ifindex that it came by
 * @sdif: of the VRF's device that it came by, or 0
 *
 * A listener of its very address wins over one of any; then, as TCP has it,
 * one bound to its device, one of IPv4's own for IPv4, one on this CPU.
 * RCU.
 *
 * Return: the score; -1: it is not.
 */
int vctp_net_listener_score(const struct sock *sk, const struct vctp_tuple *flow,
			    int dif, int sdif)
{
	bool v4 = vctp_tuple_is_v4(flow);
	struct vctp_bound_to to;
	int score;

	if (!inet_sk_bound_dev_eq(sock_net(sk), READ_ONCE(sk->sk_bound_dev_if),
				  dif, sdif))
		return -1;
	vctp_bound_to(sk, &to);
	if (v4 && to.v4 == VCTP_BOUND_ONE) {
		if (to.v4_addr != flow->local.s6_addr32[3])
			return -1;
	} else if (!v4 && to.v6 == VCTP_BOUND_ONE) {
		if (!ipv6_addr_equal(&to.v6_addr, &flow->local))
			return -1;
	} else if ((v4 ? to.v4 : to.v6) == VCTP_BOUND_NONE) {
		return -1;
	}
	score = READ_ONCE(sk->sk_bound_dev_if) ? 2 : 1;
	if (sk->sk_family == (v4 ? AF_INET : AF_INET6))
		score++;
	if (READ_ONCE(sk->sk_incoming_cpu) == raw_smp_processor_id())
		score++;
	if ((v4 ? to.v4 : to.v6) == VCTP_BOUND_ONE)
		score += 8;
	return score;
}
