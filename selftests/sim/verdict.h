/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Did each program see what the scenario explains?
 */
#ifndef _SIM_VERDICT_H
#define _SIM_VERDICT_H

#include "actor.h"

void verdict_programs(const struct scenario *scenario);
void verdict_print(const struct scenario *scenario);

#endif /* _SIM_VERDICT_H */
