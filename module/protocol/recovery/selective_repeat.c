// SPDX-License-Identifier: GPL-2.0
/*
 * Selective repeat: only what is lost is sent again.
 *
 * With SACKs (RFC 6675): a segment is lost once three runs, or more than two
 * segments' worth of bytes, above it have arrived. Without them (RFC 6582,
 * NewReno): the oldest segment is lost after three duplicate ACKs, and then the
 * oldest again for each ACK that does not cover all of the window.
 *
 *	OPEN      ---- SACK or duplicate ACK ---->  DISORDER
 *	OPEN, DISORDER ---- loss ---------------->  RECOVERY
 *	any       ---- time-out ----------------->  LOSS
 *	RECOVERY, LOSS ---- una >= recovery_point ->  OPEN or DISORDER
 *
 * On leaving, what was marked beyond recovery_point is a later window's loss: a
 * recovery of its own begins at once. A repeat that is lost itself is left to
 * the time-out.
 */
#include "recovery.h"

/* SACKed segments looked at to find the edge: more than any threshold needs. */
#define EDGE_STEPS	64

/*
 * RFC 6675, 4, IsLost(): everything below this number that is not SACKed is
 * lost. 0: nothing is.
 */
static u64 lost_edge(const struct vctp_sender *s, u32 mss)
{
	u32 enough = (VCTP_DUP_THRESH - 1) * mss, bytes = 0, runs = 0, step;
	u64 at = s->high_sacked, run = U64_MAX;
	const struct vctp_segment *g;

	for (step = 0; step < EDGE_STEPS; step++) {
		g = vctp_sender_find_back(s, at, VCTP_BELOW_SACKED);
		if (!g)
			return 0;
		at = g->seq;
		bytes += g->len;
		if (vctp_segment_end(g) != run)
			runs++;
		run = at;
		if (bytes > enough || runs >= VCTP_DUP_THRESH)
			break;
	}
	return at;
}

/* What is in the network below @edge is not: it is lost. */
static void lose_below(struct vctp_sender *s, u64 edge)
{
	struct vctp_segment *g;
	u64 at = s->una;

	while ((g = vctp_sender_find(s, at, VCTP_BELOW_FRESH)) &&
	       g->seq < edge) {
		at = vctp_segment_end(g);
		vctp_sender_lose(s, g);
	}
}

/* The oldest segment, no more than one MSS of it, unless it was sent again. */
static void lose_first(struct vctp_sender *s, u32 mss,
		       const struct vctp_sender_ops *ops, void *owner)
{
	struct vctp_segment *g = vctp_sender_first(s);
	u64 keep;

	if (!g || g->marks & (VCTP_SEG_SACKED | VCTP_SEG_LOST | VCTP_SEG_RETRANS))
		return;
	keep = s->una - g->seq + mss;
	if (g->len > keep)
		ops->split(owner, g, keep);
	vctp_sender_lose(s, g);
}

/*
 * RFC 6675, 2: with SACKs an ACK is a duplicate if it tells of new bytes,
 * whatever else it does; without, by RFC 5681.
 */
static void count_duplicate(struct vctp_sender *s,
			    const struct vctp_ack_event *ack,
			    const struct vctp_ack_result *result)
{
	bool duplicate = ack->sack_count ? result->sacked :
			 ack->duplicate && !s->sacked && !result->una_advanced;

	if (result->una_advanced)
		s->dup_acks = 0;
	if (duplicate && s->dup_acks < U8_MAX)
		s->dup_acks++;
}

/*
 * Still in RECOVERY or LOSS. An ACK that advances without covering the window
 * says that the next segment is missing too (RFC 6582), if it was triggered by
 * a segment that was sent since recovery began. Otherwise originals are arriving
 * late: then nothing follows for those behind them.
 */
static void still_recovering(struct vctp_sender *s,
			     const struct vctp_ack_event *ack, u32 mss,
			     const struct vctp_sender_ops *ops, void *owner,
			     const struct vctp_ack_result *result)
{
	if (result->sacked)
		lose_below(s, lost_edge(s, mss));
	if (result->una_advanced && ack->echo == s->epoch)
		lose_first(s, mss, ops, owner);
}

/* RFC 6675, 5, (1) and (2): is it time to recover? */
static bool loss_found(const struct vctp_sender *s, u64 edge)
{
	const struct vctp_segment *hole;

	hole = vctp_sender_find(s, s->una, VCTP_BELOW_FRESH);
	if (hole && hole->seq < edge)
		return true;
	if (s->dup_acks < VCTP_DUP_THRESH)
		return false;
	/* RFC 6582, 3.2, 2: repeats sent in vain bring duplicates too. */
	return s->sacked || s->una > s->recovery_point;
}

/**
 * vctp_selective_repeat_detect() - what does this ACK say of loss?
 * @s: the book, the ACK taken in
 * @ack: the ACK
 * @ops: what the circuit does for us
 * @owner: handed to @ops
 * @result: entered_recovery and left_recovery are set here
 */
void vctp_selective_repeat_detect(struct vctp_sender *s,
				  const struct vctp_ack_event *ack,
				  const struct vctp_sender_ops *ops, void *owner,
				  struct vctp_ack_result *result)
{
	u32 mss = max(ack->mss, 1U);
	bool again = false;
	u64 edge;

	count_duplicate(s, ack, result);
	if (s->phase >= VCTP_SENDER_RECOVERY) {
		if (s->una < s->recovery_point) {
			still_recovering(s, ack, mss, ops, owner, result);
			return;
		}
		s->dup_acks = 0;
		result->left_recovery = true;
		again = s->lost || s->retrans;
	}
	edge = result->sacked || result->left_recovery ? lost_edge(s, mss) : 0;
	if (again || loss_found(s, edge)) {
		result->left_recovery = false;
		result->entered_recovery = true;
		vctp_sender_enter_recovery(s);
		lose_below(s, edge);
		lose_first(s, mss, ops, owner);
		return;
	}
	s->phase = s->sacked || s->dup_acks ? VCTP_SENDER_DISORDER :
					      VCTP_SENDER_OPEN;
}

const struct vctp_recovery_ops vctp_selective_repeat = {
	.name = "selective",
	.detect = vctp_selective_repeat_detect,
	.timeout = vctp_sender_lose_all,
};
