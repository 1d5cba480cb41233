/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tree of the sender's book: segments in the order of their numbers, each
 * with a summary of what its subtree holds. For recovery.c alone.
 */
#ifndef _VCTP_RECOVERY_TREE_H
#define _VCTP_RECOVERY_TREE_H

#include "../segment.h"

/* The marks whose bytes the book counts. */
#define COUNTED (VCTP_SEG_SACKED | VCTP_SEG_LOST | VCTP_SEG_RETRANS)

static inline struct vctp_segment *segment_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct vctp_segment, node);
}

/* What a segment is by itself: enum vctp_below. */
static inline u8 own(const struct vctp_segment *g)
{
	u8 is = g->marks & VCTP_SEG_SACKED ? VCTP_BELOW_SACKED :
					     VCTP_BELOW_UNSACKED;

	if (g->marks & VCTP_SEG_LOST)
		is |= VCTP_BELOW_LOST;
	if (!(g->marks & COUNTED))
		is |= VCTP_BELOW_FRESH;
	return is;
}

static inline u8 below(struct rb_node *node)
{
	return node ? segment_of(node)->below : 0;
}

/* Work out @g->below; true where it was right, and so is all above. */
static inline bool below_compute(struct vctp_segment *g, bool stop)
{
	u8 is = own(g) | below(g->node.rb_left) | below(g->node.rb_right);

	if (stop && g->below == is)
		return true;
	g->below = is;
	return false;
}

RB_DECLARE_CALLBACKS(static, below_callbacks, struct vctp_segment, node, below,
		     below_compute)

/* @g becomes a leaf at @link, below @parent. */
static inline void tree_link(struct rb_root *root, struct vctp_segment *g,
			     struct rb_node *parent, struct rb_node **link)
{
	g->below = own(g);
	rb_link_node(&g->node, parent, link);
	below_callbacks_propagate(parent, NULL);
	rb_insert_augmented(&g->node, root, &below_callbacks);
}

static inline void tree_erase(struct rb_root *root, struct vctp_segment *g)
{
	rb_erase_augmented(&g->node, root, &below_callbacks);
}

/* The lowest segment with @what in a subtree that has one. */
static inline struct vctp_segment *lowest(struct rb_node *node, u8 what)
{
	for (;;) {
		if (below(node->rb_left) & what) {
			node = node->rb_left;
			continue;
		}
		if (own(segment_of(node)) & what)
			return segment_of(node);
		node = node->rb_right;
	}
}

static inline struct vctp_segment *highest(struct rb_node *node, u8 what)
{
	for (;;) {
		if (below(node->rb_right) & what) {
			node = node->rb_right;
			continue;
		}
		if (own(segment_of(node)) & what)
			return segment_of(node);
		node = node->rb_left;
	}
}

#endif /* _VCTP_RECOVERY_TREE_H */
