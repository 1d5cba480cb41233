// SPDX-License-Identifier: GPL-2.0
/*
 * Taking packets apart, and making the IP header of a forged one.
 */
#include <string.h>

#include "packet.h"

static u16 get16(const u8 *at)
{
	return at[0] << 8 | at[1];
}

static u32 get32(const u8 *at)
{
	return (u32)get16(at) << 16 | get16(at + 2);
}

/**
 * packet_sum() - the Internet checksum, not yet inverted
 * @data: the first byte
 * @len: how many
 *
 * Return: 0xffff where a checksum that lies within is right.
 */
u16 packet_sum(const u8 *data, size_t len)
{
	u64 sum = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += get16(data + i);
	if (len % 2)
		sum += data[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void read_options(struct packet *packet, const u8 *at, size_t len)
{
	while (len >= 2) {
		if (*at == OPTION_PAD) {
			at++;
			len--;
			continue;
		}
		if (at[1] < 2 || at[1] > len)
			return;
		if (*at == OPTION_IDENT && at[1] == 8)
			packet->ident = get32(at + 4);
		packet->cookie |= *at == OPTION_COOKIE;
		len -= at[1];
		at += at[1];
	}
}

static void read_header(struct packet *packet, const u8 *at, size_t len)
{
	size_t header;

	if (len < HEADER_LEN)
		return;
	header = (get16(at + 8) >> 10 & 15) * 8;
	if (header < HEADER_LEN || header > len)
		return;
	packet->ours = true;
	packet->source = get16(at);
	packet->dest = get16(at + 2);
	packet->id = get32(at + 4);
	packet->flags = get16(at + 8) & 0x3ff;
	packet->sum_right = packet_sum(at, len) == 0xffff;
	packet->window = get32(at + 12);
	packet->seq = get32(at + 16) | (u64)get16(at + 24) << 32;
	packet->ack = get32(at + 20) | (u64)get16(at + 26) << 32;
	packet->payload = at + header;
	packet->payload_len = len - header;
	read_options(packet, at + HEADER_LEN, header - HEADER_LEN);
}

/**
 * packet_read() - take a packet apart
 * @packet: is written; points into @data
 * @data: the IP header
 * @len: of all of it
 *
 * Return: false where it is neither IPv4 nor IPv6.
 */
bool packet_read(struct packet *packet, const u8 *data, size_t len)
{
	*packet = (struct packet) { .data = data, .len = len };
	if (len >= 20 && data[0] >> 4 == 4) {
		packet->ip_len = (data[0] & 15) * 4;
		packet->protocol = data[9];
		/* More fragments, or not the first. */
		packet->fragment = get16(data + 6) & 0x3fff;
	} else if (len >= 40 && data[0] >> 4 == 6) {
		packet->v6 = true;
		packet->ip_len = 40;
		packet->protocol = data[6];
	} else {
		return false;
	}
	if (packet->ip_len > len)
		return false;
	if (packet->protocol == SIM_VCTP && !packet->fragment)
		read_header(packet, data + packet->ip_len, len - packet->ip_len);
	return true;
}

static bool packet_for(const struct packet *packet, u8 network)
{
	static const u8 host[HOSTS] = { 1, 2 };
	const u8 *to = packet->data + (packet->v6 ? 24 : 16);

	if (packet->v6)
		return to[0] == 0xfd && to[1] == network &&
		       to[15] == host[network - 1];
	return to[0] == 10 && to[1] == network && to[3] == host[network - 1];
}

/**
 * packet_for_left() - is it addressed to the left host?
 * @packet: the packet
 */
bool packet_for_left(const struct packet *packet)
{
	return packet_for(packet, 1);
}

/**
 * packet_for_right() - is it addressed to the right host?
 * @packet: the packet
 */
bool packet_for_right(const struct packet *packet)
{
	return packet_for(packet, 2);
}

/**
 * packet_ip() - an IP header between the two hosts
 * @data: where to write it
 * @v6: IPv6
 * @to_right: from left to right
 * @stranger: another last byte of the source's address; 0: the host's own
 * @protocol: of what follows
 * @payload: bytes that follow
 *
 * Return: its length.
 */
size_t packet_ip(u8 *data, bool v6, bool to_right, u8 stranger, u8 protocol,
		 size_t payload)
{
	u8 from = to_right ? 1 : 2, to = to_right ? 2 : 1;
	u8 source = stranger ? stranger : from;
	u16 sum;

	if (v6) {
		memset(data, 0, 40);
		data[0] = 0x60;
		data[4] = payload >> 8;
		data[5] = payload;
		data[6] = protocol;
		data[7] = 64;
		data[8] = 0xfd;
		data[9] = from;
		data[23] = source;
		data[24] = 0xfd;
		data[25] = to;
		data[39] = to;
		return 40;
	}
	memset(data, 0, 20);
	data[0] = 0x45;
	data[2] = (payload + 20) >> 8;
	data[3] = payload + 20;
	data[8] = 64;
	data[9] = protocol;
	memcpy(data + 12, (u8[]){ 10, from, 0, source, 10, to, 0, to }, 8);
	sum = ~packet_sum(data, 20);
	data[10] = sum >> 8;
	data[11] = sum;
	return 20;
}
