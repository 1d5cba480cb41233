// SPDX-License-Identifier: GPL-2.0
/*
 * Stop-and-wait, as textbooks have it: one segment, then its acknowledgement,
 * then the next one. Only the time-out tells of a loss.
 *
 *	OPEN ---- time-out -----> LOSS ---- una >= recovery_point ----> OPEN
 *
 * For the lesson: a segment an RTT, whatever the path could carry.
 */
#include "recovery.h"

static void stop_and_wait_detect(struct vctp_sender *s,
				 const struct vctp_ack_event *ack,
				 const struct vctp_sender_ops *ops, void *owner,
				 struct vctp_ack_result *result)
{
	if (s->phase == VCTP_SENDER_OPEN || s->una < s->recovery_point)
		return;
	s->phase = VCTP_SENDER_OPEN;
	result->left_recovery = true;
}

const struct vctp_recovery_ops vctp_stop_and_wait = {
	.name = "stop-and-wait",
	.detect = stop_and_wait_detect,
	.timeout = vctp_sender_lose_all,
	.one_at_a_time = true,
	.in_order_only = true,
};
