// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine: RFC 9293, Figure 5, as one table.
 *
 * Hold it against the figure so: a state is a row, an arrow that leaves it
 * with the label "rcv x" or "x" is the cell in column x, and the cell gives the
 * state where the arrow ends and the segment that the figure has it "snd".
 * There are four grids, since one would be too wide: what the program does,
 * how the peer opens, how it ends, what the clock and the network say.
 *
 *	GO(state, action)	the next state and what to do
 *	IGN			can happen, and nothing happens
 *	IMP			cannot happen: whoever reports it has a bug
 *
 * Where a segment means several things (an ACK of our FIN and a FIN), they
 * come one after the other in the order of RFC 9293, 3.10.7.4: RST, SYN, ACK,
 * FIN. So the arrow from FIN_WAIT_1 straight to TIME_WAIT is two cells here.
 *
 * A listener never leaves LISTEN for a peer: a SYN makes a request, an object
 * of its own that begins in CLOSED and moves by (CLOSED, SYN). Where the figure
 * goes back from SYN_RECEIVED to LISTEN, the request is deleted.
 */
#include "state.h"

/* The states, short enough for a grid. */
enum {
	CLOSE = VCTP_S_CLOSED,		/* CLOSED */
	LISTN = VCTP_S_LISTEN,		/* LISTEN */
	SYN_S = VCTP_S_SYN_SENT,	/* SYN_SENT */
	SYN_R = VCTP_S_SYN_RECEIVED,	/* SYN_RECEIVED */
	ESTAB = VCTP_S_ESTABLISHED,	/* ESTABLISHED */
	FIN_1 = VCTP_S_FIN_WAIT_1,	/* FIN_WAIT_1 */
	FIN_2 = VCTP_S_FIN_WAIT_2,	/* FIN_WAIT_2 */
	CLOSG = VCTP_S_CLOSING,		/* CLOSING */
	TIM_W = VCTP_S_TIME_WAIT,	/* TIME_WAIT */
	CLO_W = VCTP_S_CLOSE_WAIT,	/* CLOSE_WAIT */
	LASTA = VCTP_S_LAST_ACK,	/* LAST_ACK */
};

/* The actions, likewise. */
enum {
	NOTHING	= VCTP_A_NONE,
	SYN	= VCTP_A_SEND_SYN,
	SYN_ACK	= VCTP_A_SEND_SYN_ACK,
	ACK	= VCTP_A_SEND_ACK,
	FIN	= VCTP_A_SEND_FIN,
	RST	= VCTP_A_SEND_RST,
	WAIT	= VCTP_A_ENTER_TIME_WAIT,
	DELETE	= VCTP_A_DELETE,
	REFUSE	= VCTP_A_REFUSE,
	RESET	= VCTP_A_RESET,
	TIMEOUT	= VCTP_A_TIME_OUT,
};

#define GO(state, todo)	{ .kind = VCTP_CELL_GO, .next = state, .action = todo }
#define IGN		{ .kind = VCTP_CELL_IGNORED }
#define IMP		{ .kind = VCTP_CELL_IMPOSSIBLE }

/* Four stretches of a row, each of the columns that stand above its grid. */
#define PROGRAM(state, ...) \
	[state][VCTP_E_LISTEN] = __VA_ARGS__
#define OPENS(state, ...) \
	[state][VCTP_E_SYN] = __VA_ARGS__
#define ENDS(state, ...) \
	[state][VCTP_E_FIN] = __VA_ARGS__
#define CLOCK(state, ...) \
	[state][VCTP_E_GIVE_UP] = __VA_ARGS__

static_assert(VCTP_E_LISTEN == 0 && VCTP_E_CONNECT == 1 && VCTP_E_CLOSE == 2 &&
	      VCTP_E_ABORT == 3);
