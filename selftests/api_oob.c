// SPDX-License-Identifier: GPL-2.0
/* Urgent data: one byte, a mark in the stream, and those who are told. */
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include "api.h"

#ifndef SIOCATMARK
#define SIOCATMARK 0x8905
#endif

static char in[100];

/* "ab", the urgent byte "!", "cd". */
static void urgent_pair(const struct api_env *env, int fd[2])
{
	api_pair(env, fd);
	NEED(send(fd[0], "ab", 2, 0));
	NEED(send(fd[0], "!", 1, MSG_OOB));
	NEED(send(fd[0], "cd", 2, 0));
	api_wait(fd[1], POLLPRI, POLLPRI);
	api_wait_queued(fd[1], SIOCINQ, 2);
}

CASE(oob_receive, "S13", "MSG_OOB receives the urgent byte, out of line")
{
	int fd[2];

	urgent_pair(env, fd);
	WANT(recv(fd[1], in, 100, MSG_OOB), 1);
	WANT(in[0], '!');
	WANT(recv(fd[1], in, 100, 0), 2);
	WANT(memcmp(in, "ab", 2), 0);
	WANT(recv(fd[1], in, 2, MSG_WAITALL), 2);
	WANT(memcmp(in, "cd", 2), 0);
}

CASE(oob_stops, "S13", "a read stops at the mark")
{
	int fd[2];

	urgent_pair(env, fd);
	WANT(ioctl(fd[1], SIOCATMARK, in), 0);
	WANT(api_queued(fd[1], SIOCATMARK), 0);
	WANT(recv(fd[1], in, 100, 0), 2);
	WANT(api_queued(fd[1], SIOCATMARK), 1);
	WANT(recv(fd[1], in, 100, 0), 2);
	WANT(api_queued(fd[1], SIOCATMARK), 0);
}

CASE(oob_queued, "S13", "SIOCINQ counts up to the mark")
{
	int fd[2];

	urgent_pair(env, fd);
	WANT(api_queued(fd[1], SIOCINQ), 2);
	WANT(recv(fd[1], in, 2, 0), 2);
	NOTE(api_queued(fd[1], SIOCINQ));
	WANT(recv(fd[1], in, 100, MSG_OOB), 1);
	NOTE(api_queued(fd[1], SIOCINQ));
}

CASE(oob_inline, "S13", "SO_OOBINLINE leaves it in the stream")
{
	int fd[2];

	api_pair(env, fd);
	WANT(api_set(fd[1], SOL_SOCKET, SO_OOBINLINE, 1), 0);
	WANT(api_get(fd[1], SOL_SOCKET, SO_OOBINLINE), 1);
	NEED(send(fd[0], "ab", 2, 0));
	NEED(send(fd[0], "!", 1, MSG_OOB));
	NEED(send(fd[0], "cd", 2, 0));
	api_wait(fd[1], POLLPRI, POLLPRI);
	WANT(recv(fd[1], in, 100, MSG_OOB), -EINVAL);
	WANT(api_wait_queued(fd[1], SIOCINQ, 5), 5);
	WANT(recv(fd[1], in, 100, 0), 2);
	WANT(api_queued(fd[1], SIOCATMARK), 1);
	WANT(recv(fd[1], in, 100, 0), 3);
	WANT(memcmp(in, "!cd", 3), 0);
}

CASE(oob_none, "S13", "MSG_OOB without urgent data is EINVAL")
{
	int fd[2];

	api_pair(env, fd);
	WANT(recv(fd[1], in, 1, MSG_OOB), -EINVAL);
	NEED(send(fd[0], "abc", 3, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 3), 3);
	WANT(recv(fd[1], in, 1, MSG_OOB), -EINVAL);
	WANT(recv(api_socket(env), in, 1, MSG_OOB), -EINVAL);
	WANT(recv(api_listener(env, 1, NULL), in, 1, MSG_OOB), -ENOTCONN);
}

CASE(oob_twice, "S13", "the urgent byte is read once; a peek leaves it")
{
	int fd[2];

	urgent_pair(env, fd);
	WANT(recv(fd[1], in, 1, MSG_OOB | MSG_PEEK), 1);
	WANT(recv(fd[1], in, 1, MSG_OOB | MSG_PEEK), 1);
	WANT(recv(fd[1], in, 1, MSG_OOB), 1);
	WANT(recv(fd[1], in, 1, MSG_OOB), -EINVAL);
}

CASE(oob_long, "S13", "of several urgent bytes the last is urgent")
{
	int fd[2];

	api_pair(env, fd);
	WANT(send(fd[0], "xyz!", 4, MSG_OOB), 4);
	api_wait(fd[1], POLLPRI, POLLPRI);
	WANT(recv(fd[1], in, 9, MSG_OOB), 1);
	WANT(in[0], '!');
	WANT(recv(fd[1], in, 9, 0), 3);
	WANT(memcmp(in, "xyz", 3), 0);
}

