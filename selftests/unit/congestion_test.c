// SPDX-License-Identifier: GPL-2.0
/* S9: Reno, and what all congestion controls share. */
#include "congestion/congestion.h"
#include "kselftest_harness.h"

#define MSS	1448U

static struct vctp_congestion begin(void)
{
	struct vctp_congestion c;

	vctp_congestion_init(&c, &vctp_reno, MSS);
	return c;
}

static void ack(struct vctp_congestion *c, u32 bytes)
{
	struct vctp_congestion_ack a = {
		.acked = bytes, .in_flight = c->cwnd, .rtt_us = 1000, .limited = true,
	};

	vctp_congestion_on_ack(c, &a, 0);
}

/* RFC 6928, 2: min (10*MSS, max (2*MSS, 14600)) */
TEST(congestion_S9_initial_window)
{
	EXPECT_EQ(14480, vctp_congestion_initial_window(1448));
	EXPECT_EQ(14600, vctp_congestion_initial_window(1460));
	EXPECT_EQ(14600, vctp_congestion_initial_window(1461));
	EXPECT_EQ(5360, vctp_congestion_initial_window(536));
	EXPECT_EQ(2 * 8948, vctp_congestion_initial_window(8948));
	EXPECT_EQ(14480, begin().cwnd);
	EXPECT_EQ(VCTP_CWND_INFINITE, begin().ssthresh);
	EXPECT_EQ(true, begin().cwnd < begin().ssthresh);
}

TEST(congestion_S9_slow_start_doubles)
{
	struct vctp_congestion c = begin();
	u32 round, i;

	for (round = 0; round < 5; round++) {
		u32 before = c.cwnd;

		for (i = 0; i < before / (2 * MSS); i++)
			ack(&c, 2 * MSS);
		EXPECT_EQ(2 * before, c.cwnd);
	}
	/* a partial ACK counts for its bytes (RFC 3465) */
	i = c.cwnd;
	ack(&c, 10);
	EXPECT_EQ(i + 10, c.cwnd);
}

TEST(congestion_S9_slow_start_one_ack_is_bounded)
{
	struct vctp_congestion c = begin();

	ack(&c, 10000000);
	EXPECT_EQ(14480 + 65536, c.cwnd);
}

TEST(congestion_S9_slow_start_ends_at_ssthresh)
{
	struct vctp_congestion c = begin();

	c.ssthresh = c.cwnd + 1000;
	ack(&c, 3 * MSS);
	EXPECT_EQ(14480 + 1000, c.cwnd);
	EXPECT_EQ(3 * MSS - 1000, c.acked);
}

TEST(congestion_S9_avoidance_one_segment_a_round)
{
	struct vctp_congestion c = begin();
	u32 round, i;

	c.cwnd = 20 * MSS;
	c.ssthresh = 20 * MSS;
	for (round = 0; round < 10; round++) {
		u32 before = c.cwnd;

		for (i = 0; i < before / MSS; i++)
			ack(&c, MSS);
		EXPECT_EQ(before + MSS, c.cwnd);
	}
	/* never more than one for one ACK */
	i = c.cwnd;
	ack(&c, 50 * i);
	EXPECT_EQ(i + MSS, c.cwnd);
}

TEST(congestion_S9_not_the_program_s_pause)
{
	struct vctp_congestion c = begin();
	struct vctp_congestion_ack a = { .acked = 5 * MSS, .limited = false };

	vctp_congestion_on_ack(&c, &a, 0);
	EXPECT_EQ(14480, c.cwnd);
}

TEST(congestion_S9_cwnd_does_not_overflow)
{
	struct vctp_congestion c = begin();

	c.cwnd = VCTP_CWND_INFINITE - 10;
	ack(&c, 65536);
	EXPECT_EQ(VCTP_CWND_INFINITE, c.cwnd);
	ack(&c, U32_MAX);
	ack(&c, U32_MAX);
	EXPECT_EQ(VCTP_CWND_INFINITE, c.cwnd);
}

