/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers in network order at any address.
 */
#ifndef _VCTP_BYTES_H
#define _VCTP_BYTES_H

#include "platform.h"

static inline void vctp_put16(u8 *at, u16 value)
{
	at[0] = value >> 8;
	at[1] = value & 0xff;
}

static inline void vctp_put32(u8 *at, u32 value)
{
	vctp_put16(at, value >> 16);
	vctp_put16(at + 2, value & 0xffff);
}

static inline void vctp_put48(u8 *at, u64 value)
{
	vctp_put16(at, (value >> 32) & 0xffff);
	vctp_put32(at + 2, value & 0xffffffff);
}

static inline u16 vctp_get16(const u8 *at)
{
	return (u16)at[0] << 8 | at[1];
}

static inline u32 vctp_get32(const u8 *at)
{
	return (u32)vctp_get16(at) << 16 | vctp_get16(at + 2);
}

static inline u64 vctp_get48(const u8 *at)
{
	return (u64)vctp_get16(at) << 32 | vctp_get32(at + 2);
}

#endif /* _VCTP_BYTES_H */
