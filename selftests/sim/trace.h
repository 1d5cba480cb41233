/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's tracepoints as a file: states, windows, retransmissions.
 */
#ifndef _SIM_TRACE_H
#define _SIM_TRACE_H

void trace_open(const char *path);
void trace_take(void);

#endif /* _SIM_TRACE_H */
