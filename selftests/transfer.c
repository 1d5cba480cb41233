// SPDX-License-Identifier: GPL-2.0
/*
 * One end of a transfer: send a stream of pseudo-random bytes, and check each
 * byte of the one that comes. What is sent at each place follows from the
 * seed, so that a byte changed, lost, doubled or moved is found and named.
 *
 * Five kinds of program do it, since each takes another way into the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "linux/vctp.h"
#include "uring.h"

static const char usage[] =
"usage: transfer [OPTION]... listen\n"
"       transfer [OPTION]... connect HOST\n"
"\n"
"Send a pseudo-random stream and check the one that the peer sends.\n"
"\n"
"  --proto vctp|tcp    the transport (vctp)\n"
"  -4, -6              the family; HOST decides if neither is given\n"
"  --port N            (2532)\n"
"  --kind KIND         poll, blocking, sendfile, splice or uring (poll)\n"
"  --send BYTES        what this end sends (1048576)\n"
"  --receive BYTES     what the peer has to send (1048576)\n"
"  --seed N            the same at both ends (1)\n"
"  --answer            begin to send after the peer has closed its half\n"
"  --retry SECONDS     connect again while refused (0)\n"
"  --timeout SECONDS   give up after (120)\n"
"  --quiet             say nothing where all is well\n"
"\n"
"Exit status: 0 all bytes right, 1 not so, 2 usage, 4 not to be had here.\n";

#define CHUNK		(256 << 10)	/* bytes in one call, at most */
#define EXIT_SKIP	4		/* kselftest's */

enum { SENDING, RECEIVING };

static struct {
	int proto, family, port, timeout_s, retry_s;
	const char *kind;
	uint64_t send, receive, seed[2];
	bool answer, quiet, connects;
} opt = {
	.proto = IPPROTO_VCTP, .family = AF_UNSPEC, .port = 2532,
	.timeout_s = 120, .kind = "poll", .send = 1 << 20, .receive = 1 << 20,
	.seed = { 1, 1 },
};

