/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The format of a segment: header and options, as docs/PROTOCOL.md has them.
 *
 *    0  source port 16         | destination port 16
 *    4  circuit identifier 32
 *    8  version 2, header length 4, flags 10 | checksum 16
 *   12  window 32
 *   16  sequence, low 32
 *   20  acknowledgment, low 32
 *   24  sequence, high 16      | acknowledgment, high 16
 *   28  epoch 12 | echoed epoch 12 | held back 8
 */
#ifndef _VCTP_WIRE_H
#define _VCTP_WIRE_H

#include "platform.h"
#include "seq.h"

#define VCTP_VERSION		0	/* in the header's two bits */
#define VCTP_HEADER_LEN		32
#define VCTP_HEADER_MAX		120	/* 15 units of 8 bytes */
#define VCTP_OPTIONS_MAX	(VCTP_HEADER_MAX - VCTP_HEADER_LEN)
#define VCTP_CHECK_OFFSET	10

enum vctp_flag {
	VCTP_FIN = 0x001,
	VCTP_SYN = 0x002,
	VCTP_RST = 0x004,
	VCTP_PSH = 0x008,
	VCTP_ACK = 0x010,
	VCTP_URG = 0x020,
	VCTP_ECE = 0x040,
	VCTP_CWR = 0x080,
	VCTP_AE  = 0x100,
	VCTP_RFL = 0x200,	/* reflected: the identifier is the one that came */
	VCTP_FLAGS = 0x3ff,
};

struct vctp_header {
	__be16	source;
	__be16	dest;
	__be32	id;
	__be16	control;	/* version 2, length 4, flags 10 */
	__sum16	check;
	__be32	window;
	__be32	seq_low;
	__be32	ack_low;
	__be16	seq_high;
	__be16	ack_high;
	__be32	epochs;		/* epoch 12, echoed epoch 12, held back 8 */
};

#define VCTP_EPOCH_MASK		0xfffU

/*
 * A segment's header in host order, what the receiving side works on. Its
 * numbers are 48 bits wide until the circuit has widened them.
 */
struct vctp_arrival {
	u64	seq;
	u64	end_seq;	/* seq + payload + SYN + FIN */
	u64	ack;
	u32	window;		/* bytes */
	u32	id;
	u16	flags;		/* enum vctp_flag */
	u16	epoch;
	u16	echo;
	u8	header_len;	/* bytes */
	u8	held;		/* vctp_held_unpack() gives µs */
};

/* The sending side's counterpart; its numbers may be wider than 48 bits. */
struct vctp_departure {
	u64	seq;
	u64	ack;
	u32	window;
	u32	id;
	u16	source;
	u16	dest;
	u16	flags;
	u16	epoch;
	u16	echo;
	u8	options_len;	/* bytes, a multiple of 8 */
	u8	held;
};

/* Why a header is not one of ours; each is counted on its own. */
enum vctp_wire_verdict {
	VCTP_WIRE_OK = 0,
	VCTP_WIRE_SHORT,	/* fewer bytes than its header has */
	VCTP_WIRE_VERSION,
	VCTP_WIRE_LENGTH,	/* a header length below 32 bytes */
	VCTP_WIRE_FLAGS,	/* flags that never stand together */
	VCTP_WIRE_OPTIONS,	/* options that do not parse */
};

enum vctp_wire_verdict vctp_wire_parse(const void *data, u32 len,
				       struct vctp_arrival *arrival);
void vctp_wire_build(void *data, const struct vctp_departure *departure);

/* Held back: 3 bits of mantissa, 5 of exponent; 0 means at once. */
u8 vctp_held_pack(u32 us);
u32 vctp_held_unpack(u8 held);

/* Options: kind, length with these two bytes, value. */
enum vctp_option_kind {
	VCTP_OPT_PAD	= 0,	/* one byte, no length */
	VCTP_OPT_OPEN	= 1,	/* 12: version 8, 0 8, magic 32, MSS 16, capabilities 16 */
	VCTP_OPT_IDENT	= 2,	/* 8: 0 16, the server's identifier 32 */
	VCTP_OPT_COOKIE	= 3,	/* 2 + up to VCTP_COOKIE_MAX */
	VCTP_OPT_SACK	= 4,	/* 2 + 8 n: left and right edge from the ACK */
	VCTP_OPT_URGENT	= 5,	/* 8: 0 16, end of urgent data from seq 32 */
};

#define VCTP_MAGIC		0x56435450U	/* "VCTP" */
#define VCTP_OPEN_VERSION	1
#define VCTP_SACK_MAX		4
#define VCTP_COOKIE_MAX		40

/* Which of the members of struct vctp_options are there. */
enum vctp_option_present {
	VCTP_HAS_OPEN	= 1 << 0,
	VCTP_HAS_IDENT	= 1 << 1,
	VCTP_HAS_COOKIE	= 1 << 2,
	VCTP_HAS_SACK	= 1 << 3,
	VCTP_HAS_URGENT	= 1 << 4,
};

struct vctp_sack_block {
	u64	start;		/* absolute, 64 bits */
	u64	end;		/* the number after the last */
};

struct vctp_options {
	u8	present;	/* enum vctp_option_present */
	u8	version;	/* of OPEN */
	u8	sack_count;
	u8	cookie_len;
	u16	mss;		/* of OPEN: payload bytes the sender can take */
	u16	capabilities;	/* of OPEN */
	u32	ident;		/* of IDENT: the server's identifier */
	u32	urgent;		/* of URGENT: bytes from the segment's seq */
	struct vctp_sack_block sack[VCTP_SACK_MAX];
	u8	cookie[VCTP_COOKIE_MAX];
};

enum vctp_wire_verdict vctp_options_parse(const u8 *data, u32 len, u64 ack,
					  struct vctp_options *options);
u32 vctp_options_len(const struct vctp_options *options);
u32 vctp_options_build(u8 *data, u64 ack, const struct vctp_options *options);

#endif /* _VCTP_WIRE_H */
