// SPDX-License-Identifier: GPL-2.0
/*
 * A scenario's events: blackouts, cards that change or go, and an attacker who
 * knows addresses and ports, but sees no packet.
 *
 * To add a fault: its kind in scenario.h, its draw in generate.c, and here
 * what it does.
 */
#include <string.h>

#include "actor.h"
#include "agenda.h"
#include "faults.h"
#include "network.h"
#include "random.h"
#include "wire.h"

#define FORGED_APART_US		1500
#define STRANGER		99	/* an address that nobody has */

static struct chance chance;
static bool ours;

static void put16(u8 *at, u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(u8 *at, u32 value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* The host's card; of the router's two, the right one. */
static enum card_number card_of(u64 where)
{
	return where == ROUTER ? CARD_ROUTER_RIGHT : (enum card_number)where;
}

static void card_back(void *what, u64 where)
{
	(void)what;
	card_up(card_of(where), true);
	wire_disturb(LEFT);
	wire_disturb(RIGHT);
}

static void card_gone(u64 where, s64 back_us)
{
	card_up(card_of(where), false);
	wire_disturb(LEFT);
	wire_disturb(RIGHT);
	agenda_add(back_us, card_back, NULL, where);
}

/* A segment with everything right but for what only the two ends know. */
static size_t forge_segment(u8 *at, u16 source, u16 dest, u16 flags,
			    size_t payload)
{
	size_t len = HEADER_LEN + (flags & SYN ? 16 : 0);

	memset(at, 0, len + payload);
	put16(at, source);
	put16(at + 2, dest);
	put32(at + 4, (u32)chance_u64(&chance) >> !!(flags & SYN));
	put16(at + 8, len / 8 << 10 | flags);
	put32(at + 12, 65535);
	put32(at + 16, chance_u64(&chance));
	put32(at + 20, flags & ACK ? chance_u64(&chance) : 0);
	put32(at + 24, chance_u64(&chance));
	if (flags & SYN) {
		at[HEADER_LEN] = 1;	/* OPEN */
		at[HEADER_LEN + 1] = 12;
		at[HEADER_LEN + 2] = 1;
		put32(at + HEADER_LEN + 4, 0x56435450);
		put16(at + HEADER_LEN + 8, 1400);
	}
	len += payload;
	put16(at + 10, ~packet_sum(at, len));
	return len;
}

/* A port unreachable, or a packet too big, about a segment never seen. */
static size_t forge_icmp(u8 *at, bool v6, bool to_right, u16 source, u16 dest)
{
	size_t quote;

	memset(at, 0, 8);
	/* Of a segment that the victim is to have sent. */
	quote = packet_ip(at + 8, v6, !to_right, 0, SIM_VCTP, HEADER_LEN);
	forge_segment(at + 8 + quote, source, dest, ACK, 0);
	quote += HEADER_LEN;
	if (v6) {
		at[0] = chance_below(&chance, 2) ? 1 : 2;
		put32(at + 4, at[0] == 2 ? 1280 : 0);
	} else {
		at[0] = 3;
		at[1] = chance_below(&chance, 2) ? 3 : 4;
		put32(at + 4, at[1] == 4 ? 600 : 0);
		put16(at + 2, ~packet_sum(at, 8 + quote));
	}
	return 8 + quote;
}

/* The sum of ICMPv6 is over the addresses too. */
static void sum_icmp6(u8 *packet, size_t len)
{
	u8 pseudo[40 + 2048] = {};

	memcpy(pseudo, packet + 8, 32);
	put32(pseudo + 32, len);
	pseudo[39] = 58;
	memcpy(pseudo + 40, packet + 40, len);
	put16(packet + 42, ~packet_sum(pseudo, 40 + len));
}

static void forge(void *what, u64 left)
{
	const struct scenario_event *event = what;
	const struct actor *victim = &actors[chance_below(&chance, ACTORS)];
	bool to_right = event->where == RIGHT, v6;
	u8 packet[2048], body[1024];
	bool icmp = event->kind == EVENT_FORGED_ICMP;
	u8 stranger = 0;
	size_t len, head;

	if (left > 1)
		agenda_add(now_us + FORGED_APART_US, forge, what, left - 1);
	if (!victim->plan || victim->host != (enum host)event->where)
		return;
	v6 = victim->circuit->family == 6;
	if (event->kind == EVENT_FORGED_SYN) {
		stranger = STRANGER;
		len = forge_segment(body, chance_between(&chance, 1, 65535),
				    victim->local_port, SYN, 0);
	} else if (icmp) {
		len = forge_icmp(body, v6, to_right, victim->local_port,
				 victim->remote_port);
	} else {
		len = forge_segment(body, victim->remote_port,
				    victim->local_port,
				    event->kind == EVENT_FORGED_RST ?
				    RST | ACK : ACK | PSH,
				    event->kind == EVENT_FORGED_RST ? 0 : 200);
	}
	head = packet_ip(packet, v6, to_right, stranger,
			 icmp ? v6 ? 58 : 1 : SIM_VCTP, len);
	memcpy(packet + head, body, len);
	if (icmp && v6)
		sum_icmp6(packet, len);
	network_inject(event->where, packet, head + len);
}

static void happen(void *what, u64 detail)
{
	const struct scenario_event *event = what;
	s64 until_us = now_us + event->length_ms * USEC_PER_MSEC;

	(void)detail;
	switch (event->kind) {
	case EVENT_BLACKOUT:
		network_blackout(event->where, until_us);
		break;
	case EVENT_MTU:
		if (cards[card_of(event->where)].used)
			card_mtu(card_of(event->where), event->value);
		wire_disturb(LEFT);
		wire_disturb(RIGHT);
		break;
	case EVENT_DOWN:
		card_gone(event->where, until_us);
		break;
	default:
		/* Kernel TCP knows nothing of our segments. */
		if (ours)
			forge(what, event->count);
	}
}

/**
 * faults_make() - put a scenario's events on the agenda
 * @scenario: the scenario; stays
 * @vctp: the programs use our protocol
 */
void faults_make(const struct scenario *scenario, bool vctp)
{
	size_t i;

	chance_seed(&chance, scenario->seed, 7);
	ours = vctp;
	for (i = 0; i < SCENARIO_EVENTS; i++) {
		const struct scenario_event *event = &scenario->event[i];

		if (event->kind)
			agenda_add(event->at_ms * USEC_PER_MSEC, happen,
				   (void *)event, 0);
	}
}
