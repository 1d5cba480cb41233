// SPDX-License-Identifier: GPL-2.0
/*
 * An error is right only where the scenario explains it; so is a program that
 * never comes to its end. Each explanation is one small function.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "oracle.h"
#include "result.h"
#include "verdict.h"

/* Until an orphan's waits have doubled to the longest, 120 s. */
#define ORPHAN_WAITS_MS		100000

/* Does a link lose more than so many in a million? */
static bool loses(const struct scenario *s, u64 ppm)
{
	int i;

	for (i = 0; i < ENDS; i++) {
		const struct scenario_link *link = &s->link[i];

		if (link->loss_ppm + link->flip_ppm > ppm || link->burst_ppm)
			return true;
	}
	return false;
}

/* Nothing, at times, comes through: someone may give up. */
static bool outage(const struct scenario *s)
{
	return loses(s, s->retries ? 0 : 150000) ||
	       scenario_has(s, EVENT_BLACKOUT) || scenario_has(s, EVENT_DOWN);
}

/* Something may be lost, so that the last word of an ended peer may be. */
static bool lossy(const struct scenario *s)
{
	return loses(s, 0) || outage(s) || s->ring ||
	       scenario_has(s, EVENT_MTU);
}

/* Did its peer go in another way than by a FIN after its last byte? */
static bool deserted(const struct actor *a)
{
	const struct actor *peer = a->peer;

	return peer->phase == ACTOR_WAITING || peer->early || peer->error ||
	       peer->stuck || peer->plan->end == END_ABORT ||
	       peer->plan->read_stop || peer->plan->end_ms;
}

/* In front of a shut window nobody's data waits only for so long. */
static bool outwaited(const struct actor *a)
{
	u64 patience_ms = a->peer->options->user_timeout_ms ?
			  a->peer->options->user_timeout_ms : ORPHAN_WAITS_MS;

	return a->plan->read_stall_ms + a->circuit->accept_ms >= patience_ms;
}

/*
 * A peer without a program may be gone for good before it is asked again; but
 * first all that it wrote is taken, or it has waited long enough.
 */
static bool forgotten(const struct scenario *s, const struct actor *a)
{
	return a->peer->phase == ACTOR_ENDED &&
	       (a->received == a->peer->written || outage(s) || outwaited(a));
}

/* Do so many call the same listener that not all may wait there? */
static bool crowded(const struct scenario *s, const struct actor *a)
{
	const struct scenario_circuit *circuit;
	u64 others = 0;

	for (circuit = s->circuit; circuit < s->circuit + SCENARIO_CIRCUITS;
	     circuit++) {
		others += circuit->used && circuit != a->circuit &&
			  circuit->opener == a->circuit->opener &&
			  circuit->family == a->circuit->family &&
			  circuit->listener == a->circuit->listener;
	}
	/* The backlog is the one of whoever came first. */
	return others || scenario_has(s, EVENT_FORGED_SYN);
}

/* Did it ask, or wait, in vain for as long as it wants to? */
static bool gave_up(const struct scenario *s, const struct actor *a)
{
	const struct scenario_actor *options = a->options;

	if (outage(s) || deserted(a))
		return true;
	if ((options->user_timeout_ms || options->keep_idle_s) &&
	    (lossy(s) || forgotten(s, a)))
		return true;
	if (options->user_timeout_ms && a->peer->plan->read_stall_ms)
		return true;
	if (options->syn_count && lossy(s))
		return true;
	return a->circuit->backlog < SCENARIO_CIRCUITS && crowded(s, a);
}

static bool explained(const struct scenario *s, const struct actor *a)
{
	switch (a->error) {
	case ECONNRESET:
	case EPIPE:
	case ENOTCONN:
		return deserted(a) || forgotten(s, a);
	case ETIMEDOUT:
		return gave_up(s, a);
	case ECONNREFUSED:
		/* Of two that call each other the other has given up. */
		return a->circuit->simultaneous && deserted(a);
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ENETDOWN:
		return scenario_has(s, EVENT_DOWN);
	case EADDRINUSE:
	case EADDRNOTAVAIL:
		return a->circuit->client_port;
	default:
		return false;
	}
}

/* Nobody told it that its peer has gone, and it never asked. */
static bool waits_rightly(const struct scenario *s, const struct actor *a)
{
	if (a->peer->phase == ACTOR_WAITING)
		return true;
	return !a->peer->stuck && lossy(s) && !oracle_fin_taken(a);
}

/**
 * verdict_programs() - all have ended: was it right?
 * @scenario: the scenario
 */
void verdict_programs(const struct scenario *scenario)
{
	size_t i;

	for (i = 0; i < ACTORS; i++) {
		const struct actor *a = &actors[i];

		if (!a->plan || a->phase != ACTOR_ENDED)
			continue;
		if (a->error && !explained(scenario, a))
			complain("stream %u: %s() gave %s, and nothing explains it",
				 (u32)a->stream, a->call, strerror(a->error));
		if (a->stuck && !waits_rightly(scenario, a))
			complain("stream %u: stuck, %llu of %llu written, %llu of %llu read",
				 (u32)a->stream, (unsigned long long)a->written,
				 (unsigned long long)a->plan->write_bytes,
				 (unsigned long long)a->received,
				 (unsigned long long)a->peer->written);
	}
}

/* Does one of a circuit's programs go before all is said? */
static bool ends_early(const struct scenario_circuit *circuit)
{
	int i;

	for (i = 0; i < 2; i++) {
		const struct scenario_actor *plan = &circuit->actor[i];

		if (plan->end == END_ABORT || plan->end_ms || plan->read_stop)
			return true;
	}
	return false;
}

/* What may make two runs differ whose packets differ. */
static const char *luck(const struct scenario *s,
			const struct scenario_circuit *circuit)
{
	return ends_early(circuit) ? "early" : outage(s) ? "outage" : "none";
}

/**
 * verdict_print() - a line for each program: what it saw
 * @scenario: the scenario
 *
 * Its last word says what leaves it to luck how far a circuit comes.
 */
void verdict_print(const struct scenario *scenario)
{
	static const char * const phases[] = { "nobody-called", "opening",
					       "open", "ended" };
	size_t i;

	for (i = 0; i < ACTORS; i++) {
		const struct actor *a = &actors[i];

		if (!a->plan)
			continue;
		printf("@ %llu %zu.%s %s wrote %llu read %llu %s %s %s %s\n",
		       (unsigned long long)scenario->seed, i / 2,
		       i % 2 ? "acceptor" : "opener", phases[a->phase],
		       (unsigned long long)a->written,
		       (unsigned long long)a->received,
		       a->eof ? "eof" : "no-eof", a->error ? a->call : "-",
		       a->stuck ? "STUCK" : a->error ?
		       strerrorname_np(a->error) : "-",
		       luck(scenario, a->circuit));
	}
}
