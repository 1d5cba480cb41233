// SPDX-License-Identifier: GPL-2.0
/* Fetch what a server has to send: an ordinary program with a socket. */
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include "linux/vctp.h"

static const char usage[] =
	"usage: fetch [-4|-6] [--proto vctp|tcp] [--port N] HOST [FILE]\n"
	"Write what HOST sends to FILE, or to the standard output.\n"
	"Exit status 1: failed, 2: usage.\n";

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int dial(const char *host, const char *port, int family, int proto)
{
	/* Names know nothing of VCTP: ask for streams, then use our protocol. */
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list, *a;
	int fd = -1, err = getaddrinfo(host, port, &hints, &list);

	if (err) {
		fprintf(stderr, "%s: %s\n", host, gai_strerror(err));
		exit(1);
	}
	for (a = list; a; a = a->ai_next) {
		fd = socket(a->ai_family, SOCK_STREAM, proto);
		if (fd < 0)
			die("socket");
		if (!connect(fd, a->ai_addr, a->ai_addrlen))
			break;
		if (!a->ai_next)
			die("connect");
		close(fd);
	}
	freeaddrinfo(list);
	return fd;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "proto", 1, 0, 'P' }, { "port", 1, 0, 'p' }, { "help", 0, 0, 'h' }, { 0 } };
	int proto = IPPROTO_VCTP, family = AF_UNSPEC, out = STDOUT_FILENO, opt, fd;
	static char buf[65536];
	const char *port = "2530";
	ssize_t got, put;

	while ((opt = getopt_long(argc, argv, "46P:p:h", longs, NULL)) != -1) {
		if (opt == 'P' && !strcmp(optarg, "tcp"))
			proto = IPPROTO_TCP;
		else if (opt == 'p')
			port = optarg;
		else if (opt == '4' || opt == '6')
			family = opt == '6' ? AF_INET6 : AF_INET;
		else if (opt != 'P' || strcmp(optarg, "vctp"))
			return fputs(usage, opt == 'h' ? stdout : stderr), opt == 'h' ? 0 : 2;
	}
	if (argc - optind < 1 || argc - optind > 2)
		return fputs(usage, stderr), 2;

	fd = dial(argv[optind], port, family, proto);
	if (argc - optind == 2)
		out = open(argv[optind + 1], O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (out < 0)
		die(argv[optind + 1]);
	while ((got = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t done = 0; done < got; done += put) {
			put = write(out, buf + done, got - done);
			if (put < 0)
				die("write");
		}
	if (got < 0)
		die("read");		/* an end that was no FIN */
	if (close(fd) || close(out))
		die("close");
	return 0;
}
