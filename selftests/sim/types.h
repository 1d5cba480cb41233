/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all of the player shares: short names for numbers, and the two ends.
 */
#ifndef _SIM_TYPES_H
#define _SIM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

/* Where programs run; the router, where there is one, runs none. */
enum host {
	LEFT = 0,
	RIGHT = 1,
	ROUTER = 2,
	HOSTS,
};

#define ENDS		2	/* hosts with programs */

#define USEC_PER_MSEC	1000LL
#define USEC_PER_SEC	1000000LL

#define SIM_VCTP	253	/* our protocol's number */

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#endif

static inline u64 least(u64 a, u64 b)
{
	return a < b ? a : b;
}

static inline u64 most(u64 a, u64 b)
{
	return a > b ? a : b;
}

#endif /* _SIM_TYPES_H */
