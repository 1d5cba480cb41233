// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the cases of one program: each in a process of its own, under an
 * alarm, so that a case that hangs or dies is one failed line and no more.
 */
#include <net/route.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "api.h"
#include "kselftest.h"

#define RECORD_SIZE	(64 * 1024)
#define CASE_SECONDS	30

/* What one run saw; shared with its process, so that it outlives it. */
struct record {
	size_t len;
	int wrong;
	bool skipped;
	bool ended;
	char text[RECORD_SIZE];
};

enum { RUN_TCP, RUN_VCTP, RUN_TWIN, RUNS };

static const char * const run_names[RUNS] = { "TCP", "VCTP", "SOL_VCTP" };

static struct api_case *cases, **last_case = &cases;
static struct record *records, *rec;

void api_add(struct api_case *c)
{
	*last_case = c;
	last_case = &c->next;
}

/* -- What a case writes down -- */

long api_rc(long rc)
{
	return rc == -1 ? -errno : rc;
}

void api_line(const char *fmt, ...)
{
	size_t room = RECORD_SIZE - rec->len;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(rec->text + rec->len, room, fmt, args);
	va_end(args);
	if (n > 0 && (size_t)n + 2 < room) {
		rec->len += n;
		rec->text[rec->len++] = '\n';
	}
	rec->text[rec->len] = '\0';
}

static const char *show(long value, char *buf, size_t size)
{
	const char *name = NULL;

	if (value < 0 && value > -134)
		name = strerrorname_np(-value);
	if (name)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "%ld", value);
	return buf;
}

long api_note(int line, const char *expr, long got)
{
	char a[32];

	api_line("%d: %s = %s", line, expr, show(got, a, sizeof(a)));
	return got;
}

long api_want(int line, const char *expr, long got, long want)
{
	char a[32], b[32];

	if (got == want)
		return api_note(line, expr, got);
	rec->wrong++;
	api_line("%d: %s = %s, wanted %s", line, expr,
		 show(got, a, sizeof(a)), show(want, b, sizeof(b)));
	return got;
}

long api_want_each(const struct api_env *env, int line, const char *expr,
		   long got, long tcp, long vctp, const char *why)
{
	if (got != (env->vctp ? vctp : tcp))
		api_want(line, expr, got, env->vctp ? vctp : tcp);
	else
		api_line("%d: %s, each as documented: %s", line, expr, why);
	return got;
}

void api_note_str(int line, const char *expr, const char *got)
{
	api_line("%d: %s = \"%s\"", line, expr, got);
}

void api_want_str(int line, const char *expr, const char *got, const char *want)
{
	if (!strcmp(got, want)) {
		api_note_str(line, expr, got);
		return;
	}
	rec->wrong++;
	api_line("%d: %s = \"%s\", wanted \"%s\"", line, expr, got, want);
}

long api_need(int line, const char *expr, long rc)
{
	char a[32];

	if (rc >= 0)
		return rc;
	rec->wrong++;
	api_line("%d: cannot go on: %s = %s", line, expr,
		 show(rc, a, sizeof(a)));
	rec->ended = true;
	_exit(KSFT_FAIL);
}

void api_skip(const char *why)
{
	rec->skipped = true;
	rec->ended = true;
	api_line("%s", why);
	_exit(KSFT_SKIP);
}

/* -- The place where the cases run -- */

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		ksft_print_msg("%s: %s\n", path, strerror(errno));
	close(fd);
}

static void new_namespace(void)
{
	char map[32];
	uid_t uid = getuid();

	if (!unshare(CLONE_NEWNET))
		return;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		ksft_exit_fail_msg("no network namespace: %s\n",
				   strerror(errno));
	snprintf(map, sizeof(map), "0 %u 1", uid);
	write_file("/proc/self/uid_map", map);
}

static void set_v4(int fd, unsigned long request, const char *dev,
		   in_addr_t addr)
{
	struct ifreq ifr = {};
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(addr);
	if (ioctl(fd, request, &ifr))
		ksft_exit_fail_msg("address on %s: %s\n", dev, strerror(errno));
}

