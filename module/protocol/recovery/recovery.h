/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loss detection and recovery: which of the sent segments the peer holds,
 * which are thought lost, and which to send (again) next.
 *
 * The sender's book is a tree of struct vctp_segment. The circuit owns the
 * buffers; it takes acknowledged segments out and frees them, and splits one
 * where a SACK edge falls inside (through @split).
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

/* RFC 6675's pipe: bytes thought to be in the network. */
static inline u32 vctp_sender_in_flight(const struct vctp_sender *s)
{
	return (u32)(s->next - s->una) - s->sacked - s->lost + s->retrans;
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
	 * Cut @segment after @bytes; gives the second part, already in the
	 * tree and with the same marks, or NULL where memory is short.
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
};

struct vctp_recovery_ops {
	const char *name;
	/* After the book is up to date: mark what is lost, move the phase. */
	void (*detect)(struct vctp_sender *s, const struct vctp_ack_event *ack,
		       struct vctp_ack_result *result);
	/* The RTO went off: mark what is to be sent again. */
	void (*timeout)(struct vctp_sender *s);
	/* Bytes beyond @cwnd that a mode never has in flight; 0: no limit. */
	u32 window_limit;	/* segments: 1 is stop-and-wait */
};

extern const struct vctp_recovery_ops vctp_selective_repeat;

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

#endif /* _VCTP_RECOVERY_H */
