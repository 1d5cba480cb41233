// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that no socket sends: RSTs, SYN+ACKs of requests, ACKs of
 * TIME_WAIT. None carries payload; each looks up its route for itself.
 */
#include <linux/vctp.h>
#include <net/inet_dscp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "internal.h"

#define VCTP_REPLY_ROOM	(MAX_HEADER + sizeof(struct ipv6hdr) + VCTP_HEADER_MAX)

/* All that a route depends on. */
struct vctp_reply_path {
	const struct vctp_tuple *tuple;
	struct sock *sk;	/* listener, or NULL; only read */
	int	bound_dev;
	u32	mark;
	u8	tos;
};

static struct rtable *vctp_v4_reply_route(struct net *net, struct flowi4 *fl4,
					  const struct vctp_reply_path *path)
{
	const struct vctp_tuple *tuple = path->tuple;
	struct sock *sk = path->sk;

	flowi4_init_output(fl4, path->bound_dev, path->mark,
			   path->tos & INET_DSCP_MASK,
			   RT_SCOPE_UNIVERSE, IPPROTO_VCTP,
			   sk ? inet_sk_flowi_flags(sk) : 0,
			   tuple->remote.s6_addr32[3], tuple->local.s6_addr32[3],
			   tuple->remote_port, tuple->local_port,
			   sock_net_uid(net, sk));
	if (sk)
		security_sk_classify_flow(sk, flowi4_to_flowi_common(fl4));
	return ip_route_output_flow(net, fl4, sk);
}

static struct dst_entry *vctp_v6_reply_route(struct net *net, struct flowi6 *fl6,
					     const struct vctp_reply_path *path)
{
	const struct vctp_tuple *tuple = path->tuple;

	memset(fl6, 0, sizeof(*fl6));
	fl6->flowi6_proto = IPPROTO_VCTP;
	fl6->daddr = tuple->remote;
	fl6->saddr = tuple->local;
	fl6->flowlabel = ip6_make_flowinfo(path->tos, 0);
	fl6->flowi6_oif = path->bound_dev;
	fl6->flowi6_mark = path->mark;
	fl6->fl6_dport = tuple->remote_port;
	fl6->fl6_sport = tuple->local_port;
	fl6->flowi6_uid = sock_net_uid(net, path->sk);
	if (path->sk)
		security_sk_classify_flow(path->sk,
					  flowi6_to_flowi_common(fl6));
	return ip6_dst_lookup_flow(net, path->sk, fl6, NULL);
}

static void vctp_reply_path_init(struct vctp_reply_path *path,
				 const struct vctp_reply *reply)
{
	struct sock *sk = (struct sock *)reply->sk;

	path->tuple = reply->tuple;
	path->sk = sk;
	path->bound_dev = reply->bound_dev;
	path->mark = reply->mark;
	path->tos = reply->tos;
	/* The listener's word, where the caller has none. */
	if (sk && !path->mark)
		path->mark = READ_ONCE(sk->sk_mark);
	if (sk && !path->tos)
		path->tos = vctp_tuple_is_v4(reply->tuple) ?
			    READ_ONCE(inet_sk(sk)->tos) :
			    READ_ONCE(inet6_sk(sk)->tclass);
}

/* The segment without its IP header, checksum filled in. NULL: no memory. */
static struct sk_buff *vctp_reply_skb(const struct vctp_reply *reply,
				      const struct vctp_reply_path *path)
{
	struct vctp_departure departure = reply->segment;
	struct vctp_header *h;
	struct sk_buff *skb;

	skb = alloc_skb(VCTP_REPLY_ROOM, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, VCTP_REPLY_ROOM);
	departure.source = ntohs(reply->tuple->local_port);
	departure.dest = ntohs(reply->tuple->remote_port);
	vctp_net_build(skb, &departure, reply->options);
	h = (struct vctp_header *)skb->data;
	h->check = csum_fold(csum_partial(h, skb->len, 0));
	skb->ip_summed = CHECKSUM_NONE;
	skb->mark = path->mark;
	if (path->sk)
		skb->priority = READ_ONCE(path->sk->sk_priority);
	/* Cgroups and owner matches ask whose it is; nobody's if that ends now. */
	(void)!skb_set_owner_sk_safe(skb, path->sk);
	return skb;
}

static int vctp_v4_reply(struct net *net, const struct vctp_reply *reply)
{
	struct vctp_reply_path path;
	struct flowi4 fl4;
	struct sk_buff *skb;
	struct rtable *rt;
	struct iphdr *iph;
	struct sock *sk;
	int ttl = -1, err;

	vctp_reply_path_init(&path, reply);
	sk = path.sk;
	rt = vctp_v4_reply_route(net, &fl4, &path);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	skb = vctp_reply_skb(reply, &path);
	if (!skb) {
		ip_rt_put(rt);
		return -ENOBUFS;
	}
	skb_dst_set(skb, &rt->dst);
	iph = skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	if (sk)
		ttl = READ_ONCE(inet_sk(sk)->uc_ttl);
	*iph = (struct iphdr) {
		.version	= IPVERSION,
		.ihl		= sizeof(*iph) / 4,
		.tos		= path.tos,
		.ttl		= ttl < 0 ? ip4_dst_hoplimit(&rt->dst) : ttl,
		.protocol	= IPPROTO_VCTP,
		.saddr		= fl4.saddr,
		.daddr		= fl4.daddr,
	};
	/* As small as it is, it is no packet that gets cut on its way. */
	if (!sk || ip_dont_fragment(sk, &rt->dst))
		iph->frag_off = htons(IP_DF);
	else
		__ip_select_ident(net, iph, 1);
	err = ip_local_out(net, sk, skb);
	return net_xmit_eval(err);
}

