/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One circuit: the socket that carries it, and what socket/ and net/ may ask
 * of it. The functions of circuit/ among themselves are in internal.h.
 *
 * Locking: the socket lock with its backlog guards everything in struct
 * vctp_sock, unless a comment says otherwise.
 */
#ifndef _VCTP_CIRCUIT_H
#define _VCTP_CIRCUIT_H

#include <linux/list.h>
#include <linux/timer.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "../compat.h"
#include "../protocol/congestion/congestion.h"
#include "../protocol/reassembly.h"
#include "../protocol/recovery/recovery.h"
#include "../protocol/rtt.h"
#include "../protocol/segment.h"
#include "../protocol/window.h"
#include "../protocol/wire.h"
#include "entry.h"
#include "namespace.h"
#include "oracle.h"

struct vctp_af_ops;
struct vctp_port;
struct vctp_info;

#define VCTP_MSS_MIN		88	/* bytes of payload, whatever anybody says */
#define VCTP_MSS_DEFAULT_V4	(576 - 20 - VCTP_HEADER_LEN)
#define VCTP_MSS_DEFAULT_V6	(1280 - 40 - VCTP_HEADER_LEN)

/*
 * Segments in sk_buffs. Sending: struct vctp_segment. Received: struct
 * vctp_arrival up to the receive queue, struct vctp_fragment from there on.
 */
union vctp_cb {
	struct vctp_segment	segment;
	struct vctp_arrival	arrival;
	struct vctp_fragment	fragment;
};

static inline union vctp_cb *vctp_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(union vctp_cb) > sizeof_field(struct sk_buff, cb));
	return (union vctp_cb *)skb->cb;
}

static inline struct vctp_segment *vctp_segment(const struct sk_buff *skb)
{
	return &vctp_cb(skb)->segment;
}

static inline struct vctp_arrival *vctp_arrival(const struct sk_buff *skb)
{
	return &vctp_cb(skb)->arrival;
}

static inline struct vctp_fragment *vctp_fragment(const struct sk_buff *skb)
{
	return &vctp_cb(skb)->fragment;
}

static inline struct sk_buff *vctp_segment_skb(struct vctp_segment *segment)
{
	return segment ? container_of((void *)segment, struct sk_buff, cb[0]) : NULL;
}

static inline struct sk_buff *vctp_fragment_skb(struct vctp_fragment *fragment)
{
	return fragment ? container_of((void *)fragment, struct sk_buff, cb[0]) : NULL;
}

/* When the receiver owes an ACK, and how soon. */
enum vctp_ack_due {
	VCTP_ACK_DUE	= 1 << 0,	/* some ACK is owed */
	VCTP_ACK_TIMER	= 1 << 1,	/* the delayed-ACK timer runs */
	VCTP_ACK_NOW	= 1 << 2,	/* it may not wait */
};

struct vctp_ack_state {
	u64	acked;		/* the last RCV.NXT that we sent */
	u32	received_us;	/* when the segment came that is owed its ACK, low bits */
	u32	ato_us;		/* delay now, µs */
	u32	last_data_us;	/* arrival of the last data, low bits */
	u32	rcv_mss;	/* bytes, estimate of the peer's segments */
	u16	echo;		/* epoch of the segment that triggered it */
	u8	due;		/* enum vctp_ack_due */
	u8	quick;		/* ACKs still to be sent at once */
	u8	pingpong;	/* an interactive session: ACKs ride on data */
};

/* What is known of the urgent byte at urgent_in. */
enum vctp_urgent {
	VCTP_URGENT_NONE,
	VCTP_URGENT_NOT_YET,	/* announced, it has not arrived */
	VCTP_URGENT_VALID,	/* in urgent_byte, for the program to take */
	VCTP_URGENT_READ,	/* taken; the mark still stands */
};

/* The one timer that drives the sending side is armed for one of these. */
enum vctp_timer_event {
	VCTP_TIMER_NONE,
	VCTP_TIMER_RETRANSMIT,
	VCTP_TIMER_PROBE,	/* the peer's window is shut */
	VCTP_TIMER_COOKIE,	/* the cookie is repeated */
};

struct vctp_accept_queue {
	spinlock_t		lock;		/* the two lists */
	struct list_head	ready;		/* vctp_sock.accept_node */
	struct list_head	requests;	/* struct vctp_request.node */
	u32			count;		/* in @ready */
	atomic_t		half_open;	/* in @requests */
};

