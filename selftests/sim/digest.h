/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One number that differs where anything differs: every packet with its time,
 * and what every program saw.
 */
#ifndef _SIM_DIGEST_H
#define _SIM_DIGEST_H

#include "types.h"

extern u64 digest;

void digest_number(u64 number);
void digest_bytes(const void *data, size_t len);

#endif /* _SIM_DIGEST_H */
