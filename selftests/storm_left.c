// SPDX-License-Identifier: GPL-2.0
/* The storm: what is left when all is over: nothing. */
#include <sys/stat.h>
#include <sys/wait.h>
#include "storm.h"

/* "circuits 0 orphan 0 …": the number after @name, or -1. */
static long number_after(const char *path, const char *line, const char *name)
{
	char text[512], what[32];
	long number = -1;
	const char *at;
	FILE *f = fopen(path, "r");

	snprintf(what, sizeof(what), " %s ", name);
	while (f && fgets(text, sizeof(text), f)) {
		if (strncmp(text, line, strlen(line)))
			continue;
		at = strstr(text, what);
		if (at)
			number = atol(at + strlen(what));
		break;
	}
	if (f)
		fclose(f);
	return number;
}

static long total(const char *name)
{
	return storm_vctp ? number_after("/proc/net/vctp_sockstat", "VCTP:", name) :
			    number_after("/proc/net/sockstat", "TCP:", name);
}

/* A list of sockets; those of kernel TCP in TIME_WAIT stay for a minute. */
static int lines(const char *path, bool say)
{
	char text[512], state[8];
	FILE *f = fopen(path, "r");
	int count = 0;

	if (!f)
		storm_die(path);
	while (fgets(text, sizeof(text), f)) {
		if (sscanf(text, "%*s %*s %*s %7s", state) != 1 ||
		    !strcmp(state, "st") || (!storm_vctp && !strcmp(state, "06")))
			continue;
		count++;
		if (say)
			storm_say("left: %s", strtok(text, "\n"));
	}
	fclose(f);
	return count;
}

/* No more than there were before: what others left may have gone meanwhile. */
static bool no_more(const char *name, long before, bool say)
{
	long number = total(name);

	if (number >= 0 && number <= before)
		return true;
	if (say)
		storm_say("left: %s %ld, not %ld", name, number, before);
	return false;
}

static bool nothing(const struct storm_before *before, bool say)
{
	bool none = !lines(storm_vctp ? "/proc/net/vctp" : "/proc/net/tcp", say) &
		    !lines(storm_vctp ? "/proc/net/vctp6" : "/proc/net/tcp6", say) &
		    no_more("orphan", 0, say) & no_more("alloc", before->sockets, say);

	if (!storm_vctp)
		return none;
	return none & no_more("circuits", 0, say) & no_more("tw", 0, say) &
	       no_more("requests", 0, say);
}

void storm_left_before(struct storm_before *before)
{
	before->sockets = total("alloc");
}

/* Timers and RCU need a while; so many seconds at most. */
bool storm_nothing_left(const struct storm_before *before, int seconds)
{
	long end = storm_ms() + seconds * 1000L;

	while (!nothing(before, false)) {
		if (storm_ms() > end)
			return nothing(before, true);
		usleep(100000);
	}
	return true;
}

/* One of /proc/net/vctp_snmp: a line of names, and one of numbers. */
long storm_counter(const char *which)
{
	static const char blanks[] = "\n\t ";
	char names[8192], numbers[8192], *name, *number, *names_at, *numbers_at;
	FILE *f = fopen("/proc/net/vctp_snmp", "r");

	if (!f || !fgets(names, sizeof(names), f) ||
	    !fgets(numbers, sizeof(numbers), f))
		storm_die("/proc/net/vctp_snmp");
	fclose(f);
	name = strtok_r(names, blanks, &names_at);
	number = strtok_r(numbers, blanks, &numbers_at);
	while (name && number && strcmp(name, which)) {
		name = strtok_r(NULL, blanks, &names_at);
		number = strtok_r(NULL, blanks, &numbers_at);
	}
	return number ? atol(number) : -1;
}

static bool run(const char *program, const char *argument)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		execlp(program, program, argument, NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return !status;
}

/* The module goes, which it could not with a socket left, and comes back. */
bool storm_reload(const char *module)
{
	long end = storm_ms() + 30000;

	while (!run("rmmod", "vctp")) {
		if (storm_ms() > end)
			return false;
		usleep(500000);
	}
	return run("insmod", module);
}
