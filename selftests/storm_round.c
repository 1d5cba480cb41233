// SPDX-License-Identifier: GPL-2.0
/*
 * The storm: one round. Threads on different CPUs start at the same moment,
 * each makes its call a few times, and who sleeps too long is woken by a
 * signal: again and again, and if that is no use, it hangs.
 */
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <time.h>
#include "storm.h"

#define RELEASE_MS	3	/* a blocked call has shown enough */
#define SLEEPY_MS	3000	/* for one that has been woken to come back */
#define HANG_MS		60000
#define MOST_TIMES	4	/* of a call in one round */
#define JITTER		2000	/* turns of a loop before the first call */

struct storm_round storm_round;
struct storm_seen storm_seen[STORM_CALLS];
unsigned long storm_released, storm_slept;

static struct storm_thread threads[STORM_THREADS];
static pthread_barrier_t start;
static sem_t ended;
static int arrived;

long storm_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Steele, Lea, Flood: SplitMix64. */
uint64_t storm_draw(uint64_t *random)
{
	uint64_t z = *random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

unsigned int storm_pick(struct storm_thread *me, unsigned int below)
{
	return (storm_draw(&me->random) >> 32) % below;
}

bool storm_over(void)
{
	return __atomic_load_n(&storm_round.over, __ATOMIC_RELAXED);
}

/* "recv, splice_in: listening, IPv4" */
void storm_describe(char *buf, size_t size)
{
	size_t len = 0;
	int i;

	for (i = 0; i < STORM_THREADS; i++)
		if (threads[i].call && len < size)
			len += snprintf(buf + len, size - len, "%s%s",
					len ? " + " : "", threads[i].call->name);
	if (len < size)
		snprintf(buf + len, size - len, ", %s, %s",
			 storm_state_names[storm_round.state],
			 storm_family_names[storm_round.family]);
}

/* -- Errnos -- */

/* What the network told the socket, or another thread has done to it. */
static const short network[] = {
	EAGAIN, EPIPE, ECONNRESET, ECONNREFUSED, ECONNABORTED, ENOTCONN,
	ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENOPROTOOPT, EMSGSIZE, 0
};

static bool among(const short *errnos, int error)
{
	for (; errnos && *errnos; errnos++)
		if (*errnos == error)
			return true;
	return false;
}

/* May this call fail with that? */
bool storm_may(const struct storm_call *call, int error)
{
	/* Closed by another thread; woken by a signal. */
	if (error == EBADF || error == EINTR)
		return true;
	return among(call->errnos, error) || (call->net && among(network, error));
}

/* What a call gave, as -errno where it failed: counted, and looked at. */
long storm_rc(struct storm_thread *me, long rc)
{
	struct storm_seen *seen = &storm_seen[me->which];
	int error = rc == -1 ? errno : 0;
	char what[256];

	__atomic_add_fetch(&seen->calls, 1, __ATOMIC_RELAXED);
	if (!error) {
		__atomic_add_fetch(&seen->good, 1, __ATOMIC_RELAXED);
		return rc;
	}
	if (error >= STORM_ERRNOS)
		error = 0;	/* no errno at all, as little as 0 is */
	if (!__atomic_fetch_add(&seen->errnos[error], 1, __ATOMIC_RELAXED) &&
	    !storm_may(me->call, error)) {
		storm_describe(what, sizeof(what));
		storm_say("%s gave %s (%s)", me->call->name,
			  strerrorname_np(error), what);
	}
	return -error;
}

/* -- Threads -- */

static void on_signal(int sig)
{
	(void)sig;
}

static void pin(int number)
{
	cpu_set_t all, one;
	int cpu, seen = 0;

	if (sched_getaffinity(0, sizeof(all), &all))
		return;
	number %= CPU_COUNT(&all);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all) || seen++ != number)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

/* Awake on its CPU, each waits a moment for the other, and then for nobody. */
static void together(struct storm_thread *me)
{
	volatile unsigned int turns;

	__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
	for (turns = 0; turns < 20 * JITTER; turns++)
		if (__atomic_load_n(&arrived, __ATOMIC_RELAXED) >= 2)
			break;
	for (turns = storm_pick(me, JITTER); turns; turns--)
		;
}

static void *thread_main(void *arg)
{
	struct storm_thread *me = arg;
	unsigned int times;

	me->tid = syscall(SYS_gettid);
	pin(me->number);
	for (;;) {
		pthread_barrier_wait(&start);
		if (me->call) {
			together(me);
			for (times = 1 + storm_pick(me, MOST_TIMES); times; times--)
				if (!storm_over())
					me->call->play(me);
			__atomic_store_n(&me->busy, false, __ATOMIC_SEQ_CST);
		}
		sem_post(&ended);
	}
	return NULL;
}

