// SPDX-License-Identifier: GPL-2.0
/*
 * What the bench measures, over VCTP or TCP by the same code.
 *
 * The server does as the first byte of a connection says: it echoes ('r') or
 * takes a stream ('s'), and times that by its own clock, from the first byte
 * to the FIN, since only what has arrived counts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "linux/vctp.h"

static const char usage[] =
"usage: bench [OPTION]... serve\n"
"       bench [OPTION]... stream|rr|crr HOST\n"
"\n"
"Measure against a server, and print one number:\n"
"\n"
"  stream    megabits a second that arrived (of --count MB)\n"
"  rr        requests a second of one byte, answered by one byte\n"
"  crr       the same, each on a connection of its own\n"
"\n"
"  --proto vctp|tcp    the transport (vctp)\n"
"  -6                  IPv6\n"
"  --port N            (2533)\n"
"  --count N           megabytes of stream (64), or requests (1000)\n"
"\n"
"Exit status: 0, 1 failed, 2 usage.\n";

#define CHUNK		(128 << 10)	/* bytes in one call */
#define CONNECT_TRIES	100		/* 50 ms apart, while the server starts */

static int proto = IPPROTO_VCTP, family = AF_INET;
static const char *port = "2533";
static char buf[CHUNK];

static void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* --- the server --- */

struct result {
	uint64_t bytes;
	uint64_t ns;
};

static int take_stream(int fd)
{
	struct result result = { .bytes = 1 };
	uint64_t start = now_ns();
	ssize_t got;

	while ((got = recv(fd, buf, sizeof(buf), 0)) > 0)
		result.bytes += got;
	if (got < 0)
		return -1;
	result.ns = now_ns() - start;
	return send(fd, &result, sizeof(result), MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static int echo(int fd)
{
	char byte = 'r';
	ssize_t got;

	do {
		if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
			return -1;
		got = recv(fd, &byte, 1, 0);
	} while (got == 1);
	return got;
}

static void serve(void)
{
	struct sockaddr_in6 any = { .sin6_family = family,
				    .sin6_port = htons(atoi(port)) };
	int listener = socket(family, SOCK_STREAM, proto), one = 1, fd;
	char what;

	if (listener < 0)
		die("socket");
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&any, sizeof(any)))
		die("bind");
	if (listen(listener, 128))
		die("listen");
	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			die("accept");
		if (recv(fd, &what, 1, 0) == 1 &&
		    (what == 's' ? take_stream(fd) : echo(fd)))
			perror("bench: a client");
		close(fd);
	}
}

/* --- the clients --- */

static struct sockaddr_storage server;
static socklen_t server_len;

static void find(const char *host)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	int err = getaddrinfo(host, port, &hints, &list);

	if (err) {
		fprintf(stderr, "bench: %s: %s\n", host, gai_strerror(err));
		exit(1);
	}
	memcpy(&server, list->ai_addr, list->ai_addrlen);
	server_len = list->ai_addrlen;
	freeaddrinfo(list);
}

static int dial(int tries)
{
	for (;;) {
		int fd = socket(family, SOCK_STREAM, proto);

		if (fd < 0)
			die("socket");
		if (!connect(fd, (struct sockaddr *)&server, server_len))
			return fd;
		if (errno != ECONNREFUSED || --tries <= 0)
			die("connect");
		close(fd);
		poll(NULL, 0, 50);
	}
}

static double stream(long mb)
{
	uint64_t left = (uint64_t)mb << 20;
	struct result result;
	int fd = dial(CONNECT_TRIES);
	ssize_t put;

	memset(buf, 's', sizeof(buf));
	while (left) {
		put = send(fd, buf, left < CHUNK ? left : CHUNK, MSG_NOSIGNAL);
		if (put < 0)
			die("send");
		left -= put;
	}
	if (shutdown(fd, SHUT_WR))
		die("shutdown");
	if (recv(fd, &result, sizeof(result), MSG_WAITALL) != sizeof(result))
		die("no result");
	close(fd);
	if (result.bytes != (uint64_t)mb << 20) {
		fprintf(stderr, "bench: %llu bytes arrived, not %llu\n",
			(unsigned long long)result.bytes,
			(unsigned long long)mb << 20);
		exit(1);
	}
	return result.bytes * 8e3 / result.ns;
}

static void exchange(int fd)
{
	char byte = 'r';

	if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
		die("send");
	if (recv(fd, &byte, 1, 0) != 1)
		die("recv");
}

static double rr(long count)
{
	int fd = dial(CONNECT_TRIES);
	uint64_t start;

	exchange(fd);
	start = now_ns();
	for (long i = 0; i < count; i++)
		exchange(fd);
	return count * 1e9 / (now_ns() - start);
}

static double crr(long count)
{
	uint64_t start;
	int fd;

	close(dial(CONNECT_TRIES));
	start = now_ns();
	for (long i = 0; i < count; i++) {
		fd = dial(1);
		exchange(fd);
		if (close(fd))
			die("close");
	}
	return count * 1e9 / (now_ns() - start);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "proto", 1, 0, 'P' }, { "port", 1, 0, 'p' },
		{ "count", 1, 0, 'c' }, { "help", 0, 0, 'h' }, { 0 } };
	double (*measure)(long count) = NULL;
	long count = 0;
	int opt;

	while ((opt = getopt_long(argc, argv, "6h", longs, NULL)) != -1) {
		if (opt == 'P' && !strcmp(optarg, "tcp")) {
			proto = IPPROTO_TCP;
		} else if (opt == 'p') {
			port = optarg;
		} else if (opt == 'c') {
			count = atol(optarg);
		} else if (opt == '6') {
			family = AF_INET6;
		} else if (opt == 'h') {
			fputs(usage, stdout);
			return 0;
		} else if (opt != 'P' || strcmp(optarg, "vctp")) {
			goto bad;
		}
	}
	if (argc - optind == 1 && !strcmp(argv[optind], "serve"))
		serve();
	if (argc - optind != 2)
		goto bad;
	if (!strcmp(argv[optind], "stream"))
		measure = stream;
	else if (!strcmp(argv[optind], "rr"))
		measure = rr;
	else if (!strcmp(argv[optind], "crr"))
		measure = crr;
	else
		goto bad;
	if (count <= 0)
		count = measure == stream ? 64 : 1000;
	find(argv[optind + 1]);
	printf("%.1f\n", measure(count));
	return 0;
bad:
	fputs(usage, stderr);
	return 2;
}
