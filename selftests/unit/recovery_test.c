// SPDX-License-Identifier: GPL-2.0
/* S7, S9: loss detection and recovery, step by step. */
#include "recovery/recovery.h"
#include "book.h"
#include "random.h"
#include "kselftest_harness.h"

#define ISS	BIT_ULL(48)
#define MSS	1000U

FIXTURE(book) {
	struct book b;
	struct vctp_ack_result r;
	u32 now;
	u16 echo;
	bool duplicate;
};

FIXTURE_SETUP(book)
{
	memset(self, 0, sizeof(*self));
	book_init(&self->b, ISS);
	/* behind the handshake: SND.UNA is beyond the first recovery_point */
	book_send(&self->b, 1, 0);
	vctp_sender_ack(&self->b.s, &(struct vctp_ack_event) {
			.ack = ISS + 1, .mss = MSS }, &book_ops, &self->b, 0,
			&self->r);
}

FIXTURE_TEARDOWN(book)
{
	book_clear(&self->b);
	EXPECT_EQ(0, self->b.segments);
}

#define S	(&self->b.s)
#define AT(n)	(ISS + 1 + (n))		/* byte n of the stream */

/* @count segments of @len bytes */
#define SEND(count, length) do {					\
	u32 left;							\
	for (left = (count); left; left--)				\
		book_send(&self->b, length, self->now);			\
} while (0)

/* ACK of byte @to, and blocks {from, to}, …, in bytes of the stream */
#define ACK(to, ...) do {						\
	const u64 e[] = { __VA_ARGS__ };				\
	struct vctp_sack_block blocks[8];				\
	struct vctp_ack_event a = {					\
		.ack = AT(to), .mss = MSS, .sack = blocks,		\
		.sack_count = sizeof(e) / 16, .echo = self->echo,	\
		.duplicate = self->duplicate,				\
	};								\
	const char *wrong;						\
	u32 n;								\
	for (n = 0; n < a.sack_count; n++)				\
		blocks[n] = (struct vctp_sack_block) {			\
			AT(e[2 * n]), AT(e[2 * n + 1]) };		\
	vctp_sender_ack(S, &a, &book_ops, &self->b, self->now, &self->r); \
	wrong = book_check(&self->b);					\
	ASSERT_EQ(NULL, wrong) TH_LOG("%s", wrong);			\
} while (0)

#define RESEND(segment) vctp_sender_resent(S, segment, self->now)

/* Send again all that is lost; gives how many segments. */
static u32 resend_all(struct vctp_sender *s, u32 now)
{
	struct vctp_segment *g;
	u32 count = 0;

	while ((g = vctp_sender_next_lost(s, NULL))) {
		vctp_sender_resent(s, g, now);
		count++;
	}
	return count;
}

TEST_F(book, S7_in_order)
{
	SEND(3, MSS);
	EXPECT_EQ(3 * MSS, vctp_sender_in_flight(S));
	self->now = 500;
	ACK(2 * MSS);
	EXPECT_EQ(2 * MSS, self->r.acked);
	EXPECT_EQ(2 * MSS, self->r.delivered);
	EXPECT_EQ(3 * MSS, self->r.was_in_flight);
	EXPECT_EQ(true, self->r.una_advanced);
	EXPECT_EQ(500, self->r.rtt_us);
	EXPECT_EQ(VCTP_SENDER_OPEN, S->phase);
	EXPECT_EQ(MSS, vctp_sender_in_flight(S));
	ACK(3 * MSS);
	EXPECT_EQ(0, self->b.segments);
	EXPECT_EQ(NULL, vctp_sender_first(S));
}

TEST_F(book, S7_ack_out_of_bounds_does_nothing)
{
	SEND(2, MSS);
	ACK(MSS);
	ACK(0);
	EXPECT_EQ(false, self->r.una_advanced);
	EXPECT_EQ(-1, self->r.rtt_us);
	ACK(2 * MSS + 1);
	EXPECT_EQ(AT(MSS), S->una);
}

