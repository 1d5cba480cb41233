/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What module/protocol/platform.h takes from the kernel, in user space: most of
 * it is the kernel's own, out of its tools/ folder.
 */
#ifndef _VCTP_PLATFORM_USER_H
#define _VCTP_PLATFORM_USER_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/rbtree.h>
#include <linux/rbtree_augmented.h>
#include <linux/types.h>

/* The kernel's: the message may be left out. */
#undef static_assert
#define static_assert(expression, ...) _Static_assert(expression, #expression)

#ifndef U8_MAX
#define U8_MAX	((u8)~0U)
#endif
#ifndef U16_MAX
#define U16_MAX	((u16)~0U)
#endif
#ifndef U32_MAX
#define U32_MAX	((u32)~0U)
#endif
#ifndef U64_MAX
#define U64_MAX	((u64)~0ULL)
#endif

#ifndef min_t
#define min_t(type, x, y)	min((type)(x), (type)(y))
#endif
#ifndef max_t
#define max_t(type, x, y)	max((type)(x), (type)(y))
#endif
#ifndef min3
#define min3(x, y, z)		min((typeof(x))min(x, y), z)
#endif
#ifndef clamp_t
#define clamp_t(type, x, low, high) \
	min_t(type, max_t(type, x, low), high)
#endif
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#endif
#ifndef round_up
#define round_up(x, y)		((((x) - 1) | ((typeof(x))(y) - 1)) + 1)
#endif
#ifndef __aligned
#define __aligned(bytes)	__attribute((aligned(bytes)))
#endif

#undef cpu_to_be16
#undef cpu_to_be32
#undef be16_to_cpu
#undef be32_to_cpu
#define cpu_to_be16(x)	htobe16(x)
#define cpu_to_be32(x)	htobe32(x)
#define be16_to_cpu(x)	be16toh(x)
#define be32_to_cpu(x)	be32toh(x)

/* SipHash-2-4, as <linux/siphash.h> offers it; siphash.c. */
typedef struct {
	u64 key[2];
} siphash_key_t;

#define SIPHASH_ALIGNMENT __alignof__(u64)

u64 siphash(const void *data, size_t len, const siphash_key_t *key);

#endif /* _VCTP_PLATFORM_USER_H */
