// SPDX-License-Identifier: GPL-2.0
/*
 * Look at each segment of VCTP that a device receives: is its checksum right,
 * and is it no longer than the MTU? Says what it saw once it has seen so much
 * payload, or no segment for long. Exit status: 0 all of it was there and right,
 * 1 not, 2 it could not look.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "linux/vctp.h"

#ifndef TP_STATUS_CSUMNOTREADY
#define TP_STATUS_CSUMNOTREADY 8
#endif

static struct {
	unsigned long segments, payload, wrong, unfinished, too_long;
} seen;

#define SILENCE_MS	30000
#define AFTER_MS	200	/* there may be repeats */

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* RFC 1071, over header and payload and nothing else: 0xffff is right. */
static unsigned int sum(const unsigned char *data, size_t len)
{
	unsigned long long total = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		total += data[i] << 8 | data[i + 1];
	if (len & 1)
		total += data[len - 1] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

static void segment(const unsigned char *data, size_t len, bool unfinished,
		    bool too_long)
{
	size_t header;

	if (len < 32)
		return;
	header = ((data[8] << 8 | data[9]) >> 10 & 0xf) * 8;
	seen.segments++;
	if (header <= len)
		seen.payload += len - header;
	if (too_long)
		seen.too_long++;
	/* Of a packet that no card has touched: somebody fills it in later. */
	if (unfinished) {
		seen.unfinished++;
		return;
	}
	if (sum(data, len) != 0xffff) {
		if (!seen.wrong++)
			printf("first wrong one: header %zu, length %zu, checksum %02x%02x\n",
			       header, len, data[10], data[11]);
	}
}

static void frame(const unsigned char *data, size_t len, bool unfinished, size_t mtu)
{
	size_t at = 14, whole, header;
	unsigned int type;

	if (len < at)
		return;
	type = data[12] << 8 | data[13];
	while ((type == ETH_P_8021Q || type == ETH_P_8021AD) && len >= at + 4) {
		type = data[at + 2] << 8 | data[at + 3];
		at += 4;
	}
	data += at;
	len -= at;
	if (type == ETH_P_IP && len >= sizeof(struct iphdr)) {
		header = (data[0] & 0xf) * 4;
		whole = data[2] << 8 | data[3];
		if (data[9] != IPPROTO_VCTP || whole < header || whole > len)
			return;
	} else if (type == ETH_P_IPV6 && len >= sizeof(struct ip6_hdr)) {
		header = sizeof(struct ip6_hdr);
		whole = header + (data[4] << 8 | data[5]);
		if (data[6] != IPPROTO_VCTP || whole > len)
			return;
	} else {
		return;
	}
	segment(data + header, whole - header, unfinished, whole > mtu);
}

static bool checksum_not_ready(struct msghdr *msg)
{
	const struct tpacket_auxdata *aux;
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_PACKET ||
		    cmsg->cmsg_type != PACKET_AUXDATA)
			continue;
		aux = (const struct tpacket_auxdata *)CMSG_DATA(cmsg);
		return aux->tp_status & TP_STATUS_CSUMNOTREADY;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};
	int fd, on = 1, room = 64 << 20;
	static unsigned char data[1 << 17];
	struct pollfd pfd = { .events = POLLIN };
	struct ifreq ifr = { 0 };
	unsigned long wanted;

	if (argc != 3) {
		fprintf(stderr, "usage: wire_sum DEVICE BYTES\n");
		return 2;
	}
	wanted = strtoul(argv[2], NULL, 0);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0)
		die("socket");
	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		die("setsockopt");
	strncpy(ifr.ifr_name, argv[1], sizeof(ifr.ifr_name) - 1);
	addr.sll_ifindex = if_nametoindex(argv[1]);
	if (!addr.sll_ifindex || ioctl(fd, SIOCGIFMTU, &ifr) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die(argv[1]);
	puts("watching");
	fflush(stdout);
	pfd.fd = fd;
	while (poll(&pfd, 1, seen.payload < wanted ? SILENCE_MS : AFTER_MS) > 0) {
		char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		struct iovec iov = { data, sizeof(data) };
		struct msghdr msg = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		ssize_t len = recvmsg(fd, &msg, 0);

		if (len < 0)
			die("recvmsg");
		frame(data, len, checksum_not_ready(&msg), ifr.ifr_mtu);
	}
	printf("segments %lu payload %lu wrong %lu unfinished %lu too-long %lu\n",
	       seen.segments, seen.payload, seen.wrong, seen.unfinished,
	       seen.too_long);
	return seen.wrong || seen.payload < wanted;
}
