/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What RFC 9293 and the RFCs that amend it say of each state and event, in the
 * order of the RFC's own text: event by event, not state by state as the table
 * in module/protocol/state.c has it. Written from the text, so that a slip in
 * the one shows against the other.
 *
 *	GO(state, event, next state, action);
 *	IGNORED(state, event);
 *	IMPOSSIBLE(state, event);
 */

/*
 * 3.10.1, OPEN, passive. CLOSED: "enter the LISTEN state". LISTEN: listen()
 * again only changes the backlog. Else "error: connection already exists": the
 * caller had EINVAL before.
 */
GO(CLOSED,	LISTEN,		LISTEN,		NONE);
GO(LISTEN,	LISTEN,		LISTEN,		NONE);
IMPOSSIBLE(SYN_SENT,	LISTEN);
IMPOSSIBLE(SYN_RECEIVED, LISTEN);
IMPOSSIBLE(ESTABLISHED,	LISTEN);
IMPOSSIBLE(FIN_WAIT_1,	LISTEN);
IMPOSSIBLE(FIN_WAIT_2,	LISTEN);
IMPOSSIBLE(CLOSE_WAIT,	LISTEN);
IMPOSSIBLE(CLOSING,	LISTEN);
IMPOSSIBLE(LAST_ACK,	LISTEN);
IMPOSSIBLE(TIME_WAIT,	LISTEN);

/*
 * 3.10.1, OPEN, active. CLOSED: "<SEQ=ISS><CTL=SYN> is sent. ... enter SYN-SENT
 * state". Else "error: connection already exists" (EISCONN, EALREADY); sockets
 * do not turn a listener into an active open.
 */
GO(CLOSED,	CONNECT,	SYN_SENT,	SEND_SYN);
IMPOSSIBLE(LISTEN,	CONNECT);
IMPOSSIBLE(SYN_SENT,	CONNECT);
IMPOSSIBLE(SYN_RECEIVED, CONNECT);
IMPOSSIBLE(ESTABLISHED,	CONNECT);
IMPOSSIBLE(FIN_WAIT_1,	CONNECT);
IMPOSSIBLE(FIN_WAIT_2,	CONNECT);
IMPOSSIBLE(CLOSE_WAIT,	CONNECT);
IMPOSSIBLE(CLOSING,	CONNECT);
IMPOSSIBLE(LAST_ACK,	CONNECT);
IMPOSSIBLE(TIME_WAIT,	CONNECT);

/*
 * 3.10.4, CLOSE. CLOSED: nothing to close. LISTEN: "Delete TCB, enter CLOSED
 * state". SYN-SENT: "Delete the TCB". SYN-RECEIVED, ESTABLISHED: "form a FIN
 * segment and send it, and enter FIN-WAIT-1 state". FIN-WAIT-1, -2: "an error
 * and should receive a 'connection closing' response", which close() has not.
 * CLOSE-WAIT: "send a FIN segment, enter LAST-ACK state". CLOSING, LAST-ACK,
 * TIME-WAIT: "connection closing" again.
 */
IGNORED(CLOSED,		CLOSE);
GO(LISTEN,	CLOSE,		CLOSED,		DELETE);
GO(SYN_SENT,	CLOSE,		CLOSED,		DELETE);
GO(SYN_RECEIVED, CLOSE,		FIN_WAIT_1,	SEND_FIN);
GO(ESTABLISHED,	CLOSE,		FIN_WAIT_1,	SEND_FIN);
IGNORED(FIN_WAIT_1,	CLOSE);
IGNORED(FIN_WAIT_2,	CLOSE);
GO(CLOSE_WAIT,	CLOSE,		LAST_ACK,	SEND_FIN);
IGNORED(CLOSING,	CLOSE);
IGNORED(LAST_ACK,	CLOSE);
IGNORED(TIME_WAIT,	CLOSE);

/*
 * 3.10.5, ABORT. LISTEN, SYN-SENT: delete. SYN-RECEIVED, ESTABLISHED,
 * FIN-WAIT-1, FIN-WAIT-2, CLOSE-WAIT: "Send a reset segment". CLOSING,
 * LAST-ACK: the RFC only deletes; VCTP tells the peer, whose data or our FIN
 * may still be under way. TIME-WAIT: "Respond 'ok' and delete the TCB".
 */
