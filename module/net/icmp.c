// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors about segments of ours, IPv4 and IPv6: what they quote, and
 * which errno they stand for. Whether a quote is true is for the circuit to
 * say: ports, identifier and, where the quote reaches so far, the sequence
 * number have to fit.
 *
 * A quote has at least 8 bytes of our header: ports and identifier.
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/icmp.h>
#include <net/ipv6.h>
#include <net/ndisc.h>

#include "internal.h"

/* Up to here a quote has to reach to tell the sequence number. */
#define VCTP_QUOTE_SEQ	offsetofend(struct vctp_header, seq_high)

/*
 * Read the quoted header, which begins at skb->data + @offset. The linear part
 * may move.
 */
static void vctp_quote_read(struct sk_buff *skb, u32 offset,
			    struct vctp_tuple *flow, struct vctp_icmp *icmp)
{
	const struct vctp_header *h;

	icmp->has_seq = pskb_may_pull(skb, offset + VCTP_QUOTE_SEQ);
	h = (const struct vctp_header *)(skb->data + offset);
	flow->local_port = h->source;
	flow->remote_port = h->dest;
	flow->peer_id = 0;
	icmp->quoted_id = be32_to_cpu(h->id);
	if (icmp->has_seq)
		icmp->quoted_seq = (u64)be16_to_cpu(h->seq_high) << 32 |
				   be32_to_cpu(h->seq_low);
}

/* False: it says nothing that concerns a circuit. */
static bool vctp_v4_convert(u8 type, u8 code, u32 info, struct vctp_icmp *icmp)
{
	icmp->kind = VCTP_ICMP_SOFT;
	icmp->info = info;
	switch (type) {
	case ICMP_REDIRECT:
		icmp->kind = VCTP_ICMP_REDIRECT;
		return true;
	case ICMP_PARAMETERPROB:
		icmp->kind = VCTP_ICMP_HARD;
		icmp->err = EPROTO;
		return true;
	case ICMP_TIME_EXCEEDED:
		icmp->err = EHOSTUNREACH;
		return true;
	case ICMP_DEST_UNREACH:
		if (code > NR_ICMP_UNREACH)
			return false;
		icmp->err = icmp_err_convert[code].errno;
		if (icmp_err_convert[code].fatal)
			icmp->kind = VCTP_ICMP_HARD;
		if (code == ICMP_FRAG_NEEDED)
			icmp->kind = VCTP_ICMP_MTU;
		return true;
	default:
		/* Source quench above all (RFC 6633). */
		return false;
	}
}

/**
 * vctp_v4_err() - an ICMP error quotes an IPv4 packet of protocol 253
 * @skb: the quoted IP header at skb->data, with 8 bytes behind it
 * @info: MTU of the next hop, gateway, or pointer
 *
 * BH, RCU. Return: 0.
 */
int vctp_v4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct net *net = dev_net_rcu(skb->dev);
	struct vctp_icmp icmp = {};
	struct vctp_tuple flow;

	if (!vctp_v4_convert(icmp_hdr(skb)->type, icmp_hdr(skb)->code, info,
			     &icmp))
		return 0;
	ipv6_addr_set_v4mapped(iph->saddr, &flow.local);
	ipv6_addr_set_v4mapped(iph->daddr, &flow.remote);
	vctp_quote_read(skb, iph->ihl * 4, &flow, &icmp);
	vctp_circuit_icmp(net, skb, &flow, &icmp);
	return 0;
}

/**
 * vctp_v6_err() - an ICMPv6 error quotes an IPv6 packet of protocol 253
 * @skb: the quoted IPv6 header at skb->data
 * @opt: unused
 * @type: of the error
 * @code: of the error
 * @offset: from skb->data to our header, of which 8 bytes are there
 * @info: MTU of the next hop, or pointer
 *
 * BH, RCU. Return: 0.
 */