static_assert(VCTP_E_SYN == 4 && VCTP_E_SYN_ACK == 5 && VCTP_E_ACK_OF_SYN == 6);
static_assert(VCTP_E_FIN == 7 && VCTP_E_ACK_OF_FIN == 8 && VCTP_E_RST == 9);
static_assert(VCTP_E_GIVE_UP == 10 && VCTP_E_FIN_WAIT_2_END == 11 &&
	      VCTP_E_2MSL == 12 && VCTP_E_COUNT == 13);

static const struct vctp_cell table[VCTP_S_COUNT][VCTP_E_COUNT] = {
	/*
	 * The program: RFC 9293, 3.10.1 (OPEN), 3.10.4 (CLOSE), 3.10.5 (ABORT).
	 *
	 * A second listen() changes the backlog; one on a circuit, and a
	 * connect() on anything but a fresh socket, has its errno before it
	 * gets here. A second CLOSE finds our FIN queued. An abort tells the
	 * peer also in CLOSING and LAST_ACK, where 3.10.5 is silent: our FIN
	 * may still wait behind data, and the peer would learn of neither.
	 */
	/*	       LISTEN              CONNECT         CLOSE               ABORT */
	PROGRAM(CLOSE, GO(LISTN, NOTHING), GO(SYN_S, SYN), IGN,                IGN),
	PROGRAM(LISTN, GO(LISTN, NOTHING), IMP,            GO(CLOSE, DELETE),  GO(CLOSE, DELETE)),
	PROGRAM(SYN_S, IMP,                IMP,            GO(CLOSE, DELETE),  GO(CLOSE, DELETE)),
	PROGRAM(SYN_R, IMP,                IMP,            GO(FIN_1, FIN),     GO(CLOSE, RST)),
	PROGRAM(ESTAB, IMP,                IMP,            GO(FIN_1, FIN),     GO(CLOSE, RST)),
	PROGRAM(FIN_1, IMP,                IMP,            IGN,                GO(CLOSE, RST)),
	PROGRAM(FIN_2, IMP,                IMP,            IGN,                GO(CLOSE, RST)),
	PROGRAM(CLOSG, IMP,                IMP,            IGN,                GO(CLOSE, RST)),
	PROGRAM(TIM_W, IMP,                IMP,            IGN,                GO(CLOSE, DELETE)),
	PROGRAM(CLO_W, IMP,                IMP,            GO(LASTA, FIN),     GO(CLOSE, RST)),
	PROGRAM(LASTA, IMP,                IMP,            IGN,                GO(CLOSE, RST)),

	/*
	 * The peer opens: RFC 9293, 3.10.7.
	 *
	 * CLOSED, 3.10.7.1: only the SYN that makes a request moves anything;
	 * the RST that other segments earn is sent where no circuit is found.
	 * LISTEN, 3.10.7.2: as above, and the listener stays as it is.
	 * SYN_SENT, 3.10.7.3: a bare SYN is answered but commits to nobody, so
	 * the state stays (the figure goes to SYN_RECEIVED); the SYN+ACK that
	 * follows opens. An ACK without a SYN opens nothing.
	 * SYN_RECEIVED, 3.10.7.4: the SYN repeated is answered again; a SYN+ACK
	 * is the other half of a simultaneous opening, and acknowledges ours.
	 * From there on a SYN of any kind gets a challenge ACK (RFC 5961, 4). In
	 * TIME_WAIT too: a new circuit has a new identifier and never comes
	 * here. That our SYN is acknowledged is news only once, but a circuit
	 * that left SYN_RECEIVED by CLOSE or FIN may still hear it.
	 */
	/*	     SYN                 SYN_ACK         ACK_OF_SYN */
	OPENS(CLOSE, GO(SYN_R, SYN_ACK), IGN,            IGN),
	OPENS(LISTN, GO(LISTN, NOTHING), IGN,            IGN),
	OPENS(SYN_S, GO(SYN_S, SYN_ACK), GO(ESTAB, ACK), IGN),
	OPENS(SYN_R, GO(SYN_R, SYN_ACK), GO(ESTAB, ACK), GO(ESTAB, NOTHING)),
	OPENS(ESTAB, GO(ESTAB, ACK),     GO(ESTAB, ACK), IGN),
	OPENS(FIN_1, GO(FIN_1, ACK),     GO(FIN_1, ACK), IGN),
	OPENS(FIN_2, GO(FIN_2, ACK),     GO(FIN_2, ACK), IGN),
	OPENS(CLOSG, GO(CLOSG, ACK),     GO(CLOSG, ACK), IGN),
	OPENS(TIM_W, GO(TIM_W, ACK),     GO(TIM_W, ACK), IGN),
	OPENS(CLO_W, GO(CLO_W, ACK),     GO(CLO_W, ACK), IGN),
	OPENS(LASTA, GO(LASTA, ACK),     GO(LASTA, ACK), IGN),

	/*
	 * The peer ends: RFC 9293, 3.10.7.4, second (RST), fifth (ACK), eighth
	 * (FIN).
	 *
	 * A FIN before the circuit stands is dropped. Once it is taken, a FIN
	 * again says that our ACK was lost: it is sent again, and in TIME_WAIT
	 * 2MSL begin anew. No FIN of ours is out before CLOSE, so none can be
	 * acknowledged there. A passive opening that is reset vanishes without
	 * an error (3.5.3); TIME_WAIT ignores a RST (RFC 1337).
	 */
	/*	    FIN              ACK_OF_FIN          RST */
	ENDS(CLOSE, IGN,             IGN,                IGN),
	ENDS(LISTN, IGN,             IMP,                IGN),
	ENDS(SYN_S, IGN,             IMP,                GO(CLOSE, REFUSE)),
	ENDS(SYN_R, GO(CLO_W, ACK),  IMP,                GO(CLOSE, DELETE)),
	ENDS(ESTAB, GO(CLO_W, ACK),  IMP,                GO(CLOSE, RESET)),
	ENDS(FIN_1, GO(CLOSG, ACK),  GO(FIN_2, NOTHING), GO(CLOSE, RESET)),
	ENDS(FIN_2, GO(TIM_W, WAIT), IGN,                GO(CLOSE, RESET)),
	ENDS(CLOSG, GO(CLOSG, ACK),  GO(TIM_W, WAIT),    GO(CLOSE, RESET)),
	ENDS(TIM_W, GO(TIM_W, ACK),  IGN,                IGN),
	ENDS(CLO_W, GO(CLO_W, ACK),  IMP,                GO(CLOSE, RESET)),
	ENDS(LASTA, GO(LASTA, ACK),  GO(CLOSE, DELETE),  GO(CLOSE, RESET)),

	/*
	 * The clock and the network: RFC 9293, 3.10.8, 3.8.3 (R2), 3.9.2.2.
	 *
	 * A timer or an ICMP error may come just after its circuit has ended,
	 * and FIN_WAIT_2's timer just after the FIN that it waited for: both
	 * are ignored. A request that nobody answers vanishes without an error.
	 */
	/*	     GIVE_UP               FIN_WAIT_2_END       2MSL */
	CLOCK(CLOSE, IGN,                  IGN,                 IGN),
	CLOCK(LISTN, IMP,                  IMP,                 IMP),
	CLOCK(SYN_S, GO(CLOSE, TIMEOUT),   IMP,                 IMP),
	CLOCK(SYN_R, GO(CLOSE, DELETE),    IMP,                 IMP),
	CLOCK(ESTAB, GO(CLOSE, TIMEOUT),   IMP,                 IMP),
	CLOCK(FIN_1, GO(CLOSE, TIMEOUT),   IMP,                 IMP),
	CLOCK(FIN_2, GO(CLOSE, TIMEOUT),   GO(CLOSE, DELETE),   IMP),
	CLOCK(CLOSG, GO(CLOSE, TIMEOUT),   IMP,                 IMP),
	CLOCK(TIM_W, IGN,                  IGN,                 GO(CLOSE, DELETE)),
	CLOCK(CLO_W, GO(CLOSE, TIMEOUT),   IMP,                 IMP),
	CLOCK(LASTA, GO(CLOSE, TIMEOUT),   IMP,                 IMP),
};

