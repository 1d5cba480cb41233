/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a stream is made of: each byte follows from the stream and its offset.
 */
#ifndef _SIM_CONTENT_H
#define _SIM_CONTENT_H

#include "types.h"

void content_fill(u8 *data, u64 stream, u64 offset, size_t len);
bool content_right(const u8 *data, u64 stream, u64 offset, size_t len);

#endif /* _SIM_CONTENT_H */
