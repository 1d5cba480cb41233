/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of circuit/ ask of one another, file by file.
 */
#ifndef _VCTP_CIRCUIT_INTERNAL_H
#define _VCTP_CIRCUIT_INTERNAL_H

#include "circuit.h"

struct vctp_time_wait;

/* --- tables.c: who is found by what. RCU for look-ups. --- */
int vctp_tables_init(struct vctp_net *vn);
void vctp_tables_exit(struct vctp_net *vn);
void vctp_tables_module_init(void);
/* A keyed hash of the 4-tuple; identifiers do not count. */
u32 vctp_tuple_hash32(const struct vctp_tuple *tuple);
struct vctp_entry *vctp_find_id(struct vctp_net *vn, u32 id);
struct vctp_entry *vctp_find_tuple(struct vctp_net *vn,
				   const struct vctp_tuple *tuple);
struct vctp_entry *vctp_find_reservation(struct vctp_net *vn,
					 const struct vctp_tuple *tuple);
/* Who sent a segment with the identifier @id: quoted by ICMP, or reflected. */
struct vctp_entry *vctp_find_quoted(struct vctp_net *vn,
				    const struct vctp_tuple *tuple, u32 id);
int vctp_enter_id(struct vctp_net *vn, struct vctp_entry *entry);
int vctp_enter_tuple(struct vctp_net *vn, struct vctp_entry *entry);
int vctp_reserve(struct vctp_net *vn, struct vctp_entry *entry);
void vctp_unreserve(struct vctp_net *vn, struct vctp_entry *entry);
/* @new takes @old's place in every table that holds @old. */
int vctp_replace(struct vctp_net *vn, struct vctp_entry *old,
		 struct vctp_entry *new);
void vctp_leave(struct vctp_net *vn, struct vctp_entry *entry);

/* --- ports.c: bound ports --- */
struct vctp_port_bucket *vctp_port_bucket(struct vctp_net *vn, u16 number);
int vctp_ports_init(struct vctp_net *vn);
void vctp_ports_exit(struct vctp_net *vn);
int vctp_port_get(struct sock *sk, unsigned short port);	/* proto.get_port */
void vctp_port_put(struct sock *sk);				/* proto.put_port */
/* A local port for connect(), and the 4-tuple reserved. -EADDRNOTAVAIL. */
int vctp_port_connect(struct sock *sk);
/* A child shares its listener's port. */
int vctp_port_inherit(struct sock *child, struct sock *listener);
/* A TIME_WAIT object of mode `classic` holds it too. */
void vctp_port_time_wait(struct sock *sk, struct vctp_time_wait *tw);
void vctp_port_time_wait_put(struct vctp_net *vn, struct vctp_time_wait *tw);
int vctp_port_module_init(void);
void vctp_port_module_exit(void);

/* --- listeners.c: which one a SYN is for --- */
/* Where a segment came in: ifindex, and that of the device enslaved to it. */
struct vctp_device {
	int	dif;
	int	sdif;
};

struct sock *vctp_port_listener(struct vctp_net *vn, struct sk_buff *skb,
				const struct vctp_tuple *flow,
				const struct vctp_device *in);
int vctp_port_listen(struct sock *sk);
void vctp_port_unlisten(struct sock *sk);
/*
 * The listener at or after place *@skip of bucket *@bucket, which move on to
 * where it was found; NULL: there are no more. For /proc. RCU.
 */
struct sock *vctp_port_walk(struct vctp_net *vn, u32 *bucket, u32 *skip);

/* --- transition.c: the one function that assigns a state --- */
/* A new entry begins its life in @state. */
void vctp_state_begin(struct vctp_entry *entry, u8 state);
/*
 * Apply @event to a socket, request or TIME_WAIT object; gives the action
 * that the caller has to carry out. Its owner's lock held.
 */
enum vctp_action vctp_transition(struct vctp_net *vn, struct vctp_entry *entry,
				 enum vctp_event event);
u8 vctp_entry_state(const struct vctp_entry *entry);
/* The cell's kind for @event now is GO. */
bool vctp_can(const struct vctp_entry *entry, enum vctp_event event);

