// SPDX-License-Identifier: GPL-2.0
/*
 * Go-back-N, as textbooks have it: the receiver keeps only what comes in order,
 * and the sender, once something is missing, sends all from there on again.
 *
 *	OPEN      ---- duplicate ACK ------------->  DISORDER
 *	DISORDER  ---- the third one ------------->  RECOVERY
 *	any       ---- time-out ------------------>  LOSS
 *	RECOVERY, LOSS ---- una >= recovery_point ->  OPEN
 *
 * For the lesson, and to hold the other modes against.
 */
#include "recovery.h"

static void go_back_n_detect(struct vctp_sender *s,
			     const struct vctp_ack_event *ack,
			     const struct vctp_sender_ops *ops, void *owner,
			     struct vctp_ack_result *result)
{
	if (result->una_advanced)
		s->dup_acks = 0;
	else if (ack->duplicate && s->dup_acks < U8_MAX)
		s->dup_acks++;

	if (s->phase >= VCTP_SENDER_RECOVERY) {
		/* What was sent in vain brings duplicates too. */
		if (s->una < s->recovery_point)
			return;
		s->dup_acks = 0;
		result->left_recovery = true;
	}
	if (s->dup_acks >= VCTP_DUP_THRESH && s->una > s->recovery_point) {
		result->entered_recovery = true;
		vctp_sender_enter_recovery(s);
		vctp_sender_lose_all(s);
		return;
	}
	s->phase = s->dup_acks ? VCTP_SENDER_DISORDER : VCTP_SENDER_OPEN;
}

const struct vctp_recovery_ops vctp_go_back_n = {
	.name = "go-back-n",
	.detect = go_back_n_detect,
	.timeout = vctp_sender_lose_all,
	.in_order_only = true,
};
