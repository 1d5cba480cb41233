/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was found wrong in the scenario that is being played.
 */
#ifndef _SIM_RESULT_H
#define _SIM_RESULT_H

#include "types.h"

extern u64 complaints;

void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* _SIM_RESULT_H */
