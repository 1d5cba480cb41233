// SPDX-License-Identifier: GPL-2.0
/*
 * The one loop: what the hosts have sent, what is due, whom the kernel has
 * woken; and when nothing is left to do, time passes.
 */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include "actor.h"
#include "agenda.h"
#include "clock.h"
#include "faults.h"
#include "listener.h"
#include "network.h"
#include "oracle.h"
#include "pcap.h"
#include "play.h"
#include "remains.h"
#include "result.h"
#include "trace.h"
#include "verdict.h"

/* A SYN+ACK's last repeat may still give accept() a circuit. */
#define LATE_ACCEPT_US	(130 * USEC_PER_SEC)
/* Orphans: nine time-outs of 120 s; TIME_WAIT; a cookie's tombstone. */
#define REMAINS_US	(3600 * USEC_PER_SEC)
#define LOOK_US		(20 * USEC_PER_SEC)
/* Rounds at one moment: more and somebody goes in circles. */
#define ROUNDS_MOST	200000

static void play_now(void)
{
	u64 rounds = 0;
	bool busy;

	do {
		busy = network_drain();
		busy |= agenda_run();
		busy |= actors_run();
		if (++rounds > ROUNDS_MOST) {
			complain("time stands still");
			break;
		}
	} while (busy);
	trace_take();
}

/* Until then, or as long as @going says so. */
static void play_until(s64 until_us, bool (*going)(void))
{
	s64 next;

	clock_read();
	play_now();
	while (now_us < until_us && (!going || going())) {
		next = agenda_next();
		if (next < 0 || next > until_us)
			next = until_us;
		clock_wait(next);
		play_now();
	}
}

static void play_remains(void)
{
	s64 until_us = now_us + REMAINS_US;

	while (now_us < until_us && remains_any())
		play_until(now_us + LOOK_US, NULL);
	remains_complain();
}

static void play_files(const char *out)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/packets.pcap", out);
	pcap_open(path);
	snprintf(path, sizeof(path), "%s/trace", out);
	trace_open(path);
}

/**
 * play() - play a scenario in namespaces of its own
 * @scenario: the scenario
 * @protocol: of the programs: 253, or 6 to compare
 * @out: a folder for packets and trace, or NULL
 */
void play(const struct scenario *scenario, int protocol, const char *out)
{
	bool vctp = protocol == SIM_VCTP;
	s64 forever = scenario->limit_ms * USEC_PER_MSEC * 2;
	int i;

	hosts_make(scenario, vctp);
	if (vctp)
		remains_watch();
	if (out)
		play_files(out);
	clock_begin();
	if (vctp)
		hosts_seed(scenario);
	network_make(scenario, protocol);
	oracle_make(scenario, vctp);
	actors_make(scenario, protocol);
	faults_make(scenario, vctp);
	for (i = 0; i < CARDS; i++) {
		if (cards[i].used)
			clock_watch(cards[i].fd);
	}
	clock_watch(actors_poll_fd());

	play_until(forever, actors_busy);
	play_until(now_us + LATE_ACCEPT_US, NULL);
	play_until(forever, actors_busy);
	listeners_stop();
	if (vctp)
		play_remains();
	verdict_programs(scenario);
}
