/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Chance that comes back: the same seed gives the same numbers everywhere.
 */
#ifndef _SIM_RANDOM_H
#define _SIM_RANDOM_H

#include "types.h"

struct chance {
	u64 state;
};

void chance_seed(struct chance *chance, u64 seed, u64 stream);
u64 chance_u64(struct chance *chance);
u64 chance_below(struct chance *chance, u64 limit);
u64 chance_between(struct chance *chance, u64 low, u64 high);
u64 chance_scale(struct chance *chance, u64 low, u64 high);
bool chance_ppm(struct chance *chance, u64 ppm);
u64 mix64(u64 x);

#endif /* _SIM_RANDOM_H */
