/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One scenario, from its first packet to the last of what it leaves.
 */
#ifndef _SIM_PLAY_H
#define _SIM_PLAY_H

#include "scenario.h"

void play(const struct scenario *scenario, int protocol, const char *out);

#endif /* _SIM_PLAY_H */
