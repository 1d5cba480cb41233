/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packets of a scenario as a file that tcpdump and Wireshark read.
 */
#ifndef _SIM_PCAP_H
#define _SIM_PCAP_H

#include "types.h"

void pcap_open(const char *path);
void pcap_packet(s64 at_us, const u8 *data, size_t len);

#endif /* _SIM_PCAP_H */