/**
 * vctp_state_cell() - what the machine does
 * @state: enum vctp_circuit_state
 * @event: what happened
 *
 * Return: the cell; an impossible one for what is no state or no event.
 */
const struct vctp_cell *vctp_state_cell(u8 state, enum vctp_event event)
{
	/* 0 is no state: its row is empty, and so impossible throughout. */
	if (state >= VCTP_S_COUNT || (u32)event >= VCTP_E_COUNT)
		return &table[0][0];
	return &table[state][event];
}

/**
 * vctp_state_name() - a state as RFC 9293 spells it
 * @state: enum vctp_circuit_state
 *
 * Return: a constant string; "?" for what is no state.
 */
const char *vctp_state_name(u8 state)
{
	static const char * const names[VCTP_S_COUNT] = {
		[VCTP_S_ESTABLISHED] = "ESTABLISHED",
		[VCTP_S_SYN_SENT] = "SYN_SENT",
		[VCTP_S_SYN_RECEIVED] = "SYN_RECEIVED",
		[VCTP_S_FIN_WAIT_1] = "FIN_WAIT_1",
		[VCTP_S_FIN_WAIT_2] = "FIN_WAIT_2",
		[VCTP_S_TIME_WAIT] = "TIME_WAIT",
		[VCTP_S_CLOSED] = "CLOSED",
		[VCTP_S_CLOSE_WAIT] = "CLOSE_WAIT",
		[VCTP_S_LAST_ACK] = "LAST_ACK",
		[VCTP_S_LISTEN] = "LISTEN",
		[VCTP_S_CLOSING] = "CLOSING",
	};

	return state && state < VCTP_S_COUNT ? names[state] : "?";
}

