// SPDX-License-Identifier: GPL-2.0
/*
 * The storm: what is set and read beside the stream: options of the socket,
 * lists and settings of the namespace, and the link under all of it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include "storm.h"

#define AT_ONCE		4	/* options that one call sets */
#define SETTINGS	96	/* room for so many files of sysctl */

/* -- Options of the socket -- */

struct numbers {
	int level;
	const short *names;
	int count;
};

#define NUMBERS(level, ...)						\
	{ level, (const short []){ __VA_ARGS__ },			\
	  sizeof((const short []){ __VA_ARGS__ }) / sizeof(short) }

/* Not SO_LOCK_FILTER, which would keep a filter for ever. */
static const struct numbers general = NUMBERS(SOL_SOCKET,
	SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_SNDBUF,
	SO_RCVBUF, SO_SNDBUFFORCE, SO_RCVBUFFORCE, SO_KEEPALIVE, SO_OOBINLINE,
	SO_NO_CHECK, SO_PRIORITY, SO_REUSEPORT, SO_RCVLOWAT, SO_TIMESTAMP,
	SO_MARK, SO_TIMESTAMPING, SO_TIMESTAMPNS, SO_RXQ_OVFL, SO_PEEK_OFF,
	SO_BUSY_POLL, SO_MAX_PACING_RATE, SO_INCOMING_CPU, SO_ZEROCOPY);

static const struct numbers ipv4 = NUMBERS(SOL_IP,
	IP_TOS, IP_TTL, IP_RECVTTL, IP_RECVTOS, IP_RECVERR, IP_MTU_DISCOVER,
	IP_MINTTL, IP_FREEBIND, IP_TRANSPARENT, IP_BIND_ADDRESS_NO_PORT,
	IP_PKTINFO, IP_NODEFRAG);

static const struct numbers ipv6 = NUMBERS(SOL_IPV6,
	IPV6_UNICAST_HOPS, IPV6_TCLASS, IPV6_V6ONLY, IPV6_MTU_DISCOVER,
	IPV6_RECVERR, IPV6_RECVPKTINFO, IPV6_DONTFRAG, IPV6_MINHOPCOUNT,
	IPV6_AUTOFLOWLABEL, IPV6_FREEBIND, IPV6_MTU);

/* TCP's own numbers at SOL_TCP, which are ours too; not TCP_REPAIR. */
static const struct numbers stream = NUMBERS(SOL_TCP,
	TCP_NODELAY, TCP_MAXSEG, TCP_CORK, TCP_KEEPIDLE, TCP_KEEPINTVL,
	TCP_KEEPCNT, TCP_SYNCNT, TCP_LINGER2, TCP_DEFER_ACCEPT,
	TCP_WINDOW_CLAMP, TCP_QUICKACK, TCP_USER_TIMEOUT, TCP_NOTSENT_LOWAT,
	TCP_INQ);

static const struct numbers own = NUMBERS(SOL_VCTP,
	VCTP_NODELAY, VCTP_MAXSEG, VCTP_CORK, VCTP_KEEPIDLE, VCTP_KEEPINTVL,
	VCTP_KEEPCNT, VCTP_SYNCNT, VCTP_LINGER2, VCTP_DEFER_ACCEPT,
	VCTP_WINDOW_CLAMP, VCTP_QUICKACK, VCTP_USER_TIMEOUT,
	VCTP_NOTSENT_LOWAT, VCTP_TIME_WAIT, VCTP_TIME_WAIT_MS);

static const int values[] = { 0, 1, 1, 1, 2, 64, 1000, 20000, -1 };

static void set_some(struct storm_thread *me, const struct numbers *n)
{
	int i, name;

	for (i = 0; i < AT_ONCE; i++) {
		name = n->names[storm_pick(me, n->count)];
		storm_rc(me, storm_set(STORM_FD, n->level, name,
				       values[storm_pick(me, ARRAY_SIZE(values))]));
	}
}

static void play_set_general(struct storm_thread *me)
{
	set_some(me, &general);
}

static void play_set_ip(struct storm_thread *me)
{
	set_some(me, storm_round.family == V6 || storm_pick(me, 2) ? &ipv6 : &ipv4);
}

static void play_set_stream(struct storm_thread *me)
{
	set_some(me, &stream);
}

static void play_set_own(struct storm_thread *me)
{
	set_some(me, &own);
}

