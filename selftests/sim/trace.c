// SPDX-License-Identifier: GPL-2.0
/*
 * Copied as it comes: it has to be there when the kernel stops in the middle.
 * Its times are the scenario's, as those of packets and complaints are; the
 * kernel's own messages have its clock, so the first line says how far it is
 * ahead.
 */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "clock.h"
#include "trace.h"
#include "types.h"

#define TRACING		"/sys/kernel/tracing"
#define DECIMALS	6	/* of a time: µs */

static int from = -1, to = -1;
static bool begun;

static void tell(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), TRACING "/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		warn("%s", path);
	close(fd);
}

/**
 * trace_open() - events go there from now on
 * @path: a file; written anew
 */
void trace_open(const char *path)
{
	if (access(TRACING "/trace", R_OK) &&
	    mount("tracefs", TRACING, "tracefs", 0, NULL)) {
		warn("no tracepoints: tracefs");
		return;
	}
	tell("trace", "");
	tell("trace_clock", "mono");
	tell("events/vctp/enable", "1");
	from = open(TRACING "/trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (from < 0 || to < 0)
		err(1, "%s", path);
}

static void put(const char *text, size_t len)
{
	if (write(to, text, len) != (ssize_t)len)
		err(1, "trace");
}

/* The scenario begins when its clock does, not when the file is opened. */
static void begin(void)
{
	char text[128];
	s64 us = clock_begin_us();
	int len = snprintf(text, sizeof(text),
			   "# the scenario's clock; the kernel's is ahead by %lld.%06lld s\n",
			   (long long)(us / USEC_PER_SEC),
			   (long long)(us % USEC_PER_SEC));

	begun = true;
	put(text, len);
}

/* Where ` 262.144123: ' stands in a line, or NULL. */
static const char *find_time(const char *line)
{
	const char *at, *digit;

	for (at = strchr(line, '.'); at; at = strchr(at + 1, '.')) {
		if (strspn(at + 1, "0123456789") != DECIMALS ||
		    at[1 + DECIMALS] != ':')
			continue;
		digit = at;
		while (digit > line && isdigit((unsigned char)digit[-1]))
			digit--;
		if (digit < at && digit > line && digit[-1] == ' ')
			return digit;
	}
	return NULL;
}

/* One line by the scenario's clock; returns its length then. */
static size_t put_line(char *out, const char *line)
{
	const char *at = find_time(line);
	char *dot, *rest;
	s64 us;

	if (!at)
		return sprintf(out, "%s\n", line);
	us = strtoll(at, &dot, 10) * USEC_PER_SEC;
	us += strtoll(dot + 1, &rest, 10) - clock_begin_us();
	return sprintf(out, "%.*s%s%lld.%06lld%s\n", (int)(at - line), line,
		       us < 0 ? "-" : "", llabs(us / USEC_PER_SEC),
		       llabs(us % USEC_PER_SEC), rest);
}

/**
 * trace_take() - copy what has come
 */
void trace_take(void)
{
	/* A line is a page at most, and what it grows by is far from its length. */
	static char text[8192], out[2 * sizeof(text)];
	static size_t held;
	char *line, *end;
	size_t made;
	ssize_t len;

	if (from >= 0 && !begun)
		begin();
	while (from >= 0 &&
	       (len = read(from, text + held, sizeof(text) - 1 - held)) > 0) {
		held += len;
		text[held] = 0;
		made = 0;
		for (line = text; (end = strchr(line, '\n')); line = end + 1) {
			*end = 0;
			made += put_line(out + made, line);
		}
		put(out, made);
		held -= line - text;
		memmove(text, line, held);
	}
}
