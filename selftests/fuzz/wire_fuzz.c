// SPDX-License-Identifier: GPL-2.0
/*
 * Header and options of any bytes. What parses is built again and parsed again,
 * and has to say the same; so does what is built from it under other numbers.
 *
 * Input: the bytes of a segment.
 */
#include <stdlib.h>

#include "wire.h"

static void must(bool is)
{
	if (!is)
		abort();
}

static bool same_options(const struct vctp_options *a,
			 const struct vctp_options *b)
{
	return a->present == b->present && a->version == b->version &&
	       a->mss == b->mss && a->capabilities == b->capabilities &&
	       a->ident == b->ident && a->urgent == b->urgent &&
	       a->sack_count == b->sack_count &&
	       !memcmp(a->sack, b->sack, a->sack_count * sizeof(a->sack[0])) &&
	       a->cookie_len == b->cookie_len &&
	       !memcmp(a->cookie, b->cookie, a->cookie_len);
}

/* SACK gives way to the others: it may have come back with fewer blocks. */
static void check_options(const struct vctp_options *o, u64 ack)
{
	u8 built[VCTP_OPTIONS_MAX];
	u32 len = vctp_options_len(o);
	struct vctp_options again;
	u8 *exact;

	must(len <= VCTP_OPTIONS_MAX && len % 8 == 0);
	memset(built, 0xa5, sizeof(built));
	must(vctp_options_build(built, ack, o) == len);
	must(len == sizeof(built) || built[len] == 0xa5);
	exact = malloc(len ? len : 1);
	memcpy(exact, built, len);
	must(vctp_options_parse(exact, len, ack, &again) == VCTP_WIRE_OK);
	free(exact);
	if (again.sack_count < o->sack_count) {
		struct vctp_options fewer = *o;

		fewer.sack_count = again.sack_count;
		if (!again.sack_count)
			fewer.present &= ~VCTP_HAS_SACK;
		must(same_options(&fewer, &again));
		return;
	}
	must(same_options(o, &again));
}

static void check_header(const struct vctp_header *h, const struct vctp_arrival *a,
			 u32 len)
{
	struct vctp_departure d = {
		.seq = vctp_seq_widen(a->seq, 3 * VCTP_SEQ_BASE),
		.ack = vctp_seq_widen(a->ack, VCTP_SEQ_BASE),
		.window = a->window, .id = a->id,
		.source = be16_to_cpu(h->source), .dest = be16_to_cpu(h->dest),
		.flags = a->flags, .epoch = a->epoch, .echo = a->echo,
		.options_len = a->header_len - VCTP_HEADER_LEN, .held = a->held,
	};
	struct vctp_header built;

	must(a->header_len >= VCTP_HEADER_LEN && a->header_len <= len);
	must(a->end_seq - a->seq <= len + 1);
	must(vctp_held_pack(vctp_held_unpack(a->held)) == a->held ||
	     vctp_held_unpack(a->held) == U32_MAX);
	memset(&built, 0x5a, sizeof(built));
	vctp_wire_build(&built, &d);
	built.check = h->check;
	must(!memcmp(&built, h, sizeof(built)));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct vctp_options options;
	struct vctp_arrival a;
	u8 *copy;
	u64 ack;

	if (size > 4096)
		return 0;
	copy = malloc(size ? size : 1);
	memcpy(copy, data, size);
	if (vctp_wire_parse(copy, size, &a) == VCTP_WIRE_OK) {
		check_header((const struct vctp_header *)copy, &a, size);
		ack = vctp_seq_widen(a.ack, 2 * VCTP_SEQ_BASE);
		if (vctp_options_parse(copy + VCTP_HEADER_LEN,
				       a.header_len - VCTP_HEADER_LEN, ack,
				       &options) == VCTP_WIRE_OK)
			check_options(&options, ack);
	}
	/* all of it as options, longer than a header can have */
	if (vctp_options_parse(copy, size, VCTP_SEQ_BASE, &options) == VCTP_WIRE_OK)
		check_options(&options, VCTP_SEQ_BASE);
	free(copy);
	return 0;
}