/* How long calls wait; the round wakes who would wait for ever. */
static void play_set_times(struct storm_thread *me)
{
	struct timeval tv = { .tv_usec = storm_pick(me, 3) * 1000 };

	storm_rc(me, setsockopt(STORM_FD, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	storm_rc(me, setsockopt(STORM_FD, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
}

/* Bound to lo and to none; deaf and not. */
static void play_set_device(struct storm_thread *me)
{
	const char *name = storm_pick(me, 2) ? "lo" : "";

	storm_rc(me, setsockopt(STORM_FD, SOL_SOCKET, SO_BINDTODEVICE, name,
				strlen(name)));
	storm_rc(me, set_deaf(STORM_FD, true));
	storm_rc(me, set_deaf(STORM_FD, false));
}

static void set_name(struct storm_thread *me, int level, int option,
		     const char *name)
{
	storm_rc(me, setsockopt(STORM_FD, level, option, name, strlen(name)));
}

static void play_set_congestion(struct storm_thread *me)
{
	static const char * const names[] = { "reno", "cubic" };

	set_name(me, SOL_TCP, TCP_CONGESTION, names[storm_pick(me, 2)]);
}

static void play_set_recovery(struct storm_thread *me)
{
	static const char * const names[] = {
		"selective", "go-back-n", "stop-and-wait",
	};

	set_name(me, SOL_VCTP, VCTP_RECOVERY,
		 names[storm_pick(me, ARRAY_SIZE(names))]);
}

static void get_all(struct storm_thread *me, const struct numbers *n)
{
	char value[512];
	socklen_t len;
	int i;

	for (i = 0; i < n->count; i++) {
		len = sizeof(value);
		storm_rc(me, getsockopt(STORM_FD, n->level, n->names[i], value,
					&len));
	}
}

static void play_get(struct storm_thread *me)
{
	int error;
	socklen_t len = sizeof(error);

	get_all(me, &general);
	get_all(me, storm_round.family == V4 ? &ipv4 : &ipv6);
	get_all(me, &stream);
	if (storm_vctp)
		get_all(me, &own);
	storm_rc(me, getsockopt(STORM_FD, SOL_SOCKET, SO_ERROR, &error, &len));
}

static void play_get_info(struct storm_thread *me)
{
	int level = storm_vctp && storm_pick(me, 2) ? SOL_VCTP : SOL_TCP;
	char info[1024];
	socklen_t len = sizeof(info);

	storm_rc(me, getsockopt(STORM_FD, level, TCP_INFO, info, &len));
	len = 16;
	storm_rc(me, getsockopt(STORM_FD, level, TCP_CONGESTION, info, &len));
}

/* -- Lists and settings of the namespace -- */

static void play_proc(struct storm_thread *me)
{
	const char *path = storm_pick(me, 2) ?
		(storm_vctp ? "/proc/thread-self/net/vctp" : "/proc/thread-self/net/tcp") :
		(storm_vctp ? "/proc/thread-self/net/vctp6" : "/proc/thread-self/net/tcp6");
	/* In small pieces, so that the list is left and entered again. */
	size_t piece = 200 + storm_pick(me, 4000);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char buf[4200];

	if (storm_rc(me, fd) < 0)
		return;
	while (storm_rc(me, read(fd, buf, piece)) > 0)
		;
	close(fd);
}

static struct setting {
	char path[256];
	char value[64];		/* that all rounds begin with */
} settings[SETTINGS];
static int settings_count;

static long write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	long rc;

	if (fd < 0)
		return -1;
	rc = write(fd, text, strlen(text));
	close(fd);
	return rc < 0 ? -1 : 0;
}

static void add_setting(const char *dir, const char *name)
{
	struct setting *s = &settings[settings_count];
	int fd, len = 0;

	snprintf(s->path, sizeof(s->path), "%s/%s", dir, name);
	fd = open(s->path, O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		len = read(fd, s->value, sizeof(s->value) - 1);
	close(fd);
	if (len > 0)
		settings_count++;
}

/*
 * Short times, so that timers go off while calls are made and nothing of a
 * round lasts; then all settings that there are, with these values.
 */
void storm_sysctls_open(void)
{
	static const char * const vctp[][2] = {
		{ "time_wait_ms", "100" }, { "fin_timeout_ms", "100" },
		{ "orphan_retries", "1" }, { "syn_retries", "1" },
		{ "synack_retries", "1" }, { "retries", "3" },
		{ "rto_initial_ms", "50" }, { "rto_min_ms", "5" },
		{ "rto_max_ms", "1000" }, { "delack_ms", "5" },
		/* not 0: who is his own peer may then answer himself for ever */
		{ "invalid_ratelimit_ms", "1" },
	};
	static const char * const tcp[][2] = {
		{ "tcp_fin_timeout", "1" }, { "tcp_orphan_retries", "1" },
		{ "tcp_syn_retries", "1" }, { "tcp_synack_retries", "1" },
		{ "tcp_retries2", "3" },
	};
	const char *dir = storm_vctp ? "/proc/sys/net/vctp" : "/proc/sys/net/ipv4";
	const char * const (*first)[2] = storm_vctp ? vctp : tcp;
	int count = storm_vctp ? ARRAY_SIZE(vctp) : ARRAY_SIZE(tcp);
	char path[256];
	struct dirent *d;
	DIR *all;
	int i;

	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, first[i][0]);
		if (write_file(path, first[i][1]))
			storm_die(path);
		if (!storm_vctp)
			add_setting(dir, first[i][0]);
	}
	all = storm_vctp ? opendir(dir) : NULL;
	while (all && (d = readdir(all)) && settings_count < SETTINGS)
		/* These two are the whole machine's. */
		if (d->d_name[0] != '.' && strcmp(d->d_name, "mem") &&
		    strcmp(d->d_name, "sim_seed"))
			add_setting(dir, d->d_name);
	if (all)
		closedir(all);
	if (!settings_count)
		storm_die("no settings");
}

static void play_sysctl(struct storm_thread *me)
{
	static const char * const some[] = { "0", "1", "2", "100", "65536", "1 2" };
	const struct setting *s = &settings[storm_pick(me, settings_count)];

	storm_rc(me, write_file(s->path, some[storm_pick(me, ARRAY_SIZE(some))]));
	storm_rc(me, write_file(s->path, s->value));
}

/* -- The link -- */

/* lo goes down, with its routes and with ::1, and comes up; or its MTU moves. */
static void play_link(struct storm_thread *me)
{
	static const int mtus[] = { 1280, 1500, 9000, 65536 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq lo = { .ifr_name = "lo" };

	if (storm_pick(me, 2)) {
		lo.ifr_mtu = mtus[storm_pick(me, ARRAY_SIZE(mtus))];
		storm_rc(me, ioctl(fd, SIOCSIFMTU, &lo));
	} else {
		lo.ifr_flags = 0;
		storm_rc(me, ioctl(fd, SIOCSIFFLAGS, &lo));
	}
	lo.ifr_flags = IFF_UP | IFF_RUNNING;
	storm_rc(me, ioctl(fd, SIOCSIFFLAGS, &lo));
	close(fd);
}

#define SET_ERRNOS	ERRNOS(EINVAL, ENOPROTOOPT, ENOTCONN, EDOM, ERANGE, \
			       EISCONN, EADDRINUSE, EOPNOTSUPP, EPERM, ENOENT)

const struct storm_call storm_options[] = {
	CALL("setsockopt, SOL_SOCKET", play_set_general, .errnos = SET_ERRNOS),
	CALL("setsockopt, SOL_IP", play_set_ip, .errnos = SET_ERRNOS),
	CALL("setsockopt, SOL_TCP", play_set_stream, .errnos = SET_ERRNOS),
	CALL("setsockopt, SOL_VCTP", play_set_own,
	     .errnos = SET_ERRNOS, .vctp_only = true),
	CALL("setsockopt, times", play_set_times),
	CALL("setsockopt, device", play_set_device, .errnos = SET_ERRNOS),
	CALL("setsockopt, congestion", play_set_congestion,
	     .errnos = ERRNOS(ENOENT)),
	CALL("setsockopt, recovery", play_set_recovery,
	     .errnos = ERRNOS(EINVAL, EISCONN),
	     .vctp_only = true),
	CALL("getsockopt", play_get, .errnos = SET_ERRNOS),
	CALL("getsockopt, INFO", play_get_info),
	CALL("/proc/net", play_proc),
	CALL("sysctl", play_sysctl, .errnos = ERRNOS(EINVAL, ENOENT)),
	CALL("link", play_link),
};

const int storm_options_count = ARRAY_SIZE(storm_options);
