// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's clock, from a whole second on, so that its ticks fall at the
 * same moments of every scenario.
 *
 * Under the virtual clock nothing passes while anything runs, but for a
 * fraction of a µs for every look at the clock. A moment that was waited for
 * is therefore taken as the one that was meant.
 */
#include <err.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "agenda.h"
#include "clock.h"

#define LATE_US		20	/* that a wake-up may be, and still be on time */

static s64 begin_ns;
static int timer_fd, wait_fd;

static s64 monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void set_timer(s64 at_ns)
{
	struct itimerspec at = {
		.it_value.tv_sec = at_ns / 1000000000,
		.it_value.tv_nsec = at_ns % 1000000000,
	};

	if (timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &at, NULL))
		err(1, "timerfd_settime");
}

static void take_timer(void)
{
	u64 times;

	if (read(timer_fd, &times, sizeof(times)) < 0 && errno != EAGAIN)
		err(1, "timerfd");
}

/**
 * clock_begin() - the next second but one is 0
 */
void clock_begin(void)
{
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	wait_fd = epoll_create1(EPOLL_CLOEXEC);
	if (timer_fd < 0 || wait_fd < 0)
		err(1, "clock");
	begin_ns = (monotonic_ns() / 1000000000 + 2) * 1000000000;
	set_timer(begin_ns);
	take_timer();
	clock_watch(timer_fd);
	now_us = 0;
}

/**
 * clock_watch() - clock_wait() ends when this can be read
 * @fd: a descriptor
 */
void clock_watch(int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(wait_fd, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll");
}

/**
 * clock_read() - now is now
 */
void clock_read(void)
{
	s64 us = (monotonic_ns() - begin_ns) / 1000;

	if (us > now_us + LATE_US)
		now_us = us;
}

/**
 * clock_wait() - until then, or until something happens
 * @until_us: µs since the beginning
 */
void clock_wait(s64 until_us)
{
	struct epoll_event events[2];
	int i, n;
	s64 us;

	set_timer(begin_ns + until_us * 1000);
	n = epoll_wait(wait_fd, events, 2, -1);
	if (n < 0 && errno != EINTR)
		err(1, "epoll_wait");
	us = (monotonic_ns() - begin_ns) / 1000;
	for (i = 0; i < n; i++) {
		if (events[i].data.fd != timer_fd)
			continue;
		take_timer();
		if (us >= until_us && us <= until_us + LATE_US)
			us = until_us;
	}
	if (us > now_us)
		now_us = us;
}
