/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the wire may show.
 */
#ifndef _SIM_ORACLE_H
#define _SIM_ORACLE_H

#include "actor.h"
#include "packet.h"
#include "scenario.h"

void oracle_make(const struct scenario *scenario, bool vctp);
void oracle_sent(enum host from, const struct packet *packet);
void oracle_delivered(enum host to, const struct packet *packet, bool forged);
void oracle_answered(void);
bool oracle_fin_taken(const struct actor *actor);

#endif /* _SIM_ORACLE_H */
