/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state machine, as data: state x event -> next state and action. The
 * table in state.c is laid out to be held against RFC 9293, Figure 5; it is
 * the only place that says what a state becomes.
 */
#ifndef _VCTP_STATE_H
#define _VCTP_STATE_H

#include "platform.h"

/* Under the numbers that TCP's tools show; those of enum vctp_state (uapi). */
enum vctp_circuit_state {
	VCTP_S_ESTABLISHED	= 1,
	VCTP_S_SYN_SENT		= 2,
	VCTP_S_SYN_RECEIVED	= 3,
	VCTP_S_FIN_WAIT_1	= 4,
	VCTP_S_FIN_WAIT_2	= 5,
	VCTP_S_TIME_WAIT	= 6,
	VCTP_S_CLOSED		= 7,
	VCTP_S_CLOSE_WAIT	= 8,
	VCTP_S_LAST_ACK		= 9,
	VCTP_S_LISTEN		= 10,
	VCTP_S_CLOSING		= 11,
	VCTP_S_COUNT		= 12,	/* 0 is no state */
};

/* A segment, a call or a timer, reduced to what the machine needs of it. */
enum vctp_event {
	/* the program's */
	VCTP_E_LISTEN,		/* listen(): passive open */
	VCTP_E_CONNECT,		/* connect(): active open */
	VCTP_E_CLOSE,		/* close() or shutdown(SHUT_WR): our FIN is queued */
	VCTP_E_ABORT,		/* gone at once: linger 0, disconnect, unread data */
	/* the peer's, each after its numbers have been checked */
	VCTP_E_SYN,		/* a bare SYN */
	VCTP_E_SYN_ACK,		/* SYN, and it acknowledges our ISN */
	VCTP_E_ACK_OF_SYN,	/* our SYN+ACK is acknowledged */
	VCTP_E_FIN,		/* a FIN, and all before it has arrived */
	VCTP_E_ACK_OF_FIN,	/* our FIN is acknowledged */
	VCTP_E_RST,		/* a RST at exactly the expected number */
	/* the clock's and the network's */
	VCTP_E_GIVE_UP,		/* retries, keepalive, user time-out, hard ICMP */
	VCTP_E_FIN_WAIT_2_END,	/* the time of an orphan in FIN_WAIT_2 is over */
	VCTP_E_2MSL,		/* the time of TIME_WAIT is over */
	VCTP_E_COUNT,
};

/* What the caller has to do; at most one, as in Figure 5. */
enum vctp_action {
	VCTP_A_NONE,
	VCTP_A_SEND_SYN,
	VCTP_A_SEND_SYN_ACK,
	VCTP_A_SEND_ACK,
	VCTP_A_SEND_FIN,
	VCTP_A_SEND_RST,	/* and forget the circuit */
	VCTP_A_ENTER_TIME_WAIT,	/* send the ACK, become a TIME_WAIT object */
	VCTP_A_DELETE,		/* forget the circuit */
	VCTP_A_REFUSE,		/* RST arrived while opening: ECONNREFUSED */
	VCTP_A_RESET,		/* RST arrived later: ECONNRESET or EPIPE */
	VCTP_A_TIME_OUT,	/* ETIMEDOUT, or the ICMP error that was kept */
};

/* Whether a cell means anything. */
enum vctp_cell_kind {
	VCTP_CELL_IMPOSSIBLE,	/* cannot be; counted, warned of in debug builds */
	VCTP_CELL_IGNORED,	/* can be, and nothing happens */
	VCTP_CELL_GO,		/* next state (perhaps the same) and an action */
};

struct vctp_cell {
	u8	kind;		/* enum vctp_cell_kind */
	u8	next;		/* enum vctp_circuit_state */
	u8	action;		/* enum vctp_action */
};

const struct vctp_cell *vctp_state_cell(u8 state, enum vctp_event event);
const char *vctp_state_name(u8 state);
const char *vctp_event_name(enum vctp_event event);
const char *vctp_action_name(enum vctp_action action);

/* States in which the program may still send, or still receive, as bit masks. */
#define VCTP_STATE_BIT(s)	(1U << (s))

#endif /* _VCTP_STATE_H */