CASE(oob_overtaken, "S13", "a second urgent byte makes the first ordinary")
{
	int fd[2];

	api_pair(env, fd);
	NEED(send(fd[0], "1", 1, MSG_OOB));
	api_wait(fd[1], POLLPRI, POLLPRI);
	NEED(send(fd[0], "a", 1, 0));
	NEED(send(fd[0], "2", 1, MSG_OOB));
	NEED(send(fd[0], "b", 1, 0));
	NEED(shutdown(fd[0], SHUT_WR));
	api_wait(fd[1], POLLRDHUP, POLLRDHUP);
	WANT(recv(fd[1], in, 9, MSG_OOB), 1);
	WANT(in[0], '2');
	NOTE(recv(fd[1], in, 9, 0));
	NOTE(in[0]);
	NOTE(recv(fd[1], in, 9, 0));
	NOTE(in[0]);
	NOTE(recv(fd[1], in, 9, 0));
}

CASE(oob_poll, "S13", "POLLPRI while the urgent byte is unread")
{
	int fd[2];

	urgent_pair(env, fd);
	WANT_STR(api_poll(fd[1], POLLIN | POLLOUT | POLLPRI), "IN|PRI|OUT");
	WANT(recv(fd[1], in, 1, MSG_OOB), 1);
	WANT_STR(api_poll(fd[1], POLLIN | POLLOUT | POLLPRI), "IN|OUT");
}

CASE(oob_poll_alone, "S13", "an urgent byte alone is not readable")
{
	int fd[2];

	api_pair(env, fd);
	NEED(send(fd[0], "!", 1, MSG_OOB));
	WANT_STR(api_wait(fd[1], POLLIN | POLLPRI, POLLPRI), "PRI");
	WANT(recv(fd[1], in, 9, MSG_DONTWAIT), -EAGAIN);
	/* That read went past the mark: the byte is gone. */
	WANT(recv(fd[1], in, 9, MSG_OOB), -EINVAL);
	WANT_STR(api_poll(fd[1], POLLIN | POLLPRI), "none");
}

CASE(oob_select, "S13", "select calls it exceptional")
{
	struct timeval tv = { .tv_sec = 10 };
	int fd[2];
	fd_set set;

	api_pair(env, fd);
	NEED(send(fd[0], "!", 1, MSG_OOB));
	FD_ZERO(&set);
	FD_SET(fd[1], &set);
	WANT(select(FD_SETSIZE, NULL, NULL, &set, &tv), 1);
	WANT(FD_ISSET(fd[1], &set) != 0, 1);
}

CASE(oob_epoll, "S13", "EPOLLPRI, edge-triggered")
{
	struct epoll_event ev = { .events = EPOLLPRI | EPOLLET };
	int fd[2], ep = NEED(epoll_create1(0));

	api_pair(env, fd);
	NEED(epoll_ctl(ep, EPOLL_CTL_ADD, fd[1], &ev));
	NEED(send(fd[0], "!", 1, MSG_OOB));
	WANT(epoll_wait(ep, &ev, 1, 10000), 1);
	WANT(ev.events, EPOLLPRI);
	WANT(epoll_wait(ep, &ev, 1, 0), 0);
}

CASE(oob_signal, "S13", "SIGURG goes to the owner")
{
	long end = api_ms() + 10000;
	int fd[2];

	api_pair(env, fd);
	api_catch(SIGURG, SA_RESTART);
	WANT(fcntl(fd[1], F_SETOWN, getpid()), 0);
	NEED(send(fd[0], "!", 1, MSG_OOB));
	while (!api_caught && api_ms() < end)
		api_nap();
	WANT(api_caught, 1);
}

CASE(oob_waitall, "S13", "MSG_WAITALL stops at the mark")
{
	int fd[2];

	urgent_pair(env, fd);
	WANT(recv(fd[1], in, 4, MSG_WAITALL), 2);
	WANT(recv(fd[1], in, 2, MSG_WAITALL), 2);
	WANT(memcmp(in, "cd", 2), 0);
}

CASE(oob_end, "S13", "MSG_OOB at the end of the stream")
{
	int fd[2];

	api_pair(env, fd);
	NEED(send(fd[0], "!", 1, MSG_OOB));
	NEED(shutdown(fd[0], SHUT_WR));
	api_wait(fd[1], POLLRDHUP, POLLRDHUP);
	WANT(recv(fd[1], in, 1, MSG_OOB), 1);
	NOTE(recv(fd[1], in, 1, MSG_OOB));
	WANT(recv(fd[1], in, 1, 0), 0);
}

CASE(oob_nothing, "S13", "an urgent send of nothing")
{
	int fd[2];

	api_pair(env, fd);
	NOTE(send(fd[0], "", 0, MSG_OOB));
	WANT(recv(fd[1], in, 1, MSG_OOB), -EINVAL);
	WANT(recv(fd[1], in, 1, MSG_DONTWAIT), -EAGAIN);
}