/* --- request.c: half-open circuits at a listener --- */

/* What a SYN and our answer to it settled; a request or a cookie holds it. */
struct vctp_opening {
	u64	iss, irs;	/* 64-bit */
	u32	id, peer_id;
	u32	peer_window;	/* bytes, from the SYN */
	u16	mss;		/* of the peer's OPEN option */
	u16	capabilities;
	u16	echo;		/* epoch of the SYN, or of what brought the cookie */
	u32	rtt_us;		/* SYN+ACK to its ACK; 0: not known (Karn) */
};

void vctp_request_syn(struct vctp_net *vn, struct sock *listener,
		      struct sk_buff *skb, const struct vctp_tuple *flow);
/* False: it is no request any more, look again; else the skb was taken. */
bool vctp_request_rcv(struct vctp_net *vn, struct vctp_entry *entry,
		      struct sk_buff *skb);
void vctp_request_icmp(struct vctp_net *vn, struct vctp_entry *entry,
		       const struct vctp_icmp *icmp);
struct sock *vctp_request_listener(const struct vctp_entry *entry);
/* The listener goes: its requests go with it. */
void vctp_request_listener_gone(struct vctp_net *vn, struct sock *listener);
int vctp_request_module_init(void);
void vctp_request_module_exit(void);

/* --- handshake.c: SYN+ACKs that no socket sends --- */
/* What a SYN says of itself. False: it is none that we can answer. */
bool vctp_syn_options(const struct sk_buff *skb, struct vctp_options *options);
u8 vctp_syn_tos(const struct sock *listener, const struct sk_buff *skb);
struct vctp_synack {
	const struct vctp_tuple *tuple;
	const struct vctp_opening *opening;
	const struct sock *listener;
	const u8 *cookie;	/* VCTP_COOKIE_LEN bytes, or NULL */
	int	bound_dev;
	u32	mark;
	u8	tos;		/* of the SYN; 0: the listener's */
};

void vctp_synack_send(struct vctp_net *vn, const struct vctp_synack *synack);

/* --- cookie.c (circuit's): stateless requests and tombstones --- */
void vctp_cookie_answer(struct vctp_net *vn, struct sock *listener,
			struct sk_buff *skb, const struct vctp_tuple *flow,
			const struct vctp_options *syn);
/* May a segment for an identifier that nobody has bring a cookie? */
bool vctp_cookie_worth(const struct vctp_arrival *arrival);
/* False: it is not taken; *@again: somebody has that identifier by now. */
bool vctp_cookie_rcv(struct vctp_net *vn, struct sock *listener,
		     struct sk_buff *skb, const struct vctp_tuple *flow,
		     bool *again);
/* Seconds that a cookie lives. */
u32 vctp_cookie_life(const struct vctp_net *vn);

/* --- tombstone.c: identifiers of cookies that were taken --- */
int vctp_tombstones_init(struct vctp_net *vn);
void vctp_tombstones_exit(struct vctp_net *vn);
/* -EEXIST, -EALREADY: it was taken, long ago or just now. */
int vctp_tombstone_set(struct vctp_net *vn, u32 id);
void vctp_tombstone_lift(struct vctp_net *vn, u32 id);
int vctp_tombstone_module_init(void);
void vctp_tombstone_module_exit(void);

/* --- accept.c: a listener and its queue, children --- */
/*
 * A child of a listener with what the opening settled, in the tables (in place
 * of its request, if there was one) and in the accept queue, locked with bh_lock_sock() as
 * sk_clone_lock() leaves it, state SYN_RECEIVED. NULL: no memory or the queue
 * is full, counted.
 */
struct vctp_birth {
	struct sock *listener;
	struct vctp_entry *old;		/* its request, locked; or NULL */
	const struct vctp_tuple *tuple;
	const struct vctp_opening *opening;
	u8	tos;			/* of the SYN; 0: the listener's */
};

struct sock *vctp_child_create(struct vctp_net *vn,
			       const struct vctp_birth *birth,
			       struct sk_buff *skb);
/* Give the segment that made it to the child, then unlock and put it. */
void vctp_child_process(struct sock *listener, struct sock *child,
			struct sk_buff *skb);
