// SPDX-License-Identifier: GPL-2.0
/*
 * What may be sent now: the congestion window, the peer's window, Nagle and
 * the sender's share in avoiding silly windows, and how much goes at once.
 */
#include "internal.h"

/* How much of the window is let go unused to send larger sk_buffs: 1/3. */
#define VCTP_DEFER_DIVISOR	3

/**
 * vctp_one_goal() - bytes of payload that one sending may hold
 * @sk: the socket; locked
 * @mss: vctp_data_mss()
 *
 * While urgent data is on its way each segment goes by itself: its distance to
 * the urgent byte is in its options, which GSO would copy.
 *
 * Return: bytes.
 */
u32 vctp_one_goal(struct sock *sk, u32 mss)
{
	const struct vctp_sock *vs = vctp_sk(sk);

	return unlikely(vs->urgent_out > vs->snd.una) ? mss :
	       vctp_circuit_goal(sk);
}

/* Bytes of @skb that congestion and the peer's window let go now; 0: none. */
static u32 vctp_quota(struct sock *sk, const struct sk_buff *skb, u32 mss)
{
	struct vctp_sock *vs = vctp_sk(sk);
	const struct vctp_segment *segment = vctp_segment(skb);
	u32 in_flight = vctp_sender_in_flight(&vs->snd);
	u64 edge = vs->snd.una + vs->swnd.size;
	u32 cwnd = vs->cc.cwnd;
	u32 quota, left;

	if (unlikely(vs->snd.ops->one_at_a_time))
		cwnd = in_flight ? 0 : mss;
	quota = cwnd > in_flight ? cwnd - in_flight : 0;
	if (quota < min(skb->len, mss)) {
		vs->cwnd_limited = 1;
		/* A lone FIN is not worth waiting for. */
		return segment->len && !skb->len ? 1 : 0;
	}
	if (skb->len > quota)
		vs->cwnd_limited = 1;
	left = edge > segment->seq ? min_t(u64, edge - segment->seq, U32_MAX) : 0;
	if (left < segment->len && left < mss) {
		/*
		 * Less than a segment fits: silly, but for half of the
		 * largest window ever seen (RFC 9293, 3.8.6.2.1), and a FIN
		 * that alone stands over.
		 */
		if (!skb->len)
			return left ? 1 : 0;
		if (left < skb->len && left < vs->swnd.largest / 2)
			return 0;
	}
	return min(quota, left);
}

/* Is it better to wait for the next ACK and send a larger sk_buff then? */
static bool vctp_defer(const struct sock *sk, const struct sk_buff *skb,
		       u32 chunk, u32 goal, u32 mss)
{
	const struct vctp_sock *vs = vctp_sk(sk);
	u32 window = min(vs->cc.cwnd, vs->swnd.size);

	if (chunk >= skb->len || vs->snd.phase >= VCTP_SENDER_RECOVERY ||
	    !vctp_sender_in_flight(&vs->snd))
		return false;
	return chunk < goal && chunk < window / VCTP_DEFER_DIVISOR &&
	       goal > mss;
}

/* Does Nagle, or a cork, hold the last, partial segment back? */
static bool vctp_hold_partial(struct sock *sk, const struct sk_buff *skb,
			      u32 bytes, u32 mss, bool override, bool more)
{
	const struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_send_question question = {
		.ready = bytes,
		.mss = mss,
		.unacked = vs->snd.next - vs->snd.una,
		.last = skb_queue_is_last(&sk->sk_write_queue, skb),
		.nodelay = vs->nodelay || override,
		.cork = !override && (vs->cork || more),
		.fin = vctp_segment(skb)->flags & VCTP_FIN,
		.partial_out = vs->partial_out > vs->snd.una,
	};

	return !vctp_window_send_now(&question);
}

/*
 * Bytes of payload of the first sk_buff to send now: all of it, whole
 * segments, or (0) nothing. A lone FIN is 0 too: see vctp_push_one().
 */
static u32 vctp_chunk(struct sock *sk, struct sk_buff *skb, u32 mss, u32 goal,
		      bool override, bool more)
{
	u32 quota = vctp_quota(sk, skb, mss);
	u32 bytes = min3(skb->len, quota, max(goal, mss));
	u32 whole = bytes - bytes % mss;

	if (!quota || !bytes)
		return 0;
	/* Part of the sk_buff stays behind: whole segments only. */
	if (bytes < skb->len)
		return whole ? whole : bytes;
	if (whole == bytes)
		return bytes;
	if (vctp_hold_partial(sk, skb, bytes - whole, mss, override, more))
		return whole;
	return bytes;
}

/* The first sk_buff has left: it moves from the queue to the book. */
static void vctp_sent(struct sock *sk, struct sk_buff *skb, u32 mss)
{
	struct vctp_sock *vs = vctp_sk(sk);
	bool first = RB_EMPTY_ROOT(&vs->snd.sent);

	vctp_oracle_new_data(sk, skb);
	__skb_unlink(skb, &sk->sk_write_queue);
	vctp_sender_sent(&vs->snd, vctp_segment(skb), vs->sent_us);
	if (skb->len % mss)
		vs->partial_out = vs->snd.next;
	if (first || vs->timer_event != VCTP_TIMER_RETRANSMIT) {
		if (first)
			vs->stalled_us = vctp_now_us();
		vctp_timer_arm_retransmit(sk);
	}
}

