// SPDX-License-Identifier: GPL-2.0
/*
 * The window promises bytes, the receive buffer counts memory, and of a small
 * segment most is not data. When the buffer is full, the bytes of small segments
 * move together, so that the promise can be kept.
 */
#include "internal.h"

/* A new sk_buff's bytes: what one page holds with its end. */
#define VCTP_COLLAPSE_MOST	((u32)SKB_MAX_ORDER(0, 0))

/* Do two or more of its size fit into a page? */
static bool vctp_collapsible(const struct sk_buff *skb)
{
	return skb->len < VCTP_COLLAPSE_MOST / 2;
}

/* Copying costs: does it save an eighth at least? */
static bool vctp_collapse_saves(u32 before, u32 after)
{
	return after < before - before / 8;
}

/* What begins at @skb and may move together: its bytes, and its memory's. */
static u32 vctp_collapse_run(const struct sk_buff_head *queue,
			     struct sk_buff *skb, u32 *memory)
{
	u64 seq = vctp_fragment(skb)->seq;
	u32 bytes = 0;

	*memory = 0;
	skb_queue_walk_from(queue, skb) {
		if (!vctp_collapsible(skb) || vctp_fragment(skb)->seq != seq ||
		    bytes + skb->len > VCTP_COLLAPSE_MOST)
			break;
		bytes += skb->len;
		*memory += skb->truesize;
		seq = vctp_fragment(skb)->end;
	}
	return bytes;
}

/* The bytes of @skb at the end of @to: false where there is no place for them. */
static bool vctp_collapse_into(struct sk_buff *to, struct sk_buff *skb)
{
	if (vctp_fragment(skb)->seq != vctp_fragment(to)->end ||
	    skb->len > skb_tailroom(to) ||
	    skb_copy_bits(skb, 0, skb_tail_pointer(to), skb->len))
		return false;
	skb_put(to, skb->len);
	vctp_fragment_append(to, skb);
	return true;
}

/*
 * One to move into, in place of @first and with its bytes: in @to, or NULL where
 * that saves nothing. -ENOMEM.
 */
static int vctp_collapse_begin(struct sock *sk, struct sk_buff *first,
			       struct sk_buff **to)
{
	u32 memory, bytes;
	struct sk_buff *skb;

	*to = NULL;
	bytes = vctp_collapse_run(&sk->sk_receive_queue, first, &memory);
	if (!vctp_collapse_saves(memory, SKB_TRUESIZE(bytes)))
		return 0;
	skb = alloc_skb(bytes, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return -ENOMEM;
	*vctp_fragment(skb) = *vctp_fragment(first);
	vctp_fragment(skb)->end = vctp_fragment(skb)->seq;
	if (!vctp_collapse_saves(memory, skb->truesize) ||
	    !vctp_collapse_into(skb, first)) {
		kfree_skb(skb);
		return 0;
	}
	skb_set_owner_r(skb, sk);
	__skb_queue_before(&sk->sk_receive_queue, first, skb);
	*to = skb;
	return 0;
}

/**
 * vctp_receive_collapse() - the bytes of small segments move together
 * @sk: the socket; locked
 *
 * Only of what waits in order. Nobody keeps a pointer into the receive queue
 * while the socket is not locked, but to see that its tail is another one.
 */
void vctp_receive_collapse(struct sock *sk)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct sk_buff *skb, *next, *to = NULL;

	skb_queue_walk_safe(queue, skb, next) {
		if (!vctp_collapsible(skb)) {
			to = NULL;
			continue;
		}
		if (!to || !vctp_collapse_into(to, skb)) {
			if (vctp_collapse_begin(sk, skb, &to))
				return;
			if (!to)
				continue;
		}
		vctp_count(vctp_net(sock_net(sk)), Collapsed);
		__skb_unlink(skb, queue);
		__kfree_skb(skb);
	}
}
