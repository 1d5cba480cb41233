// SPDX-License-Identifier: GPL-2.0
/*
 * The old ioctls: each is one call, and they are on every kernel.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <net/route.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"

#include <linux/ipv6.h>

static void ask(int family, unsigned long request, void *what, const char *name)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	/* A card that takes less than 1280 bytes has left IPv6. */
	if (ioctl(fd, request, what) && errno != EEXIST &&
	    !(request == SIOCADDRT && family == AF_INET6))
		err(1, "%s: ioctl %lx", name, request);
	close(fd);
}

static struct ifreq about(const char *name)
{
	struct ifreq request = {};

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	return request;
}

static int interface_index(const char *name)
{
	return if_nametoindex(name);
}

static struct in_addr address4(const char *text)
{
	struct in_addr address;

	if (inet_pton(AF_INET, text, &address) != 1)
		errx(1, "%s", text);
	return address;
}

static void sockaddr4(struct sockaddr *where, struct in_addr address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = address };

	memcpy(where, &in, sizeof(in));
}

/**
 * interface_up() - up or down
 * @name: of the interface
 * @up: up
 */
void interface_up(const char *name, bool up)
{
	struct ifreq request = about(name);

	ask(AF_INET, SIOCGIFFLAGS, &request, name);
	if (up)
		request.ifr_flags |= IFF_UP;
	else
		request.ifr_flags &= ~IFF_UP;
	ask(AF_INET, SIOCSIFFLAGS, &request, name);
}

/**
 * interface_mtu() - its largest packet
 * @name: of the interface
 * @bytes: how large
 */
void interface_mtu(const char *name, int bytes)
{
	struct ifreq request = about(name);

	request.ifr_mtu = bytes;
	ask(AF_INET, SIOCSIFMTU, &request, name);
}

/**
 * interface_ring() - how many packets wait for us before the card drops them
 * @name: of the interface
 * @packets: how many
 */
void interface_ring(const char *name, int packets)
{
	struct ifreq request = about(name);

	request.ifr_qlen = packets;
	ask(AF_INET, SIOCSIFTXQLEN, &request, name);
}

/**
 * address_add4() - an IPv4 address, alone in its network
 * @address: in words
 * @name: of the interface
 */
void address_add4(const char *address, const char *name)
{
	struct ifreq request = about(name);

	sockaddr4(&request.ifr_addr, address4(address));
	ask(AF_INET, SIOCSIFADDR, &request, name);
	sockaddr4(&request.ifr_netmask, address4("255.255.255.255"));
	ask(AF_INET, SIOCSIFNETMASK, &request, name);
}

/**
 * address_add6() - an IPv6 address, alone in its network
 * @address: in words
 * @name: of the interface
 */
void address_add6(const char *address, const char *name)
{
	struct in6_ifreq request = {
		.ifr6_prefixlen = 128,
		.ifr6_ifindex = interface_index(name),
	};

	if (inet_pton(AF_INET6, address, &request.ifr6_addr) != 1)
		errx(1, "%s", address);
	ask(AF_INET6, SIOCSIFADDR, &request, name);
}

/**
 * route_add4() - a network that a card leads to
 * @network: in words
 * @bits: of its prefix
 * @name: of the interface
 */
void route_add4(const char *network, int bits, const char *name)
{
	struct rtentry route = { .rt_flags = RTF_UP, .rt_dev = (char *)name };
	struct in_addr mask = {
		.s_addr = bits ? htonl(~0U << (32 - bits)) : 0,
	};

	sockaddr4(&route.rt_dst, address4(network));
	sockaddr4(&route.rt_genmask, mask);
	ask(AF_INET, SIOCADDRT, &route, name);
}

/**
 * route_add6() - the same for IPv6
 * @network: in words
 * @bits: of its prefix
 * @name: of the interface
 */
void route_add6(const char *network, int bits, const char *name)
{
	struct in6_rtmsg route = {
		.rtmsg_dst_len = bits,
		.rtmsg_metric = 1,
		.rtmsg_flags = RTF_UP,
		.rtmsg_ifindex = interface_index(name),
	};

	if (inet_pton(AF_INET6, network, &route.rtmsg_dst) != 1)
		errx(1, "%s", network);
	ask(AF_INET6, SIOCADDRT, &route, name);
}
