// SPDX-License-Identifier: GPL-2.0
/*
 * poll(), select(), epoll: when a socket is ready, and how often it says so.
 * A probe of a full socket may not come between two steps:
 * lab: --clock virtual
 */
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include "api.h"

#define ALL (POLLIN | POLLOUT | POLLRDHUP | POLLPRI)

CASE(poll_connected, "S13", "a connected socket is writable")
{
	int fd[2];

	api_pair(env, fd);
	WANT_STR(api_poll(fd[0], ALL), "OUT");
	WANT_STR(api_wait(fd[1], ALL, POLLOUT), "OUT");
	WANT_STR(api_poll(fd[0], POLLWRNORM | POLLWRBAND | POLLRDBAND),
		 "WRNORM");
}

CASE(poll_data, "S13", "data makes readable")
{
	char c;
	int fd[2];

	api_pair(env, fd);
	NEED(send(fd[0], "x", 1, 0));
	WANT_STR(api_wait(fd[1], ALL | POLLRDNORM, POLLIN), "IN|OUT|RDNORM");
	NEED(recv(fd[1], &c, 1, 0));
	WANT_STR(api_poll(fd[1], ALL), "OUT");
}

CASE(poll_peer_fin, "S3", "the peer's FIN: IN and RDHUP")
{
	int fd[2];

	api_pair(env, fd);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT_STR(api_wait(fd[1], ALL, POLLRDHUP), "IN|OUT|RDHUP");
	WANT_STR(api_poll(fd[1], POLLIN), "IN");
	WANT_STR(api_poll(fd[0], ALL), "OUT");
}

CASE(poll_own_shutdown, "S13", "what our own shutdowns show")
{
	int fd[2];

	api_pair(env, fd);
	NEED(shutdown(fd[0], SHUT_RD));
	WANT_STR(api_poll(fd[0], ALL), "IN|OUT|RDHUP");
	NEED(shutdown(fd[0], SHUT_WR));
	WANT_STR(api_poll(fd[0], ALL), "IN|OUT|HUP|RDHUP");
}

CASE(poll_both_fins, "S3", "HUP when both directions have ended")
{
	int fd[2];

	api_pair(env, fd);
	NEED(shutdown(fd[0], SHUT_WR));
	NEED(shutdown(fd[1], SHUT_WR));
	WANT_STR(api_wait(fd[0], ALL, POLLHUP), "IN|OUT|HUP|RDHUP");
	WANT_STR(api_wait(fd[1], ALL, POLLHUP), "IN|OUT|HUP|RDHUP");
}

CASE(poll_reset, "S5", "a reset: everything at once, ERR until it is read")
{
	struct linger hard = { .l_onoff = 1 };
	int fd[2];

	api_pair(env, fd);
	NEED(setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(fd[0]);
	WANT_STR(api_wait(fd[1], ALL, POLLHUP), "IN|OUT|ERR|HUP|RDHUP");
	WANT_STR(api_poll(fd[1], 0), "ERR|HUP");
	WANT(api_error(fd[1]), -ECONNRESET);
	WANT_STR(api_poll(fd[1], ALL), "IN|OUT|HUP|RDHUP");
}

CASE(poll_blocked, "S13", "a blocked poll is woken by data")
{
	struct pollfd p = { .events = POLLIN };
	int fd[2];
	pid_t me = getpid(), pid;

	api_pair(env, fd);
	pid = NEED(fork());
	if (!pid) {
		api_pid_blocked(me);
		_exit(send(fd[0], "x", 1, 0) != 1);
	}
	p.fd = fd[1];
	WANT(poll(&p, 1, -1), 1);
	WANT_STR(api_events(p.revents), "IN");
	WANT(api_child_ended(pid), 0);
}

CASE(poll_timeout, "S13", "poll of an idle socket times out")
{
	struct pollfd p = { .events = POLLIN };
	long start = api_ms();
	int fd[2];

	api_pair(env, fd);
	p.fd = fd[0];
	WANT(poll(&p, 1, 20), 0);
	WANT(api_ms() - start >= 19, 1);
}

static const char *selected(int fd, int out_fd)
{
	struct timeval tv = { .tv_sec = 5 };
	static char text[32];
	fd_set r, w, e;

	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&e);
	FD_SET(fd, &r);
	FD_SET(fd, &e);
	FD_SET(out_fd, &w);
	snprintf(text, sizeof(text), "%d",
		 select(FD_SETSIZE, &r, &w, &e, &tv));
	if (FD_ISSET(fd, &r))
		strcat(text, " read");
	if (FD_ISSET(out_fd, &w))
		strcat(text, " write");
	if (FD_ISSET(fd, &e))
		strcat(text, " except");
	return text;
}

