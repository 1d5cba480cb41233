// SPDX-License-Identifier: GPL-2.0
/*
 * The format of a segment: taking a header and its options apart, and putting
 * them together. What each field means stands in docs/PROTOCOL.md.
 */
#include "wire.h"
#include "bytes.h"

static_assert(sizeof(struct vctp_header) == VCTP_HEADER_LEN);
static_assert(offsetof(struct vctp_header, id) == 4);
static_assert(offsetof(struct vctp_header, control) == 8);
static_assert(offsetof(struct vctp_header, check) == VCTP_CHECK_OFFSET);
static_assert(offsetof(struct vctp_header, window) == 12);
static_assert(offsetof(struct vctp_header, seq_low) == 16);
static_assert(offsetof(struct vctp_header, ack_low) == 20);
static_assert(offsetof(struct vctp_header, seq_high) == 24);
static_assert(offsetof(struct vctp_header, ack_high) == 26);
static_assert(offsetof(struct vctp_header, epochs) == 28);
static_assert(sizeof(struct vctp_arrival) <= 48);

#define VERSION_SHIFT	14
#define LENGTH_SHIFT	10
#define LENGTH_UNIT	8	/* bytes */

/* An option's length on the wire, kind and length included. */
#define OPEN_LEN	12
#define IDENT_LEN	8
#define URGENT_LEN	8
#define OPTION_HEAD	2	/* kind and length */
#define SACK_BLOCK	8	/* bytes of one block */

/* Flags that no segment of ours has, alone or together. */
static bool flags_absurd(u16 flags)
{
	u16 kind = flags & (VCTP_SYN | VCTP_FIN | VCTP_RST);

	/* At most one of the three: they open, close or break. */
	if (kind & (kind - 1))
		return true;
	/* Only a RST is reflected. */
	if ((flags & VCTP_RFL) && !(flags & VCTP_RST))
		return true;
	/* All but a SYN or a RST acknowledge (RFC 9293, 3.10.7.4, fifth). */
	return !(flags & (VCTP_ACK | VCTP_SYN | VCTP_RST));
}

/**
 * vctp_wire_parse() - take a header apart
 * @data: the header's first byte; up to VCTP_HEADER_LEN bytes are read
 * @len: bytes of the whole segment, header and payload
 * @arrival: what the header says; written only where the verdict is OK
 *
 * No more than the 32 fixed bytes is touched, so that the rest of the segment
 * may lie elsewhere; options are vctp_options_parse()'s. The checksum is the
 * caller's. @end_seq is counted on from @seq and may be wider than 48 bits.
 *
 * Return: VCTP_WIRE_OK, or why it is none of ours.
 */
enum vctp_wire_verdict vctp_wire_parse(const void *data, u32 len,
				       struct vctp_arrival *arrival)
{
	const struct vctp_header *h = data;
	u32 header_len, epochs;
	u16 control, flags;

	if (len < VCTP_HEADER_LEN)
		return VCTP_WIRE_SHORT;
	control = be16_to_cpu(h->control);
	if (control >> VERSION_SHIFT != VCTP_VERSION)
		return VCTP_WIRE_VERSION;
	header_len = ((control >> LENGTH_SHIFT) & 0xf) * LENGTH_UNIT;
	if (header_len < VCTP_HEADER_LEN)
		return VCTP_WIRE_LENGTH;
	if (header_len > len)
		return VCTP_WIRE_SHORT;
	flags = control & VCTP_FLAGS;
	if (flags_absurd(flags))
		return VCTP_WIRE_FLAGS;

	arrival->seq = (u64)be16_to_cpu(h->seq_high) << 32 | be32_to_cpu(h->seq_low);
	arrival->ack = (u64)be16_to_cpu(h->ack_high) << 32 | be32_to_cpu(h->ack_low);
	arrival->end_seq = arrival->seq + (len - header_len) +
			   !!(flags & (VCTP_SYN | VCTP_FIN));
	arrival->window = be32_to_cpu(h->window);
	arrival->id = be32_to_cpu(h->id);
	arrival->flags = flags;
	epochs = be32_to_cpu(h->epochs);
	arrival->epoch = epochs >> 20;
	arrival->echo = (epochs >> 8) & VCTP_EPOCH_MASK;
	arrival->held = epochs & 0xff;
	arrival->header_len = header_len;
	return VCTP_WIRE_OK;
}

