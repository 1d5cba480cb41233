// SPDX-License-Identifier: GPL-2.0
/*
 * The same numbers mean the same at SOL_TCP and SOL_VCTP: one list does for
 * both protocols.
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/vctp.h>

#include "hosts.h"
#include "options.h"

/**
 * socket_set() - an option that no socket may refuse
 * @fd: the socket
 * @level: of the option
 * @option: which
 * @value: an int
 */
void socket_set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		warn("option %d of level %d", option, level);
}

static void set_if(int fd, int level, int option, u64 value)
{
	if (value)
		socket_set(fd, level, option, value);
}

static void set_ours(int fd, const struct scenario_actor *plan)
{
	static const char * const modes[] = { "go-back-n", "stop-and-wait" };
	const char *mode;

	if (plan->recovery) {
		mode = modes[plan->recovery - 1];
		if (setsockopt(fd, SOL_VCTP, VCTP_RECOVERY, mode, strlen(mode)))
			warn("recovery %s", mode);
	}
	if (plan->classic)
		socket_set(fd, SOL_VCTP, VCTP_TIME_WAIT, plan->classic - 1);
	if (plan->time_wait_ms)
		socket_set(fd, SOL_VCTP, VCTP_TIME_WAIT_MS,
			   plan->time_wait_ms - 1);
}

/**
 * socket_make() - a socket in the program's host, not blocking
 * @actor: the program
 * @protocol: of the transport
 *
 * Return: a descriptor.
 */
int socket_make(const struct actor *actor, int protocol)
{
	const struct scenario_actor *plan = actor->plan;
	int family = actor->circuit->family == 4 ? AF_INET : AF_INET6;
	int level = protocol == SIM_VCTP ? SOL_VCTP : SOL_TCP;
	int fd;

	host_enter(actor->host);
	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    protocol);
	if (fd < 0)
		err(1, "socket of protocol %d", protocol);
	socket_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	set_if(fd, SOL_SOCKET, SO_SNDBUF, plan->sndbuf);
	set_if(fd, SOL_SOCKET, SO_RCVBUF, plan->rcvbuf);
	set_if(fd, SOL_SOCKET, SO_RCVLOWAT, plan->lowat);
	if (plan->keep_idle_s) {
		socket_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
		set_if(fd, level, TCP_KEEPIDLE, plan->keep_idle_s);
		set_if(fd, level, TCP_KEEPINTVL, plan->keep_intvl_s);
		set_if(fd, level, TCP_KEEPCNT, plan->keep_count);
	}
	set_if(fd, level, TCP_NODELAY, plan->nodelay);
	set_if(fd, level, TCP_CORK, plan->cork);
	set_if(fd, level, TCP_QUICKACK, plan->quickack);
	set_if(fd, level, TCP_MAXSEG, plan->maxseg);
	set_if(fd, level, TCP_LINGER2, plan->linger2_s);
	set_if(fd, level, TCP_USER_TIMEOUT, plan->user_timeout_ms);
	set_if(fd, level, TCP_WINDOW_CLAMP, plan->window_clamp);
	set_if(fd, level, TCP_NOTSENT_LOWAT, plan->notsent_lowat);
	set_if(fd, level, TCP_SYNCNT, plan->syn_count);
	/* The urgent byte stays in the stream. */
	socket_set(fd, SOL_SOCKET, SO_OOBINLINE, 1);
	if (protocol == SIM_VCTP)
		set_ours(fd, plan);
	return fd;
}
