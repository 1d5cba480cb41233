/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VCTP_DAWDLE_H
#define VCTP_DAWDLE_H

/* The compiler's name, and its calls: -fsanitize-coverage=trace-pc. */
void __sanitizer_cov_trace_pc(void);

#endif