/**
 * vctp_event_name() - an event without its prefix
 * @event: what happened
 *
 * Return: a constant string; "?" for what is no event.
 */
const char *vctp_event_name(enum vctp_event event)
{
	static const char * const names[VCTP_E_COUNT] = {
		[VCTP_E_LISTEN] = "LISTEN",
		[VCTP_E_CONNECT] = "CONNECT",
		[VCTP_E_CLOSE] = "CLOSE",
		[VCTP_E_ABORT] = "ABORT",
		[VCTP_E_SYN] = "SYN",
		[VCTP_E_SYN_ACK] = "SYN_ACK",
		[VCTP_E_ACK_OF_SYN] = "ACK_OF_SYN",
		[VCTP_E_FIN] = "FIN",
		[VCTP_E_ACK_OF_FIN] = "ACK_OF_FIN",
		[VCTP_E_RST] = "RST",
		[VCTP_E_GIVE_UP] = "GIVE_UP",
		[VCTP_E_FIN_WAIT_2_END] = "FIN_WAIT_2_END",
		[VCTP_E_2MSL] = "2MSL",
	};

	return (u32)event < VCTP_E_COUNT ? names[event] : "?";
}

/**
 * vctp_action_name() - an action without its prefix
 * @action: what the machine asks for
 *
 * Return: a constant string; "?" for what is no action.
 */
const char *vctp_action_name(enum vctp_action action)
{
	static const char * const names[] = {
		[VCTP_A_NONE] = "NONE",
		[VCTP_A_SEND_SYN] = "SEND_SYN",
		[VCTP_A_SEND_SYN_ACK] = "SEND_SYN_ACK",
		[VCTP_A_SEND_ACK] = "SEND_ACK",
		[VCTP_A_SEND_FIN] = "SEND_FIN",
		[VCTP_A_SEND_RST] = "SEND_RST",
		[VCTP_A_ENTER_TIME_WAIT] = "ENTER_TIME_WAIT",
		[VCTP_A_DELETE] = "DELETE",
		[VCTP_A_REFUSE] = "REFUSE",
		[VCTP_A_RESET] = "RESET",
		[VCTP_A_TIME_OUT] = "TIME_OUT",
	};

	return (u32)action < ARRAY_SIZE(names) ? names[action] : "?";
}
