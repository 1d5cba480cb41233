/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The oracle: what must be true of a circuit at all times, looked at where it
 * changes. In simulation builds only (make VCTP_SIM=1); else it is nothing.
 */
#ifndef _VCTP_CIRCUIT_ORACLE_H
#define _VCTP_CIRCUIT_ORACLE_H

#include <linux/types.h>

struct sk_buff;
struct sock;
struct vctp_arrival;
struct vctp_entry;
struct vctp_net;
struct vctp_request;
struct vctp_segment;
struct vctp_sock;
struct vctp_time_wait;

#ifdef VCTP_SIM

/* What the oracle remembers of a circuit. */
struct vctp_oracle {
	u64	peer_edge;	/* the greatest right edge that the peer told */
	u64	una, next;	/* SND.UNA and RCV.NXT when it last looked */
	u64	copied, edge;
	u64	told;		/* RCV.NXT when readers were last thought of */
	bool	errors;		/* its error queue has been used */
};

/* What it remembers of a TIME_WAIT object. */
struct vctp_oracle_time_wait {
	unsigned long begun;	/* jiffies */
};

/* The last identifiers that circuits began with. */
#define VCTP_ORACLE_IDS		256

struct vctp_oracle_net {
	u32	ids[VCTP_ORACLE_IDS];
	atomic_t begun;
};

/* Complain where it does not hold; for the oracle's own files. */
void vctp_invariant(const struct vctp_entry *entry, bool holds,
		    const char *what);
void vctp_holds(const struct vctp_sock *vs, bool holds, const char *what);

/* A state of the table has been left for another. */
void vctp_oracle_edge(const struct vctp_entry *entry, u8 from, u8 to);
/* The numbers of both ends are known: what was remembered begins anew. */
void vctp_oracle_open(struct vctp_sock *vs);
/* An identifier is this circuit's, for the first and only time. */
void vctp_oracle_identifier(struct vctp_net *vn, u32 id);
/* An acceptable segment, before it is taken in. */
void vctp_oracle_heard(struct vctp_sock *vs,
		       const struct vctp_arrival *arrival);
/* @skb leaves for the first time; the book does not have it yet. */
void vctp_oracle_new_data(struct sock *sk, const struct sk_buff *skb);
/* @segment left again; the book does not know yet. */
void vctp_oracle_resent(struct sock *sk, const struct vctp_segment *segment,
			u32 mss);
/* The sending side's timer went off, for @event, when so many doublings stood. */
void vctp_oracle_back_off(struct sock *sk, u8 event, u8 backoff);
/* Readers are being told of all up to RCV.NXT. */
void vctp_oracle_told(struct vctp_sock *vs);
/* Nobody works on @sk at this moment; its lock is held. */
void vctp_oracle_rest(struct sock *sk);
/* The part of it that is about timers. */
void vctp_oracle_timers(struct sock *sk);
/* @sk holds nothing any more. */
void vctp_oracle_destroyed(struct sock *sk);
/* Its lock is held, and it lives or has just ended. */
void vctp_oracle_request(struct vctp_request *req);
void vctp_oracle_time_wait(struct vctp_time_wait *tw);
/* Its timer sends the SYN+ACK again, and is armed for the next. */
void vctp_oracle_synack(struct vctp_request *req);
/* 2MSL begin; its timer has ended them. */
void vctp_oracle_time_wait_begins(struct vctp_time_wait *tw);
void vctp_oracle_time_wait_over(struct vctp_time_wait *tw);
/* The namespace goes: nothing of it is left. */
void vctp_oracle_net_exit(struct vctp_net *vn);

#else

struct vctp_oracle {
};

struct vctp_oracle_time_wait {
};

struct vctp_oracle_net {
};

static inline void vctp_oracle_edge(const struct vctp_entry *entry, u8 from,
				    u8 to)
{
}

static inline void vctp_oracle_open(struct vctp_sock *vs)
{
}

static inline void vctp_oracle_identifier(struct vctp_net *vn, u32 id)
{
}

static inline void vctp_oracle_heard(struct vctp_sock *vs,
				     const struct vctp_arrival *arrival)
{
}

static inline void vctp_oracle_new_data(struct sock *sk,
					const struct sk_buff *skb)
{
}

static inline void vctp_oracle_resent(struct sock *sk,
				      const struct vctp_segment *segment,
				      u32 mss)
{
}

static inline void vctp_oracle_back_off(struct sock *sk, u8 event, u8 backoff)
{
}

static inline void vctp_oracle_told(struct vctp_sock *vs)
{
}

static inline void vctp_oracle_rest(struct sock *sk)
{
}

static inline void vctp_oracle_destroyed(struct sock *sk)
{
}

static inline void vctp_oracle_request(struct vctp_request *req)
{
}

static inline void vctp_oracle_time_wait(struct vctp_time_wait *tw)
{
}

static inline void vctp_oracle_synack(struct vctp_request *req)
{
}

static inline void vctp_oracle_time_wait_begins(struct vctp_time_wait *tw)
{
}

static inline void vctp_oracle_time_wait_over(struct vctp_time_wait *tw)
{
}

static inline void vctp_oracle_net_exit(struct vctp_net *vn)
{
}

#endif /* VCTP_SIM */

#endif /* _VCTP_CIRCUIT_ORACLE_H */