TEST_F(book, S7_part_of_a_large_segment)
{
	SEND(1, 10 * MSS);
	ACK(3 * MSS);
	EXPECT_EQ(1, self->b.segments);
	EXPECT_EQ(7 * MSS, vctp_sender_in_flight(S));
	ACK(4 * MSS, 6 * MSS, 8 * MSS);
	EXPECT_EQ(3, self->b.segments);
	EXPECT_EQ(2 * MSS, S->sacked);
	EXPECT_EQ(MSS + 2 * MSS, self->r.delivered);
	/* lost in part, then acknowledged in part */
	vctp_sender_timeout(S);
	EXPECT_EQ(4 * MSS, S->lost);
	ACK(5 * MSS);
	EXPECT_EQ(3 * MSS, S->lost);
	ACK(7 * MSS);
	EXPECT_EQ(2 * MSS, S->lost);
	EXPECT_EQ(MSS, S->sacked);
	ACK(10 * MSS);
	EXPECT_EQ(0, self->b.segments);
}

/* RFC 6675, 4: more than two segments' worth of bytes above are SACKed. */
TEST_F(book, S9_lost_by_bytes)
{
	SEND(8, MSS);
	ACK(0, MSS, 2 * MSS);
	EXPECT_EQ(VCTP_SENDER_DISORDER, S->phase);
	EXPECT_EQ(MSS, self->r.sacked);
	EXPECT_EQ(1, S->dup_acks);
	ACK(0, MSS, 3 * MSS);
	EXPECT_EQ(VCTP_SENDER_DISORDER, S->phase);
	EXPECT_EQ(0, S->lost);
	ACK(0, MSS, 4 * MSS);
	EXPECT_EQ(VCTP_SENDER_RECOVERY, S->phase);
	EXPECT_EQ(true, self->r.entered_recovery);
	EXPECT_EQ(MSS, S->lost);
	EXPECT_EQ(AT(8 * MSS), S->recovery_point);
	EXPECT_EQ(AT(0), vctp_sender_next_lost(S, NULL)->seq);
	EXPECT_EQ(8 * MSS - 3 * MSS - MSS, vctp_sender_in_flight(S));
	/* once for a window */
	ACK(0, MSS, 5 * MSS);
	EXPECT_EQ(false, self->r.entered_recovery);
}

TEST_F(book, S9_lost_by_one_large_sack)
{
	SEND(8, MSS);
	ACK(0, MSS, 4 * MSS);
	EXPECT_EQ(true, self->r.entered_recovery);
	EXPECT_EQ(1, S->dup_acks);
	EXPECT_EQ(MSS, S->lost);
}

TEST_F(book, S9_lost_by_three_runs)
{
	SEND(30, 10);
	ACK(0, 10, 20);
	ACK(0, 30, 40, 10, 20);
	EXPECT_EQ(VCTP_SENDER_DISORDER, S->phase);
	ACK(0, 50, 60, 30, 40, 10, 20);
	EXPECT_EQ(true, self->r.entered_recovery);
	/* below the third run only */
	EXPECT_EQ(10, S->lost);
}

TEST_F(book, S9_every_hole_below_the_edge)
{
	SEND(20, MSS);
	ACK(0, 2 * MSS, 3 * MSS, 5 * MSS, 6 * MSS, 9 * MSS, 12 * MSS);
	EXPECT_EQ(true, self->r.entered_recovery);
	/* 0 1 . 3 4 . 6 7 8 */
	EXPECT_EQ(7 * MSS, S->lost);
	EXPECT_EQ(7, resend_all(S, 0));
	EXPECT_EQ(0, S->lost);
	EXPECT_EQ(7 * MSS, S->retrans);
	EXPECT_EQ(20 * MSS - 5 * MSS, vctp_sender_in_flight(S));
	EXPECT_EQ(NULL, vctp_sender_next_lost(S, NULL));
	/* a repeat that is lost too is left to the time-out */
	ACK(0, 12 * MSS, 20 * MSS);
	EXPECT_EQ(0, S->lost);
}

