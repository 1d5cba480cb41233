// SPDX-License-Identifier: GPL-2.0
/*
 * Every member of a scenario is a number, and 0 means "not at all": so all
 * there is to do is to set one after another to 0, or to half of what it was,
 * and to keep what still fails.
 *
 * The kernel may stop in the middle of a trial, and take us with it. So the
 * folder remembers where we are: `best' is the smallest scenario that failed,
 * `trying' stands there while a trial runs, `next' says which member it is
 * comes after it. Who finds `trying' when it begins knows how that trial ended.
 * `done' says that nothing is left to try.
 *
 * What only the module's end shows, or a look for leaks behind it, cannot be
 * known here: then each boot has one trial, and whoever boots removes `trying'
 * where nothing was wrong.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shrink.h"

static char best_path[256], trying_path[256], next_path[256], done_path[256];

static void paths(const char *folder)
{
	snprintf(best_path, sizeof(best_path), "%s/best", folder);
	snprintf(trying_path, sizeof(trying_path), "%s/trying", folder);
	snprintf(next_path, sizeof(next_path), "%s/next", folder);
	snprintf(done_path, sizeof(done_path), "%s/done", folder);
}

static void keep(const struct scenario *scenario, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		err(1, "%s", path);
	scenario_print(scenario, fd);
	fsync(fd);
	close(fd);
}

/* True where it failed: then it is the best so far. */
static bool try(const struct scenario *trial, bool once,
		bool (*run)(const struct scenario *scenario))
{
	bool failed;

	keep(trial, trying_path);
	failed = !run(trial);
	if (failed)
		keep(trial, best_path);
	if (failed || !once)
		unlink(trying_path);
	return failed;
}

/* A trial is a member and whether it is halved: 2 * member + halved. */
static u64 next_trial(void)
{
	unsigned long long next = 0;
	FILE *file = fopen(next_path, "r");

	if (file) {
		if (fscanf(file, "%llu", &next) != 1)
			next = 0;
		fclose(file);
	}
	return next;
}

static void set_next(u64 next)
{
	int fd = open(next_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		err(1, "%s", next_path);
	dprintf(fd, "%llu\n", (unsigned long long)next);
	close(fd);
}

/* The seed and the limit are no faults. */
static bool may_change(size_t member)
{
	char name[64];

	scenario_name(member, name, sizeof(name));
	return strcmp(name, "seed") && strcmp(name, "limit_ms");
}

/* Without its first member a circuit, or an event, has no other. */
static void cut_all(struct scenario *trial, const u64 *first)
{
	size_t i;

	for (i = 0; i < SCENARIO_EVENTS; i++) {
		if (first == &trial->event[i].kind)
			memset(&trial->event[i], 0, sizeof(trial->event[i]));
	}
	for (i = 0; i < SCENARIO_CIRCUITS; i++) {
		if (first == &trial->circuit[i].used)
			memset(&trial->circuit[i], 0,
			       sizeof(trial->circuit[i]));
	}
}

/* False where this member is as small as it gets. */
static bool cut(struct scenario *trial, u64 which)
{
	u64 *value = &((u64 *)trial)[which / 2];
	bool halve = which % 2;

	if (!may_change(which / 2) || !*value || (halve && *value < 4))
		return false;
	*value = halve ? *value / 2 : 0;
	if (!halve)
		cut_all(trial, value);
	return true;
}

/* The trial that the kernel did not survive: it failed. */
static void resume(struct scenario *best)
{
	u64 next = next_trial();

	if (!access(best_path, R_OK) && !scenario_read(best, best_path))
		errx(1, "%s", best_path);
	if (access(trying_path, R_OK))
		return;
	if (scenario_read(best, trying_path))
		keep(best, best_path);
	unlink(trying_path);
	/* What can be halved once can be halved again. */
	if (next && next % 2 == 0)
		set_next(next - 1);
}

/**
 * shrink() - cut a scenario down while it still fails
 * @scenario: one that fails
 * @folder: where to remember; empty at the first call
 * @once: one trial only, since it may fail after our end
 * @run: plays one; false: it failed
 *
 * Return: true. Nothing is left to cut when `done' is there; the result is in
 * `best', which is not there where the scenario does not fail.
 */
bool shrink(const struct scenario *scenario, const char *folder, bool once,
	    bool (*run)(const struct scenario *scenario))
{
	struct scenario best = *scenario, trial;
	u64 which;

	paths(folder);
	resume(&best);
	if (access(next_path, R_OK)) {
		bool failed;

		set_next(0);
		failed = try(&best, once, run);
		if (!failed && !once)
			keep(&best, done_path);
		if (!failed || once)
			return true;
	}
	for (which = next_trial(); which < 2 * SCENARIO_MEMBERS; which++) {
		bool failed;

		trial = best;
		if (!cut(&trial, which))
			continue;
		set_next(which + 1);
		failed = try(&trial, once, run);
		if (failed)
			best = trial;
		if (failed && which % 2)
			set_next(which--);
		if (once)
			return true;
	}
	keep(&best, done_path);
	return true;
}
