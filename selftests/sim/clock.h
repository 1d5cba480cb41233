/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The scenario's time, and waiting for it to pass.
 */
#ifndef _SIM_CLOCK_H
#define _SIM_CLOCK_H

#include "types.h"

void clock_begin(void);
s64 clock_begin_us(void);
void clock_read(void);
void clock_watch(int fd);
void clock_wait(s64 until_us);

#endif /* _SIM_CLOCK_H */