/* Send the first sk_buff, or as much of it as may go. False: no more now. */
static bool vctp_push_one(struct sock *sk, u32 mss, u32 goal, bool override,
			  bool more)
{
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue);
	struct vctp_segment *segment;
	u32 chunk;

	if (!skb)
		return false;
	segment = vctp_segment(skb);
	/* The program is still filling it: sendmsg() sleeps for memory. */
	if (!segment->len)
		return false;
	if (skb->len) {
		chunk = vctp_chunk(sk, skb, mss, goal, override, more);
		if (!chunk || vctp_defer(sk, skb, chunk, goal, mss))
			return false;
	} else {
		if (!vctp_quota(sk, skb, mss))
			return false;
		chunk = 0;
	}
	if (chunk < skb->len) {
		struct sk_buff *rest;

		rest = vctp_sendq_split(sk, skb, chunk,
					GFP_ATOMIC | __GFP_NOWARN);
		if (!rest)
			return false;
		__skb_queue_after(&sk->sk_write_queue, skb, rest);
	}
	if (vctp_transmit(sk, skb, false))
		return false;
	vctp_sent(sk, skb, mss);
	return true;
}

/**
 * vctp_send_into() - send what fits a window too small for a whole segment
 * @sk: the socket; locked
 *
 * The last word against a silly window: the probe timer has waited long enough
 * (RFC 9293, 3.8.6.2.1).
 *
 * Return: true where something went out.
 */
bool vctp_send_into(struct sock *sk)
{
	struct sk_buff *skb = skb_peek(&sk->sk_write_queue), *rest;
	struct vctp_sock *vs = vctp_sk(sk);
	u32 mss = vctp_data_mss(sk), bytes;

	if (!skb || !vctp_segment(skb)->len)
		return false;
	bytes = min3(skb->len, vs->swnd.size, mss);
	if (bytes < skb->len) {
		rest = vctp_sendq_split(sk, skb, bytes, GFP_ATOMIC);
		if (!rest)
			return false;
		__skb_queue_after(&sk->sk_write_queue, skb, rest);
	}
	if (vctp_transmit(sk, skb, false))
		return false;
	vctp_sent(sk, skb, mss);
	return true;
}

/*
 * Send all that may go. Where nothing is in the network and nothing could be
 * sent, the probe timer is armed.
 */
static void vctp_push_now(struct sock *sk, bool override, bool more)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u32 mss, goal;
	bool sent = false;

	if (skb_queue_empty(&sk->sk_write_queue))
		return;
	mss = vctp_data_mss(sk);
	goal = vctp_one_goal(sk, mss);
	/* After a pause the old window says nothing (RFC 5681, 4.1). */
	if (RB_EMPTY_ROOT(&vs->snd.sent) && vs->rtt.srtt) {
		u32 idle = (u32)vctp_now_us() - vs->sent_us;

		if (idle > vs->rtt.rto)
			vctp_congestion_on_idle(&vs->cc, idle / vs->rtt.rto);
	}
	vs->cwnd_limited = 0;
	while (vctp_push_one(sk, mss, goal, override, more))
		sent = true;
	if (!sent && RB_EMPTY_ROOT(&vs->snd.sent) &&
	    vs->timer_event == VCTP_TIMER_NONE)
		vctp_timer_arm_probe(sk);
}

/**
 * vctp_push() - send all of the send queue that may go now
 * @sk: the socket; locked, in a state that sends
 * @override: neither Nagle nor a cork holds a partial segment back
 *
 * Recovery goes first: see vctp_retransmit().
 */
void vctp_push(struct sock *sk, bool override)
{
	vctp_push_now(sk, override, false);
}

/**
 * vctp_circuit_push() - the program queued bytes
 * @sk: the socket; locked
 * @more: MSG_MORE: a partial segment may wait
 */
void vctp_circuit_push(struct sock *sk, bool more)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct vctp_sock *vs = vctp_sk(sk);

	if (!skb)
		return;
	if (!more && vctp_segment(skb)->len) {
		vctp_segment(skb)->flags |= VCTP_PSH;
		vs->pushed_seq = vs->write_seq;
	}
	if (sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV)
		return;
	vctp_push_now(sk, false, more);
}

/**
 * vctp_send_fin() - queue our FIN behind all data and send what may go
 * @sk: the socket; locked
 *
 * It rides on the last sk_buff where one is waiting. A FIN has to be queued
 * even where memory is short: its sk_buff is small and charged by force.
 */
void vctp_send_fin(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct vctp_sock *vs = vctp_sk(sk);

	if (vs->fin_queued)
		return;
	if (!skb) {
		skb = alloc_skb_fclone(sk->sk_prot->max_header,
				       sk->sk_allocation | __GFP_NOFAIL);
		skb_reserve(skb, sk->sk_prot->max_header);
		memset(vctp_segment(skb), 0, sizeof(struct vctp_segment));
		/* A FIN cannot be refused: it is charged all the same. */
		(void)sk_wmem_schedule(sk, skb->truesize);
		vctp_circuit_queue_skb(sk, skb);
	}
	vctp_segment(skb)->flags |= VCTP_FIN | VCTP_PSH;
	vctp_segment(skb)->len++;
	WRITE_ONCE(vs->write_seq, vs->write_seq + 1);
	vs->fin_queued = 1;
	vctp_push_now(sk, true, false);
}

