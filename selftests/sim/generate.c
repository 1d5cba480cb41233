// SPDX-License-Identifier: GPL-2.0
/*
 * From a seed to a scenario. Most are small and each has few faults, so that
 * a failure says something; some have everything at once. Each choice is drawn
 * whatever the others were: see random.c.
 */
#include <string.h>

#include "random.h"
#include "scenario.h"

#define CALLS_MOST	400	/* of write() or read() for one stream */
#define MINUTE_MS	60000ULL
#define HOUR_MS		(60 * MINUTE_MS)

/* True once in so many. */
static bool once_in(struct chance *c, u64 times)
{
	return !chance_below(c, times);
}

static u64 one_of(struct chance *c, const u64 *from, size_t count)
{
	return from[chance_below(c, count)];
}

#define ONE_OF(chance, ...)						\
	one_of(chance, (const u64[]){ __VA_ARGS__ },			\
	       sizeof((const u64[]){ __VA_ARGS__ }) / sizeof(u64))

static void make_link(struct chance *c, struct scenario_link *link)
{
	link->rate_kbit = chance_scale(c, 64, 1000000);
	link->delay_us = chance_scale(c, 20, 400000);
	if (once_in(c, 2))
		link->jitter_us = chance_below(c, link->delay_us + 1);
	/* Half a round trip to many, never less than a few segments. */
	link->queue_bytes = most(6000, link->rate_kbit * link->delay_us / 8000 *
				 chance_between(c, 1, 4));
	if (once_in(c, 2))
		link->loss_ppm = chance_scale(c, 100, 100000);
	if (once_in(c, 4)) {
		link->burst_ppm = chance_scale(c, 500, 20000);
		link->recover_ppm = chance_scale(c, 50000, 500000);
		link->bad_loss_ppm = chance_between(c, 200000, 1000000);
	}
	if (once_in(c, 3)) {
		link->reorder_ppm = chance_scale(c, 1000, 200000);
		link->reorder_us = chance_scale(c, 10, 3 * link->delay_us + 20);
	}
	if (once_in(c, 3))
		link->duplicate_ppm = chance_scale(c, 1000, 200000);
	if (once_in(c, 3))
		link->flip_ppm = chance_scale(c, 1000, 100000);
	if (once_in(c, 3)) {
		link->late_ppm = chance_scale(c, 1000, 100000);
		link->late_ms = chance_scale(c, 100, 2 * MINUTE_MS);
	}
	/* Most circuits are over by then, and their cookies not out of date. */
	if (once_in(c, 2))
		link->cookie_ms = chance_scale(c, 1000, 2 * MINUTE_MS);
	if (once_in(c, 3))
		link->cut_ppm = chance_scale(c, 5000, 500000);
}

static void make_event(struct chance *c, struct scenario_event *event,
		       bool v6)
{
	event->kind = chance_between(c, EVENT_BLACKOUT, EVENT_KINDS - 1);
	event->at_ms = chance_scale(c, 1, 20000);
	event->length_ms = chance_scale(c, 1, 30000);
	event->where = chance_below(c, ENDS);
	event->count = chance_scale(c, 1, 60);
	event->value = chance_u64(c) >> 32;
	/* IPv6 wants 1280 bytes, or it leaves the device. */
	if (event->kind == EVENT_MTU) {
		event->value = chance_between(c, v6 ? 1280 : 600, 1500);
		event->where = chance_below(c, HOSTS);
	}
}

static void make_stream(struct chance *c, struct scenario_actor *actor)
{
	u64 bytes = chance_scale(c, 1, once_in(c, 8) ? 2000000 : 200000);

	if (once_in(c, 5))
		bytes = 0;
	actor->write_bytes = bytes;
	actor->write_chunk = most(bytes / CALLS_MOST,
				  chance_scale(c, 1, 100000));
	if (once_in(c, 4))
		actor->write_pause_us = chance_scale(c, 10, 100000);
	if (once_in(c, 6)) {
		actor->write_stall_at = chance_below(c, bytes + 1);
		actor->write_stall_ms = chance_scale(c, 1, 5 * MINUTE_MS);
	}
}

