// SPDX-License-Identifier: GPL-2.0
/*
 * Complaints: each is one line, with its time. The first is the cause, as a
 * rule; after a few more nobody reads on.
 */
#include <stdarg.h>
#include <stdio.h>

#include "agenda.h"
#include "result.h"

#define COMPLAINTS_SHOWN	12

u64 complaints;

/**
 * complain() - an invariant does not hold
 * @format: what, as printf() has it
 */
void complain(const char *format, ...)
{
	va_list list;

	if (complaints++ >= COMPLAINTS_SHOWN)
		return;
	printf("# %lld.%06lld: ", (long long)(now_us / USEC_PER_SEC),
	       (long long)(now_us % USEC_PER_SEC));
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	printf("\n");
}
