/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program's sockets: made, with the options that its plan asks for.
 */
#ifndef _SIM_OPTIONS_H
#define _SIM_OPTIONS_H

#include "actor.h"

int socket_make(const struct actor *actor, int protocol);
void socket_set(int fd, int level, int option, int value);

#endif /* _SIM_OPTIONS_H */
