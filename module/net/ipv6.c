// SPDX-License-Identifier: GPL-2.0
/*
 * IPv6 below a circuit: its route, its addresses, its packets.
 *
 * The flow that the route was found by is kept in inet->cork, for as long as
 * the route is good: a packet costs no more than checking the cookie.
 */
#include <net/addrconf.h>
#include <net/inet_hashtables.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "internal.h"

static struct flowi6 *vctp_v6_flow(struct sock *sk)
{
	return &inet_sk(sk)->cork.fl.u.ip6;
}

/* Look up the route from @saddr (or any) to the socket's peer; -errno. */
static int vctp_v6_lookup(struct sock *sk, const struct in6_addr *saddr)
{
	struct flowi6 *fl6 = vctp_v6_flow(sk);
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct in6_addr *final_p, final;
	struct dst_entry *dst;

	memset(fl6, 0, sizeof(*fl6));
	fl6->flowi6_proto = sk->sk_protocol;
	fl6->daddr = sk->sk_v6_daddr;
	fl6->saddr = *saddr;
	fl6->flowlabel = ip6_make_flowinfo(np->tclass, np->flow_label);
	fl6->flowi6_oif = sk->sk_bound_dev_if;
	fl6->flowi6_mark = READ_ONCE(sk->sk_mark);
	fl6->fl6_sport = inet_sk(sk)->inet_sport;
	fl6->fl6_dport = inet_sk(sk)->inet_dport;
	fl6->flowi6_uid = sk_uid(sk);
	security_sk_classify_flow(sk, flowi6_to_flowi_common(fl6));

	rcu_read_lock();
	final_p = fl6_update_dst(fl6, rcu_dereference(np->opt), &final);
	rcu_read_unlock();

	dst = ip6_dst_lookup_flow(sock_net(sk), sk, fl6, final_p);
	if (IS_ERR(dst)) {
		sk->sk_route_caps = 0;
		return PTR_ERR(dst);
	}
	vctp_ip6_dst_store(sk, dst);
	vctp_gso_always(sk, dst);
	/* Behind a routing header the flow names the first hop. */
	fl6->daddr = sk->sk_v6_daddr;
	return 0;
}

/* The ports were not all known when the route was looked up for connect(). */
static bool vctp_v6_ports_changed(struct sock *sk)
{
	const struct flowi6 *fl6 = vctp_v6_flow(sk);
	const struct inet_sock *inet = inet_sk(sk);

	return fl6->fl6_sport != inet->inet_sport ||
	       fl6->fl6_dport != inet->inet_dport;
}

/* vctp_af_ops.route. Socket lock. What went wrong is in sk_err_soft. */
static struct dst_entry *vctp_v6_route(struct sock *sk)
{
	struct ipv6_pinfo *np = inet6_sk(sk);
	struct dst_entry *dst = __sk_dst_check(sk, np->dst_cookie);
	int err;

	if (likely(dst && !vctp_v6_ports_changed(sk)))
		return dst;
	err = vctp_v6_lookup(sk, &np->saddr);
	if (err) {
		WRITE_ONCE(sk->sk_err_soft, -err);
		return NULL;
	}
	return __sk_dst_get(sk);
}

/* vctp_af_ops.transmit: takes @skb. Gives -errno or NET_XMIT_. */
static int vctp_v6_transmit(struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst = vctp_v6_route(sk);
	struct ipv6_pinfo *np = inet6_sk(sk);
	int err;

	if (unlikely(!dst)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_IP_OUTNOROUTES);
		return -EHOSTUNREACH;
	}
	rcu_read_lock();
	skb_dst_set_noref(skb, dst);
	err = ip6_xmit(sk, skb, vctp_v6_flow(sk), READ_ONCE(sk->sk_mark),
		       rcu_dereference(np->opt), np->tclass,
		       READ_ONCE(sk->sk_priority));
	rcu_read_unlock();
	return err;
}

/* vctp_af_ops.update_pmtu. Socket lock. Bytes; 0: the news is not believed. */
static u32 vctp_v6_update_pmtu(struct sock *sk, u32 mtu)
{
	struct dst_entry *dst;

	if (mtu < IPV6_MIN_MTU || !ip6_sk_accept_pmtu(sk))
		return 0;
	dst = vctp_v6_route(sk);
	if (!dst)
		return 0;
	dst->ops->update_pmtu(dst, sk, NULL, mtu, true);
	dst = vctp_v6_route(sk);
	return dst ? dst_mtu(dst) : 0;
}

/*
 * vctp_af_ops.connect_route for a struct sockaddr_in6 that is not v4-mapped.
 * As tcp_v6_connect(): a link-local address has its device already, a flow
 * label its lease; ENETUNREACH for multicast.
 */
