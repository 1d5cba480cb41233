/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A sender's book with an owner that frees and splits, and a check of all that
 * must be true of it: for unit tests, simulation and fuzzer.
 */
#ifndef _VCTP_UNIT_BOOK_H
#define _VCTP_UNIT_BOOK_H

#include <stdlib.h>

#include "recovery/recovery.h"

struct book {
	struct vctp_sender s;
	u32 segments;		/* that live */
	u32 splits;
	bool no_memory;		/* splits fail */
};

static inline struct vctp_segment *book_split(void *owner, struct vctp_segment *g,
					      u32 bytes)
{
	struct book *b = owner;
	struct vctp_segment *rest;

	if (!bytes || bytes >= g->len)
		abort();	/* the book asks for what cannot be */
	if (b->no_memory)
		return NULL;
	rest = malloc(sizeof(*rest));
	*rest = *g;
	RB_CLEAR_NODE(&rest->node);
	rest->seq = g->seq + bytes;
	rest->len = g->len - bytes;
	g->len = bytes;
	vctp_sender_insert_split(&b->s, g, rest);
	b->segments++;
	b->splits++;
	return rest;
}

static inline void book_acked(void *owner, struct vctp_segment *g)
{
	struct book *b = owner;

	b->segments--;
	free(g);
}

static const struct vctp_sender_ops book_ops = {
	.split = book_split,
	.acked = book_acked,
};

static inline void book_init(struct book *b, u64 iss)
{
	memset(b, 0, sizeof(*b));
	vctp_sender_init(&b->s, iss, &vctp_selective_repeat);
}

static inline struct vctp_segment *book_send(struct book *b, u32 len, u32 now_us)
{
	struct vctp_segment *g = calloc(1, sizeof(*g));

	g->seq = b->s.next;
	g->len = len;
	b->segments++;
	vctp_sender_sent(&b->s, g, now_us);
	return g;
}

static inline void book_clear(struct book *b)
{
	struct vctp_segment *g;

	while ((g = vctp_sender_first(&b->s))) {
		vctp_sender_drop(&b->s, g);
		book_acked(b, g);
	}
}

static inline u8 book_own(const struct vctp_segment *g)
{
	u8 is = g->marks & VCTP_SEG_SACKED ? VCTP_BELOW_SACKED :
					     VCTP_BELOW_UNSACKED;

	if (g->marks & VCTP_SEG_LOST)
		is |= VCTP_BELOW_LOST;
	if (!(g->marks & (VCTP_SEG_SACKED | VCTP_SEG_LOST | VCTP_SEG_RETRANS)))
		is |= VCTP_BELOW_FRESH;
	return is;
}

/* What a subtree has, worked out; 0xff where a node below has it wrong. */
static inline u8 book_below(const struct rb_node *node)
{
	const struct vctp_segment *g;
	u8 left, right, is;

	if (!node)
		return 0;
	g = rb_entry(node, struct vctp_segment, node);
	left = book_below(node->rb_left);
	right = book_below(node->rb_right);
	is = book_own(g) | left | right;
	return left == 0xff || right == 0xff || g->below != is ? 0xff : is;
}

/* NULL, or what is wrong. */
static inline const char *book_check(const struct book *b)
{
	const struct vctp_sender *s = &b->s;
	u32 sacked = 0, lost = 0, retrans = 0, count = 0;
	u64 at = 0, high = s->una;
	const struct vctp_segment *g;

	for (g = vctp_sender_first(s); g; g = vctp_sender_after(g)) {
		u64 end = vctp_segment_end(g);
		u32 bytes = end - max(g->seq, s->una);
		u8 marks = g->marks;

		if (count ? g->seq != at : g->seq > s->una)
			return "a hole in the book";
		if (end <= s->una || !g->len)
			return "a segment that is acknowledged or empty";
		if ((marks & VCTP_SEG_SACKED && marks & (VCTP_SEG_LOST | VCTP_SEG_RETRANS)) ||
		    (marks & VCTP_SEG_LOST && marks & VCTP_SEG_RETRANS))
			return "marks that exclude one another";
		sacked += marks & VCTP_SEG_SACKED ? bytes : 0;
		lost += marks & VCTP_SEG_LOST ? bytes : 0;
		retrans += marks & VCTP_SEG_RETRANS ? bytes : 0;
		if (marks & VCTP_SEG_SACKED)
			high = end;
		at = end;
		count++;
	}
	if (count ? at != s->next : s->una != s->next)
		return "the book does not reach SND.NXT";
	if (count != b->segments)
		return "segments leaked";
	if (sacked != s->sacked || lost != s->lost || retrans != s->retrans)
		return "sums";
	if (high != s->high_sacked)
		return "high_sacked";
	if (vctp_sender_in_flight(s) > s->next - s->una)
		return "in flight";
	if (book_below(s->sent.rb_node) == 0xff)
		return "summary of a subtree";
	if (s->phase == VCTP_SENDER_OPEN && (sacked || s->dup_acks))
		return "phase OPEN in disorder";
	if (!(s->epoch <= VCTP_EPOCH_MASK))
		return "epoch";
	return NULL;
}

#endif /* _VCTP_UNIT_BOOK_H */
