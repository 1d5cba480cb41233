/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to happen, in the order of its time; of two things at the same
 * moment, in the order in which they were put down.
 */
#ifndef _SIM_AGENDA_H
#define _SIM_AGENDA_H

#include "types.h"

typedef void (*agenda_fn)(void *what, u64 detail);

extern s64 now_us;	/* µs since the scenario began */

void agenda_add(s64 at_us, agenda_fn fn, void *what, u64 detail);
bool agenda_run(void);
s64 agenda_next(void);

#endif /* _SIM_AGENDA_H */
