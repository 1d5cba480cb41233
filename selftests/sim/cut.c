// SPDX-License-Identifier: GPL-2.0
/*
 * What a middlebox does that cuts segments in two: each piece is a segment with
 * the numbers of its bytes. A sender that then repeats the whole of it makes
 * its peer look at bytes that it has in part.
 */
#include <string.h>

#include "cut.h"

static void put16(u8 *at, u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put_sum(u8 *at, const u8 *data, size_t len)
{
	put16(at, 0);
	put16(at, ~packet_sum(data, len));
}

static void put_seq(u8 *header, u64 seq)
{
	put16(header + 16, seq >> 16);
	put16(header + 18, seq);
	put16(header + 24, seq >> 32);
}

static void put_ip_len(const struct packet *packet, u8 *at, size_t len)
{
	if (packet->v6) {
		put16(at + 4, len - packet->ip_len);
		return;
	}
	put16(at + 2, len);
	put_sum(at + 10, at, packet->ip_len);
}

/**
 * cut_piece() - some of a segment's payload, as a segment
 * @piece: is written; points into @buffer
 * @buffer: room for all of @whole
 * @whole: a segment of ours; a FIN goes with its last byte
 * @from: which byte of its payload is the first
 * @bytes: how many
 */
void cut_piece(struct packet *piece, u8 *buffer, const struct packet *whole,
	       size_t from, size_t bytes)
{
	size_t head = whole->payload - whole->data;
	u8 *header = buffer + whole->ip_len;

	memcpy(buffer, whole->data, head);
	memcpy(buffer + head, whole->payload + from, bytes);
	put_ip_len(whole, buffer, head + bytes);
	put_seq(header, whole->seq + from);
	if (from + bytes < whole->payload_len)
		header[9] &= ~(FIN | PSH);
	put_sum(header + 10, header, head - whole->ip_len + bytes);
	packet_read(piece, buffer, head + bytes);
}
