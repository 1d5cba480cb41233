// SPDX-License-Identifier: GPL-2.0
/*
 * The way in: from IP's hands to the circuit's. Here a segment is looked at
 * only as far as its checksum; what its header says is the circuit's matter.
 */
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/protocol.h>
#include <net/route.h>

#include "internal.h"

/*
 * The fixed header and its options lie in the linear part, and the checksum is
 * right. False: the segment has been dropped.
 */
static bool vctp_segment_valid(struct vctp_net *vn, struct sk_buff *skb)
{
	u32 header_len;

	if (unlikely(!pskb_may_pull(skb, VCTP_HEADER_LEN))) {
		vctp_drop(vn, skb, VCTP_C_DropShort);
		return false;
	}
	/* A length below 32 bytes is told and counted by vctp_wire_parse(). */
	header_len = vctp_header_len((struct vctp_header *)skb->data);
	if (unlikely(header_len > VCTP_HEADER_LEN &&
		     !pskb_may_pull(skb, header_len))) {
		vctp_drop(vn, skb, VCTP_C_DropShort);
		return false;
	}
	if (unlikely(skb_checksum_simple_validate(skb))) {
		vctp_drop(vn, skb, VCTP_C_DropChecksum);
		return false;
	}
	return true;
}

static void vctp_ports_of(struct vctp_tuple *flow, const struct sk_buff *skb)
{
	const struct vctp_header *h = (const struct vctp_header *)skb->data;

	flow->local_port = h->dest;
	flow->remote_port = h->source;
	flow->peer_id = 0;
}

/**
 * vctp_v4_rcv() - one IPv4 packet of protocol 253 for this host
 * @skb: transport header at skb->data, as long as IP said
 *
 * BH, RCU. Return: 0: the packet is ours, whatever becomes of it.
 */
int vctp_v4_rcv(struct sk_buff *skb)
{
	struct net *net = dev_net_rcu(skb->dev);
	struct vctp_net *vn = vctp_net(net);
	const struct iphdr *iph;
	struct vctp_tuple flow;

	if (unlikely(skb->pkt_type != PACKET_HOST ||
		     skb_rtable(skb)->rt_flags &
		     (RTCF_BROADCAST | RTCF_MULTICAST))) {
		vctp_drop(vn, skb, VCTP_C_DropMulticast);
		return 0;
	}
	if (unlikely(!vctp_segment_valid(vn, skb)))
		return 0;
	iph = ip_hdr(skb);
	ipv6_addr_set_v4mapped(iph->daddr, &flow.local);
	ipv6_addr_set_v4mapped(iph->saddr, &flow.remote);
	vctp_ports_of(&flow, skb);
	vctp_circuit_rcv(net, skb, &flow);
	return 0;
}

/**
 * vctp_v6_rcv() - one IPv6 packet of protocol 253 for this host
 * @skb: transport header at skb->data, as long as IP said
 *
 * BH, RCU. IPv6 has refused v4-mapped addresses on the wire.
 *
 * Return: 0: the packet is ours, whatever becomes of it.
 */
int vctp_v6_rcv(struct sk_buff *skb)
{
	struct net *net = dev_net_rcu(skb->dev);
	struct vctp_net *vn = vctp_net(net);
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	struct vctp_tuple flow;

	if (unlikely(skb->pkt_type != PACKET_HOST ||
		     ipv6_addr_is_multicast(&iph->daddr) ||
		     !ipv6_unicast_destination(skb))) {
		vctp_drop(vn, skb, VCTP_C_DropMulticast);
		return 0;
	}
	if (unlikely(!vctp_segment_valid(vn, skb)))
		return 0;
	iph = ipv6_hdr(skb);
	flow.local = iph->daddr;
	flow.remote = iph->saddr;
	vctp_ports_of(&flow, skb);
	vctp_circuit_rcv(net, skb, &flow);
	return 0;
}
