/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who listens for the programs that accept.
 */
#ifndef _SIM_LISTENER_H
#define _SIM_LISTENER_H

#include "actor.h"

u16 listener_make(struct actor *acceptor, int protocol, int poll_fd);
void listener_event(u64 which);
void listeners_stop(void);

#endif /* _SIM_LISTENER_H */
