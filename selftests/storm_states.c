// SPDX-License-Identifier: GPL-2.0
/*
 * The storm: a socket in a wanted state, as STORM_FD, and its peers.
 *
 * All of it in one namespace, over lo. Who does not hear has a filter that
 * drops all that comes.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/net_tstamp.h>
#include <poll.h>
#include "storm.h"

#define PATIENCE_MS	5000
#define SMALL		8192	/* a buffer that is soon full */
#define STAMPS		(SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | \
			 SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_ACK)

const char * const storm_state_names[STATES] = {
	[FRESH] = "fresh", [BOUND] = "bound", [LISTENING] = "listening",
	[CONNECTING] = "connecting", [ESTABLISHED] = "established",
	[STREAMING] = "streaming", [FIN_WAIT_1] = "FIN_WAIT_1",
	[FIN_WAIT_2] = "FIN_WAIT_2", [CLOSE_WAIT] = "CLOSE_WAIT",
	[LAST_ACK] = "LAST_ACK", [CLOSING] = "CLOSING", [TIME_WAIT] = "TIME_WAIT",
};

const char * const storm_family_names[FAMILIES] = {
	[V4] = "IPv4", [V6] = "IPv6", [MAPPED] = "v4-mapped",
};

static int listener[FAMILIES][2];	/* one that hears, one that does not */

socklen_t storm_addr(union storm_sa *sa, enum storm_family family, int port)
{
	static const char * const hosts[FAMILIES] = {
		[V6] = "::1", [MAPPED] = "::ffff:127.0.0.1",
	};

	memset(sa, 0, sizeof(*sa));
	if (family == V4) {
		sa->v4.sin_family = AF_INET;
		sa->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		sa->v4.sin_port = htons(port);
		return sizeof(sa->v4);
	}
	sa->v6.sin6_family = AF_INET6;
	inet_pton(AF_INET6, hosts[family], &sa->v6.sin6_addr);
	sa->v6.sin6_port = htons(port);
	return sizeof(sa->v6);
}

int storm_socket(enum storm_family family)
{
	return socket(family == V4 ? AF_INET : AF_INET6,
		      SOCK_STREAM | SOCK_CLOEXEC, storm_proto);
}

int storm_port_of(int fd)
{
	union storm_sa sa = {};
	socklen_t len = sizeof(sa);

	/* Both families keep it at the same place. */
	return getsockname(fd, &sa.sa, &len) ? 0 : ntohs(sa.v4.sin_port);
}

int storm_port(enum storm_family family, bool deaf)
{
	return storm_port_of(listener[family][deaf]);
}

