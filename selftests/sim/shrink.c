// SPDX-License-Identifier: GPL-2.0
/*
 * Every member of a scenario is a number, and 0 means "not at all": so all
 * there is to do is to set one after another to 0, or to half of what it was,
 * and to keep what still fails.
 *
 * The kernel may stop in the middle of a trial, and take us with it. So the
 * folder remembers where we are: `best' is the smallest scenario that failed,
 * `trying' stands there while a trial runs, `next' says which member it is
 * about. Who finds `trying' when it begins knows how that trial ended. `done'
 * says that nothing is left to try.
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
static bool try(const struct scenario *trial,
		bool (*run)(const struct scenario *scenario))
{
	bool failed;

	keep(trial, trying_path);
	failed = !run(trial);
	if (failed)
		keep(trial, best_path);
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

/* The seed and the limit are no faults; a circuit goes before its members. */
static bool may_change(size_t member)
{
	char name[64];

	scenario_name(member, name, sizeof(name));
	return strcmp(name, "seed") && strcmp(name, "limit_ms");
}

/* False where this member is as small as it gets. */
static bool cut(struct scenario *trial, u64 which)
{
	u64 *value = &((u64 *)trial)[which / 2];
	bool halve = which % 2;

	if (!may_change(which / 2) || !*value || (halve && *value < 4))
		return false;
	*value = halve ? *value / 2 : 0;
	return true;
}

/* The trial that the kernel did not survive: it failed. */
static void resume(struct scenario *best)
{
	if (!access(best_path, R_OK) && !scenario_read(best, best_path))
		errx(1, "%s", best_path);
	if (access(trying_path, R_OK))
		return;
	if (scenario_read(best, trying_path))
		keep(best, best_path);
	unlink(trying_path);
}

/**
 * shrink() - cut a scenario down while it still fails
 * @scenario: one that fails
 * @folder: where to remember; empty at the first call
 * @run: plays one; false: it failed
 *
 * Return: true when nothing is left to cut; the result is in `best', which is
 * not there where the scenario does not fail.
 */
bool shrink(const struct scenario *scenario, const char *folder,
	    bool (*run)(const struct scenario *scenario))
{
	struct scenario best = *scenario, trial;
	u64 which;

	paths(folder);
	resume(&best);
	if (access(next_path, R_OK)) {
		set_next(0);
		if (!try(&best, run)) {
			keep(&best, done_path);
			return true;
		}
	}
	for (which = next_trial(); which < 2 * SCENARIO_MEMBERS; which++) {
		trial = best;
		if (!cut(&trial, which))
			continue;
		/* What can be halved once can be halved again. */
		set_next(which % 2 ? which : which + 1);
		if (try(&trial, run)) {
			best = trial;
			which -= which % 2;
		} else {
			set_next(which + 1);
		}
	}
	keep(&best, done_path);
	return true;
}
