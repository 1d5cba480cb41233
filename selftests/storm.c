// SPDX-License-Identifier: GPL-2.0
/*
 * lab: --nic veth --smp 2
 *
 * The storm: threads on different CPUs make calls on one socket at the same
 * moment, every call against every other and against every segment that may
 * arrive, in every state that the socket can be put in. The kernel must not
 * warn (the lab sees to that), nobody may hang, no call may fail with an errno
 * that it does not have, and at the end nothing may be left.
 *
 *	storm [SECONDS] [SEED] [CALL [CALL [STATE]]]
 *
 * Each pair of calls is played once, in one of the states; then again in the
 * next, until SECONDS are over or all pairs have been in all states. Where
 * nobody says how long, the first time of each pair may take longer; where
 * SECONDS or VCTP_BOX (of tools/test) do, what had no turn is skipped. The same
 * seed makes the same choices; who comes first is up to the machine. By day the
 * seed is 1, by night another each time. With CALL (such as "recv") that one is
 * played against all others, with two these against each other, until the time
 * is over, in all states or in one (such as "listening"): more of it in less
 * time.
 * PROTO=tcp: over kernel TCP, without the segments that are made by hand.
 */
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <time.h>
#include "kselftest.h"
#include "storm.h"

#define BOX_S		20
#define BOX_NIGHTLY_S	300
#define FIRST_S		400	/* for each pair once, where nobody says */
#define VANISHING	40	/* processes that end in the middle of a round */
#define LEFT_S		60
#define PLACES		(STATES * FAMILIES)

bool storm_vctp = true;
int storm_proto = IPPROTO_VCTP;

static uint64_t random_state;
static const char *only, *with;	/* NULL: all calls */
static int at = -1;	/* the only state; -1: all */
static bool cut_short;	/* some pairs had no turn */
static char module[4096];

void storm_die(const char *what)
{
	ksft_exit_fail_msg("%s: %s\n", what, strerror(errno));
}

/* One line, whole: threads may speak at the same time. */
void storm_say(const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	printf("# %s\n", line);
	fflush(stdout);
}

static void usage(const char *wrong)
{
	fprintf(stderr, "storm: %s: storm [SECONDS] [SEED] [CALL [CALL [STATE]]]\n",
		wrong);
	exit(2);
}

/* -- The list of all calls -- */

int storm_call_count(void)
{
	return storm_calls_count + storm_options_count + storm_segments_count;
}

const struct storm_call *storm_call(int number)
{
	if (number < storm_calls_count)
		return &storm_calls[number];
	number -= storm_calls_count;
	if (number < storm_options_count)
		return &storm_options[number];
	return &storm_segments[number - storm_options_count];
}

static bool played(int number)
{
	return storm_vctp || !storm_call(number)->vctp_only;
}

/* -- Pairs -- */

struct pair {
	int a, b;
	int rounds;
};

static struct pair *pairs;
static int pairs_count;
static unsigned long rounds, not_entered;

/* Is it one of those that were asked for? */
static bool wanted(const char *a, const char *b)
{
	return (!only || !strcmp(only, a)) && (!with || !strcmp(with, b));
}

static void add_pair(int a, int b)
{
	const char *first = storm_call(a)->name, *second = storm_call(b)->name;

	if (!played(a) || !played(b) ||
	    !(wanted(first, second) || wanted(second, first)))
		return;
	pairs[pairs_count].a = a;
	pairs[pairs_count++].b = b;
}

/* Shuffled, so that neighbours in the list are no neighbours in time. */
static void make_pairs(void)
{
	int a, b, n = storm_call_count();
	struct pair swap;

	if (n > STORM_CALLS)
		storm_die("STORM_CALLS");
	pairs = calloc(n * (n + 1) / 2, sizeof(*pairs));
	if (!pairs)
		storm_die("pairs");
	for (a = 0; a < n; a++)
		for (b = a; b < n; b++)
			add_pair(a, b);
	if (!pairs_count)
		usage("no such pair of calls");
	for (a = pairs_count - 1; a > 0; a--) {
		b = storm_draw(&random_state) % (a + 1);
		swap = pairs[a];
		pairs[a] = pairs[b];
		pairs[b] = swap;
	}
}

/* Who sits on which CPU; and in every second round a third, from a segment. */
static void cast(const struct pair *p, int call[STORM_THREADS])
{
	uint64_t bits = storm_draw(&random_state);
	int third = storm_calls_count + storm_options_count +
		    (bits >> 8) % storm_segments_count;

	call[0] = bits & 1 ? p->a : p->b;
	call[1] = bits & 1 ? p->b : p->a;
	call[2] = bits & 2 && played(third) ? third : -1;
}

/*
 * Each pair in its next place. Neighbours begin at different ones; 7 has no
 * divisor in common with how many there are.
 */
