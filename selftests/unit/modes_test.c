// SPDX-License-Identifier: GPL-2.0
/* S8: go-back-N and stop-and-wait, step by step. */
#include "recovery/recovery.h"
#include "book.h"
#include "kselftest_harness.h"

#define ISS	(VCTP_SEQ_BASE + 5000)
#define MSS	1000

/* A book behind its handshake. */
static void begin(struct book *b, const struct vctp_recovery_ops *ops)
{
	struct vctp_ack_result result;

	memset(b, 0, sizeof(*b));
	vctp_sender_init(&b->s, ISS, ops);
	book_send(b, 1, 0);
	vctp_sender_ack(&b->s, &(struct vctp_ack_event) {
			.ack = ISS + 1, .mss = MSS }, &book_ops, b, 0, &result);
}

/* The ACK of so many whole segments, with a SACK of the @sacked'th if not 0. */
static struct vctp_ack_result ack(struct book *b, u32 segments, bool duplicate,
				  u32 sacked)
{
	struct vctp_sack_block block = {
		ISS + 1 + (sacked - 1) * MSS, ISS + 1 + sacked * MSS,
	};
	struct vctp_ack_event event = {
		.ack = ISS + 1 + segments * MSS, .mss = MSS,
		.duplicate = duplicate, .sack = &block, .sack_count = !!sacked,
	};
	struct vctp_ack_result result;

	vctp_sender_ack(&b->s, &event, &book_ops, b, 100, &result);
	return result;
}

static u32 resend_all(struct book *b)
{
	struct vctp_segment *g;
	u32 count = 0;

	while ((g = vctp_sender_next_lost(&b->s, NULL))) {
		vctp_sender_resent(&b->s, g, 200);
		count++;
	}
	return count;
}

TEST(S8_go_back_n_all_from_the_gap)
{
	struct vctp_ack_result r;
	struct book b;
	int i;

	begin(&b, &vctp_go_back_n);
	for (i = 0; i < 8; i++)
		book_send(&b, MSS, 0);
	ack(&b, 2, false, 0);
	for (i = 0; i < 2; i++) {
		r = ack(&b, 2, true, 0);
		EXPECT_EQ(false, r.entered_recovery);
		EXPECT_EQ(VCTP_SENDER_DISORDER, b.s.phase);
	}
	r = ack(&b, 2, true, 0);
	EXPECT_EQ(true, r.entered_recovery);
	EXPECT_EQ(VCTP_SENDER_RECOVERY, b.s.phase);
	EXPECT_EQ(0, vctp_sender_in_flight(&b.s));
	EXPECT_EQ(6, resend_all(&b));
	EXPECT_EQ(6 * MSS, vctp_sender_in_flight(&b.s));
	EXPECT_EQ(NULL, book_check(&b));
	/* duplicates of what was sent in vain begin nothing */
	for (i = 0; i < 5; i++)
		EXPECT_EQ(false, ack(&b, 4, true, 0).entered_recovery);
	r = ack(&b, 8, false, 0);
	EXPECT_EQ(true, r.left_recovery);
	EXPECT_EQ(VCTP_SENDER_OPEN, b.s.phase);
	book_clear(&b);
}

TEST(S8_go_back_n_looks_at_no_sack)
{
	struct vctp_ack_result r;
	struct book b;
	int i;

	begin(&b, &vctp_go_back_n);
	for (i = 0; i < 5; i++)
		book_send(&b, MSS, 0);
	for (i = 0; i < 3; i++)
		r = ack(&b, 0, true, 2 + i);
	EXPECT_EQ(0, r.sacked);
	EXPECT_EQ(0, b.s.sacked);
	EXPECT_EQ(true, r.entered_recovery);
	EXPECT_EQ(5, resend_all(&b));
	book_clear(&b);
}

TEST(S8_go_back_n_after_a_time_out)
{
	struct book b;
	int i;

	begin(&b, &vctp_go_back_n);
	for (i = 0; i < 4; i++)
		book_send(&b, MSS, 0);
	ack(&b, 1, false, 0);
	vctp_sender_timeout(&b.s);
	EXPECT_EQ(VCTP_SENDER_LOSS, b.s.phase);
	EXPECT_EQ(3, resend_all(&b));
	EXPECT_EQ(false, ack(&b, 3, false, 0).left_recovery);
	EXPECT_EQ(true, ack(&b, 4, false, 0).left_recovery);
	EXPECT_EQ(VCTP_SENDER_OPEN, b.s.phase);
	book_clear(&b);
}

TEST(S8_stop_and_wait_only_a_time_out_tells)
{
	struct vctp_ack_result r;
	struct book b;
	int i;

	begin(&b, &vctp_stop_and_wait);
	book_send(&b, MSS, 0);
	for (i = 0; i < 10; i++) {
		r = ack(&b, 0, true, 0);
		EXPECT_EQ(false, r.entered_recovery);
	}
	EXPECT_EQ(NULL, vctp_sender_next_lost(&b.s, NULL));
	EXPECT_EQ(VCTP_SENDER_OPEN, b.s.phase);
	vctp_sender_timeout(&b.s);
	EXPECT_EQ(1, resend_all(&b));
	r = ack(&b, 1, false, 0);
	EXPECT_EQ(true, r.left_recovery);
	EXPECT_EQ(VCTP_SENDER_OPEN, b.s.phase);
	EXPECT_EQ(0, b.segments);
}

TEST(S8_modes_by_name)
{
	char names[64];

	EXPECT_EQ(&vctp_selective_repeat, vctp_recovery_find("selective"));
	EXPECT_EQ(&vctp_go_back_n, vctp_recovery_find("go-back-n"));
	EXPECT_EQ(&vctp_stop_and_wait, vctp_recovery_find("stop-and-wait"));
	EXPECT_EQ(NULL, vctp_recovery_find(""));
	EXPECT_EQ(33, vctp_recovery_names(names, sizeof(names)));
	EXPECT_STREQ("selective go-back-n stop-and-wait", names);
	/* VCTP_NAME_MAX, with the NUL */
	EXPECT_EQ(true, strlen(vctp_stop_and_wait.name) < 16);
}

TEST_HARNESS_MAIN
