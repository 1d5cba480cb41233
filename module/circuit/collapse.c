// SPDX-License-Identifier: GPL-2.0
/*
 * The window promises bytes, the receive buffer counts memory, and of a small
 * segment most is not data. When the buffer is full, the bytes of such segments
 * move together, so that the promise can be kept.
 */
#include "internal.h"

/* A new sk_buff's bytes: what one page holds with its end. */
#define VCTP_COLLAPSE_PAGE	((u32)SKB_MAX_ORDER(0, 0))
/* What moves at once: as long it is there twice. */
#define VCTP_COLLAPSE_MOST	(32 * VCTP_COLLAPSE_PAGE)

/* Neighbours in the receive queue whose bytes may move together. */
struct vctp_collapse {
	struct sk_buff *first;
	struct sk_buff *end;		/* the one after the last */
	u32 bytes;
	u32 memory;			/* truesize of all */
	struct sk_buff_head to;		/* where they go */
};

/* Copying costs: does it save an eighth at least? */
static bool vctp_collapse_saves(u64 before, u64 after)
{
	return after < before - before / 8;
}

/* Would its bytes take less memory in a full page? */
static bool vctp_collapse_loose(const struct sk_buff *skb)
{
	return skb->len <= VCTP_COLLAPSE_MOST &&
	       vctp_collapse_saves((u64)skb->truesize * VCTP_COLLAPSE_PAGE,
				   (u64)skb->len * SKB_TRUESIZE(VCTP_COLLAPSE_PAGE));
}

/* From @from on, the first that is loose, and those that follow it: any? */
static bool vctp_collapse_find(const struct sk_buff_head *queue,
			       struct sk_buff *from, struct vctp_collapse *c)
{
	struct sk_buff *skb = from;
	u64 seq = 0;

	skb_queue_walk_from(queue, skb)
		if (vctp_collapse_loose(skb))
			break;
	c->first = skb;
	c->bytes = 0;
	c->memory = 0;
	skb_queue_walk_from(queue, skb) {
		if (!vctp_collapse_loose(skb) ||
		    (c->bytes && vctp_fragment(skb)->seq != seq) ||
		    c->bytes + skb->len > VCTP_COLLAPSE_MOST)
			break;
		c->bytes += skb->len;
		c->memory += skb->truesize;
		seq = vctp_fragment(skb)->end;
	}
	c->end = skb;
	return c->bytes;
}

/* Empty sk_buffs for all its bytes; -ENOMEM, or -E2BIG where that saves nothing. */
static int vctp_collapse_alloc(struct vctp_collapse *c)
{
	u32 bytes = c->bytes, memory = 0;
	struct sk_buff *skb;

	while (bytes) {
		u32 size = min(bytes, VCTP_COLLAPSE_PAGE);

		skb = alloc_skb(size, GFP_ATOMIC | __GFP_NOWARN);
		if (!skb)
			return -ENOMEM;
		__skb_queue_tail(&c->to, skb);
		memory += skb->truesize;
		if (!vctp_collapse_saves(c->memory, memory))
			return -E2BIG;
		bytes -= size;
	}
	return 0;
}

/* What fits of @skb from @offset on, at the end of @to: how many bytes. */
static int vctp_collapse_into(struct sk_buff *to, struct sk_buff *skb, u32 offset)
{
	u32 bytes = min_t(u32, skb->len - offset, VCTP_COLLAPSE_PAGE - to->len);
	struct vctp_fragment *fragment = vctp_fragment(to);
	u64 end;

	if (!to->len) {
		*fragment = *vctp_fragment(skb);
		fragment->seq += offset;
		fragment->end = fragment->seq;
		fragment->flags = 0;
	}
	if (skb_copy_bits(skb, offset, skb_put(to, bytes), bytes))
		return -EFAULT;
	end = fragment->end + bytes;
	vctp_fragment_append(to, skb);
	if (offset + bytes < skb->len) {
		/* A FIN stands behind the last byte. */
		fragment->end = end;
		fragment->flags &= ~VCTP_FIN;
	}
	return bytes;
}

/* All bytes, in order; nothing has changed where that fails. */
static int vctp_collapse_copy(struct vctp_collapse *c)
{
	struct sk_buff *skb, *to = skb_peek(&c->to);

	for (skb = c->first; skb != c->end; skb = skb->next) {
		u32 offset = 0;

		while (offset < skb->len) {
			int bytes;

			if (to->len == VCTP_COLLAPSE_PAGE)
				to = skb_peek_next(to, &c->to);
			bytes = vctp_collapse_into(to, skb, offset);
			if (bytes < 0)
				return bytes;
			offset += bytes;
		}
	}
	return 0;
}

/* The new stand where the old stood. */
static void vctp_collapse_swap(struct sock *sk, struct vctp_collapse *c)
{
	struct sk_buff *skb, *next;

	for (skb = c->first; skb != c->end; skb = next) {
		next = skb->next;
		vctp_count(vctp_net(sock_net(sk)), Collapsed);
		__skb_unlink(skb, &sk->sk_receive_queue);
		__kfree_skb(skb);
	}
	while ((skb = __skb_dequeue(&c->to))) {
		skb_set_owner_r(skb, sk);
		__skb_queue_before(&sk->sk_receive_queue, c->end, skb);
	}
}

/**
 * vctp_receive_collapse() - what waits in order takes as little memory as it can
 * @sk: the socket; locked
 *
 * Nobody keeps a pointer into the receive queue while the socket is not locked,
 * but to see that its tail is another one.
 */
void vctp_receive_collapse(struct sock *sk)
{
	struct sk_buff *from = sk->sk_receive_queue.next;
	struct vctp_collapse c;
	int err = 0;

	__skb_queue_head_init(&c.to);
	while (err != -ENOMEM &&
	       vctp_collapse_find(&sk->sk_receive_queue, from, &c)) {
		err = vctp_collapse_alloc(&c);
		if (!err)
			err = vctp_collapse_copy(&c);
		if (!err)
			vctp_collapse_swap(sk, &c);
		__skb_queue_purge(&c.to);
		from = c.end;
	}
}
