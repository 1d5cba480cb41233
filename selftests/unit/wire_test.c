// SPDX-License-Identifier: GPL-2.0
/* S10: the format of a segment, offset for offset; widening of numbers. */
#include "wire.h"
#include "random.h"
#include "kselftest_harness.h"

/* Made by hand from docs/PROTOCOL.md. */
static const u8 golden[VCTP_HEADER_LEN] = {
	0xc0, 0x01, 0x00, 0x50,		/* ports 49153, 80 */
	0x12, 0x34, 0x56, 0x78,		/* identifier */
	0x1c, 0x99,			/* version 0, length 7, CWR ACK PSH FIN */
	0x00, 0x00,			/* checksum */
	0x00, 0x01, 0x00, 0x02,		/* window 65538 */
	0x33, 0x44, 0x55, 0x66,		/* sequence, low */
	0xbb, 0xcc, 0xdd, 0xee,		/* acknowledgment, low */
	0x11, 0x22,			/* sequence, high */
	0x99, 0xaa,			/* acknowledgment, high */
	0xab, 0xc1, 0x23, 0x4a,		/* epoch abc, echo 123, held 4a */
};

static const struct vctp_departure golden_departure = {
	.seq = 0x0001112233445566ULL,	/* wider than the wire */
	.ack = 0x000199aabbccddeeULL,
	.window = 65538,
	.id = 0x12345678,
	.source = 49153,
	.dest = 80,
	.flags = VCTP_CWR | VCTP_ACK | VCTP_PSH | VCTP_FIN,
	.epoch = 0xabc,
	.echo = 0x123,
	.options_len = 24,
	.held = 0x4a,
};

struct segment {
	u8 bytes[VCTP_HEADER_MAX + 8];
} __aligned(8);

TEST(wire_S10_golden_build)
{
	struct segment s;
	u32 i;

	memset(&s, 0x5a, sizeof(s));
	vctp_wire_build(&s, &golden_departure);
	for (i = 0; i < VCTP_HEADER_LEN; i++)
		EXPECT_EQ(golden[i], s.bytes[i]) TH_LOG("at offset %u", i);
	EXPECT_EQ(0x5a, s.bytes[VCTP_HEADER_LEN]);
}

TEST(wire_S10_golden_parse)
{
	struct vctp_arrival a;
	struct segment s = { 0 };

	memcpy(&s, golden, sizeof(golden));
	ASSERT_EQ(VCTP_WIRE_OK, vctp_wire_parse(&s, 56 + 1000, &a));
	EXPECT_EQ(0x112233445566ULL, a.seq);
	EXPECT_EQ(0x112233445566ULL + 1001, a.end_seq);
	EXPECT_EQ(0x99aabbccddeeULL, a.ack);
	EXPECT_EQ(65538, a.window);
	EXPECT_EQ(0x12345678, a.id);
	EXPECT_EQ(VCTP_CWR | VCTP_ACK | VCTP_PSH | VCTP_FIN, a.flags);
	EXPECT_EQ(0xabc, a.epoch);
	EXPECT_EQ(0x123, a.echo);
	EXPECT_EQ(0x4a, a.held);
	EXPECT_EQ(56, a.header_len);
}

TEST(wire_S10_flag_bits)
{
	EXPECT_EQ(0x001, VCTP_FIN);
	EXPECT_EQ(0x002, VCTP_SYN);
	EXPECT_EQ(0x004, VCTP_RST);
	EXPECT_EQ(0x008, VCTP_PSH);
	EXPECT_EQ(0x010, VCTP_ACK);
	EXPECT_EQ(0x020, VCTP_URG);
	EXPECT_EQ(0x040, VCTP_ECE);
	EXPECT_EQ(0x080, VCTP_CWR);
	EXPECT_EQ(0x100, VCTP_AE);
	EXPECT_EQ(0x200, VCTP_RFL);
}

