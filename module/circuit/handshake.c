// SPDX-License-Identifier: GPL-2.0
/*
 * What requests and cookies have in common: a SYN is read, a SYN+ACK answers.
 */
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "../net/net.h"
#include "../protocol/cookie.h"
#include "internal.h"

/**
 * vctp_syn_options() - what a SYN says of itself
 * @skb: header at skb->data, parsed into its cb
 * @options: filled
 *
 * The magic number is checked with the format: other protocols are tried out
 * under number 253 too.
 *
 * Return: false where it has no OPEN option, or one of another version.
 */
bool vctp_syn_options(const struct sk_buff *skb, struct vctp_options *options)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);

	options->present = 0;
	return vctp_options_parse(skb->data + VCTP_HEADER_LEN,
				  arrival->header_len - VCTP_HEADER_LEN, 0,
				  options) == VCTP_WIRE_OK &&
	       options->present & VCTP_HAS_OPEN &&
	       options->version == VCTP_OPEN_VERSION && arrival->id;
}

/**
 * vctp_syn_tos() - the type of service that a circuit takes from its SYN
 * @listener: whose it will be
 * @skb: the SYN
 *
 * As for TCP, by net.ipv4.tcp_reflect_tos.
 *
 * Return: without the ECN bits; 0: the listener's own.
 */
u8 vctp_syn_tos(const struct sock *listener, const struct sk_buff *skb)
{
	u8 tos;

	if (!READ_ONCE(sock_net(listener)->ipv4.sysctl_tcp_reflect_tos))
		return 0;
	if (skb->protocol == htons(ETH_P_IP))
		tos = ip_hdr(skb)->tos;
	else
		tos = ipv6_get_dsfield(ipv6_hdr(skb));
	return tos & ~INET_ECN_MASK;
}

/**
 * vctp_synack_send() - answer a SYN
 * @vn: the namespace
 * @synack: what was settled
 *
 * RCU, no lock. OPEN and IDENT, and the cookie where there is one.
 */
void vctp_synack_send(struct vctp_net *vn, const struct vctp_synack *synack)
{
	const struct vctp_opening *opening = synack->opening;
	struct vctp_options options;
	struct vctp_reply reply = {
		.tuple = synack->tuple,
		.sk = synack->listener,
		.bound_dev = synack->bound_dev,
		.mark = synack->mark,
		.tos = synack->tos,
		.segment = {
			.seq = opening->iss,
			.ack = opening->irs + 1,
			.window = vctp_open_window(synack->listener),
			.id = opening->peer_id,
			.flags = VCTP_SYN | VCTP_ACK,
			.echo = opening->echo,
		},
		.options = &options,
	};

	vctp_open_options(synack->listener,
			  vctp_net_reply_mss(vn->net, synack->tuple,
					     synack->listener,
					     synack->bound_dev),
			  &options);
	options.present |= VCTP_HAS_IDENT;
	options.ident = opening->id;
	if (synack->cookie) {
		options.present |= VCTP_HAS_COOKIE;
		options.cookie_len = VCTP_COOKIE_LEN;
		memcpy(options.cookie, synack->cookie, VCTP_COOKIE_LEN);
	}
	vctp_net_reply(vn->net, &reply);
}
