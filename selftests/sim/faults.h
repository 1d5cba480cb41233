/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens to the network at a certain time, whoever sends what.
 */
#ifndef _SIM_FAULTS_H
#define _SIM_FAULTS_H

#include "scenario.h"

void faults_make(const struct scenario *scenario, bool vctp);

#endif /* _SIM_FAULTS_H */