/**
 * vctp_wire_build() - write a header
 * @data: VCTP_HEADER_LEN bytes, aligned to 4
 * @departure: what it says; numbers are cut to 48 bits
 *
 * The checksum is left 0. Options of @departure->options_len bytes, a multiple
 * of 8 and at most VCTP_OPTIONS_MAX, are the caller's to put behind it.
 */
void vctp_wire_build(void *data, const struct vctp_departure *departure)
{
	u32 units = (VCTP_HEADER_LEN + departure->options_len) / LENGTH_UNIT;
	struct vctp_header *h = data;

	h->source = cpu_to_be16(departure->source);
	h->dest = cpu_to_be16(departure->dest);
	h->id = cpu_to_be32(departure->id);
	h->control = cpu_to_be16(VCTP_VERSION << VERSION_SHIFT |
				 (units & 0xf) << LENGTH_SHIFT |
				 (departure->flags & VCTP_FLAGS));
	h->check = 0;
	h->window = cpu_to_be32(departure->window);
	h->seq_low = cpu_to_be32((u32)departure->seq);
	h->ack_low = cpu_to_be32((u32)departure->ack);
	h->seq_high = cpu_to_be16((u16)(departure->seq >> 32));
	h->ack_high = cpu_to_be16((u16)(departure->ack >> 32));
	h->epochs = cpu_to_be32((u32)(departure->epoch & VCTP_EPOCH_MASK) << 20 |
				(u32)(departure->echo & VCTP_EPOCH_MASK) << 8 |
				departure->held);
}

/*
 * Held back: the upper 5 bits are an exponent e, the lower 3 a mantissa m.
 * e = 0 is m µs; any other (8 + m) << (e - 1) µs. So 0 to 15 µs are exact and
 * all above are true to one part in eight.
 */
#define HELD_MANTISSA	3
#define HELD_EXPONENT_MAX	29	/* 15 << 28 is the largest 32-bit value */

/**
 * vctp_held_pack() - a time as the small float of the header
 * @us: how long an ACK was held back, in µs
 *
 * Rounded down: an RTT from which it is taken off comes out too long rather
 * than too short.
 *
 * Return: the eight bits; 0 for 0.
 */
u8 vctp_held_pack(u32 us)
{
	u32 exponent = 0;

	while (us >= 16) {
		us >>= 1;
		exponent++;
	}
	if (us < 8)
		return us;
	return (exponent + 1) << HELD_MANTISSA | (us - 8);
}

/**
 * vctp_held_unpack() - the time that the small float stands for
 * @held: as it came
 *
 * Return: µs; U32_MAX for what is beyond 32 bits, which nobody packs.
 */
u32 vctp_held_unpack(u8 held)
{
	u32 exponent = held >> HELD_MANTISSA, mantissa = held & 7;

	if (!exponent)
		return mantissa;
	if (exponent > HELD_EXPONENT_MAX)
		return U32_MAX;
	return (8 + mantissa) << (exponent - 1);
}

static enum vctp_wire_verdict parse_open(const u8 *value, u32 len,
					 struct vctp_options *options)
{
	if (len != OPEN_LEN || vctp_get32(value + 2) != VCTP_MAGIC)
		return VCTP_WIRE_OPTIONS;
	options->version = value[0];
	options->mss = vctp_get16(value + 6);
	options->capabilities = vctp_get16(value + 8);
	return VCTP_WIRE_OK;
}

static enum vctp_wire_verdict parse_cookie(const u8 *value, u32 len,
					   struct vctp_options *options)
{
	len -= OPTION_HEAD;
	if (!len || len > VCTP_COOKIE_MAX)
		return VCTP_WIRE_OPTIONS;
	options->cookie_len = len;
	memcpy(options->cookie, value, len);
	return VCTP_WIRE_OK;
}

/* Edges are signed distances from the ACK: a D-SACK lies before it. */
static enum vctp_wire_verdict parse_sack(const u8 *value, u32 len, u64 ack,
					 struct vctp_options *options)
{
	u32 i, count;

