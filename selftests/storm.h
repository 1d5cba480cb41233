/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The storm: concurrent calls on one socket, in every state that it can be put
 * in, while segments arrive for it.
 *
 *	storm.c			what is played, and what has to hold afterwards
 *	storm_round.c		one round: threads, their start, who hangs
 *	storm_states.c		a socket in a wanted state, and its peers
 *	storm_calls.c		the calls
 *	storm_options.c		those that set and read options
 *	storm_segments.c	what the peers and strangers do
 *	storm_left.c		what is left when all is over
 */
#ifndef _VCTP_SELFTESTS_STORM_H
#define _VCTP_SELFTESTS_STORM_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include "linux/vctp.h"
#include "testbed.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(arr) (sizeof(arr) / sizeof((arr)[0]))
#endif

/*
 * The socket that all is about has a number that no call hands out, so that
 * after its close nobody takes another one for it.
 */
#define STORM_FD	200
#define STORM_PEERS	6
#define STORM_THREADS	3
#define STORM_ERRNOS	134	/* the kernel's */
#define STORM_CALLS	128	/* room for so many */

enum storm_state {
	FRESH,
	BOUND,
	LISTENING,		/* some to be accepted, some half-open */
	CONNECTING,		/* to a listener that does not hear */
	ESTABLISHED,
	STREAMING,		/* both buffers are full */
	FIN_WAIT_1,		/* the peer does not hear */
	FIN_WAIT_2,
	CLOSE_WAIT,
	LAST_ACK,		/* the peer does not hear */
	CLOSING,		/* the FINs crossed, and it does not hear */
	TIME_WAIT,
	STATES
};

enum storm_family { V4, V6, MAPPED, FAMILIES };

union storm_sa {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct storm_thread {
	pthread_t thread;
	int number;
	pid_t tid;
	uint64_t random;
	int which;
	const struct storm_call *call;	/* NULL: idle in this round */
	int pipe[2];
	bool busy;
};

/*
 * A call, or something that befalls the socket. @errnos: what it may fail
 * with, besides what any of them may (see storm_may()); ends with 0.
 */
struct storm_call {
	const char *name;
	void (*play)(struct storm_thread *me);
	const short *errnos;
	short waits;		/* what poll() shows when it need not sleep */
	bool net;		/* may tell what the network told the socket */
	bool vctp_only;
};

#define ERRNOS(...)	((const short []){ __VA_ARGS__, 0 })
#define CALL(_name, _play, ...)	{ .name = _name, .play = _play, ##__VA_ARGS__ }

struct storm_round {
	enum storm_state state;
	enum storm_family family;
	int peer[STORM_PEERS];
	int peers;
	bool over;		/* time to come to an end */
};

/* What has been seen; added to by all threads. */
struct storm_seen {
	unsigned long calls, good;
	unsigned long errnos[STORM_ERRNOS];
};

extern bool storm_vctp;
extern int storm_proto;
extern struct storm_round storm_round;

/* storm.c */
void storm_die(const char *what);
void storm_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* storm_calls.c, storm_options.c, storm_segments.c: the list of all */
extern const struct storm_call storm_calls[], storm_options[], storm_segments[];
extern const int storm_calls_count, storm_options_count, storm_segments_count;
const struct storm_call *storm_call(int number);
int storm_call_count(void);

/* storm_round.c */
extern struct storm_seen storm_seen[STORM_CALLS];
bool storm_may(const struct storm_call *call, int error);
uint64_t storm_draw(uint64_t *random);
unsigned int storm_pick(struct storm_thread *me, unsigned int below);
bool storm_over(void);
long storm_rc(struct storm_thread *me, long rc);
long storm_ms(void);
void storm_stage_open(void);
void storm_play(const int call[STORM_THREADS], uint64_t random);
void storm_start(const int call[STORM_THREADS], uint64_t random);
void storm_describe(char *buf, size_t size);
extern unsigned long storm_released, storm_slept;

/* storm_states.c */
extern const char * const storm_state_names[STATES];
extern const char * const storm_family_names[FAMILIES];
socklen_t storm_addr(union storm_sa *sa, enum storm_family family, int port);
int storm_socket(enum storm_family family);
int storm_port(enum storm_family family, bool deaf);	/* of a listener */
int storm_port_of(int fd);
int storm_set(int fd, int level, int option, int value);
int storm_knock(enum storm_family family, int port, bool deaf);
void storm_states_open(void);
void storm_states_close(void);
bool storm_enter(enum storm_state state, enum storm_family family,
		 uint64_t *random);
void storm_leave(void);

/* storm_segments.c */
void storm_segments_open(void);

/* storm_options.c */
void storm_sysctls_open(void);

/* storm_left.c */
struct storm_before {
	long sockets;		/* of all namespaces */
};

void storm_left_before(struct storm_before *before);
bool storm_nothing_left(const struct storm_before *before, int seconds);
long storm_counter(const char *which);
bool storm_reload(const char *module);

#endif /* _VCTP_SELFTESTS_STORM_H */