static void play_pair(int number, int pass)
{
	int place = (number * 7 + pass) % PLACES;
	int state = at < 0 ? place % STATES : at;
	struct pair *p = &pairs[number];
	int call[STORM_THREADS];

	if (storm_enter(state, place / STATES, &random_state)) {
		cast(p, call);
		storm_play(call, storm_draw(&random_state));
		p->rounds++;
		rounds++;
	} else {
		not_entered++;
	}
	storm_leave();
}

static int pairs_played(void)
{
	int i, some = 0;

	for (i = 0; i < pairs_count; i++)
		some += pairs[i].rounds > 0;
	return some;
}

static void tell_pairs(void)
{
	int some = pairs_played();

	if (cut_short)
		ksft_test_result_skip("B5 %d of %d pairs of calls: the time was over\n",
				      pairs_count - some, pairs_count);
	else
		ksft_test_result(some == pairs_count,
				 "B5 all of %d pairs of calls were played\n",
				 pairs_count);
}

/* @first: so many seconds at most until each pair has been played once */
static void play_pairs(int seconds, int first)
{
	long begun = storm_ms(), end = begun + seconds * 1000L;
	long first_end = begun + first * 1000L;
	int pass, number;

	/* one pair has all the time, many have each place once at most */
	for (pass = 0; with ? storm_ms() <= end : pass < PLACES; pass++) {
		for (number = 0; number < pairs_count; number++) {
			/* what could not be entered is tried elsewhere */
			if (storm_ms() <= (pairs[number].rounds ? end : first_end))
				play_pair(number, pass);
			else
				cut_short |= !pairs[number].rounds;
		}
		if (!pass && pairs_played() == pairs_count)
			storm_say("all pairs once after %ld ms",
				  storm_ms() - begun);
	}
	storm_say("%lu rounds, %lu with a call that had to be woken, %ld ms",
		  rounds, storm_released, storm_ms() - begun);
	tell_pairs();
	ksft_test_result(!storm_slept, "B5 no call slept though poll() saw a reason to wake\n");
	/* A call of the round before may still keep a port or a queue. */
	ksft_test_result(not_entered * 20 <= rounds,
			 "B5 the socket came to the wanted state, but for %lu times\n",
			 not_entered);
}

/* -- What was seen -- */

static bool errnos_fine(const struct storm_call *call, const struct storm_seen *s)
{
	char text[512] = "";
	bool fine = true;
	size_t len = 0;
	int error;

	for (error = 0; error < STORM_ERRNOS; error++) {
		if (!s->errnos[error])
			continue;
		fine &= storm_may(call, error);
		if (len < sizeof(text))
			len += snprintf(text + len, sizeof(text) - len, " %s %lu",
					strerrorname_np(error), s->errnos[error]);
	}
	storm_say("%-24s %7lu calls, %7lu good%s", call->name, s->calls, s->good,
		  text);
	return fine;
}

static void tell_seen(void)
{
	bool fine = true, good = true;
	int i;

	for (i = 0; i < storm_call_count(); i++) {
		if (!played(i))
			continue;
		fine &= errnos_fine(storm_call(i), &storm_seen[i]);
		good &= storm_seen[i].good > 0;
	}
	ksft_test_result(fine, "B5 each errno is one that the call has\n");
	if (only)
		ksft_test_result_skip("B5 all calls succeed: one was asked for\n");
	else if (cut_short && !good)
		ksft_test_result_skip("B5 all calls succeed: the time was over\n");
	else
		ksft_test_result(good, "B5 each call has succeeded at least once\n");
}

/* What was sent has come to where it should: or nothing was proved by it. */
static void tell_counters(void)
{
	static const char * const names[] = {
		"InRsts", "DropRstInexact", "DropReflected", "OfoQueued",
		"ChallengeAcks", "IcmpHard", "IcmpSoft", "PmtuReductions",
		"RequestOverflow", "CookiesTaken", "ListenOverflow",
		"TimeWaits", "EstabResets", "AttemptFails", "LingerAborts",
		"UnreadAborts", "RtoTimeouts",
	};
	bool all = true;
	unsigned int i;

	if (!storm_vctp || only) {
		ksft_test_result_skip("B5 what arrived: only VCTP counts it, if all is played\n");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		storm_say("%-24s %7ld", names[i], storm_counter(names[i]));
		all &= storm_counter(names[i]) > 0;
	}
	if (cut_short && !all)
		ksft_test_result_skip("B5 what arrived: the time was over\n");
	else
		ksft_test_result(all, "B5 what arrived was seen by the circuits\n");
}

/* -- A place of its own -- */

static void open_namespace(void)
{
	if (own_namespace()) {
		if (errno == EPERM)
			ksft_exit_skip("a network namespace needs root\n");
		storm_die("a namespace");
	}
	storm_sysctls_open();
}

/*
 * Time stamps stay on in the kernel: what switches them puts a breakpoint into
 * the code of all CPUs for a moment, and QEMU may come to it after that moment.
 */