	len -= OPTION_HEAD;
	if (!len || len % SACK_BLOCK)
		return VCTP_WIRE_OPTIONS;
	/* The first are the newest; there is no room for more. */
	count = min_t(u32, len / SACK_BLOCK, VCTP_SACK_MAX);
	for (i = 0; i < count; i++, value += SACK_BLOCK) {
		options->sack[i].start = ack + (s32)vctp_get32(value);
		options->sack[i].end = ack + (s32)vctp_get32(value + 4);
	}
	options->sack_count = count;
	return VCTP_WIRE_OK;
}

/* One option that is not a pad; @len is its own length, >= 2 and in bounds. */
static enum vctp_wire_verdict parse_one(u8 kind, const u8 *value, u32 len,
					u64 ack, struct vctp_options *options)
{
	u8 bit;

	/* Kinds of later versions are passed over. */
	if (kind > VCTP_OPT_URGENT)
		return VCTP_WIRE_OK;
	bit = 1 << (kind - VCTP_OPT_OPEN);
	if (options->present & bit)
		return VCTP_WIRE_OPTIONS;
	options->present |= bit;

	switch (kind) {
	case VCTP_OPT_OPEN:
		return parse_open(value, len, options);
	case VCTP_OPT_COOKIE:
		return parse_cookie(value, len, options);
	case VCTP_OPT_SACK:
		return parse_sack(value, len, ack, options);
	case VCTP_OPT_IDENT:
		if (len != IDENT_LEN)
			return VCTP_WIRE_OPTIONS;
		options->ident = vctp_get32(value + 2);
		return VCTP_WIRE_OK;
	default:
		if (len != URGENT_LEN)
			return VCTP_WIRE_OPTIONS;
		options->urgent = vctp_get32(value + 2);
		return VCTP_WIRE_OK;
	}
}

static_assert(VCTP_HAS_OPEN == 1 << (VCTP_OPT_OPEN - VCTP_OPT_OPEN));
static_assert(VCTP_HAS_IDENT == 1 << (VCTP_OPT_IDENT - VCTP_OPT_OPEN));
static_assert(VCTP_HAS_COOKIE == 1 << (VCTP_OPT_COOKIE - VCTP_OPT_OPEN));
static_assert(VCTP_HAS_SACK == 1 << (VCTP_OPT_SACK - VCTP_OPT_OPEN));
static_assert(VCTP_HAS_URGENT == 1 << (VCTP_OPT_URGENT - VCTP_OPT_OPEN));

/**
 * vctp_options_parse() - take the options apart
 * @data: what follows the 32 bytes of the header
 * @len: bytes of it
 * @ack: the segment's acknowledgment, widened; SACK edges count from it
 * @options: what they say; only what @present names is to be read
 *
 * An option that is unknown is passed over. One that is known but has a wrong
 * length, a wrong magic, or comes twice makes the whole segment void.
 *
 * Return: VCTP_WIRE_OK or VCTP_WIRE_OPTIONS.
 */
enum vctp_wire_verdict vctp_options_parse(const u8 *data, u32 len, u64 ack,
					  struct vctp_options *options)
{
	u32 at = 0, option_len;

	options->present = 0;
	options->version = 0;
	options->sack_count = 0;
	options->cookie_len = 0;
	options->mss = 0;
	options->capabilities = 0;
	options->ident = 0;
	options->urgent = 0;

	while (at < len) {
		if (data[at] == VCTP_OPT_PAD) {
			at++;
			continue;
		}
		if (len - at < OPTION_HEAD)
			return VCTP_WIRE_OPTIONS;
		option_len = data[at + 1];
		if (option_len < OPTION_HEAD || option_len > len - at)
			return VCTP_WIRE_OPTIONS;
		if (parse_one(data[at], data + at + OPTION_HEAD, option_len, ack,
			      options) != VCTP_WIRE_OK)
			return VCTP_WIRE_OPTIONS;
		at += option_len;
	}
	return VCTP_WIRE_OK;
}

static u32 cookie_len(const struct vctp_options *options)
{
	return min_t(u32, options->cookie_len, VCTP_COOKIE_MAX);
}

