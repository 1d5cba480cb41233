/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A segment in pieces.
 */
#ifndef _SIM_CUT_H
#define _SIM_CUT_H

#include "packet.h"

void cut_piece(struct packet *piece, u8 *buffer, const struct packet *whole,
	       size_t from, size_t bytes);

#endif /* _SIM_CUT_H */
