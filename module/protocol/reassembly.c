// SPDX-License-Identifier: GPL-2.0
/*
 * Out-of-order data.
 *
 * Fragments lie in a tree, without overlap, in the order of their numbers.
 * Beside it stand up to VCTP_SACK_MAX runs: stretches of which every byte is
 * here, the one that grew last first, as RFC 2018, 4 wants its blocks. They are
 * kept as fragments come and go, so that an ACK costs no walk over the tree. A
 * run that fell out of the list and grows again is found from its neighbours,
 * up to RUN_WALK fragments far: then a block may be shorter than it could be,
 * never longer.
 */
#include "reassembly.h"

#define RUN_WALK	32	/* fragments to each side */

static_assert(offsetof(struct vctp_reassembly, runs) <= 64);

/**
 * vctp_reassembly_init() - nothing is waiting
 * @r: to be set
 */
void vctp_reassembly_init(struct vctp_reassembly *r)
{
	*r = (struct vctp_reassembly) { .tree = RB_ROOT };
}

static struct vctp_fragment *fragment_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct vctp_fragment, node);
}

static struct vctp_fragment *fragment_after(struct vctp_fragment *f)
{
	return fragment_of(rb_next(&f->node));
}

static struct vctp_fragment *fragment_before(struct vctp_fragment *f)
{
	return fragment_of(rb_prev(&f->node));
}

/* The fragment with the highest number at or below @seq, or NULL. */
static struct vctp_fragment *find_before(struct vctp_reassembly *r, u64 seq)
{
	struct rb_node *node = r->tree.rb_node;
	struct vctp_fragment *best = NULL;

	/* Most come in order behind a hole. */
	if (r->last && r->last->seq <= seq)
		return r->last;
	while (node) {
		struct vctp_fragment *f = fragment_of(node);

		if (f->seq <= seq) {
			best = f;
			node = node->rb_right;
		} else {
			node = node->rb_left;
		}
	}
	return best;
}

/* Put @f between two neighbours; either may be NULL. */
static void link_between(struct vctp_reassembly *r, struct vctp_fragment *f,
			 struct vctp_fragment *before,
			 struct vctp_fragment *after)
{
	if (before && !before->node.rb_right)
		rb_link_node(&f->node, &before->node, &before->node.rb_right);
	else if (after)
		rb_link_node(&f->node, &after->node, &after->node.rb_left);
	else
		rb_link_node(&f->node, NULL, &r->tree.rb_node);
	rb_insert_color(&f->node, &r->tree);
	if (!after)
		r->last = f;
}

static void fragment_unlink(struct vctp_reassembly *r, struct vctp_fragment *f)
{
	if (r->last == f)
		r->last = fragment_before(f);
	rb_erase(&f->node, &r->tree);
}

/* [start, end) is no longer here, or no longer worth telling of. */
static void runs_cut(struct vctp_reassembly *r, u64 start, u64 end)
{
	u32 i, kept = 0;

	for (i = 0; i < r->run_count; i++) {
		struct vctp_sack_block run = r->runs[i];

		if (run.start >= start && run.start < end)
			run.start = end;
		if (run.end > start && run.end <= end)
			run.end = start;
		if (run.start < run.end)
			r->runs[kept++] = run;
	}
	r->run_count = kept;
}

/* @run has just come: it goes to the front and takes in what it touches. */
static void runs_add(struct vctp_reassembly *r, struct vctp_sack_block run)
{
	struct vctp_sack_block old[VCTP_SACK_MAX];
	u32 i, count = r->run_count, kept = 1;

	memcpy(old, r->runs, sizeof(old));
	for (i = 0; i < count; i++) {
		if (old[i].start <= run.end && run.start <= old[i].end) {
			run.start = min(run.start, old[i].start);
			run.end = max(run.end, old[i].end);
		}
	}
	for (i = 0; i < count && kept < VCTP_SACK_MAX; i++) {
		if (old[i].start < run.start || old[i].end > run.end)
			r->runs[kept++] = old[i];
	}
	r->runs[0] = run;
	r->run_count = kept;
}

static bool run_known(const struct vctp_reassembly *r, u64 seq)
{
	u32 i;

	for (i = 0; i < r->run_count; i++) {
		if (r->runs[i].start <= seq && seq <= r->runs[i].end)
			return true;
	}
	return false;
}

/* @f is in the tree: tell of it and of what joins it. */
static void runs_note(struct vctp_reassembly *r, struct vctp_fragment *f)
{
	struct vctp_sack_block run = { .start = f->seq, .end = f->end };
	struct vctp_fragment *near;
	u32 walk;

	near = fragment_before(f);
	for (walk = 0; near && near->end == run.start && walk < RUN_WALK; walk++) {
		if (run_known(r, run.start))
			break;
		run.start = near->seq;
		near = fragment_before(near);
	}
	near = fragment_after(f);
	for (walk = 0; near && near->seq == run.end && walk < RUN_WALK; walk++) {
		if (run_known(r, run.end))
			break;
		run.end = near->end;
		near = fragment_after(near);
	}
	runs_add(r, run);
}

