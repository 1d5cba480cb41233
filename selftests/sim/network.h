/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire between the hosts.
 */
#ifndef _SIM_NETWORK_H
#define _SIM_NETWORK_H

#include "hosts.h"
#include "packet.h"

void network_make(const struct scenario *scenario, u8 protocol);
bool network_drain(void);
void network_blackout(u64 link, s64 until_us);
void network_inject(enum host to, const u8 *data, size_t len);

#endif /* _SIM_NETWORK_H */
