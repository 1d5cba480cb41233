// SPDX-License-Identifier: GPL-2.0
/*
 * The window promises bytes, the receive buffer counts memory, and of a small
 * segment most is not data. When the buffer is full, bytes that lie loosely move
 * together, so that the promise can be kept. What the program has read, or what
 * came twice, is left behind.
 */
#include "internal.h"

/* What moves at once: as long it is there twice. */
#define VCTP_COLLAPSE_MOST	(16 * VCTP_COLLAPSE_PAGE)

/* Neighbours in the receive queue whose bytes may move together. */
struct vctp_collapse {
	struct sk_buff *first;
	struct sk_buff *end;		/* the one after the last */
	u64 seq;			/* the first byte that is wanted */
	u32 bytes;			/* so many */
	u32 memory;			/* truesize of all */
	struct sk_buff_head to;		/* where they go */
};

/* Copying costs: does it save an eighth at least? */
static bool vctp_collapse_saves(u64 before, u64 after)
{
	return after < before - before / 8;
}

/* Where in @skb the byte @seq is: at its end where it has been before. */
static u32 vctp_collapse_offset(const struct sk_buff *skb, u64 seq)
{
	u64 from = vctp_fragment(skb)->seq;

	return seq > from ? min_t(u64, seq - from, skb->len) : 0;
}

/* Would its bytes from @seq on take less memory in a full page? */
static bool vctp_collapse_loose(const struct sk_buff *skb, u64 seq)
{
	u32 bytes = skb->len - vctp_collapse_offset(skb, seq);

	/* A FIN whose data is gone has to stay. */
	if (!bytes)
		return !(vctp_fragment(skb)->flags & VCTP_FIN);
	return bytes <= VCTP_COLLAPSE_MOST &&
	       vctp_collapse_saves((u64)skb->truesize * VCTP_COLLAPSE_PAGE,
				   (u64)bytes * SKB_TRUESIZE(VCTP_COLLAPSE_PAGE));
}

/* From @from on, the first that is loose, and those that follow it: any? */
static bool vctp_collapse_find(struct sock *sk, struct sk_buff *from,
			       struct vctp_collapse *c)
{
	const struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct sk_buff *skb = from;
	u64 seq = vctp_sk(sk)->copied;

	if (!skb_queue_is_first(queue, skb))
		seq = max(seq, vctp_fragment(skb->prev)->end);
	skb_queue_walk_from(queue, skb) {
		if (vctp_collapse_loose(skb, seq))
			break;
		seq = max(seq, vctp_fragment(skb)->end);
	}
	c->first = skb;
	c->seq = seq;
	c->bytes = 0;
	c->memory = 0;
	skb_queue_walk_from(queue, skb) {
		u32 bytes = skb->len - vctp_collapse_offset(skb, seq);

		if (!vctp_collapse_loose(skb, seq) ||
		    c->bytes + bytes > VCTP_COLLAPSE_MOST)
			break;
		c->bytes += bytes;
		c->memory += skb->truesize;
		seq = max(seq, vctp_fragment(skb)->end);
	}
	c->end = skb;
	return c->first != c->end;
}

/* Empty sk_buffs for all its bytes; -ENOMEM, or -E2BIG where that saves nothing. */
static int vctp_collapse_alloc(struct vctp_collapse *c)
{
	u32 bytes = c->bytes, memory = 0;
	struct sk_buff *skb;

	while (bytes) {
		u32 size = min(bytes, VCTP_COLLAPSE_PAGE);

		if (!vctp_collapse_saves(c->memory, memory + SKB_TRUESIZE(size)))
			return -E2BIG;
		skb = alloc_skb(size, GFP_ATOMIC | __GFP_NOWARN);
		if (!skb)
			return -ENOMEM;
		__skb_queue_tail(&c->to, skb);
		memory += skb->truesize;
		bytes -= size;
	}
	return vctp_collapse_saves(c->memory, memory) ? 0 : -E2BIG;
}

