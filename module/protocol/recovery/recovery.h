/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loss detection and recovery: which of the sent segments the peer holds,
 * which are thought lost, and which to send (again) next.
 *
 * The sender's book is a tree of struct vctp_segment. The circuit owns the
 * buffers: it frees the segments that are acknowledged, and splits one where a
 * SACK edge falls inside (through struct vctp_sender_ops). The lowest may be
 * acknowledged in part; then only what is at or above SND.UNA counts in the
 * sums below.
 *
 * All of it under the socket lock.
 *
 * To add a recovery mode: a file beside this one that defines a struct
 * vctp_recovery_ops, and its name in the list of recovery.c.
 */
#ifndef _VCTP_RECOVERY_H
#define _VCTP_RECOVERY_H

#include "../segment.h"
#include "../wire.h"

#define VCTP_DUP_THRESH		3	/* RFC 5681, 3.2 */

enum vctp_sender_phase {	/* the numbers of the uapi's enum vctp_phase */
	VCTP_SENDER_OPEN,
	VCTP_SENDER_DISORDER,
	VCTP_SENDER_RECOVERY,
	VCTP_SENDER_LOSS,
};

struct vctp_recovery_ops;

struct vctp_sender {
	struct rb_root sent;	/* of struct vctp_segment, [una, next) */
	u64	una;		/* SND.UNA */
	u64	next;		/* SND.NXT */
	u64	high_sacked;	/* after the highest byte SACKed; una if none */
	u64	recovery_point;	/* SND.NXT when this recovery began */
	const struct vctp_recovery_ops *ops;
	u32	sacked;		/* bytes in the tree marked SACKED */
	u32	lost;		/* bytes marked LOST */
	u32	retrans;	/* bytes marked RETRANS */
	u16	epoch;		/* bursts of retransmission so far, 12 bits */
	u8	phase;		/* enum vctp_sender_phase */
	u8	dup_acks;
};

/*
 * RFC 6675's pipe: bytes thought to be in the network. What is lost and sent
 * again is no longer marked LOST, and so counts once, for the copy.
 */
static inline u32 vctp_sender_in_flight(const struct vctp_sender *s)
{
	return (u32)(s->next - s->una) - s->sacked - s->lost;
}

static inline struct vctp_segment *vctp_sender_first(const struct vctp_sender *s)
{
	return rb_entry_safe(rb_first(&s->sent), struct vctp_segment, node);
}

static inline struct vctp_segment *vctp_sender_after(const struct vctp_segment *g)
{
	return rb_entry_safe(rb_next(&g->node), struct vctp_segment, node);
}

/* What the circuit does for us. */
struct vctp_sender_ops {
	/*
	 * Cut @segment after @bytes; gives the second part, put into the tree
	 * by vctp_sender_insert_split(), or NULL where memory is short.
	 */
	struct vctp_segment *(*split)(void *owner, struct vctp_segment *segment,
				      u32 bytes);
	/* @segment is acknowledged whole and out of the tree: free it. */
	void (*acked)(void *owner, struct vctp_segment *segment);
};

/* One ACK, as the recovery sees it. */
struct vctp_ack_event {
	u64	ack;
	const struct vctp_sack_block *sack;
	u32	sack_count;
	u32	mss;
	u16	echo;		/* epoch of what triggered the ACK */
	bool	duplicate;	/* by RFC 5681, 2: no data, no window change */
};

/* What it brought. */
struct vctp_ack_result {
	u32	acked;		/* bytes newly acked cumulatively */
	u32	sacked;		/* bytes newly SACKed */
	u32	was_in_flight;	/* bytes, before it */
	s32	rtt_us;		/* -1: no sample (Karn; the echoed epoch) */
	bool	entered_recovery;	/* loss found: halve the window */
	bool	left_recovery;		/* recovery or loss phase is over */
	bool	una_advanced;
	bool	fin_acked;	/* set by @acked()'s owner, not here */
	u32	delivered;	/* bytes newly acked or SACKed, each once */
};