TEST_F(book, S9_next_lost_from)
{
	struct vctp_segment *g;

	SEND(10, MSS);
	ACK(0, 2 * MSS, 3 * MSS, 5 * MSS, 10 * MSS);
	g = vctp_sender_next_lost(S, NULL);
	EXPECT_EQ(AT(0), g->seq);
	EXPECT_EQ(g, vctp_sender_next_lost(S, g));
	g = vctp_sender_after(g);
	g = vctp_sender_after(vctp_sender_next_lost(S, g));
	EXPECT_EQ(AT(2 * MSS), g->seq);
	g = vctp_sender_next_lost(S, g);
	EXPECT_EQ(AT(3 * MSS), g->seq);
	RESEND(g);
	g = vctp_sender_next_lost(S, g);
	EXPECT_EQ(AT(4 * MSS), g->seq);
	EXPECT_EQ(NULL, vctp_sender_next_lost(S, vctp_sender_after(g)));
}

/* RFC 5681, 3.2, and RFC 6582: three duplicate ACKs without SACK. */
TEST_F(book, S9_three_duplicate_acks)
{
	SEND(1, 10 * MSS);
	self->duplicate = true;
	ACK(0);
	ACK(0);
	EXPECT_EQ(VCTP_SENDER_DISORDER, S->phase);
	ACK(0);
	EXPECT_EQ(true, self->r.entered_recovery);
	/* one segment, though ten were sent as one */
	EXPECT_EQ(MSS, S->lost);
	EXPECT_EQ(1, resend_all(S, 0));
	ACK(0);
	EXPECT_EQ(0, S->lost);
	/* a partial ACK, by the repeat: the next is missing too */
	self->duplicate = false;
	self->echo = 1;
	ACK(4 * MSS);
	EXPECT_EQ(VCTP_SENDER_RECOVERY, S->phase);
	EXPECT_EQ(MSS, S->lost);
	EXPECT_EQ(AT(4 * MSS), S->una);
	resend_all(S, 0);
	ACK(10 * MSS);
	EXPECT_EQ(true, self->r.left_recovery);
	EXPECT_EQ(VCTP_SENDER_OPEN, S->phase);
}

TEST_F(book, S9_duplicates_need_data_in_flight_and_no_progress)
{
	self->duplicate = true;
	SEND(2, MSS);
	ACK(0);
	ACK(0);
	EXPECT_EQ(2, S->dup_acks);
	self->duplicate = false;
	ACK(MSS);
	EXPECT_EQ(0, S->dup_acks);
	EXPECT_EQ(VCTP_SENDER_OPEN, S->phase);
}

/* RFC 6675, 2: a SACK without news is no duplicate, one with news always is. */
TEST_F(book, S9_duplicates_by_sack)
{
	u32 i;

	SEND(10, MSS);
	self->duplicate = true;
	for (i = 0; i < 300; i++)
		ACK(0, 9 * MSS, 10 * MSS);
	EXPECT_EQ(1, S->dup_acks);
	EXPECT_EQ(VCTP_SENDER_DISORDER, S->phase);
	self->duplicate = false;
	/* moves the ACK and brings news: 0, and one again */
	ACK(MSS, 8 * MSS, 10 * MSS);
	EXPECT_EQ(1, S->dup_acks);
	ACK(MSS, 3 * MSS, 3 * MSS + 1);		/* less than a segment: not taken */
	EXPECT_EQ(1, S->dup_acks);
	EXPECT_EQ(0, self->r.sacked);
}

TEST_F(book, S9_small_segments_need_three_duplicates)
{
	SEND(10, 10);
	ACK(0, 10, 20);
	ACK(0, 10, 30);
	EXPECT_EQ(VCTP_SENDER_DISORDER, S->phase);
	ACK(0, 10, 40);
	EXPECT_EQ(true, self->r.entered_recovery);
	EXPECT_EQ(10, S->lost);
}