static int vctp_v6_reply(struct net *net, const struct vctp_reply *reply)
{
	struct vctp_reply_path path;
	struct dst_entry *dst;
	struct ipv6hdr *iph;
	struct flowi6 fl6;
	struct sk_buff *skb;
	struct sock *sk;
	int hops = -1, err;

	vctp_reply_path_init(&path, reply);
	sk = path.sk;
	dst = vctp_v6_reply_route(net, &fl6, &path);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	skb = vctp_reply_skb(reply, &path);
	if (!skb) {
		dst_release(dst);
		return -ENOBUFS;
	}
	skb_dst_set(skb, dst);
	skb->protocol = htons(ETH_P_IPV6);
	iph = skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	if (sk)
		hops = inet6_sk(sk)->hop_limit;
	ip6_flow_hdr(iph, path.tos,
		     ip6_make_flowlabel(net, skb, 0,
					ip6_default_np_autolabel(net), &fl6));
	iph->nexthdr = IPPROTO_VCTP;
	iph->hop_limit = hops < 0 ? ip6_dst_hoplimit(dst) : hops;
	iph->saddr = fl6.saddr;
	iph->daddr = fl6.daddr;
	err = ip6_local_out(net, sk, skb);
	return net_xmit_eval(err);
}

/**
 * vctp_net_reply() - build and send one segment without payload
 * @net: the namespace
 * @reply: what it says, and from where to where
 *
 * BH or process; no lock wanted, a listener in @reply is held by RCU or a
 * reference. How often is the caller's to limit.
 *
 * Return: 0, or -errno: there is no route, or no memory.
 */
int vctp_net_reply(struct net *net, const struct vctp_reply *reply)
{
	int err;

	rcu_read_lock();
	if (vctp_tuple_is_v4(reply->tuple))
		err = vctp_v4_reply(net, reply);
	else
		err = vctp_v6_reply(net, reply);
	rcu_read_unlock();
	return err;
}

/**
 * vctp_net_reply_mss() - the MSS that a SYN+ACK announces
 * @net: the namespace
 * @tuple: from us to the peer
 * @sk: the listener, or NULL
 * @bound_dev: ifindex or 0
 *
 * Return: bytes of payload that fit the route's MTU; VCTP_MSS_MIN where there
 * is no route.
 */
u32 vctp_net_reply_mss(struct net *net, const struct vctp_tuple *tuple,
		       const struct sock *sk, int bound_dev)
{
	struct vctp_reply_path path = {
		.tuple = tuple,
		.sk = (struct sock *)sk,
		.bound_dev = bound_dev,
		.mark = sk ? READ_ONCE(sk->sk_mark) : 0,
	};
	u32 overhead = VCTP_HEADER_LEN;
	struct dst_entry *dst;
	u32 mtu;

	if (vctp_tuple_is_v4(tuple)) {
		struct flowi4 fl4;
		struct rtable *rt;

		overhead += sizeof(struct iphdr);
		rt = vctp_v4_reply_route(net, &fl4, &path);
		if (IS_ERR(rt))
			return VCTP_MSS_MIN;
		dst = &rt->dst;
	} else {
		struct flowi6 fl6;

		overhead += sizeof(struct ipv6hdr);
		dst = vctp_v6_reply_route(net, &fl6, &path);
		if (IS_ERR(dst))
			return VCTP_MSS_MIN;
	}
	mtu = dst_mtu(dst);
	dst_release(dst);
	return clamp_t(u32, mtu > overhead ? mtu - overhead : 0, VCTP_MSS_MIN,
		       U16_MAX);
}

/**
 * vctp_net_reply_dev() - the device that replies to a segment are bound to
 * @sk: the listener or socket it is for, or NULL
 * @skb: the segment, on its way in
 *
 * What the socket is bound to, or the VRF that the segment came by; for a
 * link-local address its link, which VRFs do not tell apart. BH, RCU.
 *
 * Return: ifindex, or 0.
 */
int vctp_net_reply_dev(const struct sock *sk, const struct sk_buff *skb)
{
	int bound = sk ? READ_ONCE(sk->sk_bound_dev_if) : 0;

	if ((!bound || netif_is_l3_master(skb->dev)) && !vctp_skb_is_v4(skb) &&
	    ipv6_addr_type(&ipv6_hdr(skb)->saddr) & IPV6_ADDR_LINKLOCAL)
		return skb->skb_iif;
	if (bound)
		return bound;
	return netif_is_l3_master(skb->dev) ? skb->dev->ifindex : 0;
}