struct vctp_recovery_ops {
	const char *name;
	/*
	 * After the book is up to date: mark what is lost, move the phase. Not
	 * called for an ACK in phase OPEN that only acknowledges.
	 */
	void (*detect)(struct vctp_sender *s, const struct vctp_ack_event *ack,
		       const struct vctp_sender_ops *ops, void *owner,
		       struct vctp_ack_result *result);
	/* The RTO went off, the phase is LOSS: mark what is to be sent again. */
	void (*timeout)(struct vctp_sender *s);
	bool one_at_a_time;	/* a segment waits for the last one's ACK */
	bool in_order_only;	/* out of order is thrown away; no SACK counts */
};

extern const struct vctp_recovery_ops vctp_selective_repeat;
extern const struct vctp_recovery_ops vctp_go_back_n;
extern const struct vctp_recovery_ops vctp_stop_and_wait;

/* The default's own, so that it can be called directly. */
void vctp_selective_repeat_detect(struct vctp_sender *s,
				  const struct vctp_ack_event *ack,
				  const struct vctp_sender_ops *ops, void *owner,
				  struct vctp_ack_result *result);

const struct vctp_recovery_ops *vctp_recovery_find(const char *name);
int vctp_recovery_names(char *buffer, u32 size);

void vctp_sender_init(struct vctp_sender *s, u64 iss,
		      const struct vctp_recovery_ops *ops);

/* @segment has been sent for the first time: it is SND.NXT's. */
void vctp_sender_sent(struct vctp_sender *s, struct vctp_segment *segment,
		      u32 now_us);
/* @segment has been sent again. */
void vctp_sender_resent(struct vctp_sender *s, struct vctp_segment *segment,
			u32 now_us);
/* The second part of a split enters the book; marks and sums are kept true. */
void vctp_sender_insert_split(struct vctp_sender *s, struct vctp_segment *first,
			      struct vctp_segment *second);

/* @segment lies below SND.UNA: out of the book, with its sums. Not freed. */
void vctp_sender_drop(struct vctp_sender *s, struct vctp_segment *segment);
/* The path got narrower: what is longer than @len bytes has been lost. */
void vctp_sender_lose_larger(struct vctp_sender *s, u32 len);

/* Take in one ACK whose number lies in [una, next]. */
void vctp_sender_ack(struct vctp_sender *s, const struct vctp_ack_event *ack,
		     const struct vctp_sender_ops *ops, void *owner, u32 now_us,
		     struct vctp_ack_result *result);

/* The RTO went off: phase LOSS, everything unsacked is lost (RFC 6675, 5.1). */
void vctp_sender_timeout(struct vctp_sender *s);

/* The next segment to send again, or NULL; at or after @from if not NULL. */
struct vctp_segment *vctp_sender_next_lost(struct vctp_sender *s,
					   struct vctp_segment *from);

/* Forget every SACK and mark (a new path, a renege); the tree stays. */
void vctp_sender_forget_marks(struct vctp_sender *s);

/* --- for recovery modes --- */

/* The lowest segment that ends after @seq and has @what (enum vctp_below). */
struct vctp_segment *vctp_sender_find(const struct vctp_sender *s, u64 seq,
				      u8 what);
/* The highest segment that begins before @seq and has @what. */
struct vctp_segment *vctp_sender_find_back(const struct vctp_sender *s, u64 seq,
					   u8 what);
/* @segment is thought lost, unless the peer holds it. */
void vctp_sender_lose(struct vctp_sender *s, struct vctp_segment *segment);
/* Everything that the peer does not hold is lost. */
void vctp_sender_lose_all(struct vctp_sender *s);
/* Phase RECOVERY: the window is one of loss, and a burst of repeats begins. */
void vctp_sender_enter_recovery(struct vctp_sender *s);

#endif /* _VCTP_RECOVERY_H */