/* linux/ipv6.h and netinet/in.h cannot both be included. */
struct lo_in6_ifreq {
	struct in6_addr addr;
	__u32 prefix_len;
	int ifindex;
};

static bool set_up_v6(void)
{
	struct lo_in6_ifreq req = { .prefix_len = 128 };
	union api_sa sa;
	struct api_env env = { .family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	if (fd < 0)
		return false;
	api_addr(&env, &sa, OTHER, 0);
	req.addr = sa.v6.sin6_addr;
	req.ifindex = if_nametoindex("lo");
	if (ioctl(fd, SIOCSIFADDR, &req))
		ksft_exit_fail_msg("IPv6 address on lo: %s\n", strerror(errno));
	close(fd);
	return true;
}

static void set_up_v4(void)
{
	struct rtentry route = { .rt_flags = RTF_UP, .rt_dev = (char *)"lo" };
	struct sockaddr_in *dst = (struct sockaddr_in *)&route.rt_dst;
	struct sockaddr_in *mask = (struct sockaddr_in *)&route.rt_genmask;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || lo_up())
		ksft_exit_fail_msg("lo: %s\n", strerror(errno));
	set_v4(fd, SIOCSIFADDR, "lo:1", 0x0a090001);
	set_v4(fd, SIOCSIFNETMASK, "lo:1", 0xffffff00);

	/* So that a multicast address is refused for what it is. */
	dst->sin_family = AF_INET;
	dst->sin_addr.s_addr = htonl(0xe0000000);
	mask->sin_family = AF_INET;
	mask->sin_addr.s_addr = htonl(0xf0000000);
	if (ioctl(fd, SIOCADDRT, &route))
		ksft_exit_fail_msg("multicast route: %s\n", strerror(errno));
	close(fd);

	/* Else TCP's answers depend on how long ago the last second was. */
	write_file("/proc/sys/net/ipv4/tcp_tw_reuse", "0");
}

/* -- One case -- */

static void run_child(const struct api_case *c, const struct api_env *env)
{
	setpgid(0, 0);
	signal(SIGPIPE, SIG_IGN);
	alarm(CASE_SECONDS);
	c->run(env);
	rec->ended = true;
	_exit(KSFT_PASS);
}

static void run_one(const struct api_case *c, int family, int run)
{
	struct api_env env = {
		.family = family,
		.proto = run == RUN_TCP ? IPPROTO_TCP : IPPROTO_VCTP,
		.level = run == RUN_TWIN ? SOL_VCTP : SOL_TCP,
		.vctp = run != RUN_TCP,
		.len = family == AF_INET ? sizeof(struct sockaddr_in) :
					   sizeof(struct sockaddr_in6),
	};
	struct pollfd end = { .events = POLLIN };
	int status = 0;
	pid_t pid;

	rec = &records[run];
	memset(rec, 0, offsetof(struct record, text) + 1);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		ksft_exit_fail_msg("fork: %s\n", strerror(errno));
	if (!pid)
		run_child(c, &env);

	/* A process that cannot even be killed must not stop the rest. */
	end.fd = syscall(SYS_pidfd_open, pid, 0);
	if (end.fd < 0 || poll(&end, 1, (CASE_SECONDS + 10) * 1000) == 1) {
		waitpid(pid, &status, 0);
		if (WIFSIGNALED(status)) {
			rec->wrong++;
			api_line("ended by signal %d%s", WTERMSIG(status),
				 WTERMSIG(status) == SIGALRM ? ", too slow" : "");
		} else if (!rec->ended) {
			rec->wrong++;
			api_line("exited early, status %d",
				 WEXITSTATUS(status));
		}
	} else {
		rec->wrong++;
		api_line("hangs, and does not die");
	}
	kill(-pid, SIGKILL);
	if (end.fd >= 0)
		close(end.fd);
}

static void print_record(const struct record *r, const char *title)
{
	const char *p = r->text;

	ksft_print_msg("%s:\n", title);
	while (*p) {
		int n = strcspn(p, "\n");

		ksft_print_msg("  %.*s\n", n, p);
		p += n + !!p[n];
	}
}

