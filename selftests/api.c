// SPDX-License-Identifier: GPL-2.0
/* What the cases of the socket API suite have in common. */
#include <arpa/inet.h>
#include <linux/capability.h>
#include <linux/sockios.h>
#include <sys/syscall.h>
#include <time.h>
#include "api.h"

/* A time-out that is reached only where something has failed already. */
#define PATIENCE_MS	10000

/* -- Time, processes, rights -- */

long api_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void api_nap(void)
{
	poll(NULL, 0, 1);
}

static bool sleeps(const char *stat)
{
	char line[512], *state;
	FILE *f = fopen(stat, "r");
	bool yes = false;

	if (!f)
		return true;
	if (fgets(line, sizeof(line), f)) {
		state = strrchr(line, ')');
		yes = state && state[2] == 'S';
	}
	fclose(f);
	return yes;
}

static void wait_asleep(const char *stat)
{
	long end = api_ms() + PATIENCE_MS;

	while (!sleeps(stat) && api_ms() < end)
		api_nap();
}

void api_pid_blocked(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	wait_asleep(path);
}

int api_child_ended(pid_t pid)
{
	int status = 0;

	NEED(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   1000 + WTERMSIG(status);
}

sig_atomic_t api_caught;

static void caught(int sig)
{
	(void)sig;
	api_caught++;
}

void api_catch(int sig, int flags)
{
	struct sigaction action = { .sa_handler = caught, .sa_flags = flags };

	api_caught = 0;
	NEED(sigaction(sig, &action, NULL));
}

int api_drop_cap(int cap)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		return -1;
	data[CAP_TO_INDEX(cap)].effective &= ~CAP_TO_MASK(cap);
	return syscall(SYS_capset, &head, data);
}

/* -- A call made by a second thread -- */

