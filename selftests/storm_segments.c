// SPDX-License-Identifier: GPL-2.0
/*
 * The storm: what arrives for the socket while calls are made: by its peers,
 * and by strangers who know its numbers.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>	/* before those of linux/ */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stddef.h>
#include "storm.h"

#define SEQ_MASK	((1ULL << 48) - 1)

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32, RFL = 512 };

static char bytes[16 * 1024];

/* -- The peers -- */

static int peer(struct storm_thread *me)
{
	if (!storm_round.peers)
		return -1;
	return storm_round.peer[storm_pick(me, storm_round.peers)];
}

static void play_peer_send(struct storm_thread *me)
{
	storm_rc(me, send(peer(me), bytes, 1 + storm_pick(me, sizeof(bytes)),
			  MSG_DONTWAIT | MSG_NOSIGNAL));
}

static void play_peer_urgent(struct storm_thread *me)
{
	storm_rc(me, send(peer(me), bytes, 1 + storm_pick(me, 3),
			  MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL));
}

static void play_peer_recv(struct storm_thread *me)
{
	static __thread char buf[sizeof(bytes)];
	int fd = peer(me);

	while (storm_rc(me, recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0 &&
	       !storm_over())
		;
}

static void play_peer_fin(struct storm_thread *me)
{
	storm_rc(me, shutdown(peer(me), SHUT_WR));
}

/* It hears again, or for the first time. */
static void play_peer_hears(struct storm_thread *me)
{
	storm_rc(me, set_deaf(peer(me), false));
}

/* A RST; the descriptor stays. */
static void play_peer_reset(struct storm_thread *me)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	storm_rc(me, connect(peer(me), &none, sizeof(none)));
}

static void play_peer_connect(struct storm_thread *me)
{
	struct linger reset = { .l_onoff = 1 };
	int fd = storm_knock(storm_round.family, storm_port_of(STORM_FD),
			     !storm_pick(me, 4));

	if (storm_rc(me, fd) < 0)
		return;
	if (storm_pick(me, 2))
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	else
		send(fd, bytes, 100, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

/* -- Strangers: segments made by hand -- */

struct segment {
	uint16_t source, dest;
	uint32_t id;
	uint16_t control;
	uint16_t checksum;
	uint32_t window;
	uint32_t seq, ack;
	uint16_t seq_high, ack_high;
	uint32_t epochs;
	char rest[128];
};

static int raw[2], icmp[2];	/* for IPv4, for IPv6 */

/* Before any thread. */
void storm_segments_open(void)
{
	raw[0] = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_VCTP);
	raw[1] = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_VCTP);
	icmp[0] = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	icmp[1] = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	if (raw[0] < 0 || raw[1] < 0 || icmp[0] < 0 || icmp[1] < 0)
		storm_die("a raw socket");
	/* What comes for them is nobody's, and would only fill them. */
	set_deaf(raw[0], true);
	set_deaf(raw[1], true);
	set_deaf(icmp[0], true);
	set_deaf(icmp[1], true);
}

