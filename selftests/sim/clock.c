// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's clock, from a moment on that is the same to the kernel's timers
 * as every other scenario's: they lie in a wheel whose slots are the coarser
 * the later a timer is due, up to 8^6 ticks of 1 ms, or half of that of 4 ms,
 * for the hours that matter here.
 *
 * Under the virtual clock nothing passes while anything runs, but for a
 * fraction of a µs for every look at the clock. A moment that was waited for
 * is therefore taken as the one that was meant, and so is that of a tick.
 */
#include <err.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "agenda.h"
#include "clock.h"

#define LATE_US		200	/* that a wake-up may be, and still be on time */
#define GRAIN_NS	256	/* of User Mode Linux's clock */
#define EVEN_NS		(24 * GRAIN_NS)
#define CARDS_AND_MORE	6	/* descriptors that are watched */
#define QUIET_NS	20000000000LL	/* what was there before us ends */
#define WHEEL_NS	262144000000LL

static s64 begin_ns;
static int timer_fd, wait_fd;

static s64 monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/*
 * How often the kernel looks at the clock on its way out of idleness depends on
 * what else it had to do. Look until so much has passed as it never takes.
 */
static void clock_even(s64 moment_ns)
{
	while (monotonic_ns() < moment_ns + EVEN_NS)
		;
}

/* Never between two grains: see clock_settle(). */
static s64 whole_grains(s64 ns)
{
	return (ns + GRAIN_NS - 1) / GRAIN_NS * GRAIN_NS;
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

/* How late we are, by the clock, for a moment in the near future. */
static s64 late_for(s64 grain_ns, s64 rest_ns)
{
	set_timer(grain_ns + rest_ns);
	take_timer();
	return monotonic_ns() - grain_ns;
}

/*
 * The virtual clock is told in grains, but a timer that is set between two
 * moves it by nanoseconds, and all that comes after it too: where in a grain
 * we are depends on every timer since the boot. Find out, by timers that do or
 * do not reach the next grain, and go to a grain's beginning.
 */
static void clock_settle(void)
{
	s64 at_ns = whole_grains(monotonic_ns()) + 4096 * GRAIN_NS;
	s64 low = 0, high = GRAIN_NS, middle, usual;

	usual = late_for(at_ns, 0);
	while (high - low > 1) {
		middle = (low + high) / 2;
		at_ns += 4096 * GRAIN_NS;
		if (late_for(at_ns, GRAIN_NS - middle) > usual) {
			low = 0;
			high -= middle;
		} else {
			low += GRAIN_NS - middle;
			high = GRAIN_NS;
		}
	}
	late_for(at_ns + 4096 * GRAIN_NS, GRAIN_NS - low);
}

/**
 * clock_begin() - wait for the next moment that can be 0
 */
void clock_begin(void)
{
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	wait_fd = epoll_create1(EPOLL_CLOEXEC);
	if (timer_fd < 0 || wait_fd < 0)
		err(1, "clock");
	clock_settle();
	begin_ns = ((monotonic_ns() + QUIET_NS) / WHEEL_NS + 1) * WHEEL_NS;
	set_timer(begin_ns);
	take_timer();
	clock_even(begin_ns);
	clock_watch(timer_fd);
	now_us = 0;
}

/**
 * clock_begin_us() - when that was, by the kernel's monotonic clock
 */
s64 clock_begin_us(void)
{
	return begin_ns / 1000;
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
	struct epoll_event events[CARDS_AND_MORE];
	int i, n;
	s64 us;

	set_timer(whole_grains(begin_ns + until_us * 1000));
	n = epoll_wait(wait_fd, events, CARDS_AND_MORE, -1);
	if (n < 0 && errno != EINTR)
		err(1, "epoll_wait");
	for (i = 0; i < n; i++) {
		if (events[i].data.fd == timer_fd)
			take_timer();
	}
	us = (monotonic_ns() - begin_ns) / 1000;
	if (us >= until_us && us <= until_us + LATE_US)
		us = until_us;
	else if (us % USEC_PER_MSEC <= LATE_US)
		us -= us % USEC_PER_MSEC;
	clock_even(whole_grains(begin_ns + us * 1000));
	if (us > now_us)
		now_us = us;
}
