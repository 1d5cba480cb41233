// SPDX-License-Identifier: GPL-2.0
/*
 * The one function that assigns a state, to sockets, requests and TIME_WAIT
 * objects alike. What a state becomes stands in protocol/state.c.
 */
#include <net/inet_sock.h>

#include "../protocol/state.h"
#include "../watch/trace.h"
#include "internal.h"

/* What the MIB of TCP (RFC 4022) counts of the ways between states. */
static void vctp_count_transition(struct vctp_net *vn, u8 kind, u8 from, u8 to)
{
	switch (from) {
	case VCTP_S_CLOSED:
		if (to == VCTP_S_SYN_SENT)
			vctp_count(vn, ActiveOpens);
		/* A request is no opening before it is a circuit. */
		else if (to == VCTP_S_SYN_RECEIVED && kind == VCTP_KIND_SOCKET)
			vctp_count(vn, PassiveOpens);
		break;
	case VCTP_S_SYN_SENT:
	case VCTP_S_SYN_RECEIVED:
		if (to == VCTP_S_CLOSED)
			vctp_count(vn, AttemptFails);
		break;
	case VCTP_S_ESTABLISHED:
	case VCTP_S_CLOSE_WAIT:
		if (to == VCTP_S_CLOSED)
			vctp_count(vn, EstabResets);
		break;
	}
}

/**
 * vctp_entry_state() - the state that an entry is in
 * @entry: a socket's, a request's or a TIME_WAIT object's
 *
 * Any context; without the owner's lock it may have changed since.
 *
 * Return: an enum vctp_circuit_state.
 */
u8 vctp_entry_state(const struct vctp_entry *entry)
{
	if (entry->kind == VCTP_KIND_SOCKET)
		return READ_ONCE(container_of(entry, struct vctp_sock,
					      entry)->inet.sk.sk_state);
	return READ_ONCE(entry->state);
}

/**
 * vctp_can() - does an event move this state?
 * @entry: owner's lock
 * @event: the event
 *
 * Return: true where the cell is neither impossible nor ignored.
 */
bool vctp_can(const struct vctp_entry *entry, enum vctp_event event)
{
	return vctp_state_cell(vctp_entry_state(entry), event)->kind ==
	       VCTP_CELL_GO;
}

/**
 * vctp_state_begin() - a new entry begins its life
 * @entry: nobody else's yet; a socket's is a copy of its listener
 * @state: CLOSED, or TIME_WAIT for the object that goes on with a circuit
 */
void vctp_state_begin(struct vctp_entry *entry, u8 state)
{
	if (entry->kind == VCTP_KIND_SOCKET)
		/* Pairs with inet_sk_state_load(). */
		smp_store_release(&vctp_entry_sk(entry)->sk_state, state);
	else
		WRITE_ONCE(entry->state, state);
}

/**
 * vctp_transition() - apply an event
 * @vn: the namespace
 * @entry: owner's lock
 * @event: the event
 *
 * Return: what the caller has to do; VCTP_A_NONE where the event means
 * nothing in this state.
 */
enum vctp_action vctp_transition(struct vctp_net *vn, struct vctp_entry *entry,
				 enum vctp_event event)
{
	u8 from = vctp_entry_state(entry);
	const struct vctp_cell *cell = vctp_state_cell(from, event);

	if (cell->kind == VCTP_CELL_IMPOSSIBLE) {
		vctp_count(vn, Impossible);
		DEBUG_NET_WARN_ON_ONCE(1);
		return VCTP_A_NONE;
	}
	if (cell->kind == VCTP_CELL_IGNORED)
		return VCTP_A_NONE;
	if (cell->next == from)
		return cell->action;

	vctp_count_transition(vn, entry->kind, from, cell->next);
	/* sk_err before the state: pairs with smp_rmb() in vctp_poll(). */
	smp_wmb();
	/* To the kernel, a socket in TIME_WAIT is a struct inet_timewait_sock. */
	if (entry->kind == VCTP_KIND_SOCKET)
		inet_sk_set_state(vctp_entry_sk(entry),
				  cell->next == VCTP_S_TIME_WAIT ?
				  VCTP_S_CLOSED : cell->next);
	else
		WRITE_ONCE(entry->state, cell->next);
	trace_vctp_state(entry, from, cell->next, event);
	vctp_oracle_edge(entry, from, cell->next);
	return cell->action;
}