/* The threads of this process, which all its rounds use. */
void storm_stage_open(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	int i;

	/* No SA_RESTART: a call that sleeps comes back. */
	sigaction(SIGUSR1, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	sem_init(&ended, 0, 0);
	pthread_barrier_init(&start, NULL, STORM_THREADS + 1);
	for (i = 0; i < STORM_THREADS; i++) {
		threads[i].number = i;
		if (pipe(threads[i].pipe) ||
		    pthread_create(&threads[i].thread, NULL, thread_main,
				   &threads[i]))
			storm_die("a thread");
	}
}

static bool busy(const struct storm_thread *t)
{
	return __atomic_load_n(&t->busy, __ATOMIC_SEQ_CST);
}

/* Where in the kernel it is, if that can be seen. */
static void tell_stack(const struct storm_thread *t)
{
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stack", t->tid);
	f = fopen(path, "r");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		storm_say("  %s", line);
	}
	fclose(f);
}

static void give_up(void)
{
	char what[256];
	int i;

	for (i = 0; i < STORM_THREADS; i++)
		if (busy(&threads[i])) {
			storm_say("%s hangs", threads[i].call->name);
			tell_stack(&threads[i]);
		}
	storm_describe(what, sizeof(what));
	errno = EDEADLK;
	storm_die(what);
}

static bool wait_ended(long ms)
{
	struct timespec until;
	long ns;

	clock_gettime(CLOCK_REALTIME, &until);
	ns = until.tv_nsec + ms * 1000000;
	until.tv_sec += ns / 1000000000;
	until.tv_nsec = ns % 1000000000;
	while (sem_timedwait(&ended, &until))
		if (errno != EINTR)
			return false;
	return true;
}

/* What it waits for is there. With SO_RCVLOWAT poll() and recv() may differ. */
static bool need_not_sleep(const struct storm_thread *t)
{
	struct pollfd p = { .fd = STORM_FD };
	socklen_t len = sizeof(int);
	int lowat = 0;

	if (!busy(t) || !t->call->waits)
		return false;
	getsockopt(STORM_FD, SOL_SOCKET, SO_RCVLOWAT, &lowat, &len);
	p.events = t->call->waits;
	return lowat == 1 && poll(&p, 1, 0) == 1 && p.revents & p.events;
}

/*
 * A wake-up that was missed: somebody sleeps on and on, though there is
 * something to do. How many have come to an end meanwhile.
 */
static int watch_sleepers(void)
{
	char what[256];
	int i, came = 0;
	long end;

	for (i = 0; i < STORM_THREADS; i++) {
		end = storm_ms() + SLEEPY_MS;
		while (need_not_sleep(&threads[i]) && storm_ms() < end)
			came += wait_ended(RELEASE_MS);
		/* it has to have gone on all the time, not now and again */
		if (storm_ms() < end || !need_not_sleep(&threads[i]))
			continue;
		storm_slept++;
		storm_describe(what, sizeof(what));
		storm_say("%s slept through it (%s)", threads[i].call->name, what);
		tell_stack(&threads[i]);
	}
	return came;
}

/* Wakes who sleeps. */
static void release(void)
{
	int i;

	if (!__atomic_exchange_n(&storm_round.over, true, __ATOMIC_SEQ_CST))
		storm_released++;
	for (i = 0; i < STORM_THREADS; i++)
		if (busy(&threads[i]))
			pthread_kill(threads[i].thread, SIGUSR1);
}

/**
 * storm_start() - the threads set out
 * @call: what each makes; -1: nothing
 * @random: all that they choose comes from it
 */
void storm_start(const int call[STORM_THREADS], uint64_t random)
{
	int i;

	storm_round.over = false;
	arrived = 0;
	for (i = 0; i < STORM_THREADS; i++) {
		threads[i].which = call[i];
		threads[i].call = call[i] < 0 ? NULL : storm_call(call[i]);
		threads[i].busy = threads[i].call;
		threads[i].random = storm_draw(&random);
	}
	pthread_barrier_wait(&start);
}

/**
 * storm_play() - one round: all have come back, or this does not return
 * @call: what each thread makes; -1: nothing
 * @random: all that they choose comes from it
 */
void storm_play(const int call[STORM_THREADS], uint64_t random)
{
	long begun = storm_ms();
	int left;

	storm_start(call, random);
	for (left = STORM_THREADS; left;) {
		if (wait_ended(RELEASE_MS)) {
			left--;
			continue;
		}
		if (!storm_over())
			left -= watch_sleepers();
		if (left)
			release();
		if (storm_ms() - begun > HANG_MS)
			give_up();
	}
}
