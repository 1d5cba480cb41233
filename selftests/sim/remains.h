/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a scenario leaves behind in its namespaces: nothing.
 */
#ifndef _SIM_REMAINS_H
#define _SIM_REMAINS_H

#include "types.h"

void remains_watch(void);
bool remains_any(void);
void remains_complain(void);

#endif /* _SIM_REMAINS_H */