/* The receive buffer's goal, found from what the program takes in an RTT. */
struct vctp_rcv_tune {
	u32	space;		/* bytes taken in the best round */
	u64	copied;		/* copied when the round began */
	u64	round_us;	/* when that was */
	u32	rtt_us;		/* RTT << 3 as the receiver sees it */
	u64	rtt_seq;	/* a window's end, and when it was opened */
	u64	rtt_us_start;
	u64	packed;		/* what waits below was packed: collapse.c */
	u8	scale;		/* payload in 256 bytes of buffer */
};

struct vctp_sock {
	struct inet_sock	inet;		/* first */
	struct vctp_entry	entry;
	const struct vctp_af_ops *af;

	/* sending */
	struct vctp_sender	snd;
	struct vctp_send_window	swnd;
	struct vctp_rtt		rtt;
	u64	write_seq;	/* after the last byte queued by the program */
	u64	pushed_seq;	/* PSH was set up to here */
	u64	urgent_out;	/* after the urgent byte; <= snd.una: none */
	u64	partial_out;	/* after the last partial segment sent (Minshall) */
	u32	mss;		/* bytes of payload in a segment without options */
	u32	mss_clamp;	/* bytes, from the peer's OPEN option */
	u32	pmtu;		/* bytes, that mss was made from */
	u32	sent_us;	/* the last data, low bits */
	u8	timer_event;	/* enum vctp_timer_event */
	u8	retransmits;	/* time-outs in a row */
	u8	probes;		/* zero-window probes unanswered */
	u8	fin_queued:1,	/* our FIN is in the send queue */
		fin_acked:1,
		nodelay:1,
		cork:1,		/* VCTP_CORK */
		cwnd_limited:1,
		cookie_echo:1,	/* repeat the cookie until the server speaks */
		crossed:1,	/* answered a bare SYN while in SYN_SENT */
		retransmit_due:1; /* one goes, whatever the pipe */
	struct vctp_congestion	cc;

	/* receiving */
	struct vctp_receive_window rwnd;
	struct vctp_ack_state	ack;
	struct vctp_reassembly	ofo;
	u64	copied;		/* the next byte that the program gets */
	u64	urgent_in;	/* number of the urgent byte */
	u8	urgent_byte;
	u8	urgent_valid;	/* enum vctp_urgent */
	u8	tell_inq;	/* TCP_INQ: recvmsg() tells what is left */
	struct vctp_rcv_tune	tune;
	u32	window_clamp;	/* VCTP_WINDOW_CLAMP; 0: none */
	u64	last_in;	/* µs, whole */

	/* timers: see circuit/timer.c */
	struct timer_list	ack_timer;
	struct timer_list	linger_timer;	/* orphan in FIN_WAIT_2 */
	/* sk->sk_timer is the keepalive's; snd_timer drives sending */
	struct timer_list	snd_timer;
	unsigned long		snd_expires;	/* jiffies */
	u64	stalled_us;	/* when the peer last made progress possible; user time-out */

	/* opening */
	u64	iss, irs;
	u16	peer_capabilities;
	u16	user_mss;	/* VCTP_MAXSEG; 0: none */
	u8	syn_retries;	/* 0: the sysctl's */
	u8	cookie_len;
	u8	*cookie;	/* to be echoed */
	struct vctp_accept_queue accept;
	struct list_head	accept_node;	/* in the listener's @ready */
	struct vctp_port	*port;		/* the bound port; its bucket's lock */
	struct hlist_node	port_node;
	bool			port_shared;	/* chosen by connect() */

	/* ending, keepalive, options */
	int	keep_idle_s, keep_intvl_s;	/* 0: the sysctl's */
	u8	keep_probes;
	u8	keep_unanswered;
	s8	time_wait_mode;		/* -1: the sysctl's */
	u8	defer_accept_s;
	int	time_wait_ms;		/* -1: the sysctl's */
	int	linger2_ms;		/* 0: the sysctl's; -1: no time at all */
	u32	user_timeout_ms;
	u32	notsent_lowat;
	u32	challenge_us;		/* when an ACK answered an invalid segment */
	unsigned long deferred;		/* enum vctp_deferred: work for release_cb */
	u32	deferred_mtu;		/* bytes, of VCTP_DEFER_PMTU */

	/* what VCTP_INFO tells */
	u64	bytes_sent, bytes_acked, bytes_received, bytes_retrans;
	u64	segs_out, segs_in;
	u32	total_retrans;
	u32	advmss;

	struct vctp_oracle	oracle;
};

/* Timers that went off while a program held the socket. */
enum vctp_deferred {
	VCTP_DEFER_SEND_TIMER,
	VCTP_DEFER_ACK_TIMER,
	VCTP_DEFER_PMTU,
};

