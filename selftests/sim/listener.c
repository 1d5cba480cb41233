// SPDX-License-Identifier: GPL-2.0
/*
 * A listener for each port that a scenario's circuits are opened to; several
 * circuits may share one. What accept() gives is handed to the program whose
 * peer has that port.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agenda.h"
#include "hosts.h"
#include "listener.h"
#include "options.h"
#include "result.h"

#define FIRST_PORT	1000

struct listener {
	int fd, poll_fd;
	u16 port;
	enum host host;
	s64 delay_us;
	const struct scenario_actor *options;
};

static struct listener listeners[SCENARIO_CIRCUITS];
static size_t count;

static struct actor *awaited(const struct listener *listener, u16 remote_port)
{
	size_t i;

	for (i = 1; i < ACTORS; i += 2) {
		struct actor *a = &actors[i];

		if (a->phase == ACTOR_WAITING && a->host == listener->host &&
		    a->peer && a->peer->phase != ACTOR_WAITING &&
		    a->local_port == listener->port &&
		    a->peer->local_port == remote_port)
			return a;
	}
	return NULL;
}

/* It wakes us once; then accept() takes its time, and takes all. */
static void listener_arm(struct listener *listener, int operation)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLONESHOT,
		.data.u64 = ACTORS + (listener - listeners),
	};

	if (epoll_ctl(listener->poll_fd, operation, listener->fd, &event))
		err(1, "epoll of a listener");
}

static void listener_accept(void *what, u64 detail)
{
	struct listener *listener = what;
	struct sockaddr_in6 peer;	/* its port is where IPv4's is */
	socklen_t len = sizeof(peer);
	struct actor *actor;
	int fd;

	(void)detail;
	if (listener->fd < 0)
		return;
	while ((fd = accept4(listener->fd, (struct sockaddr *)&peer, &len,
			     SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		actor = awaited(listener, ntohs(peer.sin6_port));
		if (actor) {
			actor->remote_port = ntohs(peer.sin6_port);
			actor_accepted(actor, fd);
		} else {
			complain("accept() gave a circuit from port %u that nobody has opened",
				 ntohs(peer.sin6_port));
			close(fd);
		}
		len = sizeof(peer);
	}
	if (errno != EAGAIN)
		complain("accept(): errno %d", errno);
	listener_arm(listener, EPOLL_CTL_MOD);
}

/**
 * listener_event() - somebody calls
 * @which: of the listeners
 */
void listener_event(u64 which)
{
	struct listener *listener = &listeners[which];

	agenda_add(now_us + listener->delay_us, listener_accept, listener, 0);
}

static void listener_open(struct listener *listener, struct actor *acceptor,
			  int protocol)
{
	struct sockaddr_storage address;
	socklen_t len;

	listener->fd = socket_make(acceptor, protocol);
	if (acceptor->plan->defer_s)
		socket_set(listener->fd, protocol == SIM_VCTP ? SIM_VCTP :
			   SOL_TCP, TCP_DEFER_ACCEPT, acceptor->plan->defer_s);
	host_address(acceptor->host, acceptor->circuit->family, listener->port,
		     &address, &len);
	if (bind(listener->fd, (struct sockaddr *)&address, len))
		err(1, "bind to port %u", listener->port);
	if (listen(listener->fd, acceptor->circuit->backlog))
		err(1, "listen on port %u", listener->port);
}

/**
 * listener_make() - somebody listens for this program
 * @acceptor: the program
 * @protocol: of the transport
 * @poll_fd: the epoll that tells of callers
 *
 * Return: the port.
 */
u16 listener_make(struct actor *acceptor, int protocol, int poll_fd)
{
	const struct scenario_circuit *circuit = acceptor->circuit;
	struct listener *listener;
	u16 port;

	/* One for each family: they do not share. */
	port = FIRST_PORT + circuit->listener * 10 + circuit->family % 10;
	if (circuit->family == 46)
		port++;
	for (listener = listeners; listener < listeners + count; listener++) {
		if (listener->host == acceptor->host && listener->port == port)
			goto found;
	}
	*listener = (struct listener) {
		.poll_fd = poll_fd, .port = port, .host = acceptor->host,
		.delay_us = circuit->accept_ms * USEC_PER_MSEC,
		.options = acceptor->plan,
	};
	count++;
	listener_open(listener, acceptor, protocol);
	listener_arm(listener, EPOLL_CTL_ADD);
found:
	acceptor->options = listener->options;
	return port;
}

/**
 * listeners_stop() - nobody listens any more
 */
void listeners_stop(void)
{
	size_t i;

	for (i = 0; i < count; i++) {
		close(listeners[i].fd);
		listeners[i].fd = -1;
	}
}
