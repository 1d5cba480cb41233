// SPDX-License-Identifier: GPL-2.0
/*
 * Round-trip time and retransmission time-out, RFC 6298.
 *
 * As there: SRTT is a mean that gives a new sample one eighth of the weight,
 * RTTVAR a mean deviation that gives it a quarter, and
 *
 *	RTO = SRTT + max(G, 4 * RTTVAR)
 *
 * G is rto_min here, not the tick of a clock: a path whose RTT never varies
 * would otherwise end with an RTO of one RTT, which the first ACK that is held
 * back beats. So an RTO lies at least rto_min above the RTT.
 */
#include "rtt.h"

/* A sample above this is no round trip; 2^29 would overflow the sums. */
#define SAMPLE_MAX	268000000U	/* µs */
#define BACKOFF_MAX	31

/**
 * vctp_rtt_init() - begin without a sample
 * @rtt: to be set
 * @initial_us: RTO until the first sample, in µs (RFC 6298, 2.1)
 * @min_us: least distance of the RTO from the RTT, in µs
 * @max_us: largest RTO, backed off or not, in µs
 */
void vctp_rtt_init(struct vctp_rtt *rtt, u32 initial_us, u32 min_us,
		   u32 max_us)
{
	*rtt = (struct vctp_rtt) {
		.rto = min(initial_us, max_us),
		.rto_min = min_us,
		.rto_max = max_us,
	};
}

static void rtt_update(struct vctp_rtt *rtt, u32 us)
{
	s32 error = us - (rtt->srtt >> 3);
	u32 deviation = error < 0 ? -error : error;

	if (!rtt->srtt) {
		/* 2.2: SRTT = R, RTTVAR = R/2 */
		rtt->srtt = us << 3;
		rtt->rttvar = us << 1;
		return;
	}
	/* 2.3: RTTVAR by the old SRTT, then SRTT */
	rtt->rttvar += deviation - (rtt->rttvar >> 2);
	rtt->srtt += error;
}

/**
 * vctp_rtt_sample() - take in one measured round trip
 * @rtt: the estimate
 * @us: the sample in µs, by Karn's rule or by the echoed epoch unambiguous
 *
 * A new measurement undoes the back-off (RFC 6298, 5, last paragraph).
 */
void vctp_rtt_sample(struct vctp_rtt *rtt, u32 us)
{
	u64 rto;

	us = clamp_t(u32, us, 1, SAMPLE_MAX);
	rtt_update(rtt, us);
	if (!rtt->min_us || us < rtt->min_us)
		rtt->min_us = us;
	rto = (u64)(rtt->srtt >> 3) + max(rtt->rttvar, rtt->rto_min);
	rtt->rto = min_t(u64, rto, rtt->rto_max);
	rtt->backoff = 0;
}

/**
 * vctp_rtt_back_off() - the time-out went off
 * @rtt: the estimate
 *
 * The next one waits twice as long (RFC 6298, 5.5).
 */
void vctp_rtt_back_off(struct vctp_rtt *rtt)
{
	if (rtt->backoff < BACKOFF_MAX)
		rtt->backoff++;
}

/**
 * vctp_rtt_timeout() - the time-out to arm now
 * @rtt: the estimate
 *
 * Return: µs, backed off, at most rto_max.
 */
u32 vctp_rtt_timeout(const struct vctp_rtt *rtt)
{
	return min_t(u64, (u64)rtt->rto << min_t(u8, rtt->backoff, BACKOFF_MAX),
		     rtt->rto_max);
}