TEST_F(book, S9_blocks_that_lie)
{
	SEND(10, MSS);
	ACK(2 * MSS);
	ACK(2 * MSS, 0, MSS);				/* below */
	ACK(2 * MSS, 0, 4 * MSS);			/* across SND.UNA */
	ACK(2 * MSS, 2 * MSS, 4 * MSS);			/* at SND.UNA */
	ACK(2 * MSS, 5 * MSS, 11 * MSS);		/* beyond SND.NXT */
	ACK(2 * MSS, 20 * MSS, 30 * MSS);
	ACK(2 * MSS, 5 * MSS, 5 * MSS);			/* empty */
	ACK(2 * MSS, 6 * MSS, 4 * MSS);			/* inverted */
	ACK(2 * MSS, 0 - ISS, ~0ULL);
	EXPECT_EQ(0, S->sacked);
	EXPECT_EQ(VCTP_SENDER_OPEN, S->phase);
	EXPECT_EQ(8, self->b.segments);
	ACK(2 * MSS, 9 * MSS, 10 * MSS);
	EXPECT_EQ(MSS, S->sacked);
}

TEST_F(book, S9_crumbs_are_not_cut)
{
	u32 i;

	SEND(1, 40 * MSS);
	for (i = 1; i < 40 * MSS; i += 7)
		ACK(0, i, i + 3);
	EXPECT_EQ(1, self->b.segments);
	/* edges go inward to multiples of the MSS */
	ACK(0, MSS + 1, 5 * MSS - 1);
	EXPECT_EQ(2 * MSS, S->sacked);
	EXPECT_EQ(3, self->b.segments);
	EXPECT_EQ(2, self->b.splits);
}

TEST_F(book, S9_split_without_memory)
{
	SEND(2, 10 * MSS);
	self->b.no_memory = true;
	ACK(0, 2 * MSS, 4 * MSS);
	EXPECT_EQ(0, S->sacked);
	ACK(0, 5 * MSS, 20 * MSS);
	EXPECT_EQ(10 * MSS, S->sacked);
	self->b.no_memory = false;
	ACK(0, 5 * MSS, 20 * MSS);
	EXPECT_EQ(15 * MSS, S->sacked);
}

TEST_F(book, S9_leaving_recovery)
{
	SEND(6, MSS);
	ACK(0, MSS, 5 * MSS);
	EXPECT_EQ(1, S->epoch);
	resend_all(S, 0);
	SEND(2, MSS);
	self->echo = 1;
	ACK(5 * MSS);
	/* partial, by the repeat: the sixth is missing too */
	EXPECT_EQ(VCTP_SENDER_RECOVERY, S->phase);
	EXPECT_EQ(MSS, S->lost);
	resend_all(S, 0);
	ACK(6 * MSS);
	EXPECT_EQ(true, self->r.left_recovery);
	EXPECT_EQ(false, self->r.entered_recovery);
	EXPECT_EQ(VCTP_SENDER_OPEN, S->phase);
	EXPECT_EQ(2 * MSS, vctp_sender_in_flight(S));
}

/* A partial ACK that a late original brought says nothing of the next. */
TEST_F(book, S9_late_originals_are_not_lost)
{
	SEND(10, MSS);
	ACK(0, 6 * MSS, 9 * MSS);
	EXPECT_EQ(6 * MSS, S->lost);
	resend_all(S, 0);
	self->echo = 0;
	ACK(6 * MSS, 7 * MSS, 9 * MSS);
	ACK(9 * MSS);
	EXPECT_EQ(0, S->lost);
}

