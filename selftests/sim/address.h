/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interfaces, addresses and routes of the namespace that we are in.
 */
#ifndef _SIM_ADDRESS_H
#define _SIM_ADDRESS_H

#include "types.h"

void interface_up(const char *name, bool up);
void interface_mtu(const char *name, int bytes);
void interface_ring(const char *name, int packets);
void address_add4(const char *address, const char *name);
void address_add6(const char *address, const char *name);
void route_add4(const char *network, int bits, const char *name);
void route_add6(const char *network, int bits, const char *name);

#endif /* _SIM_ADDRESS_H */
