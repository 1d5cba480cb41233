// SPDX-License-Identifier: GPL-2.0
/*
 * The sender's book: every segment between SND.UNA and SND.NXT, and what is
 * thought of it. Which of them are lost is the mode's to say: see
 * selective_repeat.c. To add a mode: one file, and one line in the list.
 *
 * A peer chooses the order and the edges of its SACKs, so nothing here walks
 * over segments for an ACK that changes nothing. Each node of the tree knows
 * what kinds of segments its subtree has; the next one of a kind is found by a
 * descent, and marking one costs at most the way up. A SACK edge cuts a segment
 * only at a multiple of the MSS, where what was sent had its edges too: a peer
 * cannot have the queue cut to crumbs.
 */
#include "recovery.h"
#include "tree.h"
#include "../names.h"

static_assert(sizeof(struct vctp_sender) <= 64);

static const struct vctp_recovery_ops * const list[] = {
	&vctp_selective_repeat,
	&vctp_go_back_n,
	&vctp_stop_and_wait,
};

/**
 * vctp_recovery_find() - a recovery mode by its name
 * @name: as VCTP_RECOVERY has it
 *
 * Return: NULL where there is none of that name.
 */
const struct vctp_recovery_ops *vctp_recovery_find(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		if (!strcmp(list[i]->name, name))
			return list[i];
	}
	return NULL;
}

/**
 * vctp_recovery_names() - all names, separated by blanks
 * @buffer: to be filled, ends with a NUL
 * @size: bytes of it; names that do not fit are left out
 *
 * Return: bytes written, without the NUL.
 */
int vctp_recovery_names(char *buffer, u32 size)
{
	u32 i, used = 0;

	if (size)
		buffer[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(list); i++)
		used = vctp_names_add(buffer, size, used, list[i]->name);
	return used;
}

/* --- the next of a kind --- */

/**
 * vctp_sender_find() - the next segment of a kind
 * @s: the book
 * @seq: where to begin
 * @what: enum vctp_below
 *
 * One way down the tree, one up and one down.
 *
 * Return: the lowest segment that ends after @seq and has @what, or NULL.
 */
