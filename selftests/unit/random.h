/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers that come again from their seed. */
#ifndef _VCTP_UNIT_RANDOM_H
#define _VCTP_UNIT_RANDOM_H

#include "platform.h"

struct random {
	u64 state;
};

/* SplitMix64 (Steele, Lea, Flood). */
static inline u64 random_next(struct random *r)
{
	u64 x = r->state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* 0 to @below - 1 */
static inline u32 random_below(struct random *r, u32 below)
{
	return (random_next(r) >> 32) * below >> 32;
}

/* True in @per_mille of 1000 cases. */
static inline bool random_chance(struct random *r, u32 per_mille)
{
	return random_below(r, 1000) < per_mille;
}

#endif /* _VCTP_UNIT_RANDOM_H */