/* What is read is bounded by what is there: an exact heap block, for ASan. */
TEST(wire_short)
{
	struct vctp_arrival a;
	u32 len;

	for (len = 0; len <= VCTP_HEADER_LEN; len++) {
		u8 *data = malloc(len ? len : 1);

		memcpy(data, golden, len);
		/* its length says 56 bytes */
		EXPECT_EQ(VCTP_WIRE_SHORT, vctp_wire_parse(data, len, &a));
		free(data);
	}
}

TEST(wire_length_and_version)
{
	struct segment s = { 0 };
	struct vctp_arrival a;
	u32 version, length;

	for (version = 0; version < 4; version++) {
		for (length = 0; length < 16; length++) {
			enum vctp_wire_verdict expect = VCTP_WIRE_OK;

			s.bytes[8] = version << 6 | length << 2;
			s.bytes[9] = VCTP_ACK;
			if (version)
				expect = VCTP_WIRE_VERSION;
			else if (length < 4)
				expect = VCTP_WIRE_LENGTH;
			EXPECT_EQ(expect, vctp_wire_parse(&s, 120, &a));
			if (expect == VCTP_WIRE_OK) {
				EXPECT_EQ(length * 8, a.header_len);
				EXPECT_EQ(a.seq + 120 - length * 8, a.end_seq);
				EXPECT_EQ(VCTP_WIRE_SHORT,
					  vctp_wire_parse(&s, length * 8 - 1, &a));
			}
		}
	}
}

/* All 1024 sets of flags, against the rule as PROTOCOL.md words it. */
TEST(wire_S10_flags_that_never_stand_together)
{
	struct segment s = { 0 };
	struct vctp_arrival a;
	u32 flags;

	for (flags = 0; flags <= VCTP_FLAGS; flags++) {
		bool syn = flags & VCTP_SYN, fin = flags & VCTP_FIN;
		bool rst = flags & VCTP_RST, ack = flags & VCTP_ACK;
		bool bad = (syn && fin) || (syn && rst) || (fin && rst) ||
			   ((flags & VCTP_RFL) && !rst) || (!syn && !ack && !rst);

		s.bytes[8] = 4 << 2 | flags >> 8;
		s.bytes[9] = flags;
		EXPECT_EQ(bad ? VCTP_WIRE_FLAGS : VCTP_WIRE_OK,
			  vctp_wire_parse(&s, 32, &a)) TH_LOG("flags %03x", flags);
	}
}

TEST(wire_round_trip)
{
	struct random r = { 42 };
	u32 i;

	for (i = 0; i < 100000; i++) {
		struct vctp_departure d = {
			.seq = random_next(&r), .ack = random_next(&r),
			.window = random_next(&r), .id = random_next(&r),
			.source = random_next(&r), .dest = random_next(&r),
			.flags = VCTP_ACK | (random_next(&r) & (VCTP_PSH | VCTP_URG |
				VCTP_ECE | VCTP_CWR | VCTP_AE | VCTP_FIN)),
			.epoch = random_next(&r), .echo = random_next(&r),
			.options_len = 8 * random_below(&r, 12),
			.held = random_next(&r),
		};
		u32 payload = random_below(&r, 65000);
		struct segment s;
		struct vctp_arrival a;

		vctp_wire_build(&s, &d);
		ASSERT_EQ(VCTP_WIRE_OK,
			  vctp_wire_parse(&s, 32 + d.options_len + payload, &a));
		ASSERT_EQ(d.seq & VCTP_SEQ_MASK, a.seq);
		ASSERT_EQ(d.ack & VCTP_SEQ_MASK, a.ack);
		ASSERT_EQ(a.seq + payload + (d.flags & VCTP_FIN), a.end_seq);
		ASSERT_EQ(d.window, a.window);
		ASSERT_EQ(d.id, a.id);
		ASSERT_EQ(d.flags, a.flags);
		ASSERT_EQ(d.epoch & 0xfff, a.epoch);
		ASSERT_EQ(d.echo & 0xfff, a.echo);
		ASSERT_EQ(d.held, a.held);
		ASSERT_EQ(32 + d.options_len, a.header_len);
	}
}

