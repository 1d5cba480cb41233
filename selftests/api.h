/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The socket API suite.
 *
 * A case is a small program. It is run over TCP and over VCTP, over IPv4 and
 * over IPv6, each time in a process of its own, and writes down line by line
 * what it sees. VCTP has to have seen what TCP saw. What matters most is also
 * wanted outright, so that two wrong answers cannot agree with each other.
 *
 *	CASE(bind_twice, "S13", "a second bind is EINVAL")
 *	{
 *		int fd = api_bound(env, LOOP, NULL);
 *
 *		WANT(api_bind(env, fd, LOOP, 0), -EINVAL);
 *	}
 *
 * Where VCTP is meant to differ, WANT_EACH() says so, and why.
 */
#ifndef _VCTP_SELFTESTS_API_H
#define _VCTP_SELFTESTS_API_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include "linux/vctp.h"
#include "testbed.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(arr) (sizeof(arr) / sizeof((arr)[0]))
#endif

struct api_env {
	int family;		/* AF_INET or AF_INET6 */
	int proto;		/* IPPROTO_TCP or IPPROTO_VCTP */
	int level;		/* SOL_TCP, or SOL_VCTP in a twin run */
	bool vctp;
	socklen_t len;		/* of an address of this family */
};

union api_sa {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage ss;
};

/* Addresses that every run has, in the family of the run. */
enum api_where {
	ANY,
	LOOP,			/* 127.0.0.1, ::1 */
	OTHER,			/* a second local one: 10.9.0.1, fd00:9::1 */
	NONLOCAL,		/* nobody's, and no route leads there */
	MCAST,			/* a route to it exists */
	BCAST,			/* of the subnet of OTHER; IPv4 only */
};

enum {
	API_TWIN	= 1,	/* run a third time, at SOL_VCTP */
	API_V4		= 2,	/* has no meaning in IPv6 */
	API_V6		= 4,	/* has no meaning in IPv4 */
};

struct api_case {
	const char *name;
	const char *row;
	const char *text;
	int flags;
	void (*run)(const struct api_env *env);
	struct api_case *next;
};

void api_add(struct api_case *c);

#define CASE_FLAGS(_name, _row, _text, _flags)				\
	static void _name(const struct api_env *env);			\
	static struct api_case _name##_case = {				\
		.name = #_name, .row = _row, .text = _text,		\
		.flags = _flags, .run = _name,				\
	};								\
	static void __attribute__((constructor)) _name##_add(void)	\
	{								\
		api_add(&_name##_case);					\
	}								\
	static void _name(const struct api_env *env)

#define CASE(_name, _row, _text) CASE_FLAGS(_name, _row, _text, 0)

/*
 * What a case writes down. A result of -1 is turned into -errno, and written
 * as the errno's name.
 */
#define NOTE(expr) api_note(__LINE__, #expr, api_rc(expr))
#define WANT(expr, want) api_want(__LINE__, #expr, api_rc(expr), want)
#define WANT_EACH(expr, tcp, vctp_, why) \
	api_want_each(env, __LINE__, #expr, api_rc(expr), tcp, vctp_, why)
#define NOTE_STR(expr) api_note_str(__LINE__, #expr, expr)
#define WANT_STR(expr, want) api_want_str(__LINE__, #expr, expr, want)
/* Without this the case cannot go on; nothing is written where it succeeds. */
#define NEED(expr) api_need(__LINE__, #expr, api_rc(expr))

long api_rc(long rc);
long api_note(int line, const char *expr, long got);
long api_want(int line, const char *expr, long got, long want);
long api_want_each(const struct api_env *env, int line, const char *expr,
		   long got, long tcp, long vctp, const char *why);
void api_note_str(int line, const char *expr, const char *got);
void api_want_str(int line, const char *expr, const char *got,
		  const char *want);
long api_need(int line, const char *expr, long rc);
void api_line(const char *fmt, ...);
void api_skip(const char *why);

/* Addresses and names. */
socklen_t api_addr(const struct api_env *env, union api_sa *sa,
		   enum api_where where, int port);
int api_port(const union api_sa *sa);
int api_local_port(int fd);
const char *api_name(const union api_sa *sa);	/* without the port */
const char *api_sockname(int fd);		/* "127.0.0.1 port", "… 0" */
const char *api_peername(int fd);

/* Sockets in a wanted state. */
int api_socket(const struct api_env *env);
int api_bind(const struct api_env *env, int fd, enum api_where where, int port);
int api_connect(const struct api_env *env, int fd, enum api_where where,
		int port);
int api_bound(const struct api_env *env, enum api_where where, int *port);
int api_listener(const struct api_env *env, int backlog, int *port);
void api_pair(const struct api_env *env, int fd[2]);	/* client, server */
void api_join_pair(const struct api_env *env, int client, int listener,
		   int fd[2]);
int api_refused_port(const struct api_env *env);

/* Options and flags. */
int api_get(int fd, int level, int option);
int api_set(int fd, int level, int option, int value);
int api_nonblock(int fd);
int api_error(int fd);				/* -SO_ERROR */
int api_state(const struct api_env *env, int fd);
int api_wait_state(const struct api_env *env, int fd, int state);
int api_queued(int fd, int request);		/* SIOCINQ, SIOCOUTQ, … */
int api_wait_queued(int fd, int request, int want);
void *api_nowhere(void);			/* an address that faults */

/* Events: names joined by "|", or "none". */
const char *api_events(int events);
const char *api_poll(int fd, int events);	/* at once */
const char *api_wait(int fd, int events, int all_of);

/* Data. */
void api_fill(void *buf, size_t len, unsigned int seed);
__u64 api_digest(const void *buf, size_t len);
int api_send_all(int fd, const void *buf, size_t len);
ssize_t api_recv_all(int fd, void *buf, size_t len);
ssize_t api_drain(int fd);			/* until end or error */
long api_stuff(int fd);				/* until it is full */

/* A call made by a second thread. */
struct api_call {
	long (*fn)(struct api_call *call);
	int fd;
	int flags;
	void *buf;
	size_t len;
	long rc;
	pid_t tid;
	pthread_t thread;
};

void api_call_start(struct api_call *call);
void api_call_blocked(struct api_call *call);	/* returns once it sleeps */
long api_call_join(struct api_call *call);
long api_call_recv(struct api_call *call);
long api_call_send(struct api_call *call);
long api_call_accept(struct api_call *call);

/* Time, processes, rights. */
long api_ms(void);
void api_nap(void);				/* between two looks */
int api_child_ended(pid_t pid);			/* its exit status */
void api_pid_blocked(pid_t pid);
void api_catch(int sig, int flags);		/* counts in api_caught */
extern sig_atomic_t api_caught;
int api_drop_cap(int cap);

#endif /* _VCTP_SELFTESTS_API_H */
