// SPDX-License-Identifier: GPL-2.0
/* S7: out-of-order data, against a map of single bytes. */
#include "reassembly.h"
#include "random.h"
#include "kselftest_harness.h"

#define BASE	BIT_ULL(48)
#define SPACE	4096U

/* A fragment and its bytes: byte n of the stream is value(n). */
struct piece {
	struct vctp_fragment f;
	u8 *data;	/* of f.seq */
	bool refuse;	/* to be trimmed */
};

static u8 value(u64 n)
{
	return n * 131 ^ n >> 8;
}

static u32 pieces;	/* that live */

static struct piece *make(u32 from, u32 to, u16 flags)
{
	struct piece *p = calloc(1, sizeof(*p));
	u32 i;

	p->f.seq = BASE + from;
	p->f.end = BASE + to;
	p->f.flags = flags;
	p->data = malloc(to - from ? to - from : 1);
	for (i = from; i < to; i++)
		p->data[i - from] = value(BASE + i);
	pieces++;
	return p;
}

static void drop(struct piece *p)
{
	free(p->data);
	free(p);
	pieces--;
}

static struct piece *piece(struct vctp_fragment *f)
{
	return f ? container_of(f, struct piece, f) : NULL;
}

static void swallowed(void *owner, struct vctp_fragment *f)
{
	drop(piece(f));
}

static void trim_front(void *owner, struct vctp_fragment *f, u64 seq)
{
	struct piece *p = piece(f);

	if (p->refuse)
		return;
	memmove(p->data, p->data + (seq - f->seq), f->end - seq);
	f->seq = seq;
}

static void trim_back(void *owner, struct vctp_fragment *f, u64 end)
{
	if (piece(f)->refuse)
		return;
	f->flags &= ~VCTP_FIN;
	f->end = end;
}

static const struct vctp_reassembly_ops ops = {
	.swallowed = swallowed,
	.trim_front = trim_front,
	.trim_back = trim_back,
};

static bool insert(struct vctp_reassembly *r, struct piece *p)
{
	if (vctp_reassembly_insert(r, &p->f, &ops, NULL) == VCTP_REASSEMBLY_KEPT)
		return true;
	drop(p);
	return false;
}

static bool put(struct vctp_reassembly *r, u32 from, u32 to)
{
	return insert(r, make(from, to, 0));
}

static void clear(struct vctp_reassembly *r)
{
	struct vctp_fragment *f;

	while ((f = vctp_reassembly_pop_last(r)))
		drop(piece(f));
}

static int sacks(struct vctp_reassembly *r, u32 next, u32 *edges)
{
	struct vctp_sack_block blocks[VCTP_SACK_MAX];
	u32 i, count = vctp_reassembly_sacks(r, BASE + next, blocks, VCTP_SACK_MAX);

	for (i = 0; i < count; i++) {
		edges[2 * i] = blocks[i].start - BASE;
		edges[2 * i + 1] = blocks[i].end - BASE;
	}
	return count;
}

TEST(reassembly_S7_in_order_behind_a_hole)
{
	struct vctp_reassembly r;
	u32 e[8];

	vctp_reassembly_init(&r);
	EXPECT_EQ(true, vctp_reassembly_empty(&r));
	EXPECT_EQ(0, sacks(&r, 0, e));
	EXPECT_EQ(true, put(&r, 10, 20));
	EXPECT_EQ(true, put(&r, 20, 30));
	EXPECT_EQ(false, vctp_reassembly_empty(&r));
	ASSERT_EQ(1, sacks(&r, 0, e));
	EXPECT_EQ(10, e[0]);
	EXPECT_EQ(30, e[1]);
	EXPECT_EQ(NULL, vctp_reassembly_take(&r, BASE + 9));
	EXPECT_EQ(30, r.last->end - BASE);
	clear(&r);
	EXPECT_EQ(NULL, r.last);
	EXPECT_EQ(0, sacks(&r, 0, e));
	EXPECT_EQ(0, pieces);
}

