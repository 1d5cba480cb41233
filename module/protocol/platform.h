/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the mechanisms in this folder may use of the world: fixed-width types,
 * the rbtree, division, siphash. In the kernel that is the kernel's; in the
 * unit tests, fuzzers and simulations it is selftests/unit/platform_user.h.
 */
#ifndef _VCTP_PLATFORM_H
#define _VCTP_PLATFORM_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/rbtree.h>
#include <linux/rbtree_augmented.h>
#include <linux/siphash.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/win_minmax.h>
#include <asm/byteorder.h>
#else
#include "platform_user.h"
#endif

#endif /* _VCTP_PLATFORM_H */
