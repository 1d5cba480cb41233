// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoints' bodies: trace.h, included once with this set.
 */
#define CREATE_TRACE_POINTS
#include "trace.h"