IGNORED(CLOSED,		ABORT);
GO(LISTEN,	ABORT,		CLOSED,		DELETE);
GO(SYN_SENT,	ABORT,		CLOSED,		DELETE);
GO(SYN_RECEIVED, ABORT,		CLOSED,		SEND_RST);
GO(ESTABLISHED,	ABORT,		CLOSED,		SEND_RST);
GO(FIN_WAIT_1,	ABORT,		CLOSED,		SEND_RST);
GO(FIN_WAIT_2,	ABORT,		CLOSED,		SEND_RST);
GO(CLOSE_WAIT,	ABORT,		CLOSED,		SEND_RST);
GO(CLOSING,	ABORT,		CLOSED,		SEND_RST);
GO(LAST_ACK,	ABORT,		CLOSED,		SEND_RST);
GO(TIME_WAIT,	ABORT,		CLOSED,		DELETE);

/*
 * 3.10.7.2, third: "check for a SYN": the listener stays, a request, born in
 * CLOSED, enters SYN-RECEIVED and "<CTL=SYN,ACK>" is sent. 3.10.7.3, fourth:
 * in SYN-SENT "<SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK> and send it"; the state stays
 * (DESIGN: no commitment). SYN-RECEIVED: a repeat is answered again. RFC 5961,
 * 4.2: in any synchronized state "TCP endpoints MUST send an ACK".
 */
GO(CLOSED,	SYN,		SYN_RECEIVED,	SEND_SYN_ACK);
GO(LISTEN,	SYN,		LISTEN,		NONE);
GO(SYN_SENT,	SYN,		SYN_SENT,	SEND_SYN_ACK);
GO(SYN_RECEIVED, SYN,		SYN_RECEIVED,	SEND_SYN_ACK);
GO(ESTABLISHED,	SYN,		ESTABLISHED,	SEND_ACK);
GO(FIN_WAIT_1,	SYN,		FIN_WAIT_1,	SEND_ACK);
GO(FIN_WAIT_2,	SYN,		FIN_WAIT_2,	SEND_ACK);
GO(CLOSE_WAIT,	SYN,		CLOSE_WAIT,	SEND_ACK);
GO(CLOSING,	SYN,		CLOSING,	SEND_ACK);
GO(LAST_ACK,	SYN,		LAST_ACK,	SEND_ACK);
GO(TIME_WAIT,	SYN,		TIME_WAIT,	SEND_ACK);

/*
 * 3.10.7.3, fourth: "If SND.UNA > ISS (our SYN has been ACKed), change the
 * connection state to ESTABLISHED, form an ACK segment". 3.5, Figure 8: the
 * SYN+ACK of a simultaneous open does it in SYN-RECEIVED. LISTEN: "Any
 * acknowledgment is bad if it arrives on a connection still in the LISTEN
 * state": a reset answers it, the listener does not move. Then RFC 5961.
 */
IGNORED(CLOSED,		SYN_ACK);
IGNORED(LISTEN,		SYN_ACK);
GO(SYN_SENT,	SYN_ACK,	ESTABLISHED,	SEND_ACK);
GO(SYN_RECEIVED, SYN_ACK,	ESTABLISHED,	SEND_ACK);
GO(ESTABLISHED,	SYN_ACK,	ESTABLISHED,	SEND_ACK);
GO(FIN_WAIT_1,	SYN_ACK,	FIN_WAIT_1,	SEND_ACK);
GO(FIN_WAIT_2,	SYN_ACK,	FIN_WAIT_2,	SEND_ACK);
GO(CLOSE_WAIT,	SYN_ACK,	CLOSE_WAIT,	SEND_ACK);
GO(CLOSING,	SYN_ACK,	CLOSING,	SEND_ACK);
GO(LAST_ACK,	SYN_ACK,	LAST_ACK,	SEND_ACK);
GO(TIME_WAIT,	SYN_ACK,	TIME_WAIT,	SEND_ACK);

/*
 * 3.10.7.4, fifth, SYN-RECEIVED: "If SND.UNA < SEG.ACK =< SND.NXT, then enter
 * ESTABLISHED state". SYN-SENT: an ACK without SYN: "drop the segment". Later it
 * is no news.
 */