/* Bytes of all options but SACK, unpadded. */
static u32 fixed_len(const struct vctp_options *options)
{
	u32 len = 0;

	if (options->present & VCTP_HAS_OPEN)
		len += OPEN_LEN;
	if (options->present & VCTP_HAS_IDENT)
		len += IDENT_LEN;
	if (options->present & VCTP_HAS_COOKIE)
		len += OPTION_HEAD + cookie_len(options);
	if (options->present & VCTP_HAS_URGENT)
		len += URGENT_LEN;
	return len;
}

/* SACK blocks that the other options leave room for. */
static u32 sack_count(const struct vctp_options *options, u32 fixed)
{
	u32 room = VCTP_OPTIONS_MAX - fixed;

	if (!(options->present & VCTP_HAS_SACK) || room < OPTION_HEAD)
		return 0;
	return min3((u32)options->sack_count, (u32)VCTP_SACK_MAX,
		    (room - OPTION_HEAD) / SACK_BLOCK);
}

/**
 * vctp_options_len() - room that options take
 * @options: those that @present names
 *
 * SACK takes what the others leave, and so loses blocks before all of them
 * together are too long.
 *
 * Return: bytes with padding, a multiple of 8, at most VCTP_OPTIONS_MAX.
 */
u32 vctp_options_len(const struct vctp_options *options)
{
	u32 fixed, sacks;

	if (!options->present)
		return 0;
	fixed = fixed_len(options);
	sacks = sack_count(options, fixed);
	if (sacks)
		fixed += OPTION_HEAD + sacks * SACK_BLOCK;
	return round_up(fixed, LENGTH_UNIT);
}

static u8 *put_head(u8 *at, enum vctp_option_kind kind, u32 len)
{
	at[0] = kind;
	at[1] = len;
	return at + OPTION_HEAD;
}

static u8 *put_open(u8 *at, const struct vctp_options *options)
{
	at = put_head(at, VCTP_OPT_OPEN, OPEN_LEN);
	at[0] = options->version;
	at[1] = 0;
	vctp_put32(at + 2, VCTP_MAGIC);
	vctp_put16(at + 6, options->mss);
	vctp_put16(at + 8, options->capabilities);
	return at + OPEN_LEN - OPTION_HEAD;
}

static u8 *put_number(u8 *at, enum vctp_option_kind kind, u32 number)
{
	at = put_head(at, kind, IDENT_LEN);
	vctp_put16(at, 0);
	vctp_put32(at + 2, number);
	return at + IDENT_LEN - OPTION_HEAD;
}

static u8 *put_sack(u8 *at, u64 ack, const struct vctp_sack_block *sack,
		    u32 count)
{
	at = put_head(at, VCTP_OPT_SACK, OPTION_HEAD + count * SACK_BLOCK);
	while (count--) {
		vctp_put32(at, sack->start - ack);
		vctp_put32(at + 4, sack->end - ack);
		at += SACK_BLOCK;
		sack++;
	}
	return at;
}

/**
 * vctp_options_build() - write options
 * @data: vctp_options_len() bytes
 * @ack: the segment's acknowledgment; SACK edges lie within 2^31 of it
 * @options: those that @present names
 *
 * Return: bytes written, padding included: vctp_options_len().
 */
u32 vctp_options_build(u8 *data, u64 ack, const struct vctp_options *options)
{
	u32 len = vctp_options_len(options), sacks;
	u8 *at = data;

	if (options->present & VCTP_HAS_OPEN)
		at = put_open(at, options);
	if (options->present & VCTP_HAS_IDENT)
		at = put_number(at, VCTP_OPT_IDENT, options->ident);
	if (options->present & VCTP_HAS_URGENT)
		at = put_number(at, VCTP_OPT_URGENT, options->urgent);
	if (options->present & VCTP_HAS_COOKIE) {
		at = put_head(at, VCTP_OPT_COOKIE,
			      OPTION_HEAD + cookie_len(options));
		memcpy(at, options->cookie, cookie_len(options));
		at += cookie_len(options);
	}
	sacks = sack_count(options, fixed_len(options));
	if (sacks)
		at = put_sack(at, ack, options->sack, sacks);
	while (at < data + len)
		*at++ = VCTP_OPT_PAD;
	return len;
}
