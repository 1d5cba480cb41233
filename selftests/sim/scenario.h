/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scenario as plain data: what is played is this, and nothing else. Every
 * member is a u64, 0 means "not at all", so that it can be printed, read
 * back, edited by hand, and cut down member by member.
 */
#ifndef _SIM_SCENARIO_H
#define _SIM_SCENARIO_H

#include "types.h"

#define SCENARIO_EVENTS		8
#define SCENARIO_CIRCUITS	6

/* The members of each structure, with the unit that they are in. */
#define SCENARIO_WORLD(X)						\
	X(seed)			/* of what chance is left */		\
	X(routed)		/* a router that forwards between the ends */ \
	X(gro_us)		/* receipt in batches: NAPI with GRO */	\
	X(ring)			/* packets that a card holds; 0: many */ \
	X(calm_ms)		/* when the links' faults are over */	\
	X(limit_ms)		/* who still runs then is stuck */	\
	X(cookies)		/* sysctl */				\
	X(classic)		/* sysctl time_wait_mode */		\
	X(time_wait_ms)		/* sysctl, less one */			\
	X(rto_min_ms)		/* sysctl */				\
	X(fin_timeout_ms)	/* sysctl */				\
	X(retries)		/* sysctl */

#define SCENARIO_LINK(X)						\
	X(rate_kbit)							\
	X(delay_us)							\
	X(jitter_us)							\
	X(queue_bytes)							\
	X(loss_ppm)		/* in good times */			\
	X(burst_ppm)		/* bad times begin */			\
	X(recover_ppm)		/* and end */				\
	X(bad_loss_ppm)		/* in bad times */			\
	X(reorder_ppm)							\
	X(reorder_us)							\
	X(duplicate_ppm)						\
	X(flip_ppm)							\
	X(late_ppm)		/* a copy comes again much later */	\
	X(late_ms)							\
	X(cookie_ms)		/* cookies come again so much later */	\
	X(cut_ppm)		/* a segment goes on in two pieces */

#define SCENARIO_EVENT(X)						\
	X(kind)			/* enum event_kind */			\
	X(at_ms)							\
	X(length_ms)							\
	X(where)		/* a link, or a host */			\
	X(value)							\
	X(count)

#define SCENARIO_CIRCUIT(X)						\
	X(used)								\
	X(start_ms)							\
	X(family)		/* 4, 6, or 46: IPv4 by an IPv6 socket */ \
	X(opener)		/* which host */			\
	X(simultaneous)		/* both connect() */			\
	X(listener)		/* circuits may share one */		\
	X(client_port)		/* 0: the kernel's choice */		\
	X(backlog)							\
	X(accept_ms)		/* accept() comes so late */

#define SCENARIO_ACTOR(X)						\
	X(write_bytes)							\
	X(write_chunk)							\
	X(write_pause_us)						\
	X(write_stall_at)	/* byte */				\
	X(write_stall_ms)						\
	X(shut)			/* shutdown(SHUT_WR) after the last byte */ \
	X(read_chunk)							\
	X(read_pause_us)						\
	X(read_stall_at)						\
	X(read_stall_ms)						\
	X(read_stop)		/* ends after so many bytes */		\
	X(end)			/* enum actor_end */			\
	X(end_ms)		/* ends then, whatever happens */	\
	X(idle_ms)		/* lets pass before it ends */		\
	X(level)		/* epoll level, not edge, triggered */	\
	X(vector)		/* writev(), readv() */			\
	X(more)			/* MSG_MORE on all but the last */	\
	X(peek)			/* MSG_PEEK before each read */		\
	X(nodelay)							\
	X(cork)								\
	X(quickack)							\
	X(sndbuf)							\
	X(rcvbuf)							\
	X(keep_idle_s)							\
	X(keep_intvl_s)							\
	X(keep_count)							\
	X(user_timeout_ms)						\
	X(maxseg)							\
	X(linger2_s)							\
	X(defer_s)		/* of a listener */			\
	X(classic)		/* TIME_WAIT mode, plus one */		\
	X(time_wait_ms)		/* plus one */				\
	X(lowat)							\
	X(recovery)		/* 1: go-back-N, 2: stop-and-wait */	\
	X(window_clamp)							\
	X(notsent_lowat)						\
	X(syn_count)							\
	X(urgent)		/* after so many bytes one by MSG_OOB */

enum event_kind {
	EVENT_NONE = 0,
	EVENT_BLACKOUT,		/* the link where swallows all */
	EVENT_MTU,		/* of a host's device: value bytes */
	EVENT_DOWN,		/* a host's device goes down */
	EVENT_FORGED_RST,	/* a blind attacker shoots at host where */
	EVENT_FORGED_DATA,
	EVENT_FORGED_SYN,	/* from addresses that never answer */
	EVENT_FORGED_ICMP,
	EVENT_KINDS,
};

enum actor_end {
	END_CLOSE = 0,
	END_ABORT,		/* close() with SO_LINGER 0 */
	END_CRASH,		/* the process is killed */
	END_LINGER,		/* close() waits, in a process of its own */
	END_KINDS,
};

#define SCENARIO_MEMBER(name)	u64 name;

struct scenario_link {
	SCENARIO_LINK(SCENARIO_MEMBER)
};

struct scenario_event {
	SCENARIO_EVENT(SCENARIO_MEMBER)
};

struct scenario_actor {
	SCENARIO_ACTOR(SCENARIO_MEMBER)
};

struct scenario_circuit {
	SCENARIO_CIRCUIT(SCENARIO_MEMBER)
	struct scenario_actor actor[2];	/* who opens, who accepts */
};

struct scenario {
	SCENARIO_WORLD(SCENARIO_MEMBER)
	struct scenario_link link[ENDS];	/* by the host that sends */
	struct scenario_event event[SCENARIO_EVENTS];
	struct scenario_circuit circuit[SCENARIO_CIRCUITS];
};

#define SCENARIO_MEMBERS	(sizeof(struct scenario) / sizeof(u64))

void scenario_make(struct scenario *scenario, u64 seed);
const char *scenario_name(size_t member, char *buffer, size_t len);
void scenario_print(const struct scenario *scenario, int fd);
bool scenario_read(struct scenario *scenario, const char *path);
bool scenario_has(const struct scenario *scenario, enum event_kind kind);

#endif /* _SIM_SCENARIO_H */