int storm_set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* -1, or a socket on its way to @port; @deaf: the answer does not reach it. */
int storm_knock(enum storm_family family, int port, bool deaf)
{
	int fd = storm_socket(family);
	union storm_sa sa;
	socklen_t len = storm_addr(&sa, family, port);

	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (deaf)
		set_deaf(fd, true);
	if (!connect(fd, &sa.sa, len) || errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

static int open_listener(enum storm_family family, bool deaf)
{
	int fd = storm_socket(family);
	union storm_sa sa;
	socklen_t len = storm_addr(&sa, family, 0);

	if (fd < 0 || bind(fd, &sa.sa, len) || listen(fd, 64) ||
	    (deaf && set_deaf(fd, true)))
		storm_die("a listener");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* The listeners that all rounds share. */
void storm_states_open(void)
{
	int family;

	for (family = 0; family < FAMILIES; family++) {
		listener[family][false] = open_listener(family, false);
		listener[family][true] = open_listener(family, true);
	}
}

void storm_states_close(void)
{
	int family;

	for (family = 0; family < FAMILIES; family++) {
		close(listener[family][false]);
		close(listener[family][true]);
	}
}

/* False: nothing comes any more. */
static bool wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, PATIENCE_MS) == 1 && p.revents & events;
}

static void take_number(int fd)
{
	if (dup2(fd, STORM_FD) < 0)
		storm_die("dup2");
	close(fd);
}

static bool add_peer(int fd)
{
	if (fd < 0)
		return false;
	storm_round.peer[storm_round.peers++] = fd;
	return true;
}

static bool enter_bound(enum storm_family family)
{
	union storm_sa sa;
	socklen_t len = storm_addr(&sa, family, 0);

	take_number(storm_socket(family));
	return !bind(STORM_FD, &sa.sa, len);
}

/*
 * One to three who want in, and a queue for two: what comes later finds it full
 * or is queued. The first may stay half-open: then the others come by cookies.
 */
static bool enter_listening(enum storm_family family, uint64_t *random)
{
	int knockers = 1 + storm_draw(random) % 3;
	bool half_open = storm_draw(random) & 1;
	int i, port;

	if (!enter_bound(family) || listen(STORM_FD, 1))
		return false;
	port = storm_port_of(STORM_FD);
	for (i = 0; i < knockers; i++)
		if (!add_peer(storm_knock(family, port, half_open && !i)))
			return false;
	return true;
}

static bool enter_connecting(enum storm_family family)
{
	int fd = storm_knock(family, storm_port(family, true), false);

	if (fd < 0)
		return false;
	fcntl(fd, F_SETFL, 0);
	take_number(fd);
	return true;
}

/* What a round that was cut short left in the queue is not ours. */
static void empty_queue(enum storm_family family)
{
	int fd;

	while ((fd = accept(listener[family][false], NULL, NULL)) >= 0)
		close(fd);
}

/* One end or the other is the one that all is about. */
static bool enter_established(enum storm_family family, uint64_t *random)
{
	int client, server;

	empty_queue(family);
	client = storm_knock(family, storm_port(family, false), false);
	if (client < 0)
		return false;
	server = -1;
	if (wait_for(client, POLLOUT) && wait_for(listener[family][false], POLLIN))
		server = accept(listener[family][false], NULL, NULL);
	if (server < 0) {
		close(client);
		return false;
	}
	fcntl(client, F_SETFL, 0);
	if (storm_draw(random) & 1) {
		take_number(client);
		add_peer(server);
	} else {
		take_number(server);
		add_peer(client);
	}
	return true;
}

static void fill(int fd)
{
	static const char bytes[SMALL];

	storm_set(fd, SOL_SOCKET, SO_SNDBUF, SMALL);
	while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
}

/* Both ways; an urgent byte and a word in the error queue are under way. */
static bool enter_streaming(enum storm_family family, uint64_t *random)
{
	if (!enter_established(family, random))
		return false;
	storm_set(STORM_FD, SOL_SOCKET, SO_TIMESTAMPING, STAMPS);
	send(STORM_FD, "s", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	storm_set(STORM_FD, SOL_SOCKET, SO_TIMESTAMPING, 0);
	send(storm_round.peer[0], "u", 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL);
	storm_set(STORM_FD, SOL_SOCKET, SO_RCVBUF, SMALL);
	storm_set(storm_round.peer[0], SOL_SOCKET, SO_RCVBUF, SMALL);
	fill(storm_round.peer[0]);
	fill(STORM_FD);
	return true;
}

static bool wait_end(int fd)
{
	char byte;

	return wait_for(fd, POLLIN) && !recv(fd, &byte, 1, MSG_DONTWAIT);
}

/* @ours, @theirs: who has closed; @deaf: the peer does not hear our FIN. */
static bool enter_closing(enum storm_family family, uint64_t *random, bool ours,
			  bool theirs, bool deaf)
{
	int peer;

	if (!enter_established(family, random))
		return false;
	peer = storm_round.peer[0];
	if (theirs && (shutdown(peer, SHUT_WR) || !wait_end(STORM_FD)))
		return false;
	if (deaf)
		set_deaf(peer, true);
	if (!ours)
		return true;
	return !shutdown(STORM_FD, SHUT_WR) && (deaf || wait_end(peer));
}

/* The peer's FIN is sent without having seen ours. */
static bool enter_crossed(enum storm_family family, uint64_t *random)
{
	return enter_closing(family, random, true, false, true) &&
	       !shutdown(storm_round.peer[0], SHUT_WR) && wait_end(STORM_FD);
}

/* We close first. */
static bool enter_time_wait(enum storm_family family, uint64_t *random)
{
	return enter_closing(family, random, true, false, false) &&
	       !shutdown(storm_round.peer[0], SHUT_WR) && wait_end(STORM_FD);
}

/**
 * storm_enter() - put STORM_FD into @state; false where it would not
 * @random: who of both ends is STORM_FD
 */
bool storm_enter(enum storm_state state, enum storm_family family,
		 uint64_t *random)
{
	storm_round.state = state;
	storm_round.family = family;
	switch (state) {
	case BOUND:
		return enter_bound(family);
	case LISTENING:
		return enter_listening(family, random);
	case CONNECTING:
		return enter_connecting(family);
	case ESTABLISHED:
		return enter_established(family, random);
	case STREAMING:
		return enter_streaming(family, random);
	case FIN_WAIT_1:
		return enter_closing(family, random, true, false, true);
	case FIN_WAIT_2:
		return enter_closing(family, random, true, false, false);
	case CLOSE_WAIT:
		return enter_closing(family, random, false, true, false);
	case LAST_ACK:
		return enter_closing(family, random, true, true, true);
	case CLOSING:
		return enter_crossed(family, random);
	case TIME_WAIT:
		return enter_time_wait(family, random);
	default:
		take_number(storm_socket(family));
		return true;
	}
}

/* The peers reset what they have, so that no round leaves much to the next. */
void storm_leave(void)
{
	struct linger wait = { .l_onoff = 0 }, reset = { .l_onoff = 1 };
	int i;

	setsockopt(STORM_FD, SOL_SOCKET, SO_LINGER, &wait, sizeof(wait));
	close(STORM_FD);
	for (i = 0; i < storm_round.peers; i++) {
		setsockopt(storm_round.peer[i], SOL_SOCKET, SO_LINGER, &reset,
			   sizeof(reset));
		close(storm_round.peer[i]);
	}
	storm_round.peers = 0;
}
