// SPDX-License-Identifier: GPL-2.0
/*
 * The send queue: the sk_buffs that carry the stream.
 *
 * sk->sk_write_queue holds what has not been sent, in order; snd.sent what
 * has been sent and not yet been acknowledged whole. Payload lies in page
 * fragments, never in the linear part: that is left to the headers of the
 * clones that go out. Every sk_buff here is charged to the socket.
 */

#include "internal.h"

/**
 * vctp_circuit_new_skb() - an empty sk_buff with room for all headers
 * @sk: the socket; locked
 * @gfp: how to allocate
 *
 * It is scheduled against the socket's memory, and charged once it is queued.
 *
 * Return: NULL where memory is short.
 */
struct sk_buff *vctp_circuit_new_skb(struct sock *sk, gfp_t gfp)
{
	struct sk_buff *skb;

	skb = alloc_skb_fclone(sk->sk_prot->max_header, gfp);
	if (!skb) {
		sk->sk_prot->enter_memory_pressure(sk);
		return NULL;
	}
	if (!sk_wmem_schedule(sk, skb->truesize)) {
		__kfree_skb(skb);
		return NULL;
	}
	skb_reserve(skb, sk->sk_prot->max_header);
	memset(vctp_segment(skb), 0, sizeof(struct vctp_segment));
	return skb;
}

/**
 * vctp_circuit_queue_skb() - append an empty sk_buff to the send queue
 * @sk: the socket; locked
 * @skb: from vctp_circuit_new_skb()
 */
void vctp_circuit_queue_skb(struct sock *sk, struct sk_buff *skb)
{
	struct vctp_segment *segment = vctp_segment(skb);

	segment->seq = vctp_sk(sk)->write_seq;
	segment->flags = VCTP_ACK;
	__skb_queue_tail(&sk->sk_write_queue, skb);
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
}

/**
 * vctp_circuit_queued() - the program put bytes into the last sk_buff
 * @sk: the socket; locked
 * @skb: the last of the send queue; its len, data_len and truesize are right,
 *	 and what truesize grew by is charged
 * @bytes: how many
 */
void vctp_circuit_queued(struct sock *sk, struct sk_buff *skb, u32 bytes)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vctp_segment(skb)->len += bytes;
	vctp_segment(skb)->flags &= ~VCTP_PSH;
	WRITE_ONCE(vs->write_seq, vs->write_seq + bytes);
}

/**
 * vctp_sendq_free() - uncharge and free an sk_buff that is on no queue
 * @sk: the socket; locked
 * @skb: it
 */
void vctp_sendq_free(struct sock *sk, struct sk_buff *skb)
{
	sk_wmem_queued_add(sk, -skb->truesize);
	sk_mem_uncharge(sk, skb->truesize);
	__kfree_skb(skb);
}

/* A time stamp is of the last byte: it goes where that byte goes. */
static void vctp_sendq_move_stamp(struct sk_buff *from, struct sk_buff *to)
{
	struct skb_shared_info *was = skb_shinfo(from), *is = skb_shinfo(to);

	is->tx_flags |= was->tx_flags & SKBTX_ANY_TSTAMP;
	is->tskey = was->tskey;
	was->tx_flags &= ~SKBTX_ANY_TSTAMP;
	vctp_segment(from)->stamp = 0;
}

/**
 * vctp_sendq_split() - cut an sk_buff in two
 * @sk: the socket; locked
 * @skb: sent or not; keeps the first @bytes bytes of payload
 * @bytes: at most skb->len, and less than the segment's len
 * @gfp: how to allocate
 *
 * The second part gets FIN, PSH and the time stamp that was asked for. It
 * follows in the send queue if @skb is there; else its owner puts it where it
 * belongs.
 *
 * Return: the second part, or NULL where memory is short.
 */
struct sk_buff *vctp_sendq_split(struct sock *sk, struct sk_buff *skb, u32 bytes,
				 gfp_t gfp)
{
	struct vctp_segment *first = vctp_segment(skb), *second;
	unsigned int truesize = skb->truesize;
	struct sk_buff *rest;
	u32 moved;

	rest = vctp_circuit_new_skb(sk, gfp);
	if (!rest)
		return NULL;
	/* A clone that is still on its way shares the list of fragments. */
	if (skb_unclone(skb, gfp)) {
		__kfree_skb(rest);
		return NULL;
	}
	skb->truesize = truesize;

	moved = skb->len - bytes;
	sk_wmem_queued_add(sk, rest->truesize);
	sk_mem_charge(sk, rest->truesize);
	skb_split(skb, rest, bytes);
	rest->truesize += moved;
	skb->truesize -= moved;

	second = vctp_segment(rest);
	*second = *first;
	RB_CLEAR_NODE(&second->node);
	second->seq = first->seq + bytes;
	second->len = first->len - bytes;
	first->len = bytes;
	first->flags &= ~(VCTP_FIN | VCTP_PSH);
	if (unlikely(first->stamp))
		vctp_sendq_move_stamp(skb, rest);
	return rest;
}

static struct vctp_segment *vctp_sendq_split_op(void *owner,
						struct vctp_segment *segment,
						u32 bytes)
{
	struct sock *sk = owner;
	struct sk_buff *skb = vctp_segment_skb(segment), *rest;

	/* A FIN may stay alone behind its data. */
	if (bytes > skb->len || bytes >= segment->len)
		return NULL;
	/* No peer's SACKs blow the queue up; the oldest may always be cut. */
	if (sk->sk_wmem_queued >> 1 > (long)READ_ONCE(sk->sk_sndbuf) +
				      2 * SKB_TRUESIZE(GSO_LEGACY_MAX_SIZE) &&
	    segment != vctp_sender_first(&vctp_sk(sk)->snd))
		return NULL;
	rest = vctp_sendq_split(sk, skb, bytes, GFP_ATOMIC);
	if (!rest)
		return NULL;
	vctp_sender_insert_split(&vctp_sk(sk)->snd, segment, vctp_segment(rest));
	return vctp_segment(rest);
}

static void vctp_sendq_acked_op(void *owner, struct vctp_segment *segment)
{
	struct sock *sk = owner;

	if (segment->flags & VCTP_FIN)
		vctp_sk(sk)->fin_acked = 1;
	if (unlikely(segment->stamp & VCTP_STAMP_ACK))
		vctp_stamp_ack(sk, vctp_segment_skb(segment));
	vctp_sendq_free(sk, vctp_segment_skb(segment));
}

const struct vctp_sender_ops vctp_sendq_ops = {
	.split = vctp_sendq_split_op,
	.acked = vctp_sendq_acked_op,
};

/**
 * vctp_sendq_purge() - forget all that was to be sent, or sent again
 * @sk: the socket; locked, or nobody else's
 */
void vctp_sendq_purge(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_segment *segment, *next;
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&sk->sk_write_queue)))
		vctp_sendq_free(sk, skb);
	rbtree_postorder_for_each_entry_safe(segment, next, &vs->snd.sent, node)
		vctp_sendq_free(sk, vctp_segment_skb(segment));
	vs->snd.sent = RB_ROOT;
	vs->fin_queued = 0;
}