static void *call_thread(void *arg)
{
	struct api_call *call = arg;

	__atomic_store_n(&call->tid, syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	call->rc = api_rc(call->fn(call));
	return NULL;
}

void api_call_start(struct api_call *call)
{
	int err = pthread_create(&call->thread, NULL, call_thread, call);

	NEED(-err);
}

void api_call_blocked(struct api_call *call)
{
	char path[64];

	while (!__atomic_load_n(&call->tid, __ATOMIC_SEQ_CST))
		api_nap();
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", call->tid);
	wait_asleep(path);
}

long api_call_join(struct api_call *call)
{
	pthread_join(call->thread, NULL);
	return call->rc;
}

long api_call_recv(struct api_call *call)
{
	return recv(call->fd, call->buf, call->len, call->flags);
}

long api_call_send(struct api_call *call)
{
	return send(call->fd, call->buf, call->len, call->flags);
}

long api_call_accept(struct api_call *call)
{
	return accept4(call->fd, NULL, NULL, call->flags);
}

/* -- Addresses and names -- */

socklen_t api_addr(const struct api_env *env, union api_sa *sa,
		   enum api_where where, int port)
{
	static const char * const v4[] = {
		[ANY] = "0.0.0.0", [LOOP] = "127.0.0.1", [OTHER] = "10.9.0.1",
		[NONLOCAL] = "192.0.2.7", [MCAST] = "224.0.0.99",
		[BCAST] = "10.9.0.255",
	};
	static const char * const v6[] = {
		[ANY] = "::", [LOOP] = "::1", [OTHER] = "fd00:9::1",
		[NONLOCAL] = "2001:db8::7", [MCAST] = "ff02::99",
		[BCAST] = "ff02::1",
	};

	memset(sa, 0, sizeof(*sa));
	sa->sa.sa_family = env->family;
	if (env->family == AF_INET) {
		inet_pton(AF_INET, v4[where], &sa->v4.sin_addr);
		sa->v4.sin_port = htons(port);
		return sizeof(sa->v4);
	}
	inet_pton(AF_INET6, v6[where], &sa->v6.sin6_addr);
	sa->v6.sin6_port = htons(port);
	return sizeof(sa->v6);
}

int api_port(const union api_sa *sa)
{
	/* Both families keep it at the same place. */
	return ntohs(sa->v4.sin_port);
}

int api_local_port(int fd)
{
	union api_sa sa = {};
	socklen_t len = sizeof(sa);

	NEED(getsockname(fd, &sa.sa, &len));
	return api_port(&sa);
}

const char *api_name(const union api_sa *sa)
{
	static char names[4][INET6_ADDRSTRLEN];
	static int next;
	char *name = names[next++ % 4];

	if (sa->sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &sa->v4.sin_addr, name, INET6_ADDRSTRLEN);
	else if (sa->sa.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &sa->v6.sin6_addr, name, INET6_ADDRSTRLEN);
	else
		snprintf(name, INET6_ADDRSTRLEN, "family %d",
			 sa->sa.sa_family);
	return name;
}

static const char *describe(int rc, const union api_sa *sa)
{
	static char texts[4][INET6_ADDRSTRLEN + 16];
	static int next;
	char *text = texts[next++ % 4];

	if (rc)
		return strerrorname_np(errno);
	snprintf(text, sizeof(texts[0]), "%s %s", api_name(sa),
		 api_port(sa) ? "port" : "0");
	return text;
}

const char *api_sockname(int fd)
{
	union api_sa sa = {};
	socklen_t len = sizeof(sa);
	int rc = getsockname(fd, &sa.sa, &len);

	return describe(rc, &sa);
}

const char *api_peername(int fd)
{
	union api_sa sa = {};
	socklen_t len = sizeof(sa);
	int rc = getpeername(fd, &sa.sa, &len);

	return describe(rc, &sa);
}

/* -- Sockets in a wanted state -- */

int api_socket(const struct api_env *env)
{
	return NEED(socket(env->family, SOCK_STREAM, env->proto));
}

int api_bind(const struct api_env *env, int fd, enum api_where where, int port)
{
	union api_sa sa;
	socklen_t len = api_addr(env, &sa, where, port);

	return bind(fd, &sa.sa, len);
}

int api_connect(const struct api_env *env, int fd, enum api_where where,
		int port)
{
	union api_sa sa;
	socklen_t len = api_addr(env, &sa, where, port);

	return connect(fd, &sa.sa, len);
}

int api_bound(const struct api_env *env, enum api_where where, int *port)
{
	int fd = api_socket(env);

	NEED(api_bind(env, fd, where, 0));
	if (port)
		*port = api_local_port(fd);
	return fd;
}

int api_listener(const struct api_env *env, int backlog, int *port)
{
	int fd = api_bound(env, LOOP, port);

	NEED(listen(fd, backlog));
	return fd;
}

void api_join_pair(const struct api_env *env, int client, int listener,
		   int fd[2])
{
	NEED(api_connect(env, client, LOOP, api_local_port(listener)));
	fd[0] = client;
	fd[1] = NEED(accept(listener, NULL, NULL));
}

void api_pair(const struct api_env *env, int fd[2])
{
	int listener = api_listener(env, 1, NULL);

	api_join_pair(env, api_socket(env), listener, fd);
	close(listener);
}

/* Held by a socket that does not listen, so that nobody else comes there. */
int api_refused_port(const struct api_env *env)
{
	int port;

	api_bound(env, LOOP, &port);
	return port;
}

/* -- Options and flags -- */

int api_get(int fd, int level, int option)
{
	int value = 0;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, level, option, &value, &len))
		return -errno;
	/* So that api_rc() leaves a value of -1 as it is. */
	errno = 1;
	return value;
}

int api_set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