IGNORED(CLOSED,		ACK_OF_SYN);
IGNORED(LISTEN,		ACK_OF_SYN);
IGNORED(SYN_SENT,	ACK_OF_SYN);
GO(SYN_RECEIVED, ACK_OF_SYN,	ESTABLISHED,	NONE);
IGNORED(ESTABLISHED,	ACK_OF_SYN);
IGNORED(FIN_WAIT_1,	ACK_OF_SYN);
IGNORED(FIN_WAIT_2,	ACK_OF_SYN);
IGNORED(CLOSE_WAIT,	ACK_OF_SYN);
IGNORED(CLOSING,	ACK_OF_SYN);
IGNORED(LAST_ACK,	ACK_OF_SYN);
IGNORED(TIME_WAIT,	ACK_OF_SYN);

/*
 * 3.10.7.4, eighth: "Do not process the FIN if the state is CLOSED, LISTEN, or
 * SYN-SENT". "send an acknowledgment for the FIN". SYN-RECEIVED, ESTABLISHED:
 * "Enter the CLOSE-WAIT state". FIN-WAIT-1: "If our FIN has been ACKed ... enter
 * TIME-WAIT [by way of FIN-WAIT-2 here]; otherwise, enter the CLOSING state".
 * FIN-WAIT-2: "Enter the TIME-WAIT state". CLOSE-WAIT, CLOSING, LAST-ACK:
 * "Remain in the ... state". TIME-WAIT: "Remain ... Restart the 2 MSL timeout".
 */
IGNORED(CLOSED,		FIN);
IGNORED(LISTEN,		FIN);
IGNORED(SYN_SENT,	FIN);
GO(SYN_RECEIVED, FIN,		CLOSE_WAIT,	SEND_ACK);
GO(ESTABLISHED,	FIN,		CLOSE_WAIT,	SEND_ACK);
GO(FIN_WAIT_1,	FIN,		CLOSING,	SEND_ACK);
GO(FIN_WAIT_2,	FIN,		TIME_WAIT,	ENTER_TIME_WAIT);
GO(CLOSE_WAIT,	FIN,		CLOSE_WAIT,	SEND_ACK);
GO(CLOSING,	FIN,		CLOSING,	SEND_ACK);
GO(LAST_ACK,	FIN,		LAST_ACK,	SEND_ACK);
GO(TIME_WAIT,	FIN,		TIME_WAIT,	SEND_ACK);

/*
 * 3.10.7.4, fifth. FIN-WAIT-1: "if the FIN segment is now acknowledged, then
 * enter FIN-WAIT-2". FIN-WAIT-2: already so. CLOSING: "enter the TIME-WAIT
 * state". LAST-ACK: "delete the TCB, enter the CLOSED state". Nobody can
 * acknowledge a FIN before one is sent.
 */
IGNORED(CLOSED,		ACK_OF_FIN);
IMPOSSIBLE(LISTEN,	ACK_OF_FIN);
IMPOSSIBLE(SYN_SENT,	ACK_OF_FIN);
IMPOSSIBLE(SYN_RECEIVED, ACK_OF_FIN);
IMPOSSIBLE(ESTABLISHED,	ACK_OF_FIN);
GO(FIN_WAIT_1,	ACK_OF_FIN,	FIN_WAIT_2,	NONE);
IGNORED(FIN_WAIT_2,	ACK_OF_FIN);
IMPOSSIBLE(CLOSE_WAIT,	ACK_OF_FIN);
GO(CLOSING,	ACK_OF_FIN,	TIME_WAIT,	ENTER_TIME_WAIT);
GO(LAST_ACK,	ACK_OF_FIN,	CLOSED,		DELETE);
IGNORED(TIME_WAIT,	ACK_OF_FIN);

/*
 * 3.10.7.1 and 3.10.7.2: "an incoming RST is discarded/ignored". 3.10.7.3,
 * second: "signal the user 'error: connection reset', ... enter CLOSED state"
 * (ECONNREFUSED, as TCP's sockets have it). 3.10.7.4, second, SYN-RECEIVED after
 * a passive OPEN: "return this connection to the LISTEN state", "The user need
 * not be informed". Then "signal: connection reset", CLOSED. TIME-WAIT: RFC
 * 1337, fix (F1): "Ignore RST segments in TIME-WAIT state".
 */