struct vctp_segment *vctp_sender_find(const struct vctp_sender *s, u64 seq,
				      u8 what)
{
	struct rb_node *node = s->sent.rb_node, *from = NULL;

	if (!(below(node) & what))
		return NULL;
	while (node) {
		if (vctp_segment_end(segment_of(node)) > seq) {
			from = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	while (from) {
		if (own(segment_of(from)) & what)
			return segment_of(from);
		if (below(from->rb_right) & what)
			return lowest(from->rb_right, what);
		/* Nothing to the right: on to the next above from the left. */
		do {
			node = from;
			from = rb_parent(node);
		} while (from && node == from->rb_right);
	}
	return NULL;
}

/**
 * vctp_sender_find_back() - the previous segment of a kind
 * @s: the book
 * @seq: where to begin
 * @what: enum vctp_below
 *
 * Return: the highest segment that begins before @seq and has @what, or NULL.
 */
struct vctp_segment *vctp_sender_find_back(const struct vctp_sender *s, u64 seq,
					   u8 what)
{
	struct rb_node *node = s->sent.rb_node, *from = NULL;

	if (!(below(node) & what))
		return NULL;
	while (node) {
		if (segment_of(node)->seq < seq) {
			from = node;
			node = node->rb_right;
		} else {
			node = node->rb_left;
		}
	}
	while (from) {
		if (own(segment_of(from)) & what)
			return segment_of(from);
		if (below(from->rb_left) & what)
			return highest(from->rb_left, what);
		do {
			node = from;
			from = rb_parent(node);
		} while (from && node == from->rb_left);
	}
	return NULL;
}

/* --- marks and sums --- */

/* @bytes (perhaps negative) more have these marks. */
static void account(struct vctp_sender *s, u8 marks, u32 bytes)
{
	if (likely(!(marks & COUNTED)))
		return;
	if (marks & VCTP_SEG_SACKED)
		s->sacked += bytes;
	if (marks & VCTP_SEG_LOST)
		s->lost += bytes;
	if (marks & VCTP_SEG_RETRANS)
		s->retrans += bytes;
}

/* Bytes of @g that are not acknowledged: those that the sums count. */
static u32 unacked(const struct vctp_sender *s, const struct vctp_segment *g)
{
	u64 end = vctp_segment_end(g);

	return end > s->una ? end - max(g->seq, s->una) : 0;
}

static void set_marks(struct vctp_sender *s, struct vctp_segment *g, u8 marks)
{
	u32 bytes = unacked(s, g);

	account(s, g->marks, -bytes);
	account(s, marks, bytes);
	g->marks = marks;
	below_callbacks_propagate(&g->node, NULL);
}

/**
 * vctp_sender_lose() - a segment is thought lost
 * @s: the book
 * @segment: in it; one that the peer holds stays as it is
 */
void vctp_sender_lose(struct vctp_sender *s, struct vctp_segment *segment)
{
	if (!(segment->marks & VCTP_SEG_SACKED))
		set_marks(s, segment, (segment->marks & ~VCTP_SEG_RETRANS) |
				      VCTP_SEG_LOST);
}

/**
 * vctp_sender_lose_all() - everything that the peer does not hold is lost
 * @s: the book
 */
void vctp_sender_lose_all(struct vctp_sender *s)
{
	struct vctp_segment *g;

	for (g = vctp_sender_first(s); g; g = vctp_sender_after(g))
		vctp_sender_lose(s, g);
}

/**
 * vctp_sender_lose_larger() - the path takes smaller segments than before
 * @s: the book
 * @mss: payload of a full segment now, bytes
 *
 * What is in the network and larger will not arrive. It is sent again in phase
 * RECOVERY; the congestion window is not to blame, and not halved.
 */
void vctp_sender_lose_larger(struct vctp_sender *s, u32 mss)
{
	struct vctp_segment *g;
	bool any = false;

	for (g = vctp_sender_first(s); g; g = vctp_sender_after(g)) {
		if (g->len > mss && !(g->marks & VCTP_SEG_SACKED)) {
			vctp_sender_lose(s, g);
			any = true;
		}
	}
	if (any && s->phase < VCTP_SENDER_RECOVERY)
		vctp_sender_enter_recovery(s);
}

/**
 * vctp_sender_forget_marks() - nothing is known of what was sent
 * @s: the book; una and next stay, and so do the segments
 */
void vctp_sender_forget_marks(struct vctp_sender *s)
{
	struct vctp_segment *g;

	for (g = vctp_sender_first(s); g; g = vctp_sender_after(g))
		set_marks(s, g, g->marks & ~COUNTED);
	s->high_sacked = s->una;
	s->dup_acks = 0;
}

/* --- what the circuit tells --- */

/**
 * vctp_sender_init() - an empty book
 * @s: to be set
 * @iss: the first number
 * @ops: the recovery mode
 */
void vctp_sender_init(struct vctp_sender *s, u64 iss,
		      const struct vctp_recovery_ops *ops)
{
	*s = (struct vctp_sender) {
		.sent = RB_ROOT,
		.una = iss,
		.next = iss,
		.high_sacked = iss,
		.recovery_point = iss,
		.ops = ops,
	};
}

/**
 * vctp_sender_sent() - a segment has been sent for the first time
 * @s: the book
 * @segment: begins at SND.NXT, which moves behind it
 * @now_us: the time, low 32 bits of µs
 */
void vctp_sender_sent(struct vctp_sender *s, struct vctp_segment *segment,
		      u32 now_us)
{
	struct rb_node **link = &s->sent.rb_node, *parent = NULL;

	segment->sent_us = now_us;
	segment->epoch = s->epoch;
	segment->marks &= VCTP_SEG_APP_LIMITED;
	while (*link) {
		parent = *link;
		link = &parent->rb_right;
	}
	tree_link(&s->sent, segment, parent, link);
	s->next = vctp_segment_end(segment);
}

/**
 * vctp_sender_resent() - a segment has been sent again
 * @s: the book
 * @segment: in it
 * @now_us: the time, low 32 bits of µs
 *
 * Its epoch is the book's from now on. If that is what it was, an ACK that
 * echoes it may be for either copy, and gives no RTT.
 */
void vctp_sender_resent(struct vctp_sender *s, struct vctp_segment *segment,
			u32 now_us)
{
	u8 marks = segment->marks & ~(VCTP_SEG_LOST | VCTP_SEG_AMBIGUOUS);

	marks |= VCTP_SEG_RETRANS | VCTP_SEG_EVER_RETRANS;
	if (segment->epoch == s->epoch)
		marks |= VCTP_SEG_AMBIGUOUS;
	set_marks(s, segment, marks);
	segment->epoch = s->epoch;
	segment->sent_us = now_us;
}

/**
 * vctp_sender_insert_split() - the second part of a split enters the book
 * @s: the book
 * @first: in it; its len is already that of the first part
 * @second: its seq, len and flags are set; the rest is copied from @first
 */
void vctp_sender_insert_split(struct vctp_sender *s, struct vctp_segment *first,
			      struct vctp_segment *second)
{
	struct rb_node **link = &first->node.rb_right, *parent = &first->node;

	second->sent_us = first->sent_us;
	second->epoch = first->epoch;
	second->marks = first->marks;
	while (*link) {
		parent = *link;
		link = &parent->rb_left;
	}
	tree_link(&s->sent, second, parent, link);
}

/**
 * vctp_sender_drop() - a segment leaves the book
 * @s: the book
 * @segment: in it, acknowledged or not; the caller's from now on
 */
void vctp_sender_drop(struct vctp_sender *s, struct vctp_segment *segment)
{
	account(s, segment->marks, -unacked(s, segment));
	tree_erase(&s->sent, segment);
}

/**
 * vctp_sender_next_lost() - what to send again next
 * @s: the book
 * @from: begin there; NULL: at the lowest
 *
 * RFC 6675, 4, NextSeg(), rule 1.
 *
 * Return: the lowest segment that is lost and not sent again yet, or NULL.
 */
struct vctp_segment *vctp_sender_next_lost(struct vctp_sender *s,
					   struct vctp_segment *from)
{
	if (!s->lost)
		return NULL;
	return vctp_sender_find(s, from ? from->seq : s->una, VCTP_BELOW_LOST);
}

/**
 * vctp_sender_enter_recovery() - a window with loss
 * @s: the book
 */
void vctp_sender_enter_recovery(struct vctp_sender *s)
{
	s->phase = VCTP_SENDER_RECOVERY;
	s->recovery_point = s->next;
	s->epoch = (s->epoch + 1) & VCTP_EPOCH_MASK;
}

/**
 * vctp_sender_timeout() - the RTO went off
 * @s: the book
 *
 * RFC 6675, 5.1, RFC 5681, 3.1. SACKs are kept, unless the oldest segment is
 * among them: then the peer has thrown away what it held (RFC 2018, 8).
 */
void vctp_sender_timeout(struct vctp_sender *s)
{
	struct vctp_segment *first = vctp_sender_first(s);

	if (!first)
		return;
	if (first->marks & VCTP_SEG_SACKED)
		vctp_sender_forget_marks(s);
	s->phase = VCTP_SENDER_LOSS;
	s->recovery_point = s->next;
	s->epoch = (s->epoch + 1) & VCTP_EPOCH_MASK;
	s->dup_acks = 0;
	s->ops->timeout(s);
}

/* --- an ACK --- */

/* One ACK while it is taken in. */
struct ack_work {
	struct vctp_sender *s;
	const struct vctp_ack_event *ack;
	const struct vctp_sender_ops *ops;
	void *owner;
	struct vctp_ack_result *result;
	u32 newest_us;	/* when the last sent of the newly acked was sent */
	bool any;	/* there is one */
	bool usable;	/* its RTT is unambiguous */
};

/* @g is known to have arrived, for the first time. */
static void arrived(struct ack_work *w, const struct vctp_segment *g, u32 bytes)
{
	bool usable = !(g->marks & VCTP_SEG_EVER_RETRANS) ||
		      (!(g->marks & VCTP_SEG_AMBIGUOUS) &&
		       w->ack->echo == g->epoch);

	w->result->delivered += bytes;
	if (w->any && (s32)(g->sent_us - w->newest_us) < 0)
		return;
	if (w->any && g->sent_us == w->newest_us)
		usable = usable && w->usable;
	w->any = true;
	w->usable = usable;
	w->newest_us = g->sent_us;
}

/* Take out what the ACK covers; SND.UNA moves. */
static void take_cumulative(struct ack_work *w)
{
	struct vctp_segment *g, *after;
	struct vctp_sender *s = w->s;
	u64 ack = w->ack->ack;
	u32 bytes;

	for (g = vctp_sender_first(s); g && g->seq < ack; g = after) {
		bool whole = vctp_segment_end(g) <= ack;

		bytes = whole ? unacked(s, g) : ack - max(g->seq, s->una);
		if (likely(!(g->marks & VCTP_SEG_SACKED)))
			arrived(w, g, bytes);
		account(s, g->marks, -bytes);
		if (!whole)
			break;
		after = vctp_sender_after(g);
		tree_erase(&s->sent, g);
		w->ops->acked(w->owner, g);
	}
	s->una = ack;
	if (s->high_sacked < ack)
		s->high_sacked = ack;
}

/*
 * Cut @g down to what of it lies in [start, end); both edges are moved inward
 * to a multiple of the MSS from where it begins. NULL: nothing of it.
 */
static struct vctp_segment *carve(struct ack_work *w, struct vctp_segment *g,
				  u64 start, u64 end)
{
	u32 mss = max(w->ack->mss, 1U), from = 0, to = g->len;

	if (start > g->seq) {
		from = start - g->seq;
		from += from % mss ? mss - from % mss : 0;
	}
	if (end < vctp_segment_end(g)) {
		to = end - g->seq;
		to -= to % mss;
	}
	if (from >= to)
		return NULL;
	if (to < g->len && !w->ops->split(w->owner, g, to))
		return NULL;
	return from ? w->ops->split(w->owner, g, from) : g;
}

/* RFC 6675, 4, Update(), for one block. */
static void take_sack(struct ack_work *w, const struct vctp_sack_block *block)
{
	struct vctp_sender *s = w->s;
	struct vctp_segment *g, *mine;
	u64 at = block->start;

	/* Only what is sent and, by this very ACK, not acknowledged. */
	if (block->start <= s->una || block->end > s->next)
		return;
	while (at < block->end) {
		g = vctp_sender_find(s, at, VCTP_BELOW_UNSACKED);
		if (!g || g->seq >= block->end)
			return;
		at = vctp_segment_end(g);
		mine = carve(w, g, block->start, block->end);
		if (!mine)
			continue;
		arrived(w, mine, unacked(s, mine));
		w->result->sacked += unacked(s, mine);
		set_marks(s, mine, (mine->marks & ~COUNTED) | VCTP_SEG_SACKED);
		s->high_sacked = max(s->high_sacked, vctp_segment_end(mine));
	}
}

static void take_rtt(struct ack_work *w, u32 now_us)
{
	s32 us = now_us - w->newest_us;

	if (w->any && w->usable && us >= 0)
		w->result->rtt_us = us;
}

static void detect(struct ack_work *w)
{
	struct vctp_sender *s = w->s;

	if (likely(s->ops == &vctp_selective_repeat))
		vctp_selective_repeat_detect(s, w->ack, w->ops, w->owner,
					     w->result);
	else
		s->ops->detect(s, w->ack, w->ops, w->owner, w->result);
}

/**
 * vctp_sender_ack() - take in one ACK
 * @s: the book
 * @ack: its number lies in [una, next], or nothing happens
 * @ops: what the circuit does for us
 * @owner: handed to @ops
 * @now_us: the time, low 32 bits of µs
 * @result: what it brought; all of it is set
 *
 * RFC 5681, RFC 6675, 5 and RFC 6298, 3 (which segments give an RTT: the last
 * sent of those that are newly known to have arrived; a repeated one only if
 * the echoed epoch says which of its copies it was).
 */
void vctp_sender_ack(struct vctp_sender *s, const struct vctp_ack_event *ack,
		     const struct vctp_sender_ops *ops, void *owner, u32 now_us,
		     struct vctp_ack_result *result)
{
	struct ack_work w = {
		.s = s, .ack = ack, .ops = ops, .owner = owner, .result = result,
	};
	u32 i;

	*result = (struct vctp_ack_result) {
		.was_in_flight = vctp_sender_in_flight(s),
		.rtt_us = -1,
	};
	if (unlikely(ack->ack < s->una || ack->ack > s->next))
		return;
	if (ack->ack > s->una) {
		result->acked = ack->ack - s->una;
		result->una_advanced = true;
		take_cumulative(&w);
	}
	if (likely(!s->ops->in_order_only)) {
		for (i = 0; i < ack->sack_count; i++)
			take_sack(&w, &ack->sack[i]);
	}
	take_rtt(&w, now_us);
	/* In order and nothing missing: there is nothing to find. */
	if (likely(s->phase == VCTP_SENDER_OPEN && !s->sacked && !ack->duplicate))
		return;
	detect(&w);
}