int api_nonblock(int fd)
{
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int api_error(int fd)
{
	return -api_get(fd, SOL_SOCKET, SO_ERROR);
}

/* The first byte of TCP_INFO, as of VCTP_INFO, is the state. */
int api_state(const struct api_env *env, int fd)
{
	unsigned char state = 0;
	socklen_t len = sizeof(state);

	if (getsockopt(fd, env->level, TCP_INFO, &state, &len))
		return -errno;
	return state;
}

int api_wait_state(const struct api_env *env, int fd, int state)
{
	long end = api_ms() + PATIENCE_MS;

	while (api_state(env, fd) != state && api_ms() < end)
		api_nap();
	return api_state(env, fd);
}

int api_queued(int fd, int request)
{
	int n = 0;

	return ioctl(fd, request, &n) ? -errno : n;
}

int api_wait_queued(int fd, int request, int want)
{
	long end = api_ms() + PATIENCE_MS;

	while (api_queued(fd, request) != want && api_ms() < end)
		api_nap();
	return api_queued(fd, request);
}

/* Made where the compiler does not see it, or it would warn. */
void *api_nowhere(void)
{
	return (void *)16;
}

/* -- Events -- */

const char *api_events(int events)
{
	static const struct {
		int bit;
		const char *name;
	} bits[] = {
		{ POLLIN, "IN" }, { POLLPRI, "PRI" }, { POLLOUT, "OUT" },
		{ POLLERR, "ERR" }, { POLLHUP, "HUP" }, { POLLNVAL, "NVAL" },
		{ POLLRDNORM, "RDNORM" }, { POLLRDBAND, "RDBAND" },
		{ POLLWRNORM, "WRNORM" }, { POLLWRBAND, "WRBAND" },
		{ POLLRDHUP, "RDHUP" },
	};
	static char texts[4][96];
	static int next;
	char *text = texts[next++ % 4];
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(bits); i++)
		if (events & bits[i].bit) {
			if (text[0])
				strcat(text, "|");
			strcat(text, bits[i].name);
		}
	return text[0] ? text : "none";
}

const char *api_poll(int fd, int events)
{
	struct pollfd p = { .fd = fd, .events = events };

	NEED(poll(&p, 1, 0));
	return api_events(p.revents);
}

const char *api_wait(int fd, int events, int all_of)
{
	struct pollfd p = { .fd = fd, .events = events };
	long end = api_ms() + PATIENCE_MS;

	do {
		NEED(poll(&p, 1, 0));
		if ((p.revents & all_of) == all_of)
			break;
		api_nap();
	} while (api_ms() < end);
	return api_events(p.revents);
}

/* -- Data -- */

void api_fill(void *buf, size_t len, unsigned int seed)
{
	unsigned char *p = buf;
	__u32 x = seed * 2654435761u + 1;

	while (len--) {
		x = x * 1664525 + 1013904223;
		*p++ = x >> 24;
	}
}

__u64 api_digest(const void *buf, size_t len)
{
	const unsigned char *p = buf;
	__u64 h = 0xcbf29ce484222325;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3;
	return h >> 1;
}

int api_send_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = send(fd, p, len, 0);
		if (n < 0)
			return -1;
	}
	return 0;
}

ssize_t api_recv_all(int fd, void *buf, size_t len)
{
	size_t got = 0;
	ssize_t n = 1;

	while (got < len && n > 0) {
		n = recv(fd, (char *)buf + got, len - got, 0);
		if (n < 0)
			return -1;
		got += n;
	}
	return got;
}

ssize_t api_drain(int fd)
{
	char buf[65536];
	ssize_t n, sum = 0;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		sum += n;
	return n < 0 ? -1 : sum;
}

/*
 * One EAGAIN is not the end: the peer may still be taking what is queued, its
 * ACK may be a delayed one, and the buffer would grow if it were not fixed.
 */
long api_stuff(int fd)
{
	static char buf[65536];
	long sum = 0, before, end = api_ms() + PATIENCE_MS;
	int quiet = 0;
	ssize_t n;

	NEED(api_set(fd, SOL_SOCKET, SO_SNDBUF, sizeof(buf)));
	while (quiet < 3 && api_ms() < end) {
		before = sum;
		while ((n = send(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
			sum += n;
		if (errno != EAGAIN)
			return -errno;
		if (sum == before && api_queued(fd, SIOCOUTQ) ==
				     api_queued(fd, SIOCOUTQNSD))
			quiet++;
		else
			quiet = 0;
		poll(NULL, 0, 10);
	}
	return sum;
}
