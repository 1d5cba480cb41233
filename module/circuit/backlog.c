// SPDX-License-Identifier: GPL-2.0
/*
 * The backlog: segments that come while a program holds the socket. Data in
 * order becomes one segment there, so that a program that lets go late finds
 * little to do and few heads to pay for.
 */
#include "internal.h"
#include "../net/net.h"

#define VCTP_ECN	(VCTP_ECE | VCTP_CWR | VCTP_AE)

/* May @next be told as one with @last, without a loss to what they say? */
static bool vctp_backlog_alike(const struct vctp_arrival *last,
			       const struct vctp_arrival *next)
{
	return !((last->end_seq ^ next->seq) & VCTP_SEQ_MASK) &&
	       last->end_seq != last->seq && next->end_seq != next->seq &&
	       last->header_len == VCTP_HEADER_LEN &&
	       next->header_len == VCTP_HEADER_LEN &&
	       last->flags & next->flags & VCTP_ACK &&
	       !((last->flags | next->flags) &
		 (VCTP_SYN | VCTP_RST | VCTP_URG)) &&
	       !(last->flags & VCTP_FIN) &&
	       !((last->flags ^ next->flags) & VCTP_ECN) &&
	       last->epoch == next->epoch && last->echo == next->echo;
}

/* The headers of both become that of one. */
static void vctp_backlog_tell(struct vctp_arrival *last,
			      const struct vctp_arrival *next)
{
	last->end_seq += (next->end_seq - next->seq) & VCTP_SEQ_MASK;
	last->flags |= next->flags;
	/* Overtaken: the newer word counts. 48 bits, which may wrap. */
	if ((s64)((next->ack - last->ack) << (64 - VCTP_SEQ_BITS)) < 0)
		return;
	last->ack = next->ack;
	last->window = next->window;
	last->held = next->held;
}

/* gso_size of what is one segment yet; see VCTP_GSO_HEADER. */
static u32 vctp_backlog_size(const struct sk_buff *skb)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	u32 payload = (arrival->end_seq - arrival->seq) & VCTP_SEQ_MASK;

	if (skb_shinfo(skb)->gso_size)
		return skb_shinfo(skb)->gso_size;
	return min_t(u32, payload + VCTP_HEADER_LEN - VCTP_GSO_HEADER, U16_MAX);
}

/* True: @skb has become part of what waits already. */
static bool vctp_backlog_coalesce(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = sk->sk_backlog.tail;
	u32 segments, added, size;
	bool stolen;
	int delta;

	if (!tail || !vctp_backlog_alike(vctp_arrival(tail), vctp_arrival(skb)))
		return false;
	size = max(vctp_backlog_size(tail), vctp_backlog_size(skb));
	__skb_pull(skb, VCTP_HEADER_LEN);
	if (!skb_try_coalesce(tail, skb, &stolen, &delta)) {
		__skb_push(skb, VCTP_HEADER_LEN);
		return false;
	}
	vctp_backlog_tell(vctp_arrival(tail), vctp_arrival(skb));
	segments = max_t(u32, skb_shinfo(tail)->gso_segs, 1);
	added = max_t(u32, skb_shinfo(skb)->gso_segs, 1);
	skb_shinfo(tail)->gso_segs = min_t(u32, segments + added, U16_MAX);
	/* So that the receiver still knows how long the peer's segments are. */
	skb_shinfo(tail)->gso_size = size;
	if (skb->tstamp)
		tail->tstamp = skb->tstamp;
	sk->sk_backlog.len += delta;
	vctp_count(vctp_net(sock_net(sk)), BacklogCoalesced);
	kfree_skb_partial(skb, stolen);
	return true;
}

/**
 * vctp_backlog_add() - keep a segment until the program lets go
 * @sk: the socket; spinlock held, owned by a program
 * @skb: header at skb->data, parsed into its cb; taken unless false
 *
 * Return: false where so much waits already that no more may (as TCP has it:
 * both buffers and 64 KB, since the backlog holds heads besides payload).
 */
bool vctp_backlog_add(struct sock *sk, struct sk_buff *skb)
{
	u64 limit = ((u64)READ_ONCE(sk->sk_rcvbuf) << 1) +
		    ((u32)READ_ONCE(sk->sk_sndbuf) >> 1) + 64 * 1024;

	if (vctp_backlog_coalesce(sk, skb))
		return true;
	return !sk_add_backlog(sk, skb, min_t(u64, limit, UINT_MAX));
}
