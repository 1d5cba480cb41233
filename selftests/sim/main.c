// SPDX-License-Identifier: GPL-2.0
/*
 * sim: plays scenarios on this kernel. See usage().
 */
#include <ctype.h>
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
#include "hosts.h"
#include "play.h"
#include "result.h"
#include "shrink.h"
#include "verdict.h"

#define COMPLAINED	3	/* the exit status of a scenario that failed */

static int protocol = SIM_VCTP;
static const char *out;
static const char *scenario_path;
static const char *shrink_path;
static bool print_only, stop, once;
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
	     "  --shrink DIR     cut the scenario down while it fails; DIR remembers\n"
	     "  --once           with --shrink: one trial, of which DIR/trying tells\n"
	     "                   while it is not known to have passed\n"
	     "\n"
	     "The exit status is 0 where nothing failed, 1 where something did, and 2 where\n"
	     "the arguments are wrong or nothing can be played.");
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

/* The digits at @at, behind which it then stands. */
static bool number(const char **at, u64 *value)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return false;
	errno = 0;
	*value = strtoull(*at, &end, 10);
	*at = end;
	return !errno && *value <= INT64_MAX;
}

static void parse_seeds(const char *text)
{
	const char *at = text;
	bool good = number(&at, &first);

	last = first;
	if (good && *at == '-') {
		at++;
		good = number(&at, &last);
	}
	if (!good || *at || last < first)
		errx(2, "--seeds wants a number, or a range such as 1-100, and not `%s'",
		     text);
}

static void parse_step(const char *text)
{
	const char *at = text;

	if (!number(&at, &step) || *at || !step)
		errx(2, "--step wants a number from 1 on, and not `%s'", text);
}

static void parse_protocol(const char *text)
{
	if (!strcmp(text, "tcp"))
		protocol = IPPROTO_TCP;
	else if (strcmp(text, "vctp"))
		errx(2, "--protocol is vctp or tcp, and not `%s'", text);
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
		{ "once", no_argument, NULL, '1' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0) {
		switch (option) {
		case 's':
			parse_seeds(optarg);
			break;
		case 'n':
			parse_step(optarg);
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
			parse_protocol(optarg);
			break;
		case 'o':
			out = optarg;
			break;
		case 'S':
			shrink_path = optarg;
			break;
		case '1':
			once = true;
			break;
		case 'h':
			usage();
			exit(0);
		default:
			exit(2);
		}
	}
	if (optind < argc)
		errx(2, "nothing is known of `%s'; see sim --help",
		     argv[optind]);
	if (once && !shrink_path)
		errx(2, "--once goes with --shrink only");
}

static bool one(const struct scenario *scenario)
{
	if (print_only) {
		scenario_print(scenario, STDOUT_FILENO);
		return true;
	}
	if (shrink_path)
		return shrink(scenario, shrink_path, once, run);
	return run(scenario);
}

int main(int argc, char **argv)
{
	static struct scenario scenario;
	bool good = true;
	u64 seed;

	/* What is said has to be out when the kernel stops. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	options(argc, argv);
	if (scenario_path && !scenario_read(&scenario, scenario_path))
		return 2;
	if (protocol == SIM_VCTP && !print_only)
		hosts_check();
	if (scenario_path)
		return !one(&scenario);
	for (seed = first; seed <= last && (good || !stop); seed += step) {
		scenario_make(&scenario, seed);
		good &= one(&scenario);
	}
	return !good;
}
