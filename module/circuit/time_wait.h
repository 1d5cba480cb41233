/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is left of a circuit in TIME_WAIT. /proc reads it under RCU.
 */
#ifndef _VCTP_CIRCUIT_TIME_WAIT_H
#define _VCTP_CIRCUIT_TIME_WAIT_H

#include <linux/build_bug.h>
#include <linux/kconfig.h>
#include <linux/timer.h>
#include <linux/uidgid.h>

#include "entry.h"

struct vctp_port;

struct vctp_time_wait {
	struct vctp_entry entry;	/* state TIME_WAIT */
	spinlock_t	lock;		/* what follows, and entry.bits */
	u32		wait_ms;	/* 2MSL */
	struct timer_list timer;
	unsigned long	ends;		/* jiffies: the end of 2MSL */
	struct vctp_net	*vn;
	u64		rcv_next;	/* after the peer's FIN */
	u64		snd_next;	/* after ours */
	struct vctp_port *port;		/* mode classic; its bucket's lock */
	struct hlist_node port_node;
	struct rcu_head	rcu;
	kuid_t		uid;
	u32		mark;
	u32		window;		/* bytes, the last that was offered */
	u32		answered_us;	/* when a late segment had an ACK, low bits */
	u8		tos;
	u8		mode;		/* enum vctp_time_wait_mode */
	bool		reuse;		/* SO_REUSEADDR */
	bool		reuseport;
	bool		port_shared;	/* chosen by connect() */
	bool		dead;		/* left the tables */
	struct vctp_oracle_time_wait oracle;	/* nothing but in simulations */
};

/* lockdep makes locks and timers several times as large */
static_assert(sizeof(struct vctp_time_wait) <= 256 || IS_ENABLED(CONFIG_LOCKDEP));

static inline struct vctp_time_wait *vctp_time_wait(struct vctp_entry *entry)
{
	return container_of(entry, struct vctp_time_wait, entry);
}

#endif /* _VCTP_CIRCUIT_TIME_WAIT_H */