struct vctp6_sock {
	struct vctp_sock	vctp;
	struct ipv6_pinfo	inet6;		/* last: ipv6_pinfo_offset */
};

static inline struct vctp_sock *vctp_sk(const struct sock *sk)
{
	return (struct vctp_sock *)sk;
}

static inline struct sock *vctp_entry_sk(struct vctp_entry *entry)
{
	return &container_of(entry, struct vctp_sock, entry)->inet.sk;
}

/* --- asked by socket/ ; all with the socket locked by the program --- */

void vctp_circuit_init(struct sock *sk);
/* Free all that the circuit holds; the socket is CLOSED and nobody's. */
void vctp_circuit_destroy(struct sock *sk);

/* Route and addresses are set and the port bound: send the SYN. */
int vctp_circuit_connect(struct sock *sk);
/* The port is bound: begin to take SYNs. @backlog: connections. */
int vctp_circuit_listen(struct sock *sk, int backlog);
/* The next accepted circuit, or NULL. */
struct sock *vctp_circuit_accept(struct sock *sk);
/* shutdown(SHUT_WR) or close(): queue our FIN, move the state. */
void vctp_circuit_close_send(struct sock *sk);
/* close(): the program is gone; @linger: how SO_LINGER has it. */
void vctp_circuit_close(struct sock *sk, long timeout);
/* At once: RST if the peer knows of us; @err is what the program then sees. */
void vctp_circuit_abort(struct sock *sk, int err);
/* connect(AF_UNSPEC): abort, and ready for another life. */
int vctp_circuit_disconnect(struct sock *sk, int flags);

/* Bytes have been queued: send what may go. @more: MSG_MORE. */
void vctp_circuit_push(struct sock *sk, bool more);
/* A new sk_buff at the end of the send queue for up to @linear bytes. */
struct sk_buff *vctp_circuit_new_skb(struct sock *sk, gfp_t gfp);
void vctp_circuit_queue_skb(struct sock *sk, struct sk_buff *skb);
/* @bytes that the program put into the last sk_buff of the send queue. */
void vctp_circuit_queued(struct sock *sk, struct sk_buff *skb, u32 bytes);
/* Bytes of payload that one sk_buff of the send queue should hold. */
u32 vctp_circuit_goal(struct sock *sk);

/* The program took @bytes from the receive queue: a window update is due? */
void vctp_circuit_took(struct sock *sk, u32 bytes);
/* Receive-buffer autotuning: after each recvmsg. */
void vctp_circuit_tune_receive(struct sock *sk);

void vctp_circuit_set_keepalive(struct sock *sk, int on);
void vctp_circuit_set_nodelay(struct sock *sk, bool on);
void vctp_circuit_set_cork(struct sock *sk, bool on);
void vctp_circuit_set_quickack(struct sock *sk, int value);
int vctp_circuit_set_congestion(struct sock *sk, const char *name);
int vctp_circuit_set_recovery(struct sock *sk, const char *name);
void vctp_circuit_info(struct sock *sk, struct vctp_info *info);
/* The state as programs see it. Any context. */
u8 vctp_circuit_state(const struct sock *sk);

/* --- asked by net/ --- */

/* One segment, checksum right, transport header at skb->data. BH, RCU. */
void vctp_circuit_rcv(struct net *net, struct sk_buff *skb,
		      const struct vctp_tuple *flow);
/* The backlog's: the socket is locked by a program that lets go. */
int vctp_circuit_backlog_rcv(struct sock *sk, struct sk_buff *skb);
void vctp_circuit_release_cb(struct sock *sk);

/* What an ICMP error said of a segment of ours. */
enum vctp_icmp_kind {
	VCTP_ICMP_SOFT,		/* remembered, reported when time runs out */
	VCTP_ICMP_HARD,		/* ends an opening; reported if asked for */
	VCTP_ICMP_MTU,		/* @info: the MTU of the next hop */
	VCTP_ICMP_REDIRECT,
};

struct vctp_icmp {
	enum vctp_icmp_kind kind;
	int	err;		/* positive errno */
	u32	info;
	u32	quoted_id;
	u64	quoted_seq;	/* 48 bits; where the quote reaches that far */
	bool	has_seq;
};

/*
 * @flow is turned round to our point of view: local is who sent the quoted
 * segment. BH, RCU.
 */
void vctp_circuit_icmp(struct net *net, struct sk_buff *skb,
		       const struct vctp_tuple *flow, const struct vctp_icmp *icmp);

/* How circuits, requests and TIME_WAIT reach a file of their own. */
int vctp_circuit_module_init(void);
void vctp_circuit_module_exit(void);

#endif /* _VCTP_CIRCUIT_H */
