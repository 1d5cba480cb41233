// SPDX-License-Identifier: GPL-2.0
/*
 * Sending again what recovery says is lost, as the congestion window allows.
 */
#include "../watch/trace.h"
#include "internal.h"

/* Cut off what has been acknowledged of a segment, and keep the rest. */
static struct vctp_segment *vctp_cut_acked(struct sock *sk,
					   struct vctp_segment *segment)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_segment *rest;

	if (segment->seq >= vs->snd.una)
		return segment;
	rest = vctp_sendq_ops.split(sk, segment, vs->snd.una - segment->seq);
	if (!rest)
		return NULL;
	vctp_sender_drop(&vs->snd, segment);
	vctp_sendq_free(sk, vctp_segment_skb(segment));
	return rest;
}

/**
 * vctp_retransmit_one() - send one segment again
 * @sk: the socket; locked
 * @segment: in the book; no more of it goes out than both windows take, but one
 *	   segment always
 *
 * Nothing below SND.UNA is sent again, nor more than fits the path by now.
 *
 * Return: 0, or a negative errno: it did not go out.
 */
int vctp_retransmit_one(struct sock *sk, struct vctp_segment *segment)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u32 mss = vctp_data_mss(sk);
	u32 most = vctp_one_goal(sk, mss);
	struct sk_buff *skb;
	u32 in_flight;
	u64 edge;
	int err;

	segment = vctp_cut_acked(sk, segment);
	if (!segment)
		return -ENOMEM;
	skb = vctp_segment_skb(segment);
	/* The peer may have taken its window back; one segment always goes. */
	edge = vs->snd.una + vs->swnd.size;
	if (segment->seq >= edge && segment->seq != vs->snd.una)
		return -EAGAIN;
	if (edge < segment->seq + skb->len)
		most = min_t(u64, most, max_t(u64, edge > segment->seq ?
					      edge - segment->seq : 0, mss));
	/* RFC 6675, 5, (C): what the pipe has room for, or one. */
	in_flight = vctp_sender_in_flight(&vs->snd);
	most = min(most, max(vs->cc.cwnd - min(in_flight, vs->cc.cwnd), mss));
	most = max(most - most % mss, mss);
	if (skb->len > most &&
	    !vctp_sendq_ops.split(sk, segment, most))
		return -ENOMEM;

	err = vctp_transmit(sk, skb, true);
	if (err)
		return err;
	vctp_oracle_resent(sk, segment, mss);
	vctp_sender_resent(&vs->snd, segment, vs->sent_us);
	trace_vctp_retransmit(vs, segment);
	return 0;
}

/**
 * vctp_retransmit() - send again what is lost, as far as the window goes
 * @sk: the socket; locked
 *
 * RFC 6675, 5, (C): one segment after another while the pipe has room. Where
 * recovery begins (4.3), and for each partial ACK (RFC 6582, 3.2, 3), one goes
 * whatever the pipe.
 */
void vctp_retransmit(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_segment *segment = NULL;
	bool oldest = false;
	u32 mss;

	if (!vs->snd.lost)
		return;
	mss = vctp_data_mss(sk);
	while ((segment = vctp_sender_next_lost(&vs->snd, segment))) {
		u32 in_flight = vctp_sender_in_flight(&vs->snd);
		bool first = segment->seq <= vs->snd.una;

		if (in_flight && !vs->retransmit_due &&
		    in_flight + min(segment->len, mss) > vs->cc.cwnd)
			break;
		if (vctp_retransmit_one(sk, segment))
			break;
		if (vs->snd.phase == VCTP_SENDER_RECOVERY)
			vctp_count(vn, FastRetrans);
		oldest |= first;
		vs->retransmit_due = 0;
		segment = NULL;
	}
	/* RFC 6298, 5.1: otherwise it runs on, or duplicates would hold it off. */
	if (oldest || vs->timer_event != VCTP_TIMER_RETRANSMIT)
		vctp_timer_arm_retransmit(sk);
}