TEST(wire_held_every_value)
{
	u32 held, last = 0;

	EXPECT_EQ(0, vctp_held_pack(0));
	EXPECT_EQ(0, vctp_held_unpack(0));
	for (held = 1; held < 30 * 8; held++) {
		u32 us = vctp_held_unpack(held);

		EXPECT_EQ(true, us > last);
		EXPECT_EQ(held, vctp_held_pack(us));
		EXPECT_EQ(held - 1, vctp_held_pack(us - 1));
		last = us;
	}
	for (; held < 256; held++)
		EXPECT_EQ(U32_MAX, vctp_held_unpack(held));
	EXPECT_EQ(30 * 8 - 1, vctp_held_pack(U32_MAX));
}

TEST(wire_held_rounds_down_by_an_eighth_at_most)
{
	struct random r = { 3 };
	u32 i;

	for (i = 0; i < 100000; i++) {
		u32 us = random_next(&r) >> (32 + random_below(&r, 32));
		u32 back = vctp_held_unpack(vctp_held_pack(us));

		ASSERT_EQ(true, back <= us && us - back <= us / 8);
	}
	for (i = 0; i < 16; i++)
		ASSERT_EQ(i, vctp_held_unpack(vctp_held_pack(i)));
}

#define ACK	0x0001000000001000ULL

static enum vctp_wire_verdict parse(const void *bytes, u32 len,
				    struct vctp_options *o)
{
	u8 *data = malloc(len ? len : 1);
	enum vctp_wire_verdict verdict;

	memset(o, 0xee, sizeof(*o));
	memcpy(data, bytes, len);
	verdict = vctp_options_parse(data, len, ACK, o);
	free(data);
	return verdict;
}

#define PARSE(o, ...)	\
	parse((const u8[]) { __VA_ARGS__ }, sizeof((const u8[]) { __VA_ARGS__ }), o)

TEST(wire_options_golden)
{
	static const u8 expect[] = {
		1, 12, 1, 0, 'V', 'C', 'T', 'P', 0x05, 0xa8, 0x12, 0x34,
		2, 8, 0, 0, 0xde, 0xad, 0xbe, 0xef,
		5, 8, 0, 0, 0x00, 0x00, 0x01, 0x02,
		3, 5, 0xaa, 0xbb, 0xcc,
		4, 18, 0, 0, 0, 100, 0, 0, 0, 200, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 1,
		0, 0, 0, 0, 0,
	};
	struct vctp_options o = {
		.present = VCTP_HAS_OPEN | VCTP_HAS_IDENT | VCTP_HAS_COOKIE |
			   VCTP_HAS_SACK | VCTP_HAS_URGENT,
		.version = 1, .mss = 1448, .capabilities = 0x1234,
		.ident = 0xdeadbeef, .urgent = 0x102,
		.cookie_len = 3, .cookie = { 0xaa, 0xbb, 0xcc },
		.sack_count = 2,
		.sack = { { ACK + 100, ACK + 200 }, { ACK - 16, ACK + 1 } },
	};
	struct vctp_options back;
	u8 data[VCTP_OPTIONS_MAX];
	u32 i;

	ASSERT_EQ(sizeof(expect), vctp_options_len(&o));
	ASSERT_EQ(sizeof(expect), vctp_options_build(data, ACK, &o));
	for (i = 0; i < sizeof(expect); i++)
		EXPECT_EQ(expect[i], data[i]) TH_LOG("at offset %u", i);
	ASSERT_EQ(VCTP_WIRE_OK, parse(data, sizeof(expect), &back));
	EXPECT_EQ(o.present, back.present);
	EXPECT_EQ(1, back.version);
	EXPECT_EQ(1448, back.mss);
	EXPECT_EQ(0x1234, back.capabilities);
	EXPECT_EQ(0xdeadbeef, back.ident);
	EXPECT_EQ(0x102, back.urgent);
	EXPECT_EQ(3, back.cookie_len);
	EXPECT_EQ(0, memcmp(o.cookie, back.cookie, 3));
	EXPECT_EQ(2, back.sack_count);
	EXPECT_EQ(0, memcmp(o.sack, back.sack, 2 * sizeof(o.sack[0])));
}

