/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program's two streams: the one it writes and the one it reads.
 */
#ifndef _SIM_STREAM_H
#define _SIM_STREAM_H

#include "actor.h"
#include "agenda.h"

void stream_write(struct actor *a, agenda_fn wake);
void stream_read(struct actor *a, agenda_fn wake);

#endif /* _SIM_STREAM_H */
