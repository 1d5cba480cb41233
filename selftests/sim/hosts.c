// SPDX-License-Identifier: GPL-2.0
/*
 * The hosts' namespaces, cards, addresses, routes and settings.
 *
 * Left is 10.1.0.1 and fd01::1, right 10.2.0.2 and fd02::2, whether a router
 * (.254 and ::fe on both sides) stands between them or not: each sends all it
 * has out of its one card.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "address.h"
#include "hosts.h"
#include "quiet.h"

#define RING_MANY	10000	/* packets: more than any window of ours */

struct card cards[CARDS] = {
	[CARD_LEFT] = { .host = LEFT, .name = "eth0" },
	[CARD_RIGHT] = { .host = RIGHT, .name = "eth0" },
	[CARD_ROUTER_LEFT] = { .host = ROUTER, .name = "eth0" },
	[CARD_ROUTER_RIGHT] = { .host = ROUTER, .name = "eth1" },
};

static int namespaces[HOSTS] = { -1, -1, -1 };

/* What would bring chance, or time, of the kernel's own into a scenario. */
static const struct {
	const char *path, *value;
} settings[] = {
	{ "net/ipv4/icmp_ratemask", "0" },
	{ "net/ipv4/icmp_ratelimit", "0" },
	{ "net/ipv4/icmp_msgs_per_sec", "1000000" },
	{ "net/ipv4/icmp_msgs_burst", "1000000" },
	{ "net/ipv4/conf/all/rp_filter", "0" },
	{ "net/ipv4/conf/default/rp_filter", "0" },
	{ "net/ipv6/icmp/ratelimit", "0" },
	{ "net/ipv6/auto_flowlabels", "0" },
	{ "net/ipv6/conf/default/accept_ra", "0" },
	{ "net/ipv6/conf/default/accept_dad", "0" },
	{ "net/ipv6/conf/default/dad_transmits", "0" },
	{ "net/ipv6/conf/default/router_solicitations", "0" },
	{ "net/ipv6/conf/default/addr_gen_mode", "1" },
	{ "net/ipv6/conf/all/keep_addr_on_down", "1" },
	{ "net/ipv6/conf/default/keep_addr_on_down", "1" },
};

/**
 * setting() - write a sysctl of the host that we are in
 * @path: below /proc/sys
 * @value: what to write
 *
 * Return: false where there is none of this name.
 */