TEST(wire_options_none)
{
	struct vctp_options o = { .present = 0, .sack_count = 4, .cookie_len = 9 };
	u8 byte = 7;

	EXPECT_EQ(0, vctp_options_len(&o));
	EXPECT_EQ(0, vctp_options_build(&byte, ACK, &o));
	EXPECT_EQ(7, byte);
	EXPECT_EQ(VCTP_WIRE_OK, parse("", 0, &o));
	EXPECT_EQ(0, o.present);
	EXPECT_EQ(VCTP_WIRE_OK, PARSE(&o, 0, 0, 0, 0, 0, 0, 0, 0));
	EXPECT_EQ(0, o.present);
}

TEST(wire_options_unknown_are_skipped)
{
	struct vctp_options o;

	EXPECT_EQ(VCTP_WIRE_OK, PARSE(&o, 6, 2, 200, 4, 1, 2, 255, 3, 9,
				      2, 8, 0, 0, 0, 0, 0, 5, 0));
	EXPECT_EQ(VCTP_HAS_IDENT, o.present);
	EXPECT_EQ(5, o.ident);
	/* reserved bits are not looked at */
	EXPECT_EQ(VCTP_WIRE_OK, PARSE(&o, 2, 8, 0xff, 0xff, 0, 0, 0, 6));
	EXPECT_EQ(6, o.ident);
}

TEST(wire_options_bad_lengths)
{
	struct vctp_options o;

	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 2));
	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 0, 0, 9));
	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 9, 0));
	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 9, 1));
	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 9, 3));
	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 9, 255, 0, 0));
	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 2, 7, 0, 0, 0, 0, 0));
	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 2, 9, 0, 0, 0, 0, 0, 0, 0));
	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 5, 6, 0, 0, 0, 0));
	EXPECT_EQ(VCTP_WIRE_OPTIONS,
		  PARSE(&o, 1, 11, 1, 0, 'V', 'C', 'T', 'P', 0, 0, 0));
	EXPECT_EQ(VCTP_WIRE_OPTIONS,
		  PARSE(&o, 1, 12, 1, 0, 'V', 'C', 'T', 'Q', 0, 0, 0, 0));
	EXPECT_EQ(VCTP_WIRE_OK,
		  PARSE(&o, 1, 12, 7, 9, 'V', 'C', 'T', 'P', 0, 0, 0, 0));
	EXPECT_EQ(7, o.version);
	/* SACK of nothing, of half a block */
	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 4, 2));
	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 4, 6, 0, 0, 0, 0));
	/* a cookie of nothing */
	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 3, 2));
}

TEST(wire_options_cookie_lengths)
{
	struct vctp_options o;
	u8 data[60] = { VCTP_OPT_COOKIE };
	u32 len;

	for (len = 1; len < 50; len++) {
		data[1] = len + 2;
		memset(data + 2, len, len);
		EXPECT_EQ(len <= VCTP_COOKIE_MAX ? VCTP_WIRE_OK : VCTP_WIRE_OPTIONS,
			  parse(data, len + 2, &o));
		if (len <= VCTP_COOKIE_MAX) {
			EXPECT_EQ(len, o.cookie_len);
			EXPECT_EQ(0, memcmp(o.cookie, data + 2, len));
		}
	}
}

TEST(wire_options_twice)
{
	struct vctp_options o;

	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 2, 8, 0, 0, 0, 0, 0, 5,
					   2, 8, 0, 0, 0, 0, 0, 5));
	EXPECT_EQ(VCTP_WIRE_OPTIONS, PARSE(&o, 3, 3, 0, 0, 3, 3, 1));
}

