/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flow control, both ends: what window to offer, what the peer's window lets
 * us send, and no silly windows on either side (RFC 9293, 3.8.6; RFC 896).
 */
#ifndef _VCTP_WINDOW_H
#define _VCTP_WINDOW_H

#include "platform.h"

/* The receiving end. */
struct vctp_receive_window {
	u64	next;		/* RCV.NXT */
	u64	edge;		/* the right edge promised; never taken back */
	u32	clamp;		/* bytes: no larger window is offered */
};

/* Bytes that the peer may still send by our last word. */
static inline u32 vctp_window_left(const struct vctp_receive_window *w)
{
	return w->edge > w->next ? w->edge - w->next : 0;
}

u32 vctp_window_offer(struct vctp_receive_window *w, u32 room, u32 buffer,
		      u32 mss);
bool vctp_window_worth_update(const struct vctp_receive_window *w, u32 room,
			      u32 buffer, u32 mss);

/* May anything of [seq, end) be taken? RFC 9293, 3.10.7.4, first check. */
bool vctp_window_acceptable(const struct vctp_receive_window *w, u64 seq,
			    u64 end);

/* The sending end. */
struct vctp_send_window {
	u64	wl1;		/* seq of the segment that last set size */
	u64	wl2;		/* its ack */
	u32	size;		/* bytes from SND.UNA, the peer's last word */
	u32	largest;	/* bytes, the largest that it ever offered */
};

bool vctp_window_update(struct vctp_send_window *w, u64 seq, u64 ack, u64 una,
			u32 size);

/* What Nagle and the sender's silly-window rule look at. */
struct vctp_send_question {
	u32	ready;		/* bytes not sent yet, this segment's */
	u32	mss;		/* bytes */
	u32	unacked;	/* bytes in the network, sent and not acked */
	bool	last;		/* nothing queued behind it */
	bool	nodelay;
	bool	cork;		/* MSG_MORE or VCTP_CORK: wait for a full one */
	bool	fin;		/* it carries FIN: never waits */
	bool	partial_out;	/* a partial segment is unacked (Minshall) */
};

bool vctp_window_send_now(const struct vctp_send_question *q);

#endif /* _VCTP_WINDOW_H */
