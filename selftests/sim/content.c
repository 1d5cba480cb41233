// SPDX-License-Identifier: GPL-2.0
/*
 * Eight bytes of a stream at a time: a function of stream and offset, so that
 * a byte in the wrong place is a wrong byte.
 */
#include <string.h>

#include "content.h"
#include "random.h"

static u8 content_byte(u64 stream, u64 offset)
{
	return mix64(mix64(stream + 1) + offset / 8) >> offset % 8 * 8;
}

/**
 * content_fill() - a piece of a stream
 * @data: where to
 * @stream: which
 * @offset: of the first byte
 * @len: how many
 */
void content_fill(u8 *data, u64 stream, u64 offset, size_t len)
{
	u64 key = mix64(stream + 1), word;
	size_t i = 0;

	for (; i < len && (offset + i) % 8; i++)
		data[i] = content_byte(stream, offset + i);
	for (; i + 8 <= len; i += 8) {
		word = mix64(key + (offset + i) / 8);
		memcpy(data + i, &word, 8);
	}
	for (; i < len; i++)
		data[i] = content_byte(stream, offset + i);
}

/**
 * content_right() - is this that piece of the stream?
 * @data: the piece
 * @stream: which
 * @offset: of the first byte
 * @len: how many
 */
bool content_right(const u8 *data, u64 stream, u64 offset, size_t len)
{
	u8 right[4096];
	size_t piece;

	for (; len; len -= piece, data += piece, offset += piece) {
		piece = least(len, sizeof(right));
		content_fill(right, stream, offset, piece);
		if (memcmp(data, right, piece))
			return false;
	}
	return true;
}
