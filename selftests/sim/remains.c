// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/vctp_sockstat and vctp_snmp of both ends, opened once and read
 * again and again.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hosts.h"
#include "remains.h"
#include "result.h"

/* Pages that a CPU keeps in reserve for the next socket, either way. */
#define RESERVE_PAGES	256

static int sockstat[ENDS] = { -1, -1 }, counters[ENDS] = { -1, -1 };

static const char *text_of(int fd)
{
	static char text[8192];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

	text[len > 0 ? len : 0] = 0;
	return text;
}

/**
 * remains_watch() - the hosts are made: open what tells of them
 */
void remains_watch(void)
{
	int i;

	for (i = 0; i < ENDS; i++) {
		sockstat[i] = host_file(i, "/proc/net/vctp_sockstat");
		counters[i] = host_file(i, "/proc/net/vctp_snmp");
		if (sockstat[i] < 0 || counters[i] < 0)
			err(1, "/proc/net/vctp_*");
	}
}

static bool remains_in(enum host host)
{
	long circuits, orphans, time_waits, requests, tombstones, sockets, pages;

	if (sscanf(text_of(sockstat[host]),
		   "VCTP: circuits %ld orphan %ld tw %ld requests %ld tombstones %ld alloc %ld mem %ld",
		   &circuits, &orphans, &time_waits, &requests, &tombstones,
		   &sockets, &pages) != 7)
		errx(1, "vctp_sockstat has another format");
	return circuits || orphans || time_waits || requests || tombstones ||
	       sockets || labs(pages) > RESERVE_PAGES;
}

/**
 * remains_any() - does a circuit, or what belongs to one, still live?
 */
bool remains_any(void)
{
	return remains_in(LEFT) || remains_in(RIGHT);
}

static unsigned long counter(enum host host, const char *name)
{
	char *names, *values, *name_at, *value_at, *text;
	unsigned long value = 0;

	text = strdup(text_of(counters[host]));
	names = strtok_r(text, "\n", &values);
	for (name_at = strtok_r(names, " ", &names),
	     value_at = strtok_r(values, " ", &values);
	     name_at && value_at;
	     name_at = strtok_r(NULL, " ", &names),
	     value_at = strtok_r(NULL, " ", &values)) {
		if (!strcmp(name_at, name))
			value = strtoul(value_at, NULL, 10);
	}
	free(text);
	return value;
}

/**
 * remains_complain() - the time is over in which all should have gone
 */
void remains_complain(void)
{
	int i;

	for (i = 0; i < ENDS; i++) {
		if (remains_in(i))
			complain("host %d: something lives for ever: %.200s", i,
				 text_of(sockstat[i]));
		if (counter(i, "Impossible"))
			complain("host %d: an impossible cell of the state table",
				 i);
	}
}
