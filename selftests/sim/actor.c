// SPDX-License-Identifier: GPL-2.0
/*
 * What a program does, as a state machine: it writes its stream, reads its
 * peer's, pauses and stalls as planned, and ends. Nothing blocks.
 *
 * With edge-triggered epoll it moves only when it is woken: who is not woken
 * though there is something to do, stands still, and is found stuck.
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "actor.h"
#include "agenda.h"
#include "digest.h"
#include "ending.h"
#include "hosts.h"
#include "listener.h"
#include "options.h"
#include "stream.h"

#define EVENTS		16
#define ACCEPT_PORT	3000	/* of who "accepts" by a connect() of its own */

struct actor actors[ACTORS];

static int transport;
static int poll_fd;

/**
 * actor_at() - whose socket is this?
 * @host: where
 * @local_port: its port
 * @remote_port: its peer's
 *
 * Return: the program that began last, or NULL.
 */
struct actor *actor_at(enum host host, u16 local_port, u16 remote_port)
{
	struct actor *found = NULL;
	size_t i;

	for (i = 0; i < ACTORS; i++) {
		struct actor *a = &actors[i];

		if (a->plan && a->host == host && a->phase != ACTOR_WAITING &&
		    a->local_port == local_port &&
		    a->remote_port == remote_port)
			found = a;
	}
	return found;
}

static void digest_actor(const struct actor *a)
{
	digest_number(now_us);
	digest_number(a->stream);
	digest_number(a->phase);
	digest_number(a->written);
	digest_number(a->received);
	digest_number(a->error);
	digest_number(a->eof);
}

/* Which events it waits for now; edge-triggered waits for all, always. */
static void actor_watch(struct actor *a, int operation)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.u64 = a - actors,
	};

	if (a->plan->level) {
		event.events = 0;
		if (a->phase == ACTOR_OPENING || a->write_full)
			event.events |= EPOLLOUT;
		if (a->read_empty)
			event.events |= EPOLLIN;
		/* Errors come unasked: not while it pauses. */
		if (!event.events && operation == EPOLL_CTL_MOD)
			return;
		event.events |= EPOLLONESHOT;
	} else if (operation == EPOLL_CTL_MOD) {
		return;
	}
	if (epoll_ctl(poll_fd, operation, a->fd, &event))
		err(1, "epoll of a program");
}

static void actor_end(struct actor *a, enum actor_end how)
{
	int unread = 0;

	ioctl(a->fd, FIONREAD, &unread);
	epoll_ctl(poll_fd, EPOLL_CTL_DEL, a->fd, NULL);
	a->phase = ACTOR_ENDED;
	a->early = !a->write_done || !a->read_done;
	if (how != END_ABORT && !unread)
		a->fin = true;
	digest_actor(a);
	ending_socket(a->fd, how);
	a->fd = -1;
}

/**
 * actor_failed() - a call gave an error: the program ends
 * @actor: the program
 * @call: which call; errno tells
 */
void actor_failed(struct actor *actor, const char *call)
{
	actor->error = errno;
	actor->call = call;
	actor_end(actor, END_CLOSE);
}

static void actor_end_planned(void *what, u64 stuck)
{
	struct actor *a = what;

	if (a->phase == ACTOR_ENDED || a->phase == ACTOR_WAITING)
		return;
	a->stuck = stuck;
	actor_end(a, stuck ? END_ABORT : a->plan->end);
}

static void actor_wake(void *what, u64 detail);

/* All done: it ends, perhaps after a long silence. */
static bool actor_finished(struct actor *a)
{
	if (!a->write_done || !a->read_done)
		return false;
	if (a->plan->idle_ms) {
		if (!a->ending)
			agenda_add(now_us + a->plan->idle_ms * USEC_PER_MSEC,
				   actor_end_planned, a, 0);
		a->ending = true;
		return false;
	}
	actor_end(a, a->plan->end);
	return true;
}

static void actor_connected(struct actor *a)
{
	a->phase = ACTOR_OPEN;
	digest_actor(a);
	if (a->plan->end_ms)
		agenda_add(now_us + a->plan->end_ms * USEC_PER_MSEC,
			   actor_end_planned, a, 0);
}

/* Is the opening over? False: not yet, or it failed. */
static bool actor_opened(struct actor *a)
{
	struct sockaddr_storage peer;
	socklen_t peer_len = sizeof(peer);
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &len))
		err(1, "SO_ERROR");
	if (error) {
		errno = error;
		actor_failed(a, "connect");
		return false;
	}
	if (getpeername(a->fd, (struct sockaddr *)&peer, &peer_len))
		return false;
	actor_connected(a);
	return true;
}

static void actor_step(struct actor *a)
{
	if (a->phase == ACTOR_OPENING) {
		if (!actor_opened(a)) {
			if (a->phase == ACTOR_OPENING)
				actor_watch(a, EPOLL_CTL_MOD);
			return;
		}
	}
	if (a->phase != ACTOR_OPEN)
		return;
	stream_write(a, actor_wake);
	if (a->phase == ACTOR_OPEN)
		stream_read(a, actor_wake);
	if (a->phase == ACTOR_OPEN && !actor_finished(a))
		actor_watch(a, EPOLL_CTL_MOD);
}