static uint16_t checksum(const void *data, size_t len)
{
	const uint16_t *word = data;
	uint32_t sum = 0;

	for (; len > 1; len -= 2)
		sum += *word++;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* All to 127.0.0.1 or ::1, where both ends are. */
static long put(int fd4, int fd6, const void *data, size_t len)
{
	bool v6 = storm_round.family == V6;
	union storm_sa sa;
	socklen_t salen = storm_addr(&sa, v6 ? V6 : V4, 0);

	return sendto(v6 ? fd6 : fd4, data, len, MSG_DONTWAIT, &sa.sa, salen);
}

static void number(struct segment *s, uint64_t seq, uint64_t ack)
{
	seq &= SEQ_MASK;
	ack &= SEQ_MASK;
	s->seq = htonl(seq);
	s->seq_high = htons(seq >> 32);
	s->ack = htonl(ack);
	s->ack_high = htons(ack >> 32);
}

/* What the peer would send next, but for @flags; false: it has no peer. */
static bool next_segment(struct segment *s, struct vctp_info *info, int flags)
{
	socklen_t len = sizeof(*info);
	union storm_sa far = {};
	socklen_t far_len = sizeof(far);

	if (getsockopt(STORM_FD, SOL_VCTP, VCTP_INFO, info, &len) ||
	    getpeername(STORM_FD, &far.sa, &far_len))
		return false;
	memset(s, 0, sizeof(*s));
	s->source = far.v4.sin_port;	/* at the same place in IPv6 */
	s->dest = htons(storm_port_of(STORM_FD));
	s->id = htonl(info->vctpi_id);
	s->control = htons(4 << 10 | flags);
	s->window = htonl(65535);
	number(s, info->vctpi_irs + 1 + info->vctpi_bytes_received,
	       info->vctpi_iss + 1 + info->vctpi_bytes_acked);
	return true;
}

static void put_segment(struct storm_thread *me, struct segment *s, size_t payload)
{
	size_t len = offsetof(struct segment, rest) + payload;

	s->checksum = 0;
	s->checksum = checksum(s, len);
	storm_rc(me, put(raw[0], raw[1], s, len));
}

/* Flags, and how far beyond what is expected. */
static void forge(struct storm_thread *me, int flags, unsigned int beyond,
		  size_t payload)
{
	struct vctp_info info;
	struct segment s;
	uint64_t seq;

	if (!next_segment(&s, &info, flags))
		return;
	seq = info.vctpi_irs + 1 + info.vctpi_bytes_received;
	number(&s, seq + beyond, info.vctpi_iss + 1 + info.vctpi_bytes_acked);
	put_segment(me, &s, payload);
}

static void play_rst(struct storm_thread *me)
{
	forge(me, storm_pick(me, 2) ? RST : RST | ACK, 0, 0);
}

static void play_rst_inexact(struct storm_thread *me)
{
	forge(me, RST | ACK, 1 + storm_pick(me, 1000), 0);
}

static void play_fin(struct storm_thread *me)
{
	forge(me, FIN | ACK, storm_pick(me, 2) * 100, 0);
}

static void play_data(struct storm_thread *me)
{
	forge(me, PSH | ACK, 0, 100);
}

static void play_data_later(struct storm_thread *me)
{
	forge(me, ACK, 1 + storm_pick(me, 500), 100);
}

static void play_syn_again(struct storm_thread *me)
{
	forge(me, storm_pick(me, 2) ? SYN : SYN | ACK, storm_pick(me, 2), 0);
}

/* Our RST comes back: under the peer's identifier, found by the 4-tuple. */
static void play_reflected(struct storm_thread *me)
{
	struct vctp_info info;
	struct segment s;

	if (!next_segment(&s, &info, RST | RFL))
		return;
	s.id = htonl(info.vctpi_peer_id);
	put_segment(me, &s, 0);
}

/* From a port that has nobody: what answers is answered by a RST. */
static void play_syn(struct storm_thread *me)
{
	static const unsigned char open[16] = {
		1, 12, 1, 0, 'V', 'C', 'T', 'P', 5, 120,
	};
	struct segment s = {
		.source = htons(1024 + storm_pick(me, 1000)),
		.dest = htons(storm_port_of(STORM_FD)),
		.id = htonl(1 + storm_pick(me, 1 << 30)),
		.control = htons(6 << 10 | SYN),
		.window = htonl(65535),
	};

	memcpy(s.rest, open, sizeof(open));
	put_segment(me, &s, sizeof(open));
}

/* -- ICMP: an error that quotes what the socket has just sent -- */

struct error {
	uint8_t type, code;
	uint16_t checksum;
	uint32_t info;
	union {
		struct {
			struct iphdr ip;
			struct segment segment;
		} __attribute__((packed)) v4;
		struct {
			struct ipv6hdr ip;
			struct segment segment;
		} __attribute__((packed)) v6;
	};
} __attribute__((packed));

/* What it sent last that is not acknowledged; false: it sends to nobody. */
static bool quote(struct segment *s)
{
	struct vctp_info info;
	uint16_t port;

	if (!next_segment(s, &info, ACK))
		return false;
	port = s->source;
	s->source = s->dest;
	s->dest = port;
	/* A SYN has its sender's own, and no other yet. */
	s->id = htonl(info.vctpi_peer_id ? info.vctpi_peer_id : info.vctpi_id);
	if (!info.vctpi_peer_id)
		s->control = htons(4 << 10 | SYN);
	number(s, info.vctpi_iss + !!info.vctpi_peer_id + info.vctpi_bytes_acked, 0);
	return true;
}

static void error4(struct storm_thread *me, const struct segment *s, int code)
{
	struct error e = {
		.type = ICMP_DEST_UNREACH,
		.code = code,
		.info = code == ICMP_FRAG_NEEDED ?
			htonl(600 + storm_pick(me, 1000)) : 0,
	};

	e.v4.ip.version = 4;
	e.v4.ip.ihl = 5;
	e.v4.ip.ttl = 64;
	e.v4.ip.protocol = IPPROTO_VCTP;
	e.v4.ip.saddr = htonl(INADDR_LOOPBACK);
	e.v4.ip.daddr = htonl(INADDR_LOOPBACK);
	e.v4.ip.tot_len = htons(sizeof(e.v4.ip) + 132);
	e.v4.ip.frag_off = htons(0x4000);
	e.v4.segment = *s;
	e.checksum = checksum(&e, sizeof(e));
	storm_rc(me, put(icmp[0], icmp[1], &e, sizeof(e)));
}

static void error6(struct storm_thread *me, const struct segment *s, int code)
{
	bool big = code == ICMP_FRAG_NEEDED;
	struct error e = {
		.type = big ? ICMPV6_PKT_TOOBIG : ICMPV6_DEST_UNREACH,
		.code = big ? 0 : storm_pick(me, 5),
		.info = big ? htonl(1280 + storm_pick(me, 300)) : 0,
	};

	e.v6.ip.version = 6;
	e.v6.ip.nexthdr = IPPROTO_VCTP;
	e.v6.ip.hop_limit = 64;
	e.v6.ip.payload_len = htons(132);
	e.v6.ip.saddr.s6_addr[15] = 1;
	e.v6.ip.daddr.s6_addr[15] = 1;
	e.v6.segment = *s;
	/* The kernel fills in ICMPv6's checksum. */
	storm_rc(me, put(icmp[0], icmp[1], &e, sizeof(e)));
}

static void error(struct storm_thread *me, int code)
{
	struct segment s;

	if (!quote(&s))
		return;
	if (storm_round.family == V6)
		error6(me, &s, code);
	else
		error4(me, &s, code);
}

static void play_unreachable(struct storm_thread *me)
{
	static const int codes[] = {
		ICMP_NET_UNREACH, ICMP_HOST_UNREACH, ICMP_PROT_UNREACH,
		ICMP_PORT_UNREACH,
	};

	error(me, codes[storm_pick(me, ARRAY_SIZE(codes))]);
}

static void play_too_big(struct storm_thread *me)
{
	error(me, ICMP_FRAG_NEEDED);
}

/* lo may be down at that moment. */
#define RAW_ERRNOS	ERRNOS(ENETUNREACH, ENETDOWN, EADDRNOTAVAIL, EAGAIN, ENOBUFS)

#define FORGED(_name, _play) \
	CALL(_name, _play, .errnos = RAW_ERRNOS, .vctp_only = true)

const struct storm_call storm_segments[] = {
	CALL("peer sends", play_peer_send, .net = true),
	CALL("peer sends urgent data", play_peer_urgent, .net = true),
	CALL("peer reads", play_peer_recv, .net = true),
	CALL("peer's FIN", play_peer_fin, .errnos = ERRNOS(ENOTCONN)),
	CALL("peer's RST", play_peer_reset),
	CALL("peer hears", play_peer_hears, .errnos = ERRNOS(ENOENT)),
	CALL("peer's SYN", play_peer_connect,
	     .errnos = ERRNOS(EADDRNOTAVAIL, EAFNOSUPPORT), .net = true),
	FORGED("RST", play_rst),
	FORGED("RST, inexact", play_rst_inexact),
	FORGED("RST, reflected", play_reflected),
	FORGED("FIN", play_fin),
	FORGED("data", play_data),
	FORGED("data, out of order", play_data_later),
	FORGED("SYN again", play_syn_again),
	FORGED("SYN", play_syn),
	FORGED("ICMP, unreachable", play_unreachable),
	FORGED("ICMP, too big", play_too_big),
};

const int storm_segments_count = ARRAY_SIZE(storm_segments);
