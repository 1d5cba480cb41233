// SPDX-License-Identifier: GPL-2.0
/*
 * Race builds (make VCTP_DAWDLE=1): the compiler calls this at every branch of
 * the module, and now and then it stays there for a while. Between a look and
 * the act that follows from it, another processor then has the time to change
 * what was looked at.
 *
 * The kernel's own coverage (KCOV) uses the same name for its function; for the
 * module's objects the linker finds this one first.
 */
#include <linux/bits.h>
#include <linux/percpu.h>
#include <linux/processor.h>
#include "dawdle.h"

#define VCTP_DAWDLE_RARE	5	/* one call in so many powers of two */
#define VCTP_DAWDLE_LONG	10	/* turns: so many powers of two at most */

static DEFINE_PER_CPU(u32, vctp_dawdle_state);

/* Any context, locks held. Knuth's and Lewis's generator: its low bits are poor. */
void notrace __sanitizer_cov_trace_pc(void)
{
	u32 random = this_cpu_read(vctp_dawdle_state) * 1664525 + 1013904223;
	unsigned int turns;

	this_cpu_write(vctp_dawdle_state, random);
	if (random >> (32 - VCTP_DAWDLE_RARE))
		return;
	random &= GENMASK(31 - VCTP_DAWDLE_RARE, 0);
	/* objtool lets nothing be called here */
	for (turns = BIT((random >> 12) % (VCTP_DAWDLE_LONG + 1)); turns; turns--)
		cpu_relax();
}