CASE(poll_select, "S13", "select: readable, writable, exceptional")
{
	int fd[2];

	api_pair(env, fd);
	WANT_STR(selected(fd[1], fd[1]), "1 write");
	NEED(send(fd[0], "x", 1, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 1), 1);
	WANT_STR(selected(fd[1], fd[1]), "2 read write");
	close(fd[0]);
	api_wait(fd[1], POLLRDHUP, POLLRDHUP);
	WANT_STR(selected(fd[1], fd[1]), "2 read write");
}

CASE(poll_select_connect, "S13", "select tells the end of a connect")
{
	int good, fd = api_socket(env), bad = api_socket(env);

	api_listener(env, 1, &good);
	NEED(api_nonblock(fd));
	NEED(api_nonblock(bad));
	WANT(api_connect(env, fd, LOOP, good), -EINPROGRESS);
	WANT_STR(selected(fd, fd), "1 write");
	WANT(api_connect(env, bad, LOOP, api_refused_port(env)), -EINPROGRESS);
	api_wait(bad, 0, POLLHUP);
	WANT_STR(selected(bad, bad), "2 read write");
	WANT(api_error(bad), -ECONNREFUSED);
}

/* -- epoll -- */

static int watch(int fd, unsigned int events)
{
	struct epoll_event ev = { .events = events };
	int ep = NEED(epoll_create1(0));

	NEED(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	return ep;
}

/* The events that come at once, or in the time that only a failure takes. */
static const char *next_event(int ep, bool wait)
{
	struct epoll_event ev;
	int n = NEED(epoll_wait(ep, &ev, 1, wait ? 10000 : 0));

	return n ? api_events(ev.events & ~EPOLLET) : "none";
}

CASE(epoll_level, "S13", "level-triggered epoll says it again")
{
	char c;
	int fd[2], ep;

	api_pair(env, fd);
	ep = watch(fd[1], EPOLLIN);
	WANT_STR(next_event(ep, false), "none");
	NEED(send(fd[0], "ab", 2, 0));
	WANT_STR(next_event(ep, true), "IN");
	WANT_STR(next_event(ep, true), "IN");
	NEED(recv(fd[1], &c, 1, 0));
	WANT_STR(next_event(ep, true), "IN");
	NEED(recv(fd[1], &c, 1, 0));
	WANT_STR(next_event(ep, false), "none");
}

CASE(epoll_edge, "S13", "edge-triggered epoll says it once for each arrival")
{
	int fd[2], ep;

	api_pair(env, fd);
	ep = watch(fd[1], EPOLLIN | EPOLLET);
	WANT_STR(next_event(ep, false), "none");
	NEED(send(fd[0], "a", 1, 0));
	WANT_STR(next_event(ep, true), "IN");
	WANT_STR(next_event(ep, false), "none");
	/* Unread data before it does not hide the next arrival. */
	NEED(send(fd[0], "b", 1, 0));
	WANT_STR(next_event(ep, true), "IN");
	WANT_STR(next_event(ep, false), "none");
	WANT(api_queued(fd[1], SIOCINQ), 2);
}

CASE(epoll_edge_out, "S8", "edge-triggered EPOLLOUT comes with room")
{
	int fd[2], ep;

	api_pair(env, fd);
	ep = watch(fd[0], EPOLLOUT | EPOLLET);
	WANT_STR(next_event(ep, true), "OUT");
	WANT_STR(next_event(ep, false), "none");
	WANT(api_stuff(fd[0]) > 0, 1);
	while (!strcmp(next_event(ep, false), "OUT"))
		WANT(api_stuff(fd[0]) >= 0, 1);
	NEED(shutdown(fd[1], SHUT_WR));
	NEED(api_nonblock(fd[1]));
	while (strcmp(api_poll(fd[0], POLLOUT), "OUT")) {
		api_wait(fd[1], POLLIN, POLLIN);
		api_drain(fd[1]);
	}
	WANT_STR(next_event(ep, true), "OUT");
}

CASE(epoll_oneshot, "S13", "EPOLLONESHOT once, until it is armed again")
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLONESHOT };
	int fd[2], ep;

	api_pair(env, fd);
	ep = watch(fd[1], EPOLLIN | EPOLLONESHOT);
	NEED(send(fd[0], "a", 1, 0));
	WANT_STR(next_event(ep, true), "IN");
	NEED(send(fd[0], "b", 1, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 2), 2);
	WANT_STR(next_event(ep, false), "none");
	NEED(epoll_ctl(ep, EPOLL_CTL_MOD, fd[1], &ev));
	WANT_STR(next_event(ep, true), "IN");
}

CASE(epoll_rdhup, "S3", "EPOLLRDHUP on the peer's FIN, edge-triggered")
{
	int fd[2], ep;

	api_pair(env, fd);
	ep = watch(fd[1], EPOLLIN | EPOLLRDHUP | EPOLLET);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT_STR(next_event(ep, true), "IN|RDHUP");
	WANT_STR(next_event(ep, false), "none");
}

