// SPDX-License-Identifier: GPL-2.0
/*
 * Reno: additive increase, multiplicative decrease, in bytes (RFC 5681).
 *
 * Slow start (cwnd < ssthresh): each ACK adds the bytes that it acknowledged,
 * so that the window doubles in a round trip.
 *
 * Avoidance: once a whole window has been acknowledged, one segment is added.
 *
 * Loss: ssthresh becomes half of what was in the network.
 *
 * Bytes are counted as in RFC 3465. Its limit on what one ACK may add in slow
 * start (L = 2 segments) keeps an ACK that covers many from releasing a burst.
 * But here receivers merge segments before they acknowledge them, and one ACK
 * for 64 KB is what an ACK for two segments was then: with L = 2 slow start
 * would end. So L is what one merged packet holds.
 *
 * A window that the program did not fill says nothing of the path, so it does
 * not grow (RFC 7661, 4).
 */
#include "congestion.h"

#define STRETCH		65536U	/* bytes: the largest packet that a receiver merges */
#define LEAST		2U	/* segments: RFC 5681, equation 4 */

static u32 slow_start(struct vctp_congestion *c, u32 acked)
{
	u32 gain = min(acked, max(2 * c->mss, STRETCH));

	gain = min(gain, c->ssthresh - c->cwnd);
	c->cwnd += gain;
	/* What led beyond ssthresh counts towards avoidance. */
	return c->cwnd < c->ssthresh ? 0 : acked - gain;
}

static void avoidance(struct vctp_congestion *c, u32 acked)
{
	c->acked += min(acked, c->cwnd);
	if (c->acked < c->cwnd)
		return;
	c->acked -= c->cwnd;
	c->cwnd = min(c->cwnd + c->mss, VCTP_CWND_INFINITE);
}

/**
 * vctp_reno_on_ack() - progress outside fast recovery
 * @c: the control; the socket lock
 * @ack: what the ACK brought
 * @now_us: not used
 */
void vctp_reno_on_ack(struct vctp_congestion *c,
		      const struct vctp_congestion_ack *ack, u64 now_us)
{
	u32 acked = ack->acked;

	if (!ack->limited)
		return;
	if (vctp_congestion_slow_start(c))
		acked = slow_start(c, acked);
	if (acked)
		avoidance(c, acked);
}

/* RFC 5681, equation 4. */
static u32 reno_ssthresh(struct vctp_congestion *c, u32 in_flight)
{
	return max(in_flight / 2, LEAST * c->mss);
}

const struct vctp_congestion_ops vctp_reno = {
	.name = "reno",
	.on_ack = vctp_reno_on_ack,
	.ssthresh = reno_ssthresh,
};
