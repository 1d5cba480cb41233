// SPDX-License-Identifier: GPL-2.0
/* Round-trip time and time-out, against RFC 6298 worked out by hand. */
#include "rtt.h"
#include "kselftest_harness.h"

#define MS	1000U
#define S	1000000U

static void begin(struct vctp_rtt *rtt, u32 min_us)
{
	vctp_rtt_init(rtt, 1 * S, min_us, 120 * S);
}

TEST(rtt_before_the_first_sample)
{
	struct vctp_rtt rtt;

	begin(&rtt, 200 * MS);
	EXPECT_EQ(0, rtt.srtt);
	EXPECT_EQ(0, rtt.min_us);
	EXPECT_EQ(1 * S, vctp_rtt_timeout(&rtt));
	vctp_rtt_init(&rtt, 10 * S, 1, 2 * S);
	EXPECT_EQ(2 * S, vctp_rtt_timeout(&rtt));
}

/* 2.2: SRTT = R, RTTVAR = R/2, RTO = R + 4 * R/2 = 3 R */
TEST(rtt_first_sample)
{
	struct vctp_rtt rtt;

	begin(&rtt, 1);
	vctp_rtt_sample(&rtt, 100 * MS);
	EXPECT_EQ(100 * MS, rtt.srtt >> 3);
	EXPECT_EQ(50 * MS, rtt.rttvar >> 2);
	EXPECT_EQ(300 * MS, vctp_rtt_timeout(&rtt));
	EXPECT_EQ(100 * MS, rtt.min_us);
}

/* 2.3: RTTVAR = 3/4 * 50 + 1/4 * 100 = 62.5; SRTT = 7/8 * 100 + 1/8 * 200 */
TEST(rtt_second_sample)
{
	struct vctp_rtt rtt;

	begin(&rtt, 1);
	vctp_rtt_sample(&rtt, 100 * MS);
	vctp_rtt_sample(&rtt, 200 * MS);
	EXPECT_EQ(62500, rtt.rttvar >> 2);
	EXPECT_EQ(112500, rtt.srtt >> 3);
	EXPECT_EQ(112500 + 4 * 62500, vctp_rtt_timeout(&rtt));
	/* and a smaller one: |112.5 - 50| = 62.5 */
	vctp_rtt_sample(&rtt, 50 * MS);
	EXPECT_EQ(62500, rtt.rttvar >> 2);
	EXPECT_EQ(104687, rtt.srtt >> 3);
	EXPECT_EQ(50 * MS, rtt.min_us);
}

TEST(rtt_steady_path_keeps_its_distance)
{
	struct vctp_rtt rtt;
	int i;

	begin(&rtt, 200 * MS);
	for (i = 0; i < 1000; i++)
		vctp_rtt_sample(&rtt, 300 * MS);
	EXPECT_EQ(300 * MS, rtt.srtt >> 3);
	EXPECT_EQ(500 * MS, vctp_rtt_timeout(&rtt));
}

/* 5.5: doubled each time; 2.5: at most rto_max; undone by a sample. */
TEST(rtt_back_off)
{
	struct vctp_rtt rtt;
	u32 i, expect = 300 * MS;

	begin(&rtt, 1);
	vctp_rtt_sample(&rtt, 100 * MS);
	for (i = 0; i < 300; i++) {
		EXPECT_EQ(expect, vctp_rtt_timeout(&rtt));
		vctp_rtt_back_off(&rtt);
		expect = expect > 60 * S ? 120 * S : 2 * expect;
	}
	vctp_rtt_sample(&rtt, 100 * MS);
	EXPECT_EQ(0, rtt.backoff);
	/* RTTVAR = 3/4 * 50 */
	EXPECT_EQ(250 * MS, vctp_rtt_timeout(&rtt));
}

TEST(rtt_extremes)
{
	struct vctp_rtt rtt;
	int i;

	begin(&rtt, 200 * MS);
	vctp_rtt_sample(&rtt, 0);
	EXPECT_EQ(1, rtt.min_us);
	EXPECT_NE(0, rtt.srtt);
	for (i = 0; i < 100; i++) {
		vctp_rtt_sample(&rtt, U32_MAX);
		EXPECT_EQ(true, vctp_rtt_timeout(&rtt) <= 120 * S);
	}
	EXPECT_EQ(120 * S, vctp_rtt_timeout(&rtt));
	for (i = 0; i < 1000; i++)
		vctp_rtt_sample(&rtt, 1);
	EXPECT_EQ(true, vctp_rtt_timeout(&rtt) < 250 * MS);
}

/* The estimate stays between the smallest and the largest sample. */
TEST(rtt_stays_within_its_samples)
{
	struct vctp_rtt rtt;
	u64 seed = 1;
	int i;

	begin(&rtt, 1);
	for (i = 0; i < 100000; i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		vctp_rtt_sample(&rtt, 1000 + (seed >> 33) % 100000);
		ASSERT_EQ(true, rtt.srtt >> 3 >= 1000 - 1);
		ASSERT_EQ(true, rtt.srtt >> 3 <= 101000);
		ASSERT_EQ(true, rtt.rto >= rtt.srtt >> 3);
	}
}

TEST_HARNESS_MAIN