TEST(reassembly_S7_overlaps)
{
	struct vctp_reassembly r;
	struct vctp_fragment *f;

	vctp_reassembly_init(&r);
	EXPECT_EQ(true, put(&r, 10, 20));
	EXPECT_EQ(false, put(&r, 10, 20));
	EXPECT_EQ(false, put(&r, 12, 18));
	EXPECT_EQ(false, put(&r, 15, 15));
	EXPECT_EQ(true, put(&r, 30, 40));
	/* between, touching both: trimmed to 20..30 */
	EXPECT_EQ(true, put(&r, 15, 35));
	EXPECT_EQ(3, pieces);
	/* across an edge of two that touch: nothing new */
	EXPECT_EQ(false, put(&r, 15, 25));
	/* covers all */
	EXPECT_EQ(true, put(&r, 5, 50));
	EXPECT_EQ(1, pieces);
	f = vctp_reassembly_take(&r, BASE + 5);
	ASSERT_NE(NULL, f);
	EXPECT_EQ(5, f->seq - BASE);
	EXPECT_EQ(50, f->end - BASE);
	drop(piece(f));
	EXPECT_EQ(0, pieces);
}

TEST(reassembly_S7_same_start_longer_takes_over)
{
	struct vctp_reassembly r;

	vctp_reassembly_init(&r);
	EXPECT_EQ(true, put(&r, 10, 20));
	EXPECT_EQ(true, put(&r, 10, 25));
	EXPECT_EQ(1, pieces);
	clear(&r);
}

TEST(reassembly_fin_that_is_cut_off)
{
	struct vctp_reassembly r;
	struct piece *p = make(10, 21, VCTP_FIN | VCTP_PSH);

	vctp_reassembly_init(&r);
	EXPECT_EQ(true, put(&r, 20, 30));
	EXPECT_EQ(true, insert(&r, p));
	EXPECT_EQ(20, p->f.end - BASE);
	EXPECT_EQ(VCTP_PSH, p->f.flags);
	clear(&r);
}

TEST(reassembly_that_cannot_be_trimmed)
{
	struct vctp_reassembly r;
	struct piece *p = make(15, 25, 0);
	u32 e[8];

	vctp_reassembly_init(&r);
	put(&r, 10, 20);
	p->refuse = true;
	EXPECT_EQ(false, insert(&r, p));
	p = make(5, 15, 0);
	p->refuse = true;
	EXPECT_EQ(false, insert(&r, p));
	EXPECT_EQ(1, pieces);
	ASSERT_EQ(1, sacks(&r, 0, e));
	EXPECT_EQ(10, e[0]);
	EXPECT_EQ(20, e[1]);
	clear(&r);
}

/* RFC 2018, 4: the block of the segment that triggered the ACK comes first. */
TEST(reassembly_S7_newest_block_first)
{
	struct vctp_reassembly r;
	u32 e[8];

	vctp_reassembly_init(&r);
	put(&r, 10, 20);
	put(&r, 30, 40);
	put(&r, 50, 60);
	ASSERT_EQ(3, sacks(&r, 0, e));
	EXPECT_EQ(50, e[0]);
	EXPECT_EQ(30, e[2]);
	EXPECT_EQ(10, e[4]);
	put(&r, 40, 45);
	ASSERT_EQ(3, sacks(&r, 0, e));
	EXPECT_EQ(30, e[0]);
	EXPECT_EQ(45, e[1]);
	EXPECT_EQ(50, e[2]);
	/* joins two runs */
	put(&r, 20, 30);
	ASSERT_EQ(2, sacks(&r, 0, e));
	EXPECT_EQ(10, e[0]);
	EXPECT_EQ(45, e[1]);
	/* more than fit: the oldest is not told */
	put(&r, 70, 80);
	put(&r, 90, 100);
	put(&r, 110, 120);
	ASSERT_EQ(4, sacks(&r, 0, e));
	EXPECT_EQ(110, e[0]);
	EXPECT_EQ(10, e[6]);
	put(&r, 130, 140);
	ASSERT_EQ(4, sacks(&r, 0, e));
	EXPECT_EQ(70, e[6]);
	/* one that was forgotten grows: all of it is told again */
	put(&r, 45, 46);
	ASSERT_EQ(4, sacks(&r, 0, e));
	EXPECT_EQ(10, e[0]);
	EXPECT_EQ(46, e[1]);
	/* what is acknowledged is told no more */
	EXPECT_EQ(3, sacks(&r, 10, e));
	clear(&r);
	EXPECT_EQ(0, pieces);
}

