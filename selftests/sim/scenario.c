// SPDX-License-Identifier: GPL-2.0
/*
 * A scenario in words: `circuit1.opener.write_bytes 4000', one member a line,
 * those that are 0 left out.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

#define NAME(name)	#name,

static const char * const world_names[] = { SCENARIO_WORLD(NAME) };
static const char * const link_names[] = { SCENARIO_LINK(NAME) };
static const char * const event_names[] = { SCENARIO_EVENT(NAME) };
static const char * const circuit_names[] = { SCENARIO_CIRCUIT(NAME) };
static const char * const actor_names[] = { SCENARIO_ACTOR(NAME) };

#define WORLD_MEMBERS	ARRAY_SIZE(world_names)
#define LINK_MEMBERS	ARRAY_SIZE(link_names)
#define EVENT_MEMBERS	ARRAY_SIZE(event_names)
#define CIRCUIT_MEMBERS	ARRAY_SIZE(circuit_names)
#define ACTOR_MEMBERS	ARRAY_SIZE(actor_names)
#define WITH_ACTORS	(CIRCUIT_MEMBERS + 2 * ACTOR_MEMBERS)

/**
 * scenario_name() - the name of a member
 * @member: which, from 0 to SCENARIO_MEMBERS - 1
 * @buffer: where to write it
 * @len: how long that is
 *
 * Return: @buffer.
 */
const char *scenario_name(size_t member, char *buffer, size_t len)
{
	size_t which;

	if (member < WORLD_MEMBERS) {
		snprintf(buffer, len, "%s", world_names[member]);
		return buffer;
	}
	member -= WORLD_MEMBERS;
	if (member < ENDS * LINK_MEMBERS) {
		snprintf(buffer, len, "link%zu.%s", member / LINK_MEMBERS,
			 link_names[member % LINK_MEMBERS]);
		return buffer;
	}
	member -= ENDS * LINK_MEMBERS;
	if (member < SCENARIO_EVENTS * EVENT_MEMBERS) {
		snprintf(buffer, len, "event%zu.%s", member / EVENT_MEMBERS,
			 event_names[member % EVENT_MEMBERS]);
		return buffer;
	}
	member -= SCENARIO_EVENTS * EVENT_MEMBERS;
	which = member / WITH_ACTORS;
	member %= WITH_ACTORS;
	if (member < CIRCUIT_MEMBERS) {
		snprintf(buffer, len, "circuit%zu.%s", which,
			 circuit_names[member]);
		return buffer;
	}
	member -= CIRCUIT_MEMBERS;
	snprintf(buffer, len, "circuit%zu.%s.%s", which,
		 member < ACTOR_MEMBERS ? "opener" : "acceptor",
		 actor_names[member % ACTOR_MEMBERS]);
	return buffer;
}

/**
 * scenario_print() - write it as text
 * @scenario: the scenario
 * @fd: where to
 */
void scenario_print(const struct scenario *scenario, int fd)
{
	const u64 *values = (const u64 *)scenario;
	char name[64];
	size_t i;

	for (i = 0; i < SCENARIO_MEMBERS; i++) {
		if (values[i])
			dprintf(fd, "%s %llu\n",
				scenario_name(i, name, sizeof(name)),
				(unsigned long long)values[i]);
	}
}

static bool scenario_line(struct scenario *scenario, const char *word,
			  unsigned long long value)
{
	char name[64];
	size_t i;

	for (i = 0; i < SCENARIO_MEMBERS; i++) {
		if (strcmp(scenario_name(i, name, sizeof(name)), word))
			continue;
		((u64 *)scenario)[i] = value;
		return true;
	}
	return false;
}

/* What is wrong with a line; NULL: nothing. */
static const char *scenario_complaint(struct scenario *scenario,
				      const char *line)
{
	char word[64], number[24], more;

	if (sscanf(line, "%63s %23s %c", word, number, &more) != 2 ||
	    strspn(number, "0123456789") != strlen(number))
		return "a line is a member and a number";
	if (!scenario_line(scenario, word, strtoull(number, NULL, 10)))
		return "a scenario has no such member";
	return NULL;
}

/**
 * scenario_read() - read what scenario_print() wrote
 * @scenario: where to
 * @path: a file; lines that begin with # are skipped
 *
 * Return: false where it is none; why has been said.
 */
bool scenario_read(struct scenario *scenario, const char *path)
{
	const char *complaint = NULL;
	unsigned int number = 0;
	char line[128];
	FILE *file;

	memset(scenario, 0, sizeof(*scenario));
	file = fopen(path, "r");
	if (!file) {
		warn("%s", path);
		return false;
	}
	while (!complaint && fgets(line, sizeof(line), file)) {
		number++;
		line[strcspn(line, "\n")] = 0;
		if (*line && *line != '#')
			complaint = scenario_complaint(scenario, line);
	}
	fclose(file);
	if (complaint)
		warnx("%s:%u: `%s': %s", path, number, line, complaint);
	return !complaint;
}

/**
 * scenario_has() - does this kind of event come?
 * @scenario: the scenario
 * @kind: of event
 */
bool scenario_has(const struct scenario *scenario, enum event_kind kind)
{
	size_t i;

	for (i = 0; i < SCENARIO_EVENTS; i++) {
		if (scenario->event[i].kind == kind)
			return true;
	}
	return false;
}