IGNORED(CLOSED,		RST);
IGNORED(LISTEN,		RST);
GO(SYN_SENT,	RST,		CLOSED,		REFUSE);
GO(SYN_RECEIVED, RST,		CLOSED,		DELETE);
GO(ESTABLISHED,	RST,		CLOSED,		RESET);
GO(FIN_WAIT_1,	RST,		CLOSED,		RESET);
GO(FIN_WAIT_2,	RST,		CLOSED,		RESET);
GO(CLOSE_WAIT,	RST,		CLOSED,		RESET);
GO(CLOSING,	RST,		CLOSED,		RESET);
GO(LAST_ACK,	RST,		CLOSED,		RESET);
IGNORED(TIME_WAIT,	RST);

/*
 * 3.10.8, USER TIMEOUT: "for any state if the user timeout expires, ... delete
 * the TCB, enter the CLOSED state" and "error: connection aborted due to user
 * timeout". A listener has no timer; a request has no user to tell; CLOSED and
 * TIME-WAIT wait for nobody.
 */
IGNORED(CLOSED,		GIVE_UP);
IMPOSSIBLE(LISTEN,	GIVE_UP);
GO(SYN_SENT,	GIVE_UP,	CLOSED,		TIME_OUT);
GO(SYN_RECEIVED, GIVE_UP,	CLOSED,		DELETE);
GO(ESTABLISHED,	GIVE_UP,	CLOSED,		TIME_OUT);
GO(FIN_WAIT_1,	GIVE_UP,	CLOSED,		TIME_OUT);
GO(FIN_WAIT_2,	GIVE_UP,	CLOSED,		TIME_OUT);
GO(CLOSE_WAIT,	GIVE_UP,	CLOSED,		TIME_OUT);
GO(CLOSING,	GIVE_UP,	CLOSED,		TIME_OUT);
GO(LAST_ACK,	GIVE_UP,	CLOSED,		TIME_OUT);
IGNORED(TIME_WAIT,	GIVE_UP);

/*
 * Requirement S5: an orphan in FIN_WAIT_2 does not wait for ever. Its timer can
 * fire once more just after the state has gone on.
 */
IGNORED(CLOSED,		FIN_WAIT_2_END);
IMPOSSIBLE(LISTEN,	FIN_WAIT_2_END);
IMPOSSIBLE(SYN_SENT,	FIN_WAIT_2_END);
IMPOSSIBLE(SYN_RECEIVED, FIN_WAIT_2_END);
IMPOSSIBLE(ESTABLISHED,	FIN_WAIT_2_END);
IMPOSSIBLE(FIN_WAIT_1,	FIN_WAIT_2_END);
GO(FIN_WAIT_2,	FIN_WAIT_2_END,	CLOSED,		DELETE);
IMPOSSIBLE(CLOSE_WAIT,	FIN_WAIT_2_END);
IMPOSSIBLE(CLOSING,	FIN_WAIT_2_END);
IMPOSSIBLE(LAST_ACK,	FIN_WAIT_2_END);
IGNORED(TIME_WAIT,	FIN_WAIT_2_END);

/*
 * 3.10.8, TIME-WAIT TIMEOUT: "If the time-wait timeout expires on a connection,
 * delete the TCB, enter the CLOSED state".
 */
IGNORED(CLOSED,		2MSL);
IMPOSSIBLE(LISTEN,	2MSL);
IMPOSSIBLE(SYN_SENT,	2MSL);
IMPOSSIBLE(SYN_RECEIVED, 2MSL);
IMPOSSIBLE(ESTABLISHED,	2MSL);
IMPOSSIBLE(FIN_WAIT_1,	2MSL);
IMPOSSIBLE(FIN_WAIT_2,	2MSL);
IMPOSSIBLE(CLOSE_WAIT,	2MSL);
IMPOSSIBLE(CLOSING,	2MSL);
IMPOSSIBLE(LAST_ACK,	2MSL);
GO(TIME_WAIT,	2MSL,		CLOSED,		DELETE);
