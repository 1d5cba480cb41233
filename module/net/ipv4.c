// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 below a circuit: its route, its addresses, its packets.
 *
 * The flow that the route was found by is kept in inet->cork, as TCP has it:
 * ip_queue_xmit() takes the packet's addresses from there.
 */
#include <net/inet_hashtables.h>
#include <net/ip.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "internal.h"

static struct flowi4 *vctp_v4_flow(struct sock *sk)
{
	return &inet_sk(sk)->cork.fl.u.ip4;
}

/* Look up the route between the socket's addresses; -errno where none is. */
static int vctp_v4_lookup(struct sock *sk)
{
	struct flowi4 *fl4 = vctp_v4_flow(sk);
	struct inet_sock *inet = inet_sk(sk);
	__be32 daddr = inet->inet_daddr;
	struct ip_options_rcu *opt;
	struct rtable *rt;

	rcu_read_lock();
	opt = rcu_dereference(inet->inet_opt);
	if (opt && opt->opt.srr)
		daddr = opt->opt.faddr;
	rcu_read_unlock();

	flowi4_init_output(fl4, sk->sk_bound_dev_if, READ_ONCE(sk->sk_mark),
			   ip_sock_rt_tos(sk), ip_sock_rt_scope(sk),
			   sk->sk_protocol, inet_sk_flowi_flags(sk), daddr,
			   inet->inet_saddr, inet->inet_dport,
			   inet->inet_sport, sk_uid(sk));
	security_sk_classify_flow(sk, flowi4_to_flowi_common(fl4));
	rt = ip_route_output_flow(sock_net(sk), fl4, sk);
	if (IS_ERR(rt)) {
		sk->sk_route_caps = 0;
		return PTR_ERR(rt);
	}
	sk_setup_caps(sk, &rt->dst);
	vctp_gso_always(sk, &rt->dst);
	return 0;
}

/* The ports were not all known when the route was looked up for connect(). */
static bool vctp_v4_ports_changed(struct sock *sk)
{
	const struct flowi4 *fl4 = vctp_v4_flow(sk);
	const struct inet_sock *inet = inet_sk(sk);

	return fl4->fl4_sport != inet->inet_sport ||
	       fl4->fl4_dport != inet->inet_dport;
}

/* vctp_af_ops.route. Socket lock. What went wrong is in sk_err_soft. */
static struct dst_entry *vctp_v4_route(struct sock *sk)
{
	struct dst_entry *dst = __sk_dst_check(sk, 0);
	int err;

	if (likely(dst && !vctp_v4_ports_changed(sk)))
		return dst;
	err = vctp_v4_lookup(sk);
	if (err) {
		WRITE_ONCE(sk->sk_err_soft, -err);
		return NULL;
	}
	return __sk_dst_get(sk);
}

/*
 * vctp_af_ops.transmit: takes @skb. Gives -errno or NET_XMIT_. The route is
 * ours to look up: IPsec policies look at ports, and one that ip_queue_xmit()
 * finds for itself has not been through vctp_v4_lookup().
 */
static int vctp_v4_transmit(struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst;
	int err;

	rcu_read_lock();
	dst = vctp_v4_route(sk);
	if (likely(dst)) {
		skb_dst_set_noref(skb, dst);
		err = ip_queue_xmit(sk, skb, &inet_sk(sk)->cork.fl);
	} else {
		IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		kfree_skb_reason(skb, SKB_DROP_REASON_IP_OUTNOROUTES);
		err = -EHOSTUNREACH;
	}
	rcu_read_unlock();
	return err;
}

/* vctp_af_ops.update_pmtu. Socket lock. Bytes; 0: the news is not believed. */
static u32 vctp_v4_update_pmtu(struct sock *sk, u32 mtu)
{
	struct dst_entry *dst = vctp_v4_route(sk);

	if (!dst)
		return 0;
	dst->ops->update_pmtu(dst, sk, NULL, mtu, true);
	dst = vctp_v4_route(sk);
	if (!dst)
		return 0;
	/* Should it come to nothing, this is what the program is told. */
	if (mtu < dst_mtu(dst) && ip_dont_fragment(sk, dst))
		WRITE_ONCE(sk->sk_err_soft, EMSGSIZE);
	if (READ_ONCE(inet_sk(sk)->pmtudisc) == IP_PMTUDISC_DONT ||
	    !ip_sk_accept_pmtu(sk))
		return 0;
	return dst_mtu(dst);
}

/*
 * vctp_af_ops.connect_route for struct sockaddr_in. As tcp_v4_connect(): the
 * source address is the route's unless bind() gave one; ENETUNREACH for a
 * multicast or broadcast address.
 */
