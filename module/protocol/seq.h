/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sequence numbers: 64 bits inside, 48 on the wire.
 *
 * Inside they never wrap, so they are compared with < and >. A number from
 * the wire is widened to the 64-bit number nearest to one that is known.
 */
#ifndef _VCTP_SEQ_H
#define _VCTP_SEQ_H

#include "platform.h"

#define VCTP_SEQ_BITS	48
#define VCTP_SEQ_MASK	(BIT_ULL(VCTP_SEQ_BITS) - 1)

/*
 * Initial numbers lie in [2^48, 2^49): something below them can be named
 * without going below 0, and they look random in all their 48 wire bits.
 */
#define VCTP_SEQ_BASE	BIT_ULL(VCTP_SEQ_BITS)

/**
 * vctp_seq_widen() - the 64-bit number that a 48-bit one stands for
 * @wire: the number as it came, 48 bits
 * @near: a 64-bit number that it lies close to, within 2^47
 */
static inline u64 vctp_seq_widen(u64 wire, u64 near)
{
	/* The distance as a signed 48-bit number. */
	s64 distance = (s64)((wire - near) << (64 - VCTP_SEQ_BITS)) >>
		       (64 - VCTP_SEQ_BITS);

	return near + distance;
}

#endif /* _VCTP_SEQ_H */