static int line_len(const char *p)
{
	return strcspn(p, "\n");
}

/* The first line that differs, with the one before it. */
static bool print_difference(const struct record *a, const struct record *b,
			     const char *name)
{
	const char *p = a->text, *q = b->text, *before = NULL;

	while (*p && *q && line_len(p) == line_len(q) &&
	       !strncmp(p, q, line_len(p))) {
		before = p;
		p += line_len(p) + 1;
		q += line_len(q) + 1;
	}
	if (!*p && !*q)
		return false;
	if (before)
		ksft_print_msg("  both: %.*s\n", line_len(before), before);
	ksft_print_msg("   TCP: %.*s\n", line_len(p), *p ? p : "(ends)");
	ksft_print_msg("%6s: %.*s\n", name, line_len(q), *q ? q : "(ends)");
	return true;
}

static bool judge(const struct api_case *c, unsigned int runs)
{
	bool good = true;
	int i;

	for (i = 0; i < RUNS; i++) {
		if (!(runs & 1 << i))
			continue;
		if (i != RUN_TCP && runs & 1 << RUN_TCP)
			good &= !print_difference(&records[RUN_TCP],
						  &records[i], run_names[i]);
		if (records[i].wrong || getenv("VCTP_API_VERBOSE"))
			print_record(&records[i], run_names[i]);
		good &= !records[i].wrong;
	}
	if (!good)
		ksft_print_msg("  in case %s\n", c->name);
	return good;
}

static void run_case(const struct api_case *c, int family, unsigned int runs)
{
	const char *version = family == AF_INET ? "IPv4" : "IPv6";
	bool skipped = false;
	int i;

	if (!(c->flags & API_TWIN))
		runs &= ~(1 << RUN_TWIN);
	for (i = 0; i < RUNS && !skipped; i++) {
		if (!(runs & 1 << i))
			continue;
		run_one(c, family, i);
		/* VCTP alone may not decide that a case is not for it. */
		skipped = records[i].skipped &&
			  (i == RUN_TCP || !(runs & 1 << RUN_TCP));
	}
	if (skipped)
		ksft_test_result_skip("%s %s, %s: %s", c->row, c->text,
				      version, rec->text);
	else
		ksft_test_result(judge(c, runs), "%s %s, %s\n", c->row,
				 c->text, version);
}

static bool chosen(const struct api_case *c, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strstr(c->name, argv[i]))
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	unsigned int runs = 1 << RUN_TCP | 1 << RUN_VCTP | 1 << RUN_TWIN;
	const char *only = getenv("VCTP_API_ONLY");
	static const int families[] = { AF_INET, AF_INET6 };
	int count = 0, plan = 0;
	struct api_case *c;
	unsigned int i;
	bool v6;

	for (c = cases; c; c = c->next)
		if (argc < 2 || argv[1][0] == '-' || chosen(c, argc, argv)) {
			count++;
			plan += !(c->flags & API_V6) + !(c->flags & API_V4);
		}
	if (argc == 2 && !strcmp(argv[1], "--count")) {
		printf("%d %d\n", count, plan);
		return 0;
	}
	if (only && !strcmp(only, "tcp"))
		runs = 1 << RUN_TCP;
	else if (only && !strcmp(only, "vctp"))
		runs &= ~(1 << RUN_TCP);

	records = mmap(NULL, RUNS * sizeof(*records), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (records == MAP_FAILED)
		ksft_exit_fail_msg("mmap: %s\n", strerror(errno));
	ksft_print_header();
	new_namespace();
	set_up_v4();
	v6 = set_up_v6();
	ksft_set_plan(plan);
	for (c = cases; c; c = c->next) {
		if (!chosen(c, argc, argv))
			continue;
		for (i = 0; i < ARRAY_SIZE(families); i++) {
			if (c->flags & (i ? API_V4 : API_V6))
				continue;
			if (i && !v6)
				ksft_test_result_skip("%s %s: no IPv6 here\n",
						      c->row, c->text);
			else
				run_case(c, families[i], runs);
		}
	}
	ksft_finished();
}
