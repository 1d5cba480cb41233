// SPDX-License-Identifier: GPL-2.0
/*
 * lab: --nic veth --clock virtual --memory 4096
 *
 * 100,000 established circuits in one namespace, and what it costs to find one
 * of them: round trips of one byte are timed with few circuits and with all.
 * Under the virtual clock that counts instructions, two ns each.
 *
 * Both ends are in this process's namespace, over lo: 50,000 connections, each
 * of which is two circuits there. Several addresses of 127/8 make room for the
 * ports.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include "kselftest.h"
#include "linux/vctp.h"
#include "testbed.h"

#define CIRCUITS	100000
#define CONNECTIONS	(CIRCUITS / 2)
#define ADDRESSES	10		/* 127.0.0.1 and the next ones */
#define PORT		2545
#define ROUNDS		2000		/* round trips in a measurement */
#define TIMES		5		/* measurements; the best one counts */
#define SAMPLE		50		/* connections that it goes over */
#define SLOWER_NS	400		/* for the look-ups of a round trip: four */

static int proto = IPPROTO_VCTP;
static int near_end[CONNECTIONS], far_end[CONNECTIONS];

static void die(const char *what)
{
	ksft_exit_fail_msg("%s: %s\n", what, strerror(errno));
}

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec / 1e3;
}

static int listener_at(struct in_addr address)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(PORT),
				   .sin_addr = address };
	int fd = socket(AF_INET, SOCK_STREAM, proto);

	if (fd < 0)
		die("socket");
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)))
		die("bind");
	if (listen(fd, 128))
		die("listen");
	return fd;
}

static void connect_all(int from, int to)
{
	static int listeners[ADDRESSES];
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	for (int i = from; i < to; i++) {
		int which = i / (CONNECTIONS / ADDRESSES);

		sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK + which);
		if (!listeners[which])
			listeners[which] = listener_at(sin.sin_addr);
		near_end[i] = socket(AF_INET, SOCK_STREAM, proto);
		if (near_end[i] < 0)
			die("socket");
		if (connect(near_end[i], (struct sockaddr *)&sin, sizeof(sin)))
			die("connect");
		far_end[i] = accept(listeners[which], NULL, NULL);
		if (far_end[i] < 0)
			die("accept");
	}
}

static void round_trip(int i)
{
	char byte = i;

	if (send(near_end[i], &byte, 1, 0) != 1 || recv(far_end[i], &byte, 1, 0) != 1 ||
	    send(far_end[i], &byte, 1, 0) != 1 || recv(near_end[i], &byte, 1, 0) != 1)
		die("round trip");
	if (byte != (char)i)
		ksft_exit_fail_msg("connection %d got a byte of another\n", i);
}

/*
 * Microseconds of a round trip, over a sample of connections that are @apart:
 * ones that have carried nothing yet, since the first segments of each are
 * acknowledged in another way.
 */
static double cost(int first, int apart)
{
	double best = 0;

	for (int time = 0; time < TIMES; time++) {
		double start = now_us(), took;

		for (int i = 0; i < ROUNDS; i++)
			round_trip(first + i % SAMPLE * apart);
		took = (now_us() - start) / ROUNDS;
		if (!time || took < best)
			best = took;
	}
	return best;
}

/* How many are ESTABLISHED, by /proc/net/vctp. */
static int established(void)
{
	FILE *list = fopen(proto == IPPROTO_TCP ? "/proc/self/net/tcp" :
						  "/proc/self/net/vctp", "r");
	unsigned int state;
	char line[512];
	int count = 0;

	if (!list)
		die("/proc/net/vctp");
	while (fgets(line, sizeof(line), list))
		if (sscanf(line, "%*s %*s %*s %x", &state) == 1 &&
		    state == VCTP_ESTABLISHED)
			count++;
	fclose(list);
	return count;
}

int main(void)
{
	struct rlimit files = { CIRCUITS + 1000, CIRCUITS + 1000 };
	double few, many, start, opening;
	int count;

	if (getenv("PROTO") && !strcmp(getenv("PROTO"), "tcp"))
		proto = IPPROTO_TCP;
	ksft_print_header();
	ksft_set_plan(4);
	if (setrlimit(RLIMIT_NOFILE, &files))
		ksft_exit_skip("no limit of %d open files\n", CIRCUITS + 1000);
	if (own_namespace()) {
		if (errno == EPERM)
			ksft_exit_skip("a network namespace needs root\n");
		die("a namespace");
	}

	connect_all(0, SAMPLE);
	few = cost(0, 1);
	start = now_us();
	connect_all(SAMPLE, CONNECTIONS);
	opening = (now_us() - start) / (CONNECTIONS - SAMPLE);
	/* from one end to the other, and none of the first */
	many = cost(SAMPLE, (CONNECTIONS - SAMPLE) / SAMPLE);
	count = established();

	ksft_print_msg("%d circuits; %.1f us to open one with its peer\n", count, opening);
	ksft_test_result(count == CIRCUITS, "S1 %d circuits are established at once\n",
			 CIRCUITS);
	ksft_print_msg("a round trip: %.3f us among %d circuits, %.3f us among all\n",
		       few, 2 * SAMPLE, many);
	ksft_test_result(many - few <= SLOWER_NS / 1e3,
			 "S1 four look-ups among them cost no more than %d ns more\n",
			 SLOWER_NS);

	for (int i = 0; i < CONNECTIONS; i++)
		round_trip(i);
	ksft_test_result_pass("S1 each of them still carries its own data\n");

	for (int i = 0; i < CONNECTIONS; i++) {
		/* the RST ends both ends, and leaves no TIME_WAIT */
		struct linger now = { .l_onoff = 1 };

		if (setsockopt(near_end[i], SOL_SOCKET, SO_LINGER, &now, sizeof(now)))
			die("SO_LINGER");
		close(near_end[i]);
		close(far_end[i]);
	}
	count = established();
	ksft_test_result(!count, "S1 none is left after all are closed (%d)\n", count);
	ksft_finished();
}