/* What is lost of a later window is a recovery of its own. */
TEST_F(book, S9_a_second_window_of_loss)
{
	SEND(5, MSS);
	ACK(0, MSS, 5 * MSS);
	resend_all(S, 0);
	SEND(6, MSS);
	/* the first of the new window is missing as well */
	ACK(0, 6 * MSS, 9 * MSS, MSS, 5 * MSS);
	EXPECT_EQ(false, self->r.entered_recovery);
	EXPECT_EQ(MSS, S->lost);
	ACK(5 * MSS, 6 * MSS, 9 * MSS);
	EXPECT_EQ(true, self->r.entered_recovery);
	EXPECT_EQ(false, self->r.left_recovery);
	EXPECT_EQ(VCTP_SENDER_RECOVERY, S->phase);
	EXPECT_EQ(AT(11 * MSS), S->recovery_point);
	EXPECT_EQ(2, S->epoch);
}

/* RFC 6675, 5.1 */
TEST_F(book, S7_timeout)
{
	SEND(10, MSS);
	ACK(0, 4 * MSS, 5 * MSS, 8 * MSS, 9 * MSS);
	vctp_sender_timeout(S);
	EXPECT_EQ(VCTP_SENDER_LOSS, S->phase);
	EXPECT_EQ(AT(10 * MSS), S->recovery_point);
	EXPECT_EQ(8 * MSS, S->lost);
	EXPECT_EQ(2 * MSS, S->sacked);
	EXPECT_EQ(0, vctp_sender_in_flight(S));
	EXPECT_EQ(NULL, book_check(&self->b));
	RESEND(vctp_sender_next_lost(S, NULL));
	EXPECT_EQ(MSS, vctp_sender_in_flight(S));
	ACK(MSS, 4 * MSS, 5 * MSS);
	EXPECT_EQ(VCTP_SENDER_LOSS, S->phase);
	EXPECT_EQ(7 * MSS, S->lost);
	/* again: what was sent again is lost once more */
	RESEND(vctp_sender_next_lost(S, NULL));
	vctp_sender_timeout(S);
	EXPECT_EQ(7 * MSS, S->lost);
	EXPECT_EQ(0, S->retrans);
	EXPECT_EQ(2, S->epoch);
	resend_all(S, 0);
	ACK(10 * MSS);
	EXPECT_EQ(true, self->r.left_recovery);
	EXPECT_EQ(VCTP_SENDER_OPEN, S->phase);
}

TEST_F(book, S7_timeout_of_nothing)
{
	vctp_sender_timeout(S);
	EXPECT_EQ(VCTP_SENDER_OPEN, S->phase);
	EXPECT_EQ(0, S->epoch);
}

/* RFC 2018, 8: the peer may have thrown away what it told of. */
TEST_F(book, S7_renege)
{
	SEND(4, MSS);
	ACK(0, MSS, 3 * MSS);
	ACK(MSS);
	EXPECT_EQ(2 * MSS, S->sacked);
	vctp_sender_timeout(S);
	EXPECT_EQ(0, S->sacked);
	EXPECT_EQ(3 * MSS, S->lost);
	EXPECT_EQ(AT(MSS), S->high_sacked);
	EXPECT_EQ(NULL, book_check(&self->b));
}

/* RFC 6582, 3.2, 2: duplicates of repeats that were not needed. */
TEST_F(book, S9_no_second_recovery_by_own_repeats)
{
	SEND(4, MSS);
	vctp_sender_timeout(S);
	resend_all(S, 0);
	ACK(4 * MSS);
	SEND(4, MSS);
	self->duplicate = true;
	ACK(4 * MSS);
	ACK(4 * MSS);
	ACK(4 * MSS);
	EXPECT_EQ(VCTP_SENDER_DISORDER, S->phase);
	self->duplicate = false;
	ACK(5 * MSS);
	self->duplicate = true;
	ACK(5 * MSS);
	ACK(5 * MSS);
	ACK(5 * MSS);
	EXPECT_EQ(VCTP_SENDER_RECOVERY, S->phase);
}

/* --- RTT --- */

