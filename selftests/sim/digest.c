// SPDX-License-Identifier: GPL-2.0
/*
 * A chain of mix64(): 64 bits, against accident, not against malice.
 */
#include <string.h>

#include "digest.h"
#include "random.h"

u64 digest;

/**
 * digest_number() - one more number
 * @number: any
 */
void digest_number(u64 number)
{
	digest = mix64(digest + 0x9e3779b97f4a7c15ULL) ^ mix64(number);
}

/**
 * digest_bytes() - some more bytes, and how many
 * @data: their first
 * @len: how many
 */
void digest_bytes(const void *data, size_t len)
{
	const u8 *bytes = data;
	size_t i;

	digest_number(len);
	for (i = 0; i < len; i += 8) {
		u64 word = 0;

		memcpy(&word, bytes + i, least(8, len - i));
		digest_number(word);
	}
}
