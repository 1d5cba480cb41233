/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion control: how much may be in the network. All in bytes.
 *
 * To add one: a file beside this one that defines a struct
 * vctp_congestion_ops, and its name in the list of congestion.c.
 */
#ifndef _VCTP_CONGESTION_H
#define _VCTP_CONGESTION_H

#include "../platform.h"

#define VCTP_CWND_INFINITE	0x7fffffffU
#define VCTP_CONGESTION_PRIVATE	5	/* u64s that an algorithm has of its own */

struct vctp_congestion_ops;

struct vctp_congestion {
	const struct vctp_congestion_ops *ops;
	u32	cwnd;		/* bytes */
	u32	ssthresh;	/* bytes */
	u32	mss;		/* bytes */
	u32	acked;		/* bytes counted towards the next increase */
	u64	priv[VCTP_CONGESTION_PRIVATE];
};

/* What an ACK brought, as far as congestion control needs it. */
struct vctp_congestion_ack {
	u32	acked;		/* bytes newly acked or sacked */
	u32	in_flight;	/* bytes, before this ACK */
	s32	rtt_us;		/* -1: no sample */
	bool	limited;	/* the window, not the program, held us back */
};

struct vctp_congestion_ops {
	const char *name;
	void (*init)(struct vctp_congestion *c);
	/* Progress outside recovery: slow start or avoidance. */
	void (*on_ack)(struct vctp_congestion *c,
		       const struct vctp_congestion_ack *ack, u64 now_us);
	/* A window with loss: gives the new ssthresh (RFC 5681, equation 4). */
	u32 (*ssthresh)(struct vctp_congestion *c, u32 in_flight);
};

extern const struct vctp_congestion_ops vctp_reno;

/* The default's own, so that it can be called directly. */
void vctp_reno_on_ack(struct vctp_congestion *c,
		      const struct vctp_congestion_ack *ack, u64 now_us);

const struct vctp_congestion_ops *vctp_congestion_find(const char *name);
/* All names, separated by blanks; bytes written without the NUL. */
int vctp_congestion_names(char *buffer, u32 size);

void vctp_congestion_init(struct vctp_congestion *c,
			  const struct vctp_congestion_ops *ops, u32 mss);
void vctp_congestion_set_mss(struct vctp_congestion *c, u32 mss);

static inline bool vctp_congestion_slow_start(const struct vctp_congestion *c)
{
	return c->cwnd < c->ssthresh;
}

/* Progress outside recovery; the default without an indirect call. */
static inline void vctp_congestion_on_ack(struct vctp_congestion *c,
					  const struct vctp_congestion_ack *ack,
					  u64 now_us)
{
	if (likely(c->ops == &vctp_reno))
		vctp_reno_on_ack(c, ack, now_us);
	else
		c->ops->on_ack(c, ack, now_us);
}

/* The window to begin with, in bytes (RFC 6928). */
u32 vctp_congestion_initial_window(u32 mss);

/* Fast recovery begins: window halved (RFC 5681, 3.2; RFC 6675, 5). */
void vctp_congestion_on_loss(struct vctp_congestion *c, u32 in_flight);
/* A time-out: one segment (RFC 5681, 3.1). @first: not a repeated time-out. */
void vctp_congestion_on_timeout(struct vctp_congestion *c, u32 in_flight,
				bool first);
/* Nothing was sent for longer than an RTO (RFC 5681, 4.1). */
void vctp_congestion_on_idle(struct vctp_congestion *c, u32 rtos);

#endif /* _VCTP_CONGESTION_H */