static void actor_wake(void *what, u64 detail)
{
	struct actor *a = what;

	(void)detail;
	if (a->phase == ACTOR_OPEN)
		actor_step(a);
}

/**
 * actor_accepted() - a program's socket, from accept()
 * @actor: the program
 * @fd: the socket
 */
void actor_accepted(struct actor *actor, int fd)
{
	actor->fd = fd;
	/* The rest is the listener's, whoever made it. */
	socket_set(fd, SOL_SOCKET, SO_RCVLOWAT, most(actor->plan->lowat, 1));
	actor_connected(actor);
	actor_watch(actor, EPOLL_CTL_ADD);
	actor_step(actor);
}

static u16 port_of(int fd)
{
	struct sockaddr_in6 address;	/* IPv4's port is in the same place */
	socklen_t len = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &len))
		err(1, "getsockname");
	return ntohs(address.sin6_port);
}

static void actor_bind(struct actor *a, u16 port)
{
	struct sockaddr_storage address;
	socklen_t len;

	host_address(a->host, a->circuit->family, port, &address, &len);
	if (bind(a->fd, (struct sockaddr *)&address, len))
		actor_failed(a, "bind");
}

/* connect() to its peer, from a port of its own choice or the kernel's. */
static void actor_connect(void *what, u64 detail)
{
	struct sockaddr_storage address;
	struct actor *a = what;
	socklen_t len;

	a->fd = socket_make(a, transport);
	a->phase = ACTOR_OPENING;
	actor_watch(a, EPOLL_CTL_ADD);
	if (detail)
		actor_bind(a, detail);
	if (a->phase == ACTOR_ENDED)
		return;
	host_address(a->peer->host, a->circuit->family, a->remote_port,
		     &address, &len);
	if (connect(a->fd, (struct sockaddr *)&address, len) &&
	    errno != EINPROGRESS) {
		actor_failed(a, "connect");
		return;
	}
	a->local_port = port_of(a->fd);
}

static void actors_open(const struct scenario *scenario, size_t number)
{
	const struct scenario_circuit *circuit = &scenario->circuit[number];
	struct actor *opener = &actors[2 * number], *acceptor = opener + 1;
	s64 start_us = circuit->start_ms * USEC_PER_MSEC;
	int i;

	for (i = 0; i < 2; i++)
		opener[i] = (struct actor) {
			.plan = &circuit->actor[i],
			.options = &circuit->actor[i],
			.circuit = circuit,
			.peer = opener + !i,
			.host = i ? !circuit->opener : circuit->opener,
			.stream = 2 * number + i,
			.fd = -1,
		};
	agenda_add(scenario->limit_ms * USEC_PER_MSEC, actor_end_planned,
		   opener, 1);
	agenda_add(scenario->limit_ms * USEC_PER_MSEC, actor_end_planned,
		   acceptor, 1);
	if (circuit->simultaneous) {
		opener->remote_port = ACCEPT_PORT + number;
		acceptor->remote_port = circuit->client_port;
		agenda_add(start_us, actor_connect, acceptor,
			   opener->remote_port);
	} else {
		opener->remote_port = listener_make(acceptor, transport,
						    poll_fd);
		acceptor->local_port = opener->remote_port;
	}
	agenda_add(start_us, actor_connect, opener, circuit->client_port);
}

/**
 * actors_make() - put the programs of a scenario on the agenda
 * @scenario: the scenario; stays
 * @protocol: that they use
 */
void actors_make(const struct scenario *scenario, int protocol)
{
	size_t i;

	transport = protocol;
	poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (poll_fd < 0)
		err(1, "epoll");
	for (i = 0; i < SCENARIO_CIRCUITS; i++) {
		if (scenario->circuit[i].used)
			actors_open(scenario, i);
	}
}

static void actor_event(struct actor *a, u32 events)
{
	if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
		a->write_full = false;
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP))
		a->read_empty = false;
	actor_step(a);
}

/**
 * actors_run() - let those run that the kernel has woken
 *
 * Return: true where there was one.
 */
bool actors_run(void)
{
	struct epoll_event events[EVENTS];
	int i, n = epoll_wait(poll_fd, events, EVENTS, 0);

	if (n < 0 && errno != EINTR)
		err(1, "epoll_wait");
	for (i = 0; i < n; i++) {
		if (events[i].data.u64 >= ACTORS)
			listener_event(events[i].data.u64 - ACTORS);
		else
			actor_event(&actors[events[i].data.u64],
				    events[i].events);
	}
	return n > 0;
}

/**
 * actors_poll_fd() - what becomes readable when a program is woken
 *
 * Return: a descriptor.
 */
int actors_poll_fd(void)
{
	return poll_fd;
}

/**
 * actors_busy() - is there still one to come, or one that runs?
 *
 * Return: false where all who open have ended, and all who accept, if ever
 * they began.
 */
bool actors_busy(void)
{
	size_t i;

	for (i = 0; i < ACTORS; i++) {
		if (!actors[i].plan || actors[i].phase == ACTOR_ENDED)
			continue;
		if (i % 2 == 0 || actors[i].phase != ACTOR_WAITING)
			return true;
	}
	return false;
}