/* What fits of @skb from @seq on, at the end of @to: how many bytes. */
static int vctp_collapse_into(struct sk_buff *to, struct sk_buff *skb, u64 seq)
{
	struct vctp_fragment *fragment = vctp_fragment(to);
	u32 offset = vctp_collapse_offset(skb, seq);
	u32 bytes = min_t(u32, skb->len - offset, VCTP_COLLAPSE_PAGE - to->len);

	if (!to->len) {
		fragment->seq = seq;
		fragment->flags = 0;
		RB_CLEAR_NODE(&fragment->node);
	}
	if (skb_copy_bits(skb, offset, skb_put(to, bytes), bytes))
		return -EFAULT;
	vctp_fragment_append(to, skb);
	/* A FIN stands behind the last byte. */
	if (offset + bytes < skb->len) {
		fragment->end = seq + bytes;
		fragment->flags &= ~VCTP_FIN;
	}
	return bytes;
}

/* All bytes, in order; nothing has changed where that fails. */
static int vctp_collapse_copy(struct vctp_collapse *c)
{
	struct sk_buff *skb, *to = skb_peek(&c->to);
	u64 seq = c->seq;

	for (skb = c->first; skb != c->end; skb = skb->next) {
		while (vctp_collapse_offset(skb, seq) < skb->len) {
			int bytes;

			if (to->len == VCTP_COLLAPSE_PAGE)
				to = skb_peek_next(to, &c->to);
			bytes = vctp_collapse_into(to, skb, seq);
			if (bytes < 0)
				return bytes;
			seq += bytes;
		}
	}
	return 0;
}

/* The new take the place of the old; charged first, or others take the memory. */
static void vctp_collapse_swap(struct sock *sk, struct vctp_collapse *c)
{
	struct sk_buff *skb, *next;

	while ((skb = __skb_dequeue(&c->to))) {
		skb_set_owner_r(skb, sk);
		__skb_queue_before(&sk->sk_receive_queue, c->first, skb);
	}
	for (skb = c->first; skb != c->end; skb = next) {
		next = skb->next;
		vctp_count(vctp_net(sock_net(sk)), Collapsed);
		__skb_unlink(skb, &sk->sk_receive_queue);
		__kfree_skb(skb);
	}
}

/* 0, or why all is as it was. */
static int vctp_collapse_run(struct sock *sk, struct vctp_collapse *c)
{
	struct sk_buff *skb;
	int err;

	__skb_queue_head_init(&c->to);
	err = vctp_collapse_alloc(c);
	if (!err)
		err = vctp_collapse_copy(c);
	if (!err)
		vctp_collapse_swap(sk, c);
	while ((skb = __skb_dequeue(&c->to)))
		consume_skb(skb);
	return err;
}

/* The first that was not looked at before, or that may take more by now. */
static struct sk_buff *vctp_collapse_from(struct sock *sk)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct sk_buff *skb, *from = (struct sk_buff *)queue;

	skb_queue_reverse_walk(queue, skb) {
		if (vctp_fragment(skb)->seq < vctp_sk(sk)->tune.packed)
			break;
		from = skb;
	}
	return from;
}

/**
 * vctp_receive_collapse() - what waits in order takes as little memory as it can
 * @sk: the socket; locked
 *
 * Costs what has come since the last time, not what waits. Nobody keeps a
 * pointer into the receive queue while the socket is not locked, but to see that
 * its tail is another one.
 */
void vctp_receive_collapse(struct sock *sk)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct sk_buff *from = vctp_collapse_from(sk);
	u64 *packed = &vctp_sk(sk)->tune.packed;
	struct vctp_collapse c;

	while (vctp_collapse_find(sk, from, &c)) {
		u64 seq = vctp_fragment(c.first)->seq;
		int err = vctp_collapse_run(sk, &c);

		/* The last page has room, or more is hung on it: once more. */
		*packed = err ? seq : c.seq + rounddown(max(c.bytes, 1U) - 1,
							VCTP_COLLAPSE_PAGE);
		if (err == -ENOMEM)
			return;
		from = c.end;
	}
	if (from != (struct sk_buff *)queue)
		*packed = vctp_fragment(skb_peek_tail(queue))->seq;
}