TEST(congestion_S9_loss_halves)
{
	struct vctp_congestion c = begin();

	c.cwnd = 40 * MSS;
	vctp_congestion_on_loss(&c, 40 * MSS);
	EXPECT_EQ(20 * MSS, c.cwnd);
	EXPECT_EQ(20 * MSS, c.ssthresh);
	/* RFC 5681, equation 4: no less than two segments */
	vctp_congestion_on_loss(&c, MSS);
	EXPECT_EQ(2 * MSS, c.cwnd);
}

TEST(congestion_S9_timeout_is_one_segment)
{
	struct vctp_congestion c = begin();

	c.cwnd = 40 * MSS;
	vctp_congestion_on_timeout(&c, 40 * MSS, true);
	EXPECT_EQ(MSS, c.cwnd);
	EXPECT_EQ(20 * MSS, c.ssthresh);
	/* again: ssthresh stays (RFC 5681, 3.1) */
	vctp_congestion_on_timeout(&c, MSS, false);
	EXPECT_EQ(MSS, c.cwnd);
	EXPECT_EQ(20 * MSS, c.ssthresh);
}

TEST(congestion_idle)
{
	struct vctp_congestion c = begin();

	c.cwnd = 80 * MSS;
	c.ssthresh = 40 * MSS;
	vctp_congestion_on_idle(&c, 0);
	EXPECT_EQ(80 * MSS, c.cwnd);
	vctp_congestion_on_idle(&c, 1);
	EXPECT_EQ(40 * MSS, c.cwnd);
	EXPECT_EQ(60 * MSS, c.ssthresh);
	vctp_congestion_on_idle(&c, U32_MAX);
	EXPECT_EQ(10 * MSS, c.cwnd);
	EXPECT_EQ(60 * MSS, c.ssthresh);
	c.cwnd = 3 * MSS;
	vctp_congestion_on_idle(&c, 100);
	EXPECT_EQ(3 * MSS, c.cwnd);
}

TEST(congestion_set_mss)
{
	struct vctp_congestion c = begin();

	vctp_congestion_set_mss(&c, 536);
	EXPECT_EQ(5360, c.cwnd);
	vctp_congestion_set_mss(&c, MSS);
	EXPECT_EQ(14480, c.cwnd);
	vctp_congestion_on_timeout(&c, 20000, true);
	vctp_congestion_set_mss(&c, 8948);
	EXPECT_EQ(8948, c.cwnd);
	vctp_congestion_set_mss(&c, 536);
	EXPECT_EQ(8948, c.cwnd);
}

/* S9: two AIMD flows that start apart converge to equal shares. */
TEST(congestion_S9_two_flows_converge)
{
	struct vctp_congestion a = begin(), b = begin();
	u32 room = 200 * MSS, round;
	u64 sum_a = 0, sum_b = 0;

	a.cwnd = 190 * MSS;
	a.ssthresh = a.cwnd;
	b.cwnd = 10 * MSS;
	b.ssthresh = b.cwnd;
	for (round = 0; round < 5000; round++) {
		if (a.cwnd + b.cwnd > room) {
			vctp_congestion_on_loss(&a, a.cwnd);
			vctp_congestion_on_loss(&b, b.cwnd);
		} else {
			ack(&a, a.cwnd);
			ack(&b, b.cwnd);
		}
		if (round >= 2000) {
			sum_a += a.cwnd;
			sum_b += b.cwnd;
		}
	}
	EXPECT_EQ(true, sum_a * 100 < sum_b * 102 && sum_b * 100 < sum_a * 102);
}

TEST(congestion_names)
{
	char buffer[64];

	EXPECT_EQ(&vctp_reno, vctp_congestion_find("reno"));
	EXPECT_EQ(NULL, vctp_congestion_find("Reno"));
	EXPECT_EQ(NULL, vctp_congestion_find(""));
	EXPECT_EQ(4, vctp_congestion_names(buffer, sizeof(buffer)));
	EXPECT_STREQ("reno", buffer);
	EXPECT_EQ(4, vctp_congestion_names(buffer, 5));
	EXPECT_EQ(0, vctp_congestion_names(buffer, 4));
	EXPECT_STREQ("", buffer);
	EXPECT_EQ(0, vctp_congestion_names(buffer, 0));
}

TEST_HARNESS_MAIN
