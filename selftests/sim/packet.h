/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet as the wire shows it, read from docs/PROTOCOL.md and not from the
 * module's own code.
 */
#ifndef _SIM_PACKET_H
#define _SIM_PACKET_H

#include "types.h"

enum packet_flag {
	FIN = 0x001,
	SYN = 0x002,
	RST = 0x004,
	PSH = 0x008,
	ACK = 0x010,
	URG = 0x020,
	RFL = 0x200,
};

#define HEADER_LEN	32
#define OPTION_PAD	0
#define OPTION_IDENT	2
#define OPTION_COOKIE	3
#define NUMBER_BITS	48

struct packet {
	const u8 *data;		/* the IP header */
	size_t len;
	bool v6;
	u8 protocol;		/* 253, 6, 1, 58 */
	bool fragment;		/* of IPv4, not the first: no header */
	size_t ip_len;		/* of the IP header */
	/* Ours only. */
	bool ours;
	bool sum_right;
	u16 source, dest;
	u32 id;
	u32 ident;		/* option IDENT of a SYN+ACK; 0: none */
	bool cookie;		/* option COOKIE */
	u16 flags;
	u32 window;
	u64 seq, ack;		/* 48 bits */
	const u8 *payload;
	size_t payload_len;
};

bool packet_read(struct packet *packet, const u8 *data, size_t len);
bool packet_for_left(const struct packet *packet);
bool packet_for_right(const struct packet *packet);
u16 packet_sum(const u8 *data, size_t len);
size_t packet_ip(u8 *data, bool v6, bool to_right, u8 stranger, u8 protocol,
		 size_t payload);

/* The distance between two 48-bit numbers, with its sign. */
static inline s64 distance48(u64 number, u64 from)
{
	return (s64)((number - from) << (64 - NUMBER_BITS)) >>
	       (64 - NUMBER_BITS);
}

#endif /* _SIM_PACKET_H */