int vctp_v6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type,
		u8 code, int offset, __be32 info)
{
	const struct ipv6hdr *iph = (const struct ipv6hdr *)skb->data;
	struct net *net = dev_net_rcu(skb->dev);
	struct vctp_icmp icmp = {
		.kind = VCTP_ICMP_SOFT,
		.info = be32_to_cpu(info),
	};
	struct vctp_tuple flow = {
		.local = iph->saddr,
		.remote = iph->daddr,
	};

	if (type == NDISC_REDIRECT) {
		icmp.kind = VCTP_ICMP_REDIRECT;
	} else if (type == ICMPV6_PKT_TOOBIG) {
		/* No link has less (RFC 8200, 5; RFC 8201, 4). */
		if (icmp.info < IPV6_MIN_MTU)
			return 0;
		icmp.kind = VCTP_ICMP_MTU;
		icmp.err = EMSGSIZE;
	} else if (icmpv6_err_convert(type, code, &icmp.err)) {
		icmp.kind = VCTP_ICMP_HARD;
	}
	vctp_quote_read(skb, offset, &flow, &icmp);
	vctp_circuit_icmp(net, skb, &flow, &icmp);
	return 0;
}

/**
 * vctp_net_redirect() - a router knows a better first hop
 * @sk: the socket whose segment was quoted; BH-locked, owned by no program
 * @skb: the ICMP error, as the error handler got it
 */
void vctp_net_redirect(struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst;
	u32 cookie = 0;

	if (!vctp_skb_is_v4(skb))
		cookie = inet6_sk(sk)->dst_cookie;
	dst = __sk_dst_check(sk, cookie);
	if (dst)
		dst->ops->redirect(dst, sk, skb);
}

/**
 * vctp_net_recverr() - does the program ask for errors as they come?
 * @sk: the socket
 * @skb: the ICMP error, which tells the family
 *
 * IP_RECVERR for IPv4's errors, IPV6_RECVERR for IPv6's, as TCP.
 */
bool vctp_net_recverr(const struct sock *sk, const struct sk_buff *skb)
{
	if (vctp_skb_is_v4(skb))
		return inet_test_bit(RECVERR, sk);
	return inet6_test_bit(RECVERR6, sk);
}

/* Where our header begins in the packet that @skb quotes, from skb->data. */
static u32 vctp_quote_offset(const struct sk_buff *skb)
{
	u8 nexthdr = ((const struct ipv6hdr *)skb->data)->nexthdr;
	__be16 frag_off;
	int offset;

	if (vctp_skb_is_v4(skb))
		return ((const struct iphdr *)skb->data)->ihl * 4;
	offset = ipv6_skip_exthdr(skb, sizeof(struct ipv6hdr), &nexthdr,
				  &frag_off);
	return offset < 0 ? sizeof(struct ipv6hdr) : offset;
}

/**
 * vctp_net_queue_error() - put an ICMP error on a socket's error queue
 * @sk: the socket; BH-locked
 * @skb: the ICMP error, as the error handler got it; a clone is queued
 * @err: positive errno
 * @info: for ee_info
 *
 * For MSG_ERRQUEUE, where the program has set IP_RECVERR or IPV6_RECVERR.
 * Where the queue is full the error is lost.
 */
void vctp_net_queue_error(struct sock *sk, struct sk_buff *skb, int err, u32 info)
{
	u32 offset = vctp_quote_offset(skb);
	bool v4 = vctp_skb_is_v4(skb);
	struct sock_exterr_skb *serr;
	u8 type, code, *address;

	skb = skb_clone(skb, GFP_ATOMIC);
	if (!skb)
		return;
	if (v4) {
		type = icmp_hdr(skb)->type;
		code = icmp_hdr(skb)->code;
		address = (u8 *)&((struct iphdr *)(icmp_hdr(skb) + 1))->daddr;
	} else {
		type = icmp6_hdr(skb)->icmp6_type;
		code = icmp6_hdr(skb)->icmp6_code;
		address = (u8 *)&((struct ipv6hdr *)(icmp6_hdr(skb) + 1))->daddr;
	}
	serr = SKB_EXT_ERR(skb);
	memset(&serr->ee, 0, sizeof(serr->ee));
	serr->ee.ee_errno = err;
	serr->ee.ee_origin = v4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6;
	serr->ee.ee_type = type;
	serr->ee.ee_code = code;
	serr->ee.ee_info = info;
	serr->addr_offset = address - skb_network_header(skb);
	if (!pskb_pull(skb, offset)) {
		kfree_skb(skb);
		return;
	}
	serr->port = ((struct vctp_header *)skb->data)->dest;
	skb_reset_transport_header(skb);
	if (sock_queue_err_skb(sk, skb))
		kfree_skb(skb);
}
