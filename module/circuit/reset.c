// SPDX-License-Identifier: GPL-2.0
/*
 * RSTs that no socket sends (RFC 9293, 3.5.2).
 */
#include "../net/net.h"
#include "internal.h"

static bool vctp_reset_allowed(struct vctp_net *vn)
{
	if (vctp_ratelimit(&vn->resets, READ_ONCE(vn->sysctl.rst_limit)))
		return true;
	vctp_count(vn, DropRstLimited);
	return false;
}

/**
 * vctp_reset_unknown() - tell the sender that nothing here fits its segment
 * @vn: the namespace
 * @skb: the segment, parsed into its cb; not taken
 * @flow: its 4-tuple, local is ours
 *
 * The RST is a reflection: flag RFL, the identifier that came, and the number
 * that the segment acknowledged, or, without one, an acknowledgement of all of
 * it. Never for a RST; so many a second.
 */
void vctp_reset_unknown(struct vctp_net *vn, const struct sk_buff *skb,
			const struct vctp_tuple *flow)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	struct vctp_reply reply = {
		.tuple = flow,
		.bound_dev = vctp_net_reply_dev(NULL, skb),
		.segment = {
			.id = arrival->id,
			.flags = VCTP_RST | VCTP_RFL,
			.echo = arrival->epoch,
		},
	};

	if (arrival->flags & VCTP_RST || !vctp_reset_allowed(vn))
		return;
	if (arrival->flags & VCTP_ACK) {
		reply.segment.seq = arrival->ack;
	} else {
		reply.segment.flags |= VCTP_ACK;
		reply.segment.ack = arrival->end_seq;
	}
	if (READ_ONCE(vn->net->ipv4.sysctl_fwmark_reflect))
		reply.mark = skb->mark;
	vctp_count(vn, OutRsts);
	vctp_net_reply(vn->net, &reply);
}

/**
 * vctp_reset_peer() - a RST to a peer whose identifier is known
 * @vn: the namespace
 * @tuple: the 4-tuple, local is ours
 * @sk: for its options; or NULL
 * @bound_dev: ifindex, or 0
 * @peer_id: who it is for
 * @seq: the number that it expects
 * @ack: what we have of it
 */
void vctp_reset_peer(struct vctp_net *vn, const struct vctp_tuple *tuple,
		     const struct sock *sk, int bound_dev, u32 peer_id, u64 seq,
		     u64 ack)
{
	struct vctp_reply reply = {
		.tuple = tuple,
		.sk = sk,
		.bound_dev = bound_dev,
		.mark = sk ? READ_ONCE(sk->sk_mark) : 0,
		.segment = {
			.seq = seq,
			.ack = ack,
			.id = peer_id,
			.flags = VCTP_RST | VCTP_ACK,
		},
	};

	if (!vctp_reset_allowed(vn))
		return;
	vctp_count(vn, OutRsts);
	vctp_net_reply(vn->net, &reply);
}