/* The queue of a socket that has just been made. */
void vctp_accept_init(struct sock *sk);
bool vctp_accept_full(const struct sock *listener);
/* Abort all that nobody accepted. Socket lock. */
void vctp_listen_stop(struct sock *sk);

/* --- time_wait.c --- */
/* Does the holder of a 4-tuple give it up? RCU. */
bool vctp_time_wait_yield(struct vctp_net *vn, struct vctp_entry *entry);
/* @sk's circuit goes on as a TIME_WAIT object; the socket is done with it. */
void vctp_time_wait_enter(struct sock *sk);
void vctp_time_wait_rcv(struct vctp_net *vn, struct vctp_entry *entry,
			struct sk_buff *skb);
void vctp_time_wait_net_exit(struct vctp_net *vn);
int vctp_time_wait_module_init(void);
void vctp_time_wait_module_exit(void);

/* --- reset.c: RSTs and challenge ACKs that no socket sends --- */
/* RFL for a segment that fits nothing; never for a RST; rate-limited. */
void vctp_reset_unknown(struct vctp_net *vn, const struct sk_buff *skb,
			const struct vctp_tuple *flow);
/* A plain RST to @peer_id at @seq. */
void vctp_reset_peer(struct vctp_net *vn, const struct vctp_tuple *tuple,
		     const struct sock *sk, int bound_dev, u32 peer_id, u64 seq,
		     u64 ack);

/* --- backlog.c: what comes while a program holds the socket --- */
bool vctp_backlog_add(struct sock *sk, struct sk_buff *skb);

/* --- input.c: a segment for a circuit that has a socket --- */
/* Socket lock (BH or backlog). Takes the skb. */
void vctp_segment_rcv(struct sock *sk, struct sk_buff *skb);
/* One segment for a socket, whatever its state. Takes the skb. */
void vctp_socket_rcv(struct sock *sk, struct sk_buff *skb);
/* SYN_SENT: SYN, SYN+ACK, RST. open.c. */
void vctp_syn_sent_rcv(struct sock *sk, struct sk_buff *skb);
/* The first numbers of a child, from what its request settled. open.c. */
/* An ACK is owed for what came at last_in. @how: VCTP_ACK_NOW or 0. */
static inline void vctp_ack_owe(struct vctp_sock *vs, u8 how)
{
	if (!vs->ack.due)
		vs->ack.received_us = (u32)vs->last_in;
	vs->ack.due |= VCTP_ACK_DUE | how;
}

bool vctp_options_of(const struct sk_buff *skb, struct vctp_options *options);
void vctp_open_counts(struct vctp_sock *vs);
void vctp_open_child(struct sock *sk, const struct vctp_opening *opening);
/* What our OPEN option says on this socket or listener. open.c. */
void vctp_open_options(const struct sock *sk, u32 mss,
		       struct vctp_options *options);
/* The server has spoken: the cookie is repeated no more. open.c. */
void vctp_cookie_done(struct sock *sk);
/* The receive window that a SYN or SYN+ACK offers, in bytes. open.c. */
u32 vctp_open_window(const struct sock *sk);

/* Widen the numbers of a segment's header against this circuit's. input.c. */
void vctp_arrival_widen(struct vctp_sock *vs, struct vctp_arrival *arrival);

/* --- ack.c: what an acknowledgement brings --- */
/* False: the segment is of no further use and has been answered. */
bool vctp_ack_rcv(struct sock *sk, struct sk_buff *skb,
		  const struct vctp_options *options);
void vctp_ack_probe_answered(struct sock *sk);

/* --- data.c: payload into the receive queue, ACK policy --- */
void vctp_data_rcv(struct sock *sk, struct sk_buff *skb);
void vctp_fin_rcv(struct sock *sk);
void vctp_ack_policy(struct sock *sk);
void vctp_ofo_purge(struct sock *sk);
void vctp_fragment_append(struct sk_buff *to, struct sk_buff *from);

