/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ways in which a program lets go of its socket.
 */
#ifndef _SIM_ENDING_H
#define _SIM_ENDING_H

#include "actor.h"

void ending_socket(int fd, enum actor_end how);

#endif /* _SIM_ENDING_H */