static bool here[SPACE];	/* the bytes that are in the tree */

/* All that has to be true of the tree and of the runs. Gives what is wrong. */
static const char *check(struct vctp_reassembly *r)
{
	struct vctp_sack_block b[VCTP_SACK_MAX];
	bool seen[SPACE] = { false };
	struct rb_node *node;
	u64 last = 0;
	u32 i, k, count;

	for (node = rb_first(&r->tree); node; node = rb_next(node)) {
		struct vctp_fragment *f = rb_entry(node, struct vctp_fragment, node);
		u64 n;

		if (f->seq >= f->end || f->seq < last)
			return "order";
		last = f->end;
		for (n = f->seq; n < f->end; n++) {
			if (piece(f)->data[n - f->seq] != value(n))
				return "bytes";
			seen[n - BASE] = true;
		}
		if (!rb_next(node) && r->last != f)
			return "last";
	}
	if (memcmp(seen, here, sizeof(seen)))
		return "which bytes are here";
	if (RB_EMPTY_ROOT(&r->tree) != !r->last)
		return "last when empty";
	count = vctp_reassembly_sacks(r, 0, b, VCTP_SACK_MAX);
	for (i = 0; i < count; i++) {
		u64 n;

		if (b[i].start >= b[i].end)
			return "block";
		for (n = b[i].start; n < b[i].end; n++) {
			if (!here[n - BASE])
				return "a block tells of what is not here";
		}
		for (k = 0; k < i; k++) {
			if (b[i].start <= b[k].end && b[k].start <= b[i].end)
				return "blocks touch";
		}
	}
	if (count && r->run_count > VCTP_SACK_MAX)
		return "too many runs";
	return NULL;
}

static bool one_step(struct vctp_reassembly *r, struct random *x, u32 *next)
{
	struct vctp_fragment *f = NULL;
	u32 from, to, kind = random_below(x, 20);

	if (kind == 0)
		f = vctp_reassembly_pop_last(r);
	else if (kind == 1)
		f = vctp_reassembly_take(r, BASE + *next);
	if (f) {
		memset(here + (f->seq - BASE), 0, f->end - f->seq);
		drop(piece(f));
	}
	if (kind < 2) {
		*next = min(*next + random_below(x, 64), SPACE - 1);
		return true;
	}
	from = random_below(x, SPACE - 1);
	to = min(from + 1 + random_below(x, kind < 6 ? 600 : 30), SPACE);
	if (put(r, from, to)) {
		struct vctp_sack_block b;

		memset(here + from, 1, to - from);
		/* the first block has the newest bytes, at least some of them */
		return vctp_reassembly_sacks(r, 0, &b, 1) == 1 &&
		       b.start < BASE + to && b.end > BASE + from;
	}
	return !memchr(here + from, 0, to - from);
}

TEST(reassembly_S7_random_against_a_map)
{
	u32 seed, step;

	for (seed = 0; seed < 300; seed++) {
		struct random x = { seed };
		struct vctp_reassembly r;
		u32 next = 0;

		memset(here, 0, sizeof(here));
		vctp_reassembly_init(&r);
		for (step = 0; step < 120; step++) {
			const char *wrong;

			ASSERT_EQ(true, one_step(&r, &x, &next))
				TH_LOG("seed %u step %u", seed, step);
			wrong = check(&r);
			ASSERT_EQ(NULL, wrong)
				TH_LOG("seed %u step %u: %s", seed, step, wrong);
		}
		clear(&r);
		ASSERT_EQ(0, pieces);
	}
}

/* A peer that fills every second byte and then one between: no long walks. */
TEST(reassembly_many_runs_stay_cheap)
{
	struct vctp_reassembly r;
	u32 i, e[8], n = 200000;

	vctp_reassembly_init(&r);
	for (i = 0; i < n; i++)
		put(&r, 2 * i + 1, 2 * i + 2);
	for (i = 0; i < n - 1; i++) {
		/* in an order that jumps about */
		u32 k = (u64)i * 7919 % (n - 1);

		put(&r, 2 * k + 2, 2 * k + 3);
		ASSERT_EQ(true, sacks(&r, 0, e) > 0);
	}
	clear(&r);
	EXPECT_EQ(0, pieces);
}

TEST_HARNESS_MAIN