/* --- collapse.c --- */
/* Bytes that one page holds with an sk_buff's end. */
#define VCTP_COLLAPSE_PAGE	((u32)SKB_MAX_ORDER(0, 0))
/* Payload in 256 bytes of buffer, however loosely it came: an eighth may be lost. */
#define VCTP_COLLAPSE_SCALE	(256 * 7 / 8 * VCTP_COLLAPSE_PAGE /	\
				 (u32)SKB_TRUESIZE(VCTP_COLLAPSE_PAGE))
void vctp_receive_collapse(struct sock *sk);

/* --- urgent.c --- */
void vctp_urgent_rcv(struct sock *sk, u64 seq, u32 offset, struct sk_buff *skb);

/* --- output.c: what may be sent now --- */
void vctp_push(struct sock *sk, bool override);
bool vctp_send_into(struct sock *sk);
void vctp_send_fin(struct sock *sk);

/* --- transmit.c: a segment's header and its departure --- */
int vctp_transmit(struct sock *sk, struct sk_buff *skb, bool again);
void vctp_send_ack(struct sock *sk);
void vctp_send_challenge_ack(struct sock *sk);
void vctp_send_dup_ack(struct sock *sk);	/* for what is outside the window */
void vctp_send_rst(struct sock *sk, gfp_t gfp);
void vctp_send_syn(struct sock *sk);
void vctp_send_syn_ack(struct sock *sk, u32 peer_id, u64 ack);
void vctp_send_probe(struct sock *sk, bool keepalive);
u32 vctp_one_goal(struct sock *sk, u32 mss);
/* Payload bytes of a full data segment now. */
u32 vctp_data_mss(struct sock *sk);
/* An ACK now would tell no smaller a window. */
bool vctp_window_worth_ack(const struct sock *sk);
/* The window to put on the wire now. */
u32 vctp_select_window(struct sock *sk);

/* --- retransmit.c --- */
void vctp_retransmit(struct sock *sk);		/* what recovery says is lost */
int vctp_retransmit_one(struct sock *sk, struct vctp_segment *segment);

/* --- sendq.c: the sk_buffs that carry the stream --- */
struct sk_buff *vctp_sendq_split(struct sock *sk, struct sk_buff *skb, u32 bytes,
				 gfp_t gfp);
void vctp_sendq_free(struct sock *sk, struct sk_buff *skb);
void vctp_sendq_purge(struct sock *sk);
extern const struct vctp_sender_ops vctp_sendq_ops;

/* --- control.c --- */
void vctp_tune_send(struct sock *sk);

/* --- mtu.c --- */
void vctp_mss_sync(struct sock *sk, u32 pmtu);
/* Payload bytes of a segment that carries @options_len bytes of options. */
u32 vctp_mss_now(struct sock *sk, u32 options_len);

/* --- timer.c --- */
void vctp_timers_init(struct sock *sk);
void vctp_timers_stop(struct sock *sk);
void vctp_timer_arm_retransmit(struct sock *sk);
void vctp_timer_arm_probe(struct sock *sk);
void vctp_timer_arm_cookie(struct sock *sk);
void vctp_timer_stop_send(struct sock *sk);
void vctp_timer_arm_ack(struct sock *sk, u32 us);
void vctp_timer_keepalive_reset(struct sock *sk, u64 us);
void vctp_timer_linger(struct sock *sk, u32 ms);
void vctp_timer_send_expired(struct sock *sk);
void vctp_timer_ack_expired(struct sock *sk);

/* --- close.c --- */
/* CLOSED, out of the tables, timers stopped; wakes the program. */
void vctp_done(struct sock *sk);
/* The end by an error: sk_err set, reported, done. */
void vctp_fail(struct sock *sk);
/* Carry out what the state table says, where it is not the caller's own. */
void vctp_act(struct sock *sk, enum vctp_action action);
bool vctp_orphan_excess(struct sock *sk);
void vctp_fin_wait_2(struct sock *sk);

/* --- icmp.c --- */
void vctp_icmp_rcv(struct sock *sk, struct sk_buff *skb,
		   const struct vctp_icmp *icmp);
void vctp_pmtu_changed(struct sock *sk, u32 mtu);

#endif /* _VCTP_CIRCUIT_INTERNAL_H */