/* Have @f's edges moved to [seq, end), which lies within it. */
static bool trim(struct vctp_fragment *f, u64 seq, u64 end,
		 const struct vctp_reassembly_ops *ops, void *owner)
{
	if (end < f->end)
		ops->trim_back(owner, f, end);
	if (seq > f->seq)
		ops->trim_front(owner, f, seq);
	return f->seq == seq && f->end == end;
}

/**
 * vctp_reassembly_insert() - keep a fragment that came too early
 * @r: what is waiting; the socket lock
 * @fragment: not in the tree; may be trimmed
 * @ops: what becomes of the buffers
 * @owner: handed to @ops
 *
 * Of bytes that come twice the first are kept, unless the new fragment covers
 * an old one whole. A search in the tree, and one step for each fragment
 * swallowed.
 *
 * Return: VCTP_REASSEMBLY_KEPT; VCTP_REASSEMBLY_DUPLICATE where @fragment
 * brought no new byte, or could not be trimmed: it is still the caller's. In
 * the second case what it would have swallowed is gone, as RFC 2018, 8 allows.
 */
enum vctp_reassembly_verdict
vctp_reassembly_insert(struct vctp_reassembly *r, struct vctp_fragment *fragment,
		       const struct vctp_reassembly_ops *ops, void *owner)
{
	u64 seq = fragment->seq, end = fragment->end;
	struct vctp_fragment *before, *after, *next;

	before = find_before(r, seq);
	if (seq >= end || (before && before->end >= end))
		return VCTP_REASSEMBLY_DUPLICATE;
	after = before ? fragment_after(before) : fragment_of(rb_first(&r->tree));
	/* What begins where the new one does is covered by it, or covers it. */
	if (before && before->seq == seq) {
		after = before;
		before = fragment_before(before);
	}
	if (before && before->end > seq)
		seq = before->end;
	for (; after && after->end <= end; after = next) {
		next = fragment_after(after);
		fragment_unlink(r, after);
		ops->swallowed(owner, after);
	}
	if (after && after->seq < end)
		end = after->seq;
	if (seq >= end)
		return VCTP_REASSEMBLY_DUPLICATE;

	if (!trim(fragment, seq, end, ops, owner))
		return VCTP_REASSEMBLY_DUPLICATE;
	link_between(r, fragment, before, after);
	runs_note(r, fragment);
	return VCTP_REASSEMBLY_KEPT;
}

/**
 * vctp_reassembly_take() - the next fragment, if its turn has come
 * @r: what is waiting; the socket lock
 * @next: RCV.NXT
 *
 * Return: the lowest fragment where it begins at or before @next, out of the
 * tree (it may lie before @next in part or whole), or NULL.
 */
struct vctp_fragment *vctp_reassembly_take(struct vctp_reassembly *r, u64 next)
{
	struct vctp_fragment *f = fragment_of(rb_first(&r->tree));

	if (!f || f->seq > next)
		return NULL;
	return vctp_reassembly_pop_first(r);
}

/**
 * vctp_reassembly_pop_first() - the lowest fragment, whatever its place
 * @r: what is waiting; the socket lock
 *
 * Return: the fragment, out of the tree, or NULL.
 */
struct vctp_fragment *vctp_reassembly_pop_first(struct vctp_reassembly *r)
{
	struct vctp_fragment *f = fragment_of(rb_first(&r->tree));

	if (f) {
		fragment_unlink(r, f);
		runs_cut(r, f->seq, f->end);
	}
	return f;
}

/**
 * vctp_reassembly_pop_last() - the highest fragment
 * @r: what is waiting; the socket lock
 *
 * To make room. Its bytes may have been SACKed: RFC 2018, 8 allows it.
 *
 * Return: the fragment, out of the tree, or NULL.
 */
struct vctp_fragment *vctp_reassembly_pop_last(struct vctp_reassembly *r)
{
	struct vctp_fragment *f = r->last;

	if (f) {
		fragment_unlink(r, f);
		runs_cut(r, f->seq, f->end);
	}
	return f;
}

/**
 * vctp_reassembly_sacks() - the blocks to tell the peer
 * @r: what is waiting; the socket lock
 * @next: RCV.NXT, the acknowledgment that goes with them
 * @blocks: to be filled
 * @max: room in @blocks
 *
 * The run that grew last comes first (RFC 2018, 4). None touches @next.
 *
 * Return: how many blocks.
 */
u32 vctp_reassembly_sacks(struct vctp_reassembly *r, u64 next,
			  struct vctp_sack_block *blocks, u32 max)
{
	u32 i, count = 0;

	for (i = 0; i < r->run_count && count < max; i++) {
		if (r->runs[i].start > next)
			blocks[count++] = r->runs[i];
	}
	return count;
}
