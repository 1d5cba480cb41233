// SPDX-License-Identifier: GPL-2.0
/*
 * sim: plays scenarios on this kernel. See usage().
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "digest.h"
#include "play.h"
#include "result.h"
#include "shrink.h"
#include "verdict.h"

#define COMPLAINED	3	/* the exit status of a scenario that failed */

static int protocol = SIM_VCTP;
static const char *out;
static const char *scenario_path;
static const char *shrink_path;
static bool print_only, stop;
static u64 first = 1, last = 1, step = 1;

static void usage(void)
{
	puts("Usage: sim [ OPTIONS ]\n"
	     "\n"
	     "Plays scenarios in network namespaces of its own; as root. For each it prints\n"
	     "`@@ SEED ok DIGEST' or `@@ SEED failed DIGEST', after lines that say why.\n"
	     "\n"
	     "  --seeds A-B      the scenarios of these seeds (1)\n"
	     "  --step N         every Nth of them only\n"
	     "  --stop           no more after one that failed\n"
	     "  --scenario FILE  the one in FILE instead\n"
	     "  --print          say what would be played, as --scenario reads it\n"
	     "  --protocol P     vctp (default), or tcp to compare\n"
	     "  --out DIR        packets and trace go there\n"
	     "  --shrink DIR     cut the scenario down while it fails; DIR remembers");
}

static void run_here(const struct scenario *scenario)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE,
					  NULL))
		err(1, "a mount namespace");
	digest_number(scenario->seed);
	play(scenario, protocol, out);
	verdict_print(scenario);
	if (complaints)
		printf("# %llu complaints\n", (unsigned long long)complaints);
	printf("@@ %llu %s %016llx\n", (unsigned long long)scenario->seed,
	       complaints ? "failed" : "ok", (unsigned long long)digest);
	fflush(stdout);
	_exit(complaints ? COMPLAINED : 0);
}

/* Its namespaces go with its process. True where nothing was wrong. */
static bool run(const struct scenario *scenario)
{
	pid_t pid;
	int status;

	printf("@@ %llu begins\n", (unsigned long long)scenario->seed);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid)
		run_here(scenario);
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	if (!WIFEXITED(status) ||
	    (WEXITSTATUS(status) && WEXITSTATUS(status) != COMPLAINED)) {
		printf("@@ %llu failed the player ended with status %x\n",
		       (unsigned long long)scenario->seed, status);
		return false;
	}
	/* What is left of its namespaces goes meanwhile. */
	sleep(1);
	return !WEXITSTATUS(status);
}

static void options(int argc, char **argv)
{
	static const struct option known[] = {
		{ "seeds", required_argument, NULL, 's' },
		{ "step", required_argument, NULL, 'n' },
		{ "stop", no_argument, NULL, 'x' },
		{ "scenario", required_argument, NULL, 'f' },
		{ "print", no_argument, NULL, 'p' },
		{ "protocol", required_argument, NULL, 'P' },
		{ "out", required_argument, NULL, 'o' },
		{ "shrink", required_argument, NULL, 'S' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0) {
		switch (option) {
		case 's':
			first = strtoull(optarg, &optarg, 10);
			last = *optarg == '-' ? strtoull(optarg + 1, NULL, 10) :
						first;
			break;
		case 'n':
			step = most(strtoull(optarg, NULL, 10), 1);
			break;
		case 'x':
			stop = true;
			break;
		case 'f':
			scenario_path = optarg;
			break;
		case 'p':
			print_only = true;
			break;
		case 'P':
			protocol = strcmp(optarg, "tcp") ? SIM_VCTP :
							   IPPROTO_TCP;
			break;
		case 'o':
			out = optarg;
			break;
		case 'S':
			shrink_path = optarg;
			break;
		case 'h':
			usage();
			exit(0);
		default:
			exit(2);
		}
	}
}

static bool one(const struct scenario *scenario)
{
	if (print_only) {
		scenario_print(scenario, STDOUT_FILENO);
		return true;
	}
	if (shrink_path)
		return shrink(scenario, shrink_path, run);
	return run(scenario);
}

int main(int argc, char **argv)
{
	static struct scenario scenario;
	bool good = true;
	u64 seed;

	options(argc, argv);
	if (scenario_path) {
		if (!scenario_read(&scenario, scenario_path))
			errx(2, "%s: no scenario", scenario_path);
		return !one(&scenario);
	}
	for (seed = first; seed <= last && (good || !stop); seed += step) {
		scenario_make(&scenario, seed);
		good &= one(&scenario);
	}
	return !good;
}
