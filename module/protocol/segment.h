/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the mechanisms keep for a stretch of bytes: one struct each way, of at
 * most 48 bytes, so that it fits where the circuit keeps it.
 */
#ifndef _VCTP_SEGMENT_H
#define _VCTP_SEGMENT_H

#include "platform.h"

#define VCTP_SEGMENT_MAX	48	/* bytes: room that the circuit has */

enum vctp_segment_mark {
	VCTP_SEG_SACKED	= 1 << 0,	/* the peer holds it */
	VCTP_SEG_LOST	= 1 << 1,	/* thought lost, not sent again yet */
	VCTP_SEG_RETRANS = 1 << 2,	/* sent again, and that copy in flight */
	VCTP_SEG_EVER_RETRANS = 1 << 3,	/* sent more than once (Karn) */
	VCTP_SEG_APP_LIMITED = 1 << 4,
	VCTP_SEG_AMBIGUOUS = 1 << 5,	/* sent twice or more in its epoch */
};

/*
 * What a subtree of the sender's tree has in it. Kept true by the rbtree's own
 * augmentation, so that the next segment of a kind is found without a walk,
 * whatever order a peer's SACKs come in.
 */
enum vctp_below {
	VCTP_BELOW_SACKED = 1 << 0,
	VCTP_BELOW_UNSACKED = 1 << 1,
	VCTP_BELOW_LOST	= 1 << 2,
	VCTP_BELOW_FRESH = 1 << 3,	/* none of SACKED, LOST, RETRANS */
};

/* The program wants to know when the last byte of a segment did something. */
enum vctp_stamp {
	VCTP_STAMP_ANY	= 1 << 0,	/* so no more bytes may follow it here */
	VCTP_STAMP_ACK	= 1 << 1,	/* was acknowledged */
};

/* Sent, or waiting to be: in the order of its numbers. */
struct vctp_segment {
	struct rb_node node;	/* in struct vctp_sender's tree, once sent */
	u64	seq;
	u32	len;		/* sequence space: payload + SYN + FIN */
	u32	sent_us;	/* time of its last sending, low 32 bits */
	u16	flags;		/* enum vctp_flag: SYN, FIN, PSH, URG */
	u16	epoch;		/* of its last sending */
	u8	marks;		/* enum vctp_segment_mark */
	u8	below;		/* enum vctp_below: its own and its subtree's */
	u8	stamp;		/* enum vctp_stamp: the owner's, moved by no one else */
};

static_assert(sizeof(struct vctp_segment) <= VCTP_SEGMENT_MAX);

static inline u64 vctp_segment_end(const struct vctp_segment *s)
{
	return s->seq + s->len;
}

/* Received: in order (node unused), or waiting for what is before it. */
struct vctp_fragment {
	struct rb_node node;	/* in struct vctp_reassembly's tree */
	u64	seq;		/* of the first byte in the buffer */
	u64	end;		/* after the last byte or FIN */
	u16	flags;		/* enum vctp_flag: FIN, PSH, URG */
};

static_assert(sizeof(struct vctp_fragment) <= VCTP_SEGMENT_MAX);

#endif /* _VCTP_SEGMENT_H */