static void make_reading(struct chance *c, struct scenario_actor *actor,
			 u64 bytes)
{
	actor->read_chunk = most(bytes / CALLS_MOST,
				 chance_scale(c, 1, 100000));
	if (once_in(c, 4))
		actor->read_pause_us = chance_scale(c, 10, 100000);
	if (once_in(c, 4)) {
		actor->read_stall_at = chance_below(c, bytes + 1);
		actor->read_stall_ms = chance_scale(c, 1, 5 * MINUTE_MS);
	}
	if (once_in(c, 12))
		actor->read_stop = 1 + chance_below(c, bytes + 1);
}

static void make_ending(struct chance *c, struct scenario_actor *actor)
{
	actor->shut = !once_in(c, 3);
	if (once_in(c, 6))
		actor->end = chance_between(c, END_ABORT, END_KINDS - 1);
	if (once_in(c, 10))
		actor->end_ms = chance_scale(c, 1, 60000);
	if (once_in(c, 10))
		actor->idle_ms = chance_scale(c, 1, 3 * HOUR_MS);
}

static void make_options(struct chance *c, struct scenario_actor *actor)
{
	actor->level = once_in(c, 3);
	actor->vector = once_in(c, 3);
	actor->more = once_in(c, 6);
	actor->peek = once_in(c, 6);
	actor->nodelay = once_in(c, 3);
	actor->cork = once_in(c, 8);
	actor->quickack = once_in(c, 8);
	if (once_in(c, 5))
		actor->sndbuf = chance_scale(c, 4096, 1000000);
	if (once_in(c, 4))
		actor->rcvbuf = chance_scale(c, 2048, 1000000);
	if (once_in(c, 4)) {
		actor->keep_idle_s = chance_scale(c, 1, 3000);
		actor->keep_intvl_s = chance_scale(c, 1, 100);
		actor->keep_count = chance_between(c, 3, 12);
	}
	if (once_in(c, 12))
		actor->user_timeout_ms = chance_scale(c, 3000, 200000);
	if (once_in(c, 8))
		actor->maxseg = chance_between(c, 100, 1500);
	if (once_in(c, 8))
		actor->linger2_s = chance_scale(c, 1, 100);
	if (once_in(c, 10))
		actor->defer_s = chance_scale(c, 1, 10);
	if (once_in(c, 6))
		actor->classic = chance_between(c, 1, 2);
	if (once_in(c, 6))
		actor->time_wait_ms = 1 + chance_below(c, 240001);
	if (once_in(c, 10))
		actor->lowat = chance_scale(c, 1, 2000);
	if (once_in(c, 6))
		actor->recovery = chance_between(c, 1, 2);
	if (once_in(c, 12))
		actor->window_clamp = chance_scale(c, 500, 100000);
	if (once_in(c, 12))
		actor->notsent_lowat = chance_scale(c, 1, 50000);
	if (once_in(c, 12))
		actor->syn_count = chance_between(c, 1, 8);
	if (once_in(c, 8))
		actor->urgent = 1 + chance_below(c, actor->write_bytes + 1);
}

/* One segment in each round trip: so many bytes do. */
static void make_brief(struct scenario_actor *actor)
{
	if (actor->recovery == 2)
		actor->write_bytes = least(actor->write_bytes, 100000);
}

/* It sleeps in front of a full buffer, so that its peer's window stays shut. */
static void make_sleeper(struct chance *c, struct scenario_actor *sleeper,
			 struct scenario_actor *writer)
{
	u64 bytes;

	sleeper->rcvbuf = chance_scale(c, 2048, 16384);
	bytes = chance_between(c, 2, 6) * sleeper->rcvbuf;
	writer->write_bytes = most(writer->write_bytes, bytes);
	writer->write_chunk = most(writer->write_chunk,
				   writer->write_bytes / CALLS_MOST);
	sleeper->read_chunk = most(sleeper->read_chunk,
				   writer->write_bytes / CALLS_MOST);
	sleeper->read_stall_at = chance_below(c, bytes / 2);
	sleeper->read_stall_ms = chance_scale(c, 5000, 5 * MINUTE_MS);
}

