/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cards that keep to themselves what nobody asked them to say.
 */
#ifndef _SIM_QUIET_H
#define _SIM_QUIET_H

void quiet_card(int fd);

#endif /* _SIM_QUIET_H */