TEST_F(book, rtt_of_the_last_sent)
{
	SEND(1, MSS);
	self->now = 100;
	SEND(1, MSS);
	self->now = 1000;
	ACK(2 * MSS);
	EXPECT_EQ(900, self->r.rtt_us);
	ACK(2 * MSS);
	EXPECT_EQ(-1, self->r.rtt_us);
}

TEST_F(book, rtt_of_a_sacked_segment_once)
{
	SEND(3, MSS);
	self->now = 700;
	ACK(0, MSS, 2 * MSS);
	EXPECT_EQ(700, self->r.rtt_us);
	self->now = 900;
	ACK(0, MSS, 2 * MSS);
	EXPECT_EQ(-1, self->r.rtt_us);
	/* its cumulative ACK comes later: no sample of it, one of the first */
	ACK(2 * MSS);
	EXPECT_EQ(900, self->r.rtt_us);
}

TEST_F(book, rtt_over_the_wrap_of_the_clock)
{
	self->now = U32_MAX - 100;
	SEND(1, MSS);
	self->now = 399;
	ACK(MSS);
	EXPECT_EQ(500, self->r.rtt_us);
}

TEST_F(book, rtt_of_a_repeat_by_its_echo)
{
	SEND(1, MSS);
	self->now = 10000;
	vctp_sender_timeout(S);
	RESEND(vctp_sender_first(S));
	self->now = 10300;
	self->echo = 1;
	ACK(MSS);
	EXPECT_EQ(300, self->r.rtt_us);
}

TEST_F(book, rtt_not_of_a_late_original)
{
	SEND(1, MSS);
	self->now = 10000;
	vctp_sender_timeout(S);
	RESEND(vctp_sender_first(S));
	self->now = 10300;
	self->echo = 0;
	ACK(MSS);
	EXPECT_EQ(-1, self->r.rtt_us);
}

/* Karn: twice in one epoch, nobody knows which. */
TEST_F(book, rtt_not_of_two_in_one_epoch)
{
	struct vctp_segment *g;

	SEND(2, MSS);
	g = vctp_sender_first(S);
	RESEND(g);
	ACK(MSS);
	EXPECT_EQ(-1, self->r.rtt_us);
	/* in a later epoch it is clear again */
	g = vctp_sender_first(S);
	RESEND(g);
	vctp_sender_timeout(S);
	RESEND(g);
	self->echo = 1;
	self->now = 42;
	ACK(2 * MSS);
	EXPECT_EQ(42, self->r.rtt_us);
}

/* The ACK of a repeat covers others that arrived long ago. */
TEST_F(book, rtt_not_of_what_waited_for_a_repeat)
{
	SEND(3, MSS);
	self->duplicate = true;
	ACK(0);
	ACK(0);
	ACK(0);
	self->duplicate = false;
	self->now = 5000;
	resend_all(S, self->now);
	self->now = 5200;
	self->echo = 1;
	ACK(3 * MSS);
	EXPECT_EQ(200, self->r.rtt_us);
}

TEST_F(book, epoch_is_12_bits)
{
	u32 i;

	SEND(1, MSS);
	for (i = 0; i < 4097; i++)
		vctp_sender_timeout(S);
	EXPECT_EQ(1, S->epoch);
}

/* --- what else the circuit asks for --- */

TEST_F(book, lose_larger)
{
	SEND(1, 3 * MSS);
	SEND(1, MSS / 2);
	SEND(1, MSS);
	vctp_sender_lose_larger(S, MSS / 2);
	EXPECT_EQ(4 * MSS, S->lost);
	EXPECT_EQ(VCTP_SENDER_RECOVERY, S->phase);
	EXPECT_EQ(1, S->epoch);
	EXPECT_EQ(NULL, book_check(&self->b));
	resend_all(S, 0);
	vctp_sender_lose_larger(S, MSS);
	EXPECT_EQ(3 * MSS, S->lost);
	EXPECT_EQ(1, S->epoch);
}