static int vctp_v6_connect_route(struct sock *sk, struct sockaddr *addr, int len)
{
	const struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)addr;
	struct inet_sock *inet = inet_sk(sk);
	struct ipv6_pinfo *np = inet6_sk(sk);
	bool bound = !ipv6_addr_any(&sk->sk_v6_rcv_saddr);
	int err;

	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	if (ipv6_addr_is_multicast(&sin6->sin6_addr))
		return -ENETUNREACH;

	sk->sk_v6_daddr = sin6->sin6_addr;
	np->flow_label = 0;
	if (inet6_test_bit(SNDFLOW, sk))
		np->flow_label = sin6->sin6_flowinfo & IPV6_FLOWLABEL_MASK;
	inet->inet_dport = sin6->sin6_port;
	sk->sk_gso_type = SKB_GSO_SCTP;
	err = vctp_v6_lookup(sk, bound ? &sk->sk_v6_rcv_saddr : &np->saddr);
	if (err) {
		inet->inet_dport = 0;
		return err;
	}
	if (!bound)
		sk->sk_v6_rcv_saddr = vctp_v6_flow(sk)->saddr;
	np->saddr = sk->sk_v6_rcv_saddr;
	inet->inet_rcv_saddr = LOOPBACK4_IPV6;
	return 0;
}

/**
 * vctp_net_child_detach() - what a clone of a listener must not share with it
 * @child: as sk_clone_lock() leaves it
 *
 * To be called before anything can fail that frees the child: its destructor
 * would free the listener's options. vctp_af_ops.init_child does it first.
 */
void vctp_net_child_detach(struct sock *child)
{
	struct inet_sock *inet = inet_sk(child);
	struct ipv6_pinfo *np;

	RCU_INIT_POINTER(inet->inet_opt, NULL);
	RCU_INIT_POINTER(inet->mc_list, NULL);
	memset(&inet->cork, 0, sizeof(inet->cork));
	if (child->sk_family != AF_INET6)
		return;
	np = &((struct vctp6_sock *)child)->inet6;
	inet->pinet6 = np;
	vctp_ipv6_fl_list_clear(child);
	np->ipv6_mc_list = NULL;
	np->ipv6_ac_list = NULL;
	np->pktoptions = NULL;
	RCU_INIT_POINTER(np->opt, NULL);
}

/* The IPv6 half of an IPv6 listener's child whose peer speaks IPv4. */
void vctp_v6_mapped_child(struct sock *child, struct sk_buff *skb)
{
	struct ipv6_pinfo *np = inet6_sk(child);

	np->saddr = child->sk_v6_rcv_saddr;
	np->mcast_oif = inet_iif(skb);
	np->mcast_hops = ip_hdr(skb)->ttl;
	np->rcv_flowinfo = 0;
	if (inet6_test_bit(REPFLOW, child))
		np->flow_label = 0;
}

/* The listener's extension headers, as a copy of the child's own. */
static void vctp_v6_child_options(struct sock *listener, struct sock *child)
{
	struct ipv6_txoptions *opt;

	rcu_read_lock();
	opt = rcu_dereference(inet6_sk(listener)->opt);
	if (opt)
		opt = ipv6_dup_options(child, opt);
	RCU_INIT_POINTER(inet6_sk(child)->opt, opt);
	rcu_read_unlock();
}

/* vctp_af_ops.init_child of an IPv6 listener, for peers of both families. */
static int vctp_v6_init_child(struct sock *listener, struct sock *child,
			      const struct vctp_tuple *tuple,
			      struct sk_buff *skb)
{
	struct inet_sock *inet = inet_sk(child);
	struct ipv6_pinfo *np;

	if (vctp_tuple_is_v4(tuple))
		return vctp_v4_init_child(listener, child, tuple, skb);

	vctp_net_child_detach(child);
	np = inet6_sk(child);
	child->sk_v6_daddr = tuple->remote;
	child->sk_v6_rcv_saddr = tuple->local;
	np->saddr = tuple->local;
	inet->inet_daddr = LOOPBACK4_IPV6;
	inet->inet_rcv_saddr = LOOPBACK4_IPV6;
	inet->inet_saddr = LOOPBACK4_IPV6;
	inet->inet_dport = tuple->remote_port;
	inet->inet_sport = tuple->local_port;
	inet->inet_num = ntohs(tuple->local_port);
	np->mcast_oif = skb->dev->ifindex;
	np->mcast_hops = ipv6_hdr(skb)->hop_limit;
	np->rcv_flowinfo = ip6_flowinfo(ipv6_hdr(skb));
	if (inet6_test_bit(REPFLOW, listener))
		np->flow_label = ip6_flowlabel(ipv6_hdr(skb));
	vctp_v6_child_options(listener, child);
	child->sk_bound_dev_if = vctp_net_reply_dev(listener, skb);
	child->sk_mark = inet_request_mark(listener, skb);
	child->sk_gso_type = SKB_GSO_SCTP;
	sk_set_txhash(child);
	vctp_sk(child)->af = &vctp_ipv6_ops;
	return vctp_v6_lookup(child, &np->saddr);
}

const struct vctp_af_ops vctp_ipv6_ops = {
	.connect_route	= vctp_v6_connect_route,
	.transmit	= vctp_v6_transmit,
	.route		= vctp_v6_route,
	.update_pmtu	= vctp_v6_update_pmtu,
	.init_child	= vctp_v6_init_child,
	.setsockopt	= ipv6_setsockopt,
	.getsockopt	= ipv6_getsockopt,
	.network_header_len = sizeof(struct ipv6hdr),
	.sockaddr_len	= sizeof(struct sockaddr_in6),
};