int vctp_v4_connect_route(struct sock *sk, struct sockaddr *addr, int len)
{
	const struct sockaddr_in *sin = (struct sockaddr_in *)addr;
	struct flowi4 *fl4 = vctp_v4_flow(sk);
	struct inet_sock *inet = inet_sk(sk);
	struct ip_options_rcu *opt;
	__be32 daddr, nexthop;
	struct rtable *rt;

	if (len < sizeof(*sin))
		return -EINVAL;
	daddr = sin->sin_addr.s_addr;
	nexthop = daddr;
	opt = rcu_dereference_protected(inet->inet_opt,
					lockdep_sock_is_held(sk));
	if (opt && opt->opt.srr) {
		if (!daddr)
			return -EINVAL;
		nexthop = opt->opt.faddr;
	}
	rt = ip_route_connect(fl4, nexthop, inet->inet_saddr,
			      sk->sk_bound_dev_if, sk->sk_protocol,
			      inet->inet_sport, sin->sin_port, sk);
	if (IS_ERR(rt)) {
		if (PTR_ERR(rt) == -ENETUNREACH)
			IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		return PTR_ERR(rt);
	}
	if (rt->rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) {
		ip_rt_put(rt);
		return -ENETUNREACH;
	}
	/* 0.0.0.0 has become the address of this host. */
	if (!opt || !opt->opt.srr)
		daddr = fl4->daddr;
	if (!inet->inet_saddr)
		inet->inet_saddr = fl4->saddr;
	sk_rcv_saddr_set(sk, inet->inet_saddr);
	sk_daddr_set(sk, daddr);
	inet->inet_dport = sin->sin_port;
	atomic_set(&inet->inet_id, (u16)vctp_random_u32(vctp_net(sock_net(sk))));
	sk->sk_gso_type = SKB_GSO_SCTP;
	sk_setup_caps(sk, &rt->dst);
	vctp_gso_always(sk, &rt->dst);
	return 0;
}

/*
 * vctp_af_ops.init_child: @tuple runs over IPv4, the listener may be of either
 * family. A SYN's IP options are not taken over: no reply goes by a source
 * route that a stranger chose.
 */
int vctp_v4_init_child(struct sock *listener, struct sock *child,
		       const struct vctp_tuple *tuple, struct sk_buff *skb)
{
	struct inet_sock *inet = inet_sk(child);

	vctp_net_child_detach(child);
	sk_daddr_set(child, tuple->remote.s6_addr32[3]);
	sk_rcv_saddr_set(child, tuple->local.s6_addr32[3]);
	inet->inet_saddr = tuple->local.s6_addr32[3];
	inet->inet_dport = tuple->remote_port;
	inet->inet_sport = tuple->local_port;
	inet->inet_num = ntohs(tuple->local_port);
	inet->mc_index = inet_iif(skb);
	inet->mc_ttl = ip_hdr(skb)->ttl;
	inet->rcv_tos = ip_hdr(skb)->tos;
	atomic_set(&inet->inet_id, (u16)vctp_random_u32(vctp_net(sock_net(child))));
	child->sk_bound_dev_if = vctp_net_reply_dev(listener, skb);
	child->sk_mark = inet_request_mark(listener, skb);
	child->sk_gso_type = SKB_GSO_SCTP;
	sk_set_txhash(child);
	if (child->sk_family == AF_INET6) {
		vctp_v6_mapped_child(child, skb);
		vctp_sk(child)->af = &vctp_mapped_ops;
	} else {
		vctp_sk(child)->af = &vctp_ipv4_ops;
	}
	return vctp_v4_lookup(child);
}

const struct vctp_af_ops vctp_ipv4_ops = {
	.connect_route	= vctp_v4_connect_route,
	.transmit	= vctp_v4_transmit,
	.route		= vctp_v4_route,
	.update_pmtu	= vctp_v4_update_pmtu,
	.init_child	= vctp_v4_init_child,
	.setsockopt	= ip_setsockopt,
	.getsockopt	= ip_getsockopt,
	.network_header_len = sizeof(struct iphdr),
	.sockaddr_len	= sizeof(struct sockaddr_in),
};

/* The IPv6 half of the socket follows what IPv4 chose. */
static int vctp_mapped_connect_route(struct sock *sk, struct sockaddr *addr,
				     int len)
{
	int err = vctp_v4_connect_route(sk, addr, len);

	if (!err)
		inet6_sk(sk)->saddr = sk->sk_v6_rcv_saddr;
	return err;
}

const struct vctp_af_ops vctp_mapped_ops = {
	.connect_route	= vctp_mapped_connect_route,
	.transmit	= vctp_v4_transmit,
	.route		= vctp_v4_route,
	.update_pmtu	= vctp_v4_update_pmtu,
	.init_child	= vctp_v4_init_child,
	.setsockopt	= ipv6_setsockopt,
	.getsockopt	= ipv6_getsockopt,
	.network_header_len = sizeof(struct iphdr),
	.sockaddr_len	= sizeof(struct sockaddr_in6),
};
