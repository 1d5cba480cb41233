/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Round-trip time and retransmission time-out: RFC 6298.
 */
#ifndef _VCTP_RTT_H
#define _VCTP_RTT_H

#include "platform.h"

struct vctp_rtt {
	u32	srtt;		/* µs << 3; 0 until the first sample */
	u32	rttvar;		/* µs << 2 */
	u32	rto;		/* µs, not backed off */
	u32	rto_min;	/* µs */
	u32	rto_max;	/* µs */
	u32	min_us;		/* µs: smallest sample of the circuit's life */
	u8	backoff;	/* doublings since the last progress */
};

void vctp_rtt_init(struct vctp_rtt *rtt, u32 initial_us, u32 min_us,
		   u32 max_us);
void vctp_rtt_sample(struct vctp_rtt *rtt, u32 us);

/* One time-out more: the next one waits twice as long (5.5). */
void vctp_rtt_back_off(struct vctp_rtt *rtt);

/* The time-out to arm now, in µs, backed off and clamped. */
u32 vctp_rtt_timeout(const struct vctp_rtt *rtt);

#endif /* _VCTP_RTT_H */