TEST(wire_options_more_sacks_than_room)
{
	struct vctp_options o;
	u8 data[88] = { VCTP_OPT_SACK, 2 + 8 * 10 };
	u32 i;

	for (i = 0; i < 10; i++) {
		data[2 + 8 * i + 3] = 10 * i;
		data[2 + 8 * i + 7] = 10 * i + 5;
	}
	ASSERT_EQ(VCTP_WIRE_OK, parse(data, 82, &o));
	ASSERT_EQ(VCTP_SACK_MAX, o.sack_count);
	EXPECT_EQ(ACK + 30, o.sack[3].start);
	EXPECT_EQ(ACK + 35, o.sack[3].end);
}

TEST(wire_options_never_too_long)
{
	struct vctp_options o = {
		.present = 0x1f, .cookie_len = 255, .sack_count = 255,
	};
	struct vctp_options back;
	u8 data[VCTP_OPTIONS_MAX];
	u32 present, cookie, sacks;

	for (present = 0; present < 32; present++) {
		for (cookie = 0; cookie < 256; cookie++) {
			for (sacks = 0; sacks < 6; sacks++) {
				u32 len;

				o.present = present;
				o.cookie_len = cookie;
				o.sack_count = sacks;
				len = vctp_options_len(&o);
				ASSERT_EQ(true, len <= VCTP_OPTIONS_MAX && !(len % 8));
				ASSERT_EQ(len, vctp_options_build(data, ACK, &o));
				if (cookie || !(present & VCTP_HAS_COOKIE))
					ASSERT_EQ(VCTP_WIRE_OK, parse(data, len, &back));
			}
		}
	}
}

TEST(wire_sack_edges_far_away)
{
	struct vctp_options o = {
		.present = VCTP_HAS_SACK, .sack_count = 1,
		.sack = { { ACK + 0x7ffffffe, ACK + 0x7fffffff } },
	};
	struct vctp_options back;
	u8 data[VCTP_OPTIONS_MAX];
	u32 len = vctp_options_build(data, ACK, &o);

	ASSERT_EQ(VCTP_WIRE_OK, parse(data, len, &back));
	EXPECT_EQ(ACK + 0x7ffffffe, back.sack[0].start);
	EXPECT_EQ(ACK + 0x7fffffff, back.sack[0].end);
}

/* --- 48 bits to 64 --- */

TEST(seq_widen_around_the_wrap)
{
	static const s64 distances[] = {
		0, 1, -1, 1000, -1000, 1LL << 32, -(1LL << 32),
		(1LL << 47) - 1, -(1LL << 47) + 1,
	};
	static const u64 nears[] = {
		VCTP_SEQ_BASE, VCTP_SEQ_BASE + 1, 2 * VCTP_SEQ_BASE - 1,
		2 * VCTP_SEQ_BASE, 2 * VCTP_SEQ_BASE + 1, 5 * VCTP_SEQ_BASE - 7,
		VCTP_SEQ_BASE + VCTP_SEQ_BASE / 2,
	};
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(nears); i++) {
		for (k = 0; k < ARRAY_SIZE(distances); k++) {
			u64 number = nears[i] + distances[k];

			EXPECT_EQ(number, vctp_seq_widen(number & VCTP_SEQ_MASK,
							 nears[i]));
			/* a number that was counted on beyond 48 bits */
			EXPECT_EQ(number, vctp_seq_widen(number, nears[i]));
		}
	}
}

TEST(seq_widen_random)
{
	struct random r = { 9 };
	u32 i;

	for (i = 0; i < 100000; i++) {
		u64 near = VCTP_SEQ_BASE + (random_next(&r) >> 10);
		u64 number = near + (random_next(&r) >> 17) - (1ULL << 46);

		ASSERT_EQ(number, vctp_seq_widen(number & VCTP_SEQ_MASK, near));
	}
}

TEST_HARNESS_MAIN
