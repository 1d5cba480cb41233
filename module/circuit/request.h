/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A half-open circuit at a listener. /proc reads it under RCU.
 */
#ifndef _VCTP_CIRCUIT_REQUEST_H
#define _VCTP_CIRCUIT_REQUEST_H

#include <linux/timer.h>

#include "internal.h"

struct vctp_request {
	struct vctp_entry entry;	/* state SYN_RECEIVED */
	spinlock_t	lock;		/* what follows, and entry.bits */
	u8		tos;		/* of the SYN; 0: the listener's */
	u8		timeouts;	/* SYN+ACKs repeated by the timer */
	bool		acked;		/* the handshake is over but for accept() */
	bool		dead;		/* left the tables */
	struct timer_list timer;	/* its expires: the next SYN+ACK */
	struct sock	*listener;	/* held */
	struct list_head node;		/* accept.requests; accept.lock */
	struct vctp_opening opening;
	u64		sent_us;	/* when the SYN+ACK went; 0: again since */
	u32		window;		/* bytes that it offered */
	u32		mark;
	u32		answered_us;	/* when an invalid segment was, low bits */
	struct rcu_head	rcu;
};

static inline struct vctp_request *vctp_request(struct vctp_entry *entry)
{
	return container_of(entry, struct vctp_request, entry);
}

struct vctp_net *vctp_request_net(const struct vctp_request *req);
void vctp_request_synack(const struct vctp_request *req);
u8 vctp_request_defer(const struct vctp_request *req);
void vctp_request_end(struct vctp_request *req);
void vctp_request_bury(struct vctp_request *req);

#endif /* _VCTP_CIRCUIT_REQUEST_H */