CASE(epoll_rdhup_only, "S3", "EPOLLRDHUP alone leaves data unmentioned")
{
	int fd[2], ep;

	api_pair(env, fd);
	ep = watch(fd[1], EPOLLRDHUP);
	NEED(send(fd[0], "x", 1, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 1), 1);
	WANT_STR(next_event(ep, false), "none");
	NEED(shutdown(fd[0], SHUT_WR));
	WANT_STR(next_event(ep, true), "RDHUP");
}

CASE(epoll_hup, "S3", "EPOLLHUP comes without being asked for")
{
	int fd[2], ep;

	api_pair(env, fd);
	ep = watch(fd[1], 0);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT_STR(next_event(ep, false), "none");
	NEED(shutdown(fd[1], SHUT_WR));
	WANT_STR(next_event(ep, true), "HUP");
}

CASE(epoll_err, "S5", "EPOLLERR comes without being asked for")
{
	struct linger hard = { .l_onoff = 1 };
	int fd[2], ep;

	api_pair(env, fd);
	ep = watch(fd[1], EPOLLET);
	NEED(setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(fd[0]);
	WANT_STR(next_event(ep, true), "ERR|HUP");
}

CASE(epoll_connect, "S13", "epoll on a socket while it connects")
{
	int port, ep, fd = api_socket(env);

	api_listener(env, 1, &port);
	NEED(api_nonblock(fd));
	ep = watch(fd, EPOLLIN | EPOLLOUT | EPOLLET);
	WANT_STR(next_event(ep, true), "OUT|HUP");
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	WANT_STR(next_event(ep, true), "OUT");
	WANT(api_error(fd), 0);
}

CASE(epoll_listener, "S13", "epoll on a listener, level and edge")
{
	int port, fd = api_listener(env, 4, &port);
	int level = watch(fd, EPOLLIN), edge = watch(fd, EPOLLIN | EPOLLET);

	NEED(api_connect(env, api_socket(env), LOOP, port));
	WANT_STR(next_event(level, true), "IN");
	WANT_STR(next_event(edge, true), "IN");
	WANT_STR(next_event(edge, false), "none");
	WANT_STR(next_event(level, true), "IN");
	NEED(api_connect(env, api_socket(env), LOOP, port));
	WANT_STR(next_event(edge, true), "IN");
	NEED(accept(fd, NULL, NULL));
	NEED(accept(fd, NULL, NULL));
	WANT_STR(next_event(level, false), "none");
}

CASE(epoll_exclusive, "S13", "EPOLLEXCLUSIVE with two watchers")
{
	int port, fd = api_listener(env, 4, &port);
	int a = watch(fd, EPOLLIN | EPOLLEXCLUSIVE);
	int b = watch(fd, EPOLLIN | EPOLLEXCLUSIVE);

	NEED(api_connect(env, api_socket(env), LOOP, port));
	WANT_STR(next_event(a, true), "IN");
	WANT_STR(next_event(b, true), "IN");
}

CASE(epoll_nested, "S13", "an epoll that watches an epoll")
{
	int fd[2], inner, outer;

	api_pair(env, fd);
	inner = watch(fd[1], EPOLLIN);
	outer = watch(inner, EPOLLIN);
	WANT_STR(next_event(outer, false), "none");
	NEED(send(fd[0], "x", 1, 0));
	WANT_STR(next_event(outer, true), "IN");
	WANT_STR(next_event(inner, true), "IN");
}

CASE(epoll_close, "S13", "a closed socket leaves its epoll")
{
	int fd[2], ep;

	api_pair(env, fd);
	ep = watch(fd[1], EPOLLIN | EPOLLOUT);
	WANT_STR(next_event(ep, true), "OUT");
	close(fd[1]);
	WANT_STR(next_event(ep, false), "none");
}

CASE_FLAGS(poll_notsent_lowat, "S13",
	   "TCP_NOTSENT_LOWAT: writable only while little is unsent", API_TWIN)
{
	static char buf[65536];
	int i, fd[2];

	api_pair(env, fd);
	NEED(api_set(fd[0], SOL_SOCKET, SO_SNDBUF, 4 << 20));
	NEED(api_stuff(fd[0]));
	/* The receiver is full: what is added now stays unsent. */
	NEED(api_set(fd[0], SOL_SOCKET, SO_SNDBUF, 8 << 20));
	NEED(api_set(fd[0], env->level, TCP_NOTSENT_LOWAT, 1000));
	for (i = 0; i < 4; i++)
		send(fd[0], buf, sizeof(buf), MSG_DONTWAIT);
	WANT(api_queued(fd[0], SIOCOUTQNSD) > 1000, 1);
	WANT_STR(api_poll(fd[0], POLLOUT), "none");
}
