// SPDX-License-Identifier: GPL-2.0
/* Serve a file to whoever connects: an ordinary program with a socket. */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include "linux/vctp.h"

static const char usage[] =
	"usage: serve [-6] [--proto vctp|tcp] [--port N] [-v] FILE\n"
	"Send FILE to each that connects: by IPv4, or with -6 both. -v tells what it took.\n"
	"Exit status 1: failed, 2: usage.\n";

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* What the circuit, or the TCP connection, knows of itself. */
static void tell(int fd, int proto)
{
	struct vctp_info v = { 0 };
	struct tcp_info t = { 0 };
	socklen_t len = proto == IPPROTO_TCP ? sizeof(t) : sizeof(v);

	if (proto == IPPROTO_TCP) {
		if (getsockopt(fd, SOL_TCP, TCP_INFO, &t, &len))
			die("TCP_INFO");
	} else {
		if (getsockopt(fd, SOL_VCTP, VCTP_INFO, &v, &len))
			die("VCTP_INFO");
		t.tcpi_total_retrans = v.vctpi_total_retrans;
		t.tcpi_rtt = v.vctpi_srtt;
	}
	printf("retransmitted %u rtt %u\n", t.tcpi_total_retrans, t.tcpi_rtt);
	fflush(stdout);
}

static int send_file(int fd, const char *path)
{
	int file = open(path, O_RDONLY);
	ssize_t sent;
	char end;

	if (file < 0)
		die(path);
	while ((sent = sendfile(fd, file, NULL, 1 << 30)) > 0)
		continue;
	close(file);
	if (sent < 0)
		return -1;
	shutdown(fd, SHUT_WR);		/* our FIN: there is no more */
	return read(fd, &end, 1);	/* its FIN: it has taken it all */
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "proto", 1, 0, 'P' }, { "port", 1, 0, 'p' }, { "help", 0, 0, 'h' }, { 0 } };
	/* In both families the port is in one place, and zeros are any address. */
	struct sockaddr_in6 any = { .sin6_family = AF_INET, .sin6_port = htons(2530) };
	int proto = IPPROTO_VCTP, verbose = 0, one = 1, opt, fd;

	while ((opt = getopt_long(argc, argv, "6P:p:vh", longs, NULL)) != -1) {
		if (opt == 'P' && !strcmp(optarg, "tcp"))
			proto = IPPROTO_TCP;
		else if (opt == 'p')
			any.sin6_port = htons(atoi(optarg));
		else if (opt == '6')
			any.sin6_family = AF_INET6;
		else if (opt == 'v')
			verbose = 1;
		else if (opt != 'P' || strcmp(optarg, "vctp"))
			return fputs(usage, opt == 'h' ? stdout : stderr), opt == 'h' ? 0 : 2;
	}
	if (optind + 1 != argc)
		return fputs(usage, stderr), 2;
	setlinebuf(stdout);
	fd = socket(any.sin6_family, SOCK_STREAM, proto);
	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 16))
		die("bind");
	for (int peer; (peer = accept(fd, NULL, NULL)) >= 0; close(peer)) {
		if (send_file(peer, argv[optind]) < 0)
			perror("send");	/* this peer is lost, not the others */
		else if (verbose)
			tell(peer, proto);
	}
	die("accept");
}