static void die(const char *what)
{
	fprintf(stderr, "transfer (%s, %s): %s: %s\n",
		opt.connects ? "connect" : "listen", opt.kind, what,
		strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* --- the stream --- */

/* Eight bytes at place 8 * @n: splitmix64. */
static uint64_t word_at(uint64_t seed, uint64_t n)
{
	uint64_t z = seed * 0xd1342543de82ef95ULL + (n + 1) * 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static void fill(uint8_t *buf, uint64_t seed, uint64_t at, size_t len)
{
	while (len) {
		uint64_t word = word_at(seed, at / 8);
		size_t from = at % 8, n = 8 - from < len ? 8 - from : len;

		memcpy(buf, (uint8_t *)&word + from, n);
		buf += n;
		at += n;
		len -= n;
	}
}

/* @len bytes have come for place @at. */
static void check(const uint8_t *got, uint64_t at, size_t len)
{
	static uint8_t want[CHUNK];	/* one receiver a process */

	if (at + len > opt.receive) {
		fprintf(stderr, "transfer (%s): %llu bytes came, %llu were due\n",
			opt.kind, (unsigned long long)(at + len),
			(unsigned long long)opt.receive);
		exit(1);
	}
	fill(want, opt.seed[RECEIVING], at, len);
	if (!memcmp(got, want, len))
		return;
	for (size_t i = 0; i < len; i++) {
		if (got[i] == want[i])
			continue;
		fprintf(stderr, "transfer (%s): byte %llu is %02x, not %02x\n",
			opt.kind, (unsigned long long)(at + i), got[i], want[i]);
		exit(1);
	}
}

static void check_end(uint64_t at)
{
	if (at == opt.receive)
		return;
	fprintf(stderr, "transfer (%s): the stream ended at byte %llu of %llu\n",
		opt.kind, (unsigned long long)at, (unsigned long long)opt.receive);
	exit(1);
}

/* Sizes of calls: odd ones, small ones and large ones, the same each run. */
static size_t piece(uint64_t at, uint64_t total)
{
	uint64_t dice = word_at(total, at);
	size_t n = 1 + (dice >> 8) % (dice % 4 ? 3000 : CHUNK);

	return n < total - at ? n : total - at;
}

/* --- threads of the kinds that block: one sends, one receives --- */

static uint64_t send_piece_blocking(int fd, int file, uint64_t at, size_t n)
{
	static uint8_t buf[CHUNK];
	ssize_t put;

	(void)file;
	fill(buf, opt.seed[SENDING], at, n);
	put = write(fd, buf, n);
	if (put < 0)
		die("write");
	return put;
}

static uint64_t send_piece_sendfile(int fd, int file, uint64_t at, size_t n)
{
	off_t from = at;
	ssize_t put = sendfile(fd, file, &from, n);

	if (put <= 0)
		die("sendfile");
	return put;
}

static uint64_t send_piece_splice(int fd, int file, uint64_t at, size_t n)
{
	static int pipes[2] = { -1, -1 };
	loff_t from = at;
	ssize_t in, out, done;

	if (pipes[0] < 0 && pipe(pipes))
		die("pipe");
	in = splice(file, &from, pipes[1], NULL, n, 0);
	if (in <= 0)
		die("splice from a file");
	for (done = 0; done < in; done += out) {
		out = splice(pipes[0], NULL, fd, NULL, in - done,
			     at + in < opt.send ? SPLICE_F_MORE : 0);
		if (out <= 0)
			die("splice to the socket");
	}
	return in;
}

static ssize_t receive_piece_blocking(int fd, uint8_t *buf, size_t n)
{
	return read(fd, buf, n);
}

static ssize_t receive_piece_sendfile(int fd, uint8_t *buf, size_t n)
{
	struct iovec io[2] = { { buf, n / 3 }, { buf + n / 3, n - n / 3 } };

	return readv(fd, io, 2);
}

static ssize_t receive_piece_splice(int fd, uint8_t *buf, size_t n)
{
	static int pipes[2] = { -1, -1 };
	ssize_t in, out, done;

	if (pipes[0] < 0 && pipe(pipes))
		die("pipe");
	in = splice(fd, NULL, pipes[1], NULL, n, SPLICE_F_MOVE);
	for (done = 0; done < in; done += out) {
		out = read(pipes[0], buf + done, in - done);
		if (out <= 0)
			die("read from a pipe");
	}
	return in;
}

struct kind {
	const char *name;
	uint64_t (*send)(int fd, int file, uint64_t at, size_t n);
	ssize_t (*receive)(int fd, uint8_t *buf, size_t n);
	bool from_file;
	void (*both)(int fd);	/* or one loop that does it all */
};

static const struct kind *kind;

/* sendfile() and splice() lend the file's pages: the whole stream is there. */
static int stream_file(void)
{
	static uint8_t buf[CHUNK];
	int file = memfd_create("stream", 0);
	uint64_t at, n;

	for (at = 0; at < opt.send; at += n) {
		n = opt.send - at < CHUNK ? opt.send - at : CHUNK;
		fill(buf, opt.seed[SENDING], at, n);
		if (write(file, buf, n) != (ssize_t)n)
			die("memfd");
	}
	return file;
}

static void *sender(void *arg)
{
	int fd = *(int *)arg, file = kind->from_file ? stream_file() : -1;
	uint64_t at;

	for (at = 0; at < opt.send;)
		at += kind->send(fd, file, at, piece(at, opt.send));
	if (shutdown(fd, SHUT_WR))
		die("shutdown");
	return NULL;
}

static void receiver(int fd)
{
	static uint8_t buf[CHUNK];
	uint64_t at = 0;
	ssize_t got;

	while ((got = kind->receive(fd, buf, piece(at, UINT64_MAX))) > 0) {
		check(buf, at, got);
		at += got;
	}
	if (got < 0)
		die("receive");
	check_end(at);
}

static void both_threads(int fd)
{
	pthread_t thread;

	if (opt.answer)
		receiver(fd);
	if (pthread_create(&thread, NULL, sender, &fd))
		die("pthread_create");
	if (!opt.answer)
		receiver(fd);
	pthread_join(thread, NULL);
}

/* --- kinds of one loop --- */

static void both_poll(int fd)
{
	static uint8_t in[CHUNK], out[CHUNK];
	struct pollfd pfd = { .fd = fd };
	uint64_t sent = 0, received = 0;
	bool sending = !opt.answer, ended = false, closed = false;
	ssize_t n;

	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		die("O_NONBLOCK");
	while (!ended || !closed) {
		pfd.events = (ended ? 0 : POLLIN) | (sending && !closed ? POLLOUT : 0);
		if (poll(&pfd, 1, -1) < 0)
			die("poll");
		if (!ended && pfd.revents & (POLLIN | POLLERR | POLLHUP)) {
			n = recv(fd, in, piece(received, UINT64_MAX), 0);
			if (n < 0 && errno != EAGAIN)
				die("recv");
			if (n > 0) {
				check(in, received, n);
				received += n;
			}
			if (!n) {
				check_end(received);
				ended = true;
				sending = true;
			}
		}
		if (sending && !closed && pfd.revents & (POLLOUT | POLLERR)) {
			size_t want = piece(sent, opt.send);

			fill(out, opt.seed[SENDING], sent, want);
			n = want ? send(fd, out, want, MSG_NOSIGNAL) : 0;
			if (n < 0 && errno != EAGAIN)
				die("send");
			if (n > 0)
				sent += n;
			if (sent == opt.send) {
				if (shutdown(fd, SHUT_WR))
					die("shutdown");
				closed = true;
			}
		}
	}
}

static void uring_send(struct uring *ring, int fd, uint8_t *out, uint64_t sent)
{
	size_t want = piece(sent, opt.send);

	fill(out, opt.seed[SENDING], sent, want);
	if (want)
		uring_queue(ring, IORING_OP_SEND, fd, out, want, SENDING);
	else if (shutdown(fd, SHUT_WR))
		die("shutdown");
}

static void both_uring(int fd)
{
	static uint8_t in[CHUNK], out[CHUNK];
	uint64_t sent = 0, received = 0;
	unsigned long long tag = SENDING;
	struct uring ring;
	bool ended = false;
	int n;

	n = uring_open(&ring, 4);
	if (n) {
		fprintf(stderr, "transfer: io_uring: %s\n", strerror(-n));
		exit(n == -ENOSYS || n == -EPERM ? EXIT_SKIP : 1);
	}
	uring_queue(&ring, IORING_OP_RECV, fd, in, CHUNK, RECEIVING);
	if (!opt.answer)
		uring_send(&ring, fd, out, 0);
	while (!ended || sent < opt.send) {
		errno = -uring_wait(&ring, &n, &tag);
		if (errno)
			die("io_uring_enter");
		if (n < 0) {
			errno = -n;
			die(tag == SENDING ? "IORING_OP_SEND" : "IORING_OP_RECV");
		}
		if (tag == SENDING) {
			sent += n;
			uring_send(&ring, fd, out, sent);
		} else if (n) {
			check(in, received, n);
			received += n;
			uring_queue(&ring, IORING_OP_RECV, fd, in, CHUNK, RECEIVING);
		} else {
			check_end(received);
			ended = true;
			if (opt.answer)
				uring_send(&ring, fd, out, 0);
		}
	}
	close(ring.fd);
}

static const struct kind kinds[] = {
	{ "poll", .both = both_poll },
	{ "blocking", send_piece_blocking, receive_piece_blocking, .both = both_threads },
	{ "sendfile", send_piece_sendfile, receive_piece_sendfile, true, both_threads },
	{ "splice", send_piece_splice, receive_piece_splice, true, both_threads },
	{ "uring", .both = both_uring },
};

/* --- the two ends --- */

static int dial(const char *host)
{
	struct addrinfo hints = { .ai_family = opt.family, .ai_socktype = SOCK_STREAM };
	double until = now() + opt.retry_s;
	struct addrinfo *to;
	char port[8];
	int fd, err;

	snprintf(port, sizeof(port), "%d", opt.port);
	err = getaddrinfo(host, port, &hints, &to);
	if (err) {
		fprintf(stderr, "transfer: %s: %s\n", host, gai_strerror(err));
		exit(1);
	}
	for (;;) {
		fd = socket(to->ai_family, SOCK_STREAM, opt.proto);
		if (fd < 0)
			die("socket");
		if (!connect(fd, to->ai_addr, to->ai_addrlen))
			break;
		if (errno != ECONNREFUSED || now() > until)
			die("connect");
		close(fd);
		poll(NULL, 0, 50);
	}
	freeaddrinfo(to);
	return fd;
}

static int answer(void)
{
	/* In both families the port is in one place, and zeros are any address. */
	struct sockaddr_in6 any = { .sin6_port = htons(opt.port) };
	int fd, peer, one = 1;

	any.sin6_family = opt.family == AF_UNSPEC ? AF_INET6 : opt.family;
	fd = socket(any.sin6_family, SOCK_STREAM, opt.proto);
	if (fd < 0)
		die("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)))
		die("bind");
	if (listen(fd, 1))
		die("listen");
	peer = accept(fd, NULL, NULL);
	if (peer < 0)
		die("accept");
	close(fd);
	return peer;
}

static void late(int sig)
{
	static const char text[] = "transfer: the time is over\n";

	(void)sig;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(1);
}

static void parse(int argc, char **argv)
{
	enum { PROTO = 256, PORT, KIND, SEND, RECEIVE, SEED, ANSWER, RETRY, TIMEOUT,
	       QUIET, HELP };
	static const struct option longs[] = {
		{ "proto", 1, 0, PROTO }, { "port", 1, 0, PORT },
		{ "kind", 1, 0, KIND }, { "send", 1, 0, SEND },
		{ "receive", 1, 0, RECEIVE }, { "seed", 1, 0, SEED },
		{ "answer", 0, 0, ANSWER }, { "retry", 1, 0, RETRY },
		{ "timeout", 1, 0, TIMEOUT }, { "quiet", 0, 0, QUIET },
		{ "help", 0, 0, HELP }, { 0 } };
	uint64_t seed = 1;
	int c;

	while ((c = getopt_long(argc, argv, "46", longs, NULL)) != -1) {
		switch (c) {
		case PROTO:
			opt.proto = strcmp(optarg, "tcp") ? IPPROTO_VCTP : IPPROTO_TCP;
			if (opt.proto == IPPROTO_VCTP && strcmp(optarg, "vctp"))
				goto bad;
			break;
		case '4':
			opt.family = AF_INET;
			break;
		case '6':
			opt.family = AF_INET6;
			break;
		case PORT:
			opt.port = atoi(optarg);
			break;
		case KIND:
			opt.kind = optarg;
			break;
		case SEND:
			opt.send = strtoull(optarg, NULL, 0);
			break;
		case RECEIVE:
			opt.receive = strtoull(optarg, NULL, 0);
			break;
		case SEED:
			seed = strtoull(optarg, NULL, 0);
			break;
		case ANSWER:
			opt.answer = true;
			break;
		case RETRY:
			opt.retry_s = atoi(optarg);
			break;
		case TIMEOUT:
			opt.timeout_s = atoi(optarg);
			break;
		case QUIET:
			opt.quiet = true;
			break;
		case HELP:
			fputs(usage, stdout);
			exit(0);
		default:
			goto bad;
		}
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].name, opt.kind))
			kind = &kinds[i];
	opt.connects = argc - optind == 2 && !strcmp(argv[optind], "connect");
	if (!kind || (!opt.connects &&
		      (argc - optind != 1 || strcmp(argv[optind], "listen"))))
		goto bad;
	/* Each direction is a stream of its own. */
	opt.seed[SENDING] = 2 * seed + opt.connects;
	opt.seed[RECEIVING] = 2 * seed + !opt.connects;
	return;
bad:
	fputs(usage, stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	double start, end;
	int fd;

	parse(argc, argv);
	signal(SIGALRM, late);
	signal(SIGPIPE, SIG_IGN);
	alarm(opt.timeout_s);
	fd = opt.connects ? dial(argv[optind + 1]) : answer();
	start = now();
	kind->both(fd);
	end = now();
	if (close(fd))
		die("close");
	if (!opt.quiet)
		printf("sent %llu received %llu bytes in %.3f s\n",
		       (unsigned long long)opt.send,
		       (unsigned long long)opt.receive, end - start);
	return 0;
}
