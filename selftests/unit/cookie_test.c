// SPDX-License-Identifier: GPL-2.0
/* The stateless half-open request, and the SipHash that these tests bring. */
#include "cookie.h"
#include "random.h"
#include "kselftest_harness.h"

#define NOW	1000000U
#define LIFE	60U

static const siphash_key_t key = { { 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL } };

static const struct vctp_cookie made = {
	.irs = 0x123456789abcULL,
	.iss = 0xfedcba987654ULL,
	.id = VCTP_ID_COOKIE_BIT | 0x42,
	.peer_id = 0x11223344,
	.made_s = NOW,
	.mss = 1448,
	.capabilities = 0x8001,
};

static const struct vctp_cookie_flow flow = {
	.local = { 10, 0, 0, 1 },
	.remote = { 10, 0, 0, 2 },
	.local_port = 80,
	.remote_port = 49152,
};

static bool open_it(const u8 *bytes, struct vctp_cookie *back)
{
	return vctp_cookie_open(bytes, VCTP_COOKIE_LEN, &flow, &key, NOW, LIFE, back);
}

/* The paper, appendix A: key 00..0f, input 00..0e. */
TEST(siphash_known_answers)
{
	u8 input[64];
	u32 i;

	for (i = 0; i < sizeof(input); i++)
		input[i] = i;
	EXPECT_EQ(0xa129ca6149be45e5ULL, siphash(input, 15, &key));
	/* from the authors' vectors */
	EXPECT_EQ(0x726fdb47dd0e0e31ULL, siphash(input, 0, &key));
	EXPECT_EQ(0x74f839c593dc67fdULL, siphash(input, 1, &key));
	EXPECT_EQ(0x93f5f5799a932462ULL, siphash(input, 8, &key));
	EXPECT_EQ(0x958a324ceb064572ULL, siphash(input, 63, &key));
}

TEST(cookie_round_trip)
{
	u8 bytes[VCTP_COOKIE_LEN];
	struct vctp_cookie back;

	memset(&back, 0xee, sizeof(back));
	vctp_cookie_seal(&made, &flow, &key, bytes);
	ASSERT_EQ(true, open_it(bytes, &back));
	EXPECT_EQ(made.irs, back.irs);
	EXPECT_EQ(made.iss, back.iss);
	EXPECT_EQ(made.id, back.id);
	EXPECT_EQ(made.peer_id, back.peer_id);
	EXPECT_EQ(made.made_s, back.made_s);
	EXPECT_EQ(made.mss, back.mss);
	EXPECT_EQ(made.capabilities, back.capabilities);
}

TEST(cookie_wide_numbers_are_cut_to_48_bits)
{
	struct vctp_cookie wide = made, back;
	u8 bytes[VCTP_COOKIE_LEN];

	wide.irs |= VCTP_SEQ_BASE;
	wide.iss |= VCTP_SEQ_BASE;
	vctp_cookie_seal(&wide, &flow, &key, bytes);
	ASSERT_EQ(true, open_it(bytes, &back));
	EXPECT_EQ(made.irs, back.irs);
	EXPECT_EQ(made.iss, back.iss);
}

TEST(cookie_tampered_bit_by_bit)
{
	u8 bytes[VCTP_COOKIE_LEN];
	struct vctp_cookie back;
	u32 bit;

	vctp_cookie_seal(&made, &flow, &key, bytes);
	for (bit = 0; bit < VCTP_COOKIE_LEN * 8; bit++) {
		bytes[bit / 8] ^= 1 << bit % 8;
		EXPECT_EQ(false, open_it(bytes, &back)) TH_LOG("bit %u", bit);
		bytes[bit / 8] ^= 1 << bit % 8;
	}
	EXPECT_EQ(true, open_it(bytes, &back));
}

TEST(cookie_other_flow_bit_by_bit)
{
	struct vctp_cookie_flow other = flow;
	u8 bytes[VCTP_COOKIE_LEN], *at = (u8 *)&other;
	struct vctp_cookie back;
	u32 bit;

	vctp_cookie_seal(&made, &flow, &key, bytes);
	for (bit = 0; bit < sizeof(other) * 8; bit++) {
		at[bit / 8] ^= 1 << bit % 8;
		EXPECT_EQ(false, vctp_cookie_open(bytes, VCTP_COOKIE_LEN, &other,
						  &key, NOW, LIFE, &back))
			TH_LOG("bit %u", bit);
		at[bit / 8] ^= 1 << bit % 8;
	}
}

TEST(cookie_flow_turned_round)
{
	struct vctp_cookie_flow other = {
		.local_port = flow.remote_port, .remote_port = flow.local_port,
	};
	u8 bytes[VCTP_COOKIE_LEN];
	struct vctp_cookie back;

	memcpy(other.local, flow.remote, 16);
	memcpy(other.remote, flow.local, 16);
	vctp_cookie_seal(&made, &flow, &key, bytes);
	EXPECT_EQ(false, vctp_cookie_open(bytes, VCTP_COOKIE_LEN, &other, &key,
					  NOW, LIFE, &back));
}

TEST(cookie_wrong_key)
{
	siphash_key_t other = key;
	u8 bytes[VCTP_COOKIE_LEN];
	struct vctp_cookie back;
	u32 bit;

	vctp_cookie_seal(&made, &flow, &key, bytes);
	for (bit = 0; bit < 128; bit++) {
		other.key[bit / 64] ^= 1ULL << bit % 64;
		EXPECT_EQ(false, vctp_cookie_open(bytes, VCTP_COOKIE_LEN, &flow,
						  &other, NOW, LIFE, &back));
		other.key[bit / 64] ^= 1ULL << bit % 64;
	}
}

TEST(cookie_age)
{
	struct vctp_cookie late = made, back;
	u8 bytes[VCTP_COOKIE_LEN];

#define AT(now)	vctp_cookie_open(bytes, VCTP_COOKIE_LEN, &flow, &key, now, LIFE, &back)
	vctp_cookie_seal(&made, &flow, &key, bytes);
	EXPECT_EQ(true, AT(NOW));
	EXPECT_EQ(true, AT(NOW + LIFE));
	EXPECT_EQ(false, AT(NOW + LIFE + 1));
	EXPECT_EQ(false, AT(NOW - 1));
	EXPECT_EQ(false, AT(0));
	/* a clock that wraps */
	late.made_s = U32_MAX - 10;
	vctp_cookie_seal(&late, &flow, &key, bytes);
	EXPECT_EQ(true, AT(U32_MAX));
	EXPECT_EQ(true, AT(49));
	EXPECT_EQ(false, AT(50));
}

TEST(cookie_wrong_length)
{
	u8 bytes[VCTP_COOKIE_LEN];
	struct vctp_cookie back;
	u32 len;

	vctp_cookie_seal(&made, &flow, &key, bytes);
	for (len = 0; len < 64; len++) {
		u8 *exact = calloc(1, len ? len : 1);

		memcpy(exact, bytes, min_t(u32, len, VCTP_COOKIE_LEN));
		EXPECT_EQ(len == VCTP_COOKIE_LEN,
			  vctp_cookie_open(exact, len, &flow, &key, NOW, LIFE, &back));
		free(exact);
	}
}

TEST_HARNESS_MAIN
