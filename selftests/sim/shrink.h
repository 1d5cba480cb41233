/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Making a scenario that fails smaller.
 */
#ifndef _SIM_SHRINK_H
#define _SIM_SHRINK_H

#include "scenario.h"

bool shrink(const struct scenario *scenario, const char *folder, bool once,
	    bool (*run)(const struct scenario *scenario));

#endif /* _SIM_SHRINK_H */
