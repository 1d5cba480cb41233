/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Out-of-order data: a tree of fragments that do not overlap, and the SACK
 * blocks that tell of them (RFC 2018).
 */
#ifndef _VCTP_REASSEMBLY_H
#define _VCTP_REASSEMBLY_H

#include "segment.h"
#include "wire.h"

struct vctp_reassembly {
	struct rb_root tree;	/* of struct vctp_fragment, by seq */
	struct vctp_fragment *last;	/* the highest, or NULL */
	u32	run_count;
	/* Runs of bytes that are all here, for SACK: apart, newest first. */
	struct vctp_sack_block runs[VCTP_SACK_MAX];
};

/* What became of a fragment that was offered. */
enum vctp_reassembly_verdict {
	VCTP_REASSEMBLY_KEPT,		/* it is in the tree, perhaps trimmed */
	VCTP_REASSEMBLY_DUPLICATE,	/* not kept: all of it was there already */
};

void vctp_reassembly_init(struct vctp_reassembly *r);

static inline bool vctp_reassembly_empty(const struct vctp_reassembly *r)
{
	return RB_EMPTY_ROOT(&r->tree);
}

/*
 * Fragments that the new one covers whole are taken out and handed to
 * @swallowed(). Where it overlaps another in part, it is the new one that is
 * trimmed: @trim_front() drops its bytes before a new seq, @trim_back() those
 * from a new end on, each from the buffer and from the fragment. One that has
 * not moved the edge could not: then the fragment is not kept.
 */
struct vctp_reassembly_ops {
	void (*swallowed)(void *owner, struct vctp_fragment *fragment);
	void (*trim_front)(void *owner, struct vctp_fragment *fragment, u64 seq);
	void (*trim_back)(void *owner, struct vctp_fragment *fragment, u64 end);
};

enum vctp_reassembly_verdict
vctp_reassembly_insert(struct vctp_reassembly *r, struct vctp_fragment *fragment,
		       const struct vctp_reassembly_ops *ops, void *owner);

/* The fragment that starts at or before @next, taken out, or NULL. */
struct vctp_fragment *vctp_reassembly_take(struct vctp_reassembly *r, u64 next);

/* The lowest or highest fragment taken out whatever its place, or NULL. */
struct vctp_fragment *vctp_reassembly_pop_first(struct vctp_reassembly *r);
struct vctp_fragment *vctp_reassembly_pop_last(struct vctp_reassembly *r);

/* Up to @max blocks, the run of the newest fragment first; their number. */
u32 vctp_reassembly_sacks(struct vctp_reassembly *r, u64 next,
			  struct vctp_sack_block *blocks, u32 max);

#endif /* _VCTP_REASSEMBLY_H */