bool setting(const char *path, const char *value)
{
	char full[128];
	bool done;
	int fd;

	snprintf(full, sizeof(full), "/proc/sys/%s", path);
	fd = open(full, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	if (!done)
		warn("%s: %s", path, value);
	close(fd);
	return done;
}

static bool setting_number(const char *path, u64 value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return setting(path, text);
}

/**
 * host_enter() - sockets and files opened from now on are this host's
 * @host: which
 */
void host_enter(enum host host)
{
	if (setns(namespaces[host], CLONE_NEWNET))
		err(1, "setns");
}

/**
 * host_file() - open a file as this host has it
 * @host: which
 * @path: of the file
 *
 * Return: a descriptor, or -1.
 */
int host_file(enum host host, const char *path)
{
	host_enter(host);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/**
 * host_address() - where a host is found
 * @host: LEFT or RIGHT
 * @family: 4, 6, or 46: IPv4 in an IPv6 socket's words
 * @port: host order
 * @address: is written
 * @len: its length is written
 */
void host_address(enum host host, u64 family, u16 port,
		  struct sockaddr_storage *address, socklen_t *len)
{
	static const char * const v4[] = { "10.1.0.1", "10.2.0.2" };
	static const char * const v6[] = { "fd01::1", "fd02::2" };
	static const char * const mapped[] = { "::ffff:10.1.0.1",
					       "::ffff:10.2.0.2" };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;

	memset(address, 0, sizeof(*address));
	if (family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		inet_pton(AF_INET, v4[host], &in->sin_addr);
		*len = sizeof(*in);
		return;
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	inet_pton(AF_INET6, family == 6 ? v6[host] : mapped[host],
		  &in6->sin6_addr);
	*len = sizeof(*in6);
}

static void card_routes(enum card_number which)
{
	const char *name = cards[which].name;

	switch (which) {
	case CARD_ROUTER_LEFT:
		route_add4("10.1.0.0", 24, name);
		route_add6("fd01::", 64, name);
		break;
	case CARD_ROUTER_RIGHT:
		route_add4("10.2.0.0", 24, name);
		route_add6("fd02::", 64, name);
		break;
	default:
		route_add4("0.0.0.0", 0, name);
		route_add6("::", 0, name);
	}
}

/**
 * card_up() - plug a card in, or out
 * @which: of the cards
 * @up: in
 */
void card_up(enum card_number which, bool up)
{
	struct card *card = &cards[which];

	card->down = !up;
	host_enter(card->host);
	interface_up(card->name, up);
	if (up)
		card_routes(which);
}

/**
 * card_mtu() - the largest packet that a card sends
 * @which: of the cards
 * @bytes: how large
 */
void card_mtu(enum card_number which, u64 bytes)
{
	host_enter(cards[which].host);
	interface_mtu(cards[which].name, bytes);
}

/*
 * GRO gathers only while a poll lasts: make it wait for more. Of 1024 ns each,
 * since the virtual clock has grains of 256: see clock.c.
 */
static void card_batches(const char *name, u64 gro_us)
{
	char path[128], text[24];
	int fd, len;

	if (mount("sysfs", "/sys", "sysfs", 0, NULL))
		err(1, "sysfs");
	snprintf(path, sizeof(path), "/sys/class/net/%s/gro_flush_timeout", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	len = snprintf(text, sizeof(text), "%llu", (unsigned long long)gro_us * 1024);
	if (fd < 0 || write(fd, text, len) != len)
		err(1, "%s", path);
	close(fd);
	umount2("/sys", MNT_DETACH);
}

static void card_make(enum card_number which, const struct scenario *scenario)
{
	static const char * const v4[] = { "10.1.0.1", "10.2.0.2",
					   "10.1.0.254", "10.2.0.254" };
	static const char * const v6[] = { "fd01::1", "fd02::2",
					   "fd01::fe", "fd02::fe" };
	struct card *card = &cards[which];
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };

	host_enter(card->host);
	card->used = true;
	card->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (card->fd < 0)
		err(1, "/dev/net/tun");
	if (scenario->gro_us && card->host != ROUTER)
		request.ifr_flags |= IFF_NAPI;
	strcpy(request.ifr_name, card->name);
	if (ioctl(card->fd, TUNSETIFF, &request))
		err(1, "TUNSETIFF");
	quiet_card(card->fd);
	interface_ring(card->name, scenario->ring ? scenario->ring : RING_MANY);
	address_add4(v4[which], card->name);
	interface_up(card->name, true);
	address_add6(v6[which], card->name);
	card_routes(which);
	if (scenario->gro_us && card->host != ROUTER)
		card_batches(card->name, scenario->gro_us);
}

static void host_settings(enum host host, const struct scenario *scenario,
			  bool vctp)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++)
		setting(settings[i].path, settings[i].value);
	if (host == ROUTER) {
		setting("net/ipv4/ip_forward", "1");
		setting("net/ipv6/conf/all/forwarding", "1");
		return;
	}
	if (!vctp)
		return;
	setting_number("net/vctp/cookies", scenario->cookies);
	setting_number("net/vctp/time_wait_mode", scenario->classic);
	if (scenario->time_wait_ms)
		setting_number("net/vctp/time_wait_ms",
			       scenario->time_wait_ms - 1);
	if (scenario->rto_min_ms)
		setting_number("net/vctp/rto_min_ms", scenario->rto_min_ms);
	if (scenario->fin_timeout_ms)
		setting_number("net/vctp/fin_timeout_ms",
			       scenario->fin_timeout_ms);
	if (scenario->retries)
		setting_number("net/vctp/retries", scenario->retries);
}

/**
 * hosts_check() - end here where the module is not one for simulations
 *
 * It would be played with chance of its own, and without an oracle.
 */
void hosts_check(void)
{
	if (access("/proc/sys/net/vctp/sim_seed", W_OK))
		errx(2, "no net.vctp.sim_seed: no vctp.ko made with VCTP_SIM=1 is loaded");
}

/**
 * hosts_seed() - the module's chance and time begin now, as the seed says
 * @scenario: the scenario
 */
void hosts_seed(const struct scenario *scenario)
{
	int host;

	for (host = 0; host < ENDS; host++) {
		host_enter(host);
		if (!setting_number("net/vctp/sim_seed",
				    scenario->seed * HOSTS + host))
			errx(1, "net.vctp.sim_seed cannot be written");
	}
}

/**
 * hosts_make() - namespaces for one scenario
 * @scenario: the scenario
 * @vctp: the module's settings are there to be set
 *
 * They go with the process. Its mounts are private.
 */
void hosts_make(const struct scenario *scenario, bool vctp)
{
	int hosts = scenario->routed ? HOSTS : ENDS, host, card;

	for (host = 0; host < hosts; host++) {
		if (unshare(CLONE_NEWNET))
			err(1, "unshare");
		namespaces[host] = open("/proc/self/ns/net",
					O_RDONLY | O_CLOEXEC);
		if (namespaces[host] < 0)
			err(1, "/proc/self/ns/net");
		interface_up("lo", true);
		host_settings(host, scenario, vctp);
	}
	for (card = 0; card < (scenario->routed ? CARDS : ENDS); card++)
		card_make(card, scenario);
}