TEST_F(book, lose_larger_of_nothing)
{
	SEND(1, MSS);
	vctp_sender_lose_larger(S, MSS);
	EXPECT_EQ(0, S->lost);
	EXPECT_EQ(VCTP_SENDER_OPEN, S->phase);
}

TEST_F(book, forget_marks)
{
	SEND(9, MSS);
	ACK(0, 3 * MSS, 8 * MSS);
	RESEND(vctp_sender_next_lost(S, NULL));
	vctp_sender_forget_marks(S);
	EXPECT_EQ(0, S->sacked + S->lost + S->retrans);
	EXPECT_EQ(NULL, book_check(&self->b));
	EXPECT_EQ(9 * MSS, vctp_sender_in_flight(S));
}

TEST_F(book, drop_what_is_acknowledged)
{
	struct vctp_segment *g;

	SEND(1, 4 * MSS);
	ACK(MSS);
	vctp_sender_timeout(S);
	g = vctp_sender_first(S);
	book_split(&self->b, g, MSS);
	EXPECT_EQ(3 * MSS, S->lost);
	vctp_sender_drop(S, g);
	book_acked(&self->b, g);
	EXPECT_EQ(3 * MSS, S->lost);
	EXPECT_EQ(NULL, book_check(&self->b));
}

TEST_F(book, find_against_a_walk)
{
	struct random x = { 5 };
	u32 i, k;

	for (i = 0; i < 300; i++) {
		struct vctp_segment *g;

		SEND(1, 1 + random_below(&x, 30));
		g = vctp_sender_find_back(S, S->next, VCTP_BELOW_UNSACKED);
		if (random_chance(&x, 300))
			vctp_sender_lose(S, g);
		else if (random_chance(&x, 300))
			ACK(0, g->seq - AT(0), vctp_segment_end(g) - AT(0));
	}
	for (i = 0; i < 2000; i++) {
		u64 seq = AT(0) + random_below(&x, S->next - AT(0) + 5);
		u8 what = 1 << random_below(&x, 4);
		struct vctp_segment *g, *up = NULL, *back = NULL;

		for (g = vctp_sender_first(S); g; g = vctp_sender_after(g)) {
			if (!(book_own(g) & what))
				continue;
			if (!up && vctp_segment_end(g) > seq)
				up = g;
			if (g->seq < seq)
				back = g;
		}
		ASSERT_EQ(up, vctp_sender_find(S, seq, what));
		ASSERT_EQ(back, vctp_sender_find_back(S, seq, what));
	}
	for (k = 1; k < 16; k <<= 1)
		EXPECT_EQ(NULL, vctp_sender_find(S, S->next, k));
}

/*
 * B2: a peer that sends many ACKs with many edges costs no walks: 20,000
 * segments in flight and as many ACKs take milliseconds, not minutes.
 */
TEST_F(book, B2_hostile_sacks_stay_cheap)
{
	u32 i, n = 20000;
	struct vctp_sack_block blocks[4];

	SEND(n, MSS);
	for (i = 0; i < n; i++) {
		u32 k = (u64)i * 7919 % (n - 1) + 1;
		struct vctp_ack_event a = {
			.ack = AT(0), .mss = MSS, .sack = blocks, .sack_count = 4,
		};

		blocks[0].start = AT((u64)k * MSS);
		blocks[0].end = blocks[0].start + MSS;
		/* and over all that is SACKed, again and again */
		blocks[1].start = AT((u64)(n - i / 2 - 1) * MSS);
		blocks[1].end = AT((u64)n * MSS);
		blocks[2] = blocks[1];
		blocks[3].start = AT((u64)n / 2 * MSS);
		blocks[3].end = blocks[3].start + 1;
		vctp_sender_ack(S, &a, &book_ops, &self->b, 0, &self->r);
	}
	EXPECT_EQ(NULL, book_check(&self->b));
	EXPECT_EQ((n - 1) * MSS, S->sacked);
}

TEST_HARNESS_MAIN