/* What would make two programs wait for each other, by their own fault. */
static void make_sense(struct scenario_circuit *circuit)
{
	struct scenario_actor *a = &circuit->actor[0], *b = &circuit->actor[1];

	/* It would never be pulled out. */
	if (a->cork && !a->write_bytes)
		a->cork = 0;
	if (b->cork && !b->write_bytes)
		b->cork = 0;
	/* A listener that defers waits for data, or for its time. */
	if (circuit->simultaneous || !a->write_bytes)
		b->defer_s = 0;
	/* Fewer bytes than its low mark wake nobody, but for an end of file. */
	if (!b->shut)
		a->lowat = 0;
	if (!a->shut)
		b->lowat = 0;
}

static void make_circuit(struct chance *c, struct scenario_circuit *circuit,
			 size_t number)
{
	u64 bytes, sleeper;

	circuit->used = 1;
	if (number)
		circuit->start_ms = chance_scale(c, 1, 90000) - 1;
	circuit->family = ONE_OF(c, 4, 4, 6, 6, 46);
	circuit->opener = chance_below(c, ENDS);
	circuit->simultaneous = once_in(c, 10);
	circuit->listener = once_in(c, 2) ? number : 0;
	if (once_in(c, 6) || circuit->simultaneous)
		circuit->client_port = 2000 + chance_below(c, 2);
	circuit->backlog = ONE_OF(c, 0, 1, 5, 128, 128);
	if (once_in(c, 5))
		circuit->accept_ms = chance_scale(c, 1, 20000);
	make_stream(c, &circuit->actor[0]);
	make_stream(c, &circuit->actor[1]);
	bytes = most(circuit->actor[0].write_bytes,
		     circuit->actor[1].write_bytes);
	make_reading(c, &circuit->actor[0], bytes);
	make_reading(c, &circuit->actor[1], bytes);
	make_ending(c, &circuit->actor[0]);
	make_ending(c, &circuit->actor[1]);
	make_options(c, &circuit->actor[0]);
	make_options(c, &circuit->actor[1]);
	make_brief(&circuit->actor[0]);
	make_brief(&circuit->actor[1]);
	if (once_in(c, 6)) {
		sleeper = chance_below(c, 2);
		make_sleeper(c, &circuit->actor[sleeper],
			     &circuit->actor[!sleeper]);
	}
	make_sense(circuit);
}

static void make_world(struct chance *c, struct scenario *scenario)
{
	scenario->routed = once_in(c, 3);
	if (once_in(c, 4))
		scenario->gro_us = chance_scale(c, 20, 2000);
	if (once_in(c, 10))
		scenario->ring = chance_between(c, 4, 50);
	scenario->calm_ms = chance_scale(c, 1000, 5 * MINUTE_MS);
	scenario->limit_ms = 8 * HOUR_MS;
	scenario->cookies = ONE_OF(c, 0, 1, 1, 2);
	scenario->classic = once_in(c, 6);
	if (once_in(c, 4))
		scenario->time_wait_ms = 1 + chance_below(c, 240001);
	if (once_in(c, 6))
		scenario->rto_min_ms = chance_scale(c, 1, 1000);
	if (once_in(c, 6))
		scenario->fin_timeout_ms = chance_scale(c, 1, 100000);
	if (once_in(c, 12))
		scenario->retries = chance_between(c, 3, 15);
}

/**
 * scenario_make() - from a seed to a scenario
 * @scenario: is written
 * @seed: any number
 */
void scenario_make(struct scenario *scenario, u64 seed)
{
	size_t i, circuits, events;
	bool v6 = false;
	struct chance c;

	memset(scenario, 0, sizeof(*scenario));
	scenario->seed = seed;
	chance_seed(&c, seed, 0);
	make_world(&c, scenario);
	make_link(&c, &scenario->link[LEFT]);
	if (once_in(&c, 2))
		make_link(&c, &scenario->link[RIGHT]);
	else
		scenario->link[RIGHT] = scenario->link[LEFT];

	circuits = once_in(&c, 2) ? 1 : chance_between(&c, 2, SCENARIO_CIRCUITS);
	for (i = 0; i < circuits; i++) {
		make_circuit(&c, &scenario->circuit[i], i);
		v6 |= scenario->circuit[i].family == 6;
	}
	events = once_in(&c, 2) ? 0 : chance_between(&c, 1, 4);
	for (i = 0; i < events; i++)
		make_event(&c, &scenario->event[i], v6);
}