static void keep_time_stamps(void)
{
	int one = 1, fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &one, sizeof(one)))
		storm_die("SO_TIMESTAMP");
}

/* A process, and with it its namespace, that ends in the middle of a round. */
static void vanish(uint64_t random)
{
	int call[STORM_THREADS], i;

	open_namespace();
	storm_states_open();
	if (storm_vctp)
		storm_segments_open();
	storm_stage_open();
	if (!storm_enter(storm_draw(&random) % STATES,
			 storm_draw(&random) % FAMILIES, &random))
		_exit(0);
	for (i = 0; i < STORM_THREADS; i++) {
		call[i] = storm_draw(&random) % storm_call_count();
		if (!played(call[i]))
			call[i] = -1;
	}
	storm_start(call, random);
	usleep(storm_draw(&random) % 3000);
	_exit(0);
}

static void play_vanishing(void)
{
	int i, status, bad = 0;
	pid_t pid;

	for (i = 0; i < VANISHING; i++) {
		uint64_t random = storm_draw(&random_state);

		pid = fork();
		if (!pid)
			vanish(random);
		waitpid(pid, &status, 0);
		bad += status != 0;
	}
	ksft_test_result(!bad, "B5 %d processes ended in the middle of calls\n",
			 VANISHING);
}

static void look_at_the_rest(const struct storm_before *before)
{
	storm_states_close();
	ksft_test_result(storm_nothing_left(before, LEFT_S),
			 "B5 no circuit, request, TIME_WAIT object or socket is left\n");
	if (!storm_vctp) {
		ksft_test_result_skip("B5 no impossible event: TCP does not count\n");
		ksft_test_result_skip("B5 rmmod: TCP is no module\n");
		return;
	}
	ksft_test_result(!storm_counter("Impossible"), "B5 no impossible event\n");
	if (access(module, R_OK))
		ksft_test_result_skip("B5 rmmod: no vctp.ko beside the tests\n");
	else
		ksft_test_result(storm_reload(module), "B5 rmmod and insmod\n");
}

static int state_named(const char *name)
{
	int state;

	for (state = 0; state < STATES; state++)
		if (!strcmp(storm_state_names[state], name))
			return state;
	usage("no such state");
	return -1;
}

static const char *call_named(const char *name)
{
	int i;

	for (i = 0; i < storm_call_count(); i++)
		if (!strcmp(storm_call(i)->name, name))
			return name;
	usage("no such call");
	return NULL;
}

static uint64_t numeral(const char *word, uint64_t most)
{
	uint64_t value;
	char *end;

	errno = 0;
	value = strtoull(word, &end, 0);
	if (errno || !isdigit(*word) || *end || value > most)
		usage("not a number, or too large");
	return value;
}

static int at_most(int value, int most)
{
	return value < most ? value : most;
}

int main(int argc, char **argv)
{
	const char *proto = getenv("PROTO"), *nightly = getenv("VCTP_NIGHTLY");
	const char *box = getenv("VCTP_BOX");
	int seconds = nightly && *nightly ? BOX_NIGHTLY_S : BOX_S;
	uint64_t seed = seconds == BOX_S ? 1 : time(NULL);
	int first = FIRST_S;
	struct storm_before before;
	ssize_t len;
	char *slash;

	if (proto && !strcmp(proto, "tcp")) {
		storm_vctp = false;
		storm_proto = IPPROTO_TCP;
	}
	if (argc > 1) {
		seconds = numeral(argv[1], INT_MAX);
		first = seconds;
	} else if (box && *box) {
		seconds = at_most(numeral(box, INT_MAX), seconds);
		first = at_most(numeral(box, INT_MAX), first);
	}
	if (argc > 2)
		seed = numeral(argv[2], UINT64_MAX);
	if (argc > 3)
		only = call_named(argv[3]);
	if (argc > 4)
		with = call_named(argv[4]);
	if (argc > 6)
		usage("too many words");
	if (argc > 5)
		at = state_named(argv[5]);
	len = readlink("/proc/self/exe", module, sizeof(module) - 32);
	slash = len > 0 ? strrchr(module, '/') : NULL;
	if (slash)
		strcpy(slash, "/../vctp.ko");

	ksft_print_header();
	ksft_set_plan(10);
	if (storm_vctp && access("/proc/net/vctp", R_OK))
		ksft_exit_skip("vctp.ko is not loaded\n");
	storm_say("%d s, seed %llu", seconds, (unsigned long long)seed);
	random_state = seed;

	open_namespace();
	keep_time_stamps();
	storm_left_before(&before);
	play_vanishing();
	storm_states_open();
	if (storm_vctp)
		storm_segments_open();
	storm_stage_open();
	make_pairs();
	play_pairs(seconds, first);
	tell_seen();
	tell_counters();
	look_at_the_rest(&before);
	ksft_finished();
}
