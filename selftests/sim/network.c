// SPDX-License-Identifier: GPL-2.0
/*
 * Each packet that a host sends is read here, its fate drawn, and delivered to
 * the other host's card, or the router's, when its time has come.
 *
 * A link is a queue in front of a line of a certain rate, and then a delay.
 * It treats what an end sends; what the router passes on comes at once, so
 * that each way has one link.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agenda.h"
#include "cut.h"
#include "digest.h"
#include "network.h"
#include "oracle.h"
#include "pcap.h"
#include "random.h"

#define ROUTER_US	5	/* from one of its cards to the end */

struct link {
	const struct scenario_link *plan;
	struct chance chance;
	s64 busy_us;		/* until then the line is taken */
	s64 last_us;		/* the latest arrival that keeps its order */
	s64 dark_us;		/* blackout until then */
	bool bad;		/* Gilbert and Elliott's second state */
};

/* On its way. */
struct flight {
	enum card_number to;
	bool forged;
	size_t len;
	u8 data[];
};

static struct link links[ENDS];
static s64 calm_us;
static u8 transport;	/* the protocol of the programs */
static bool routed;

/**
 * network_make() - links as a scenario has them
 * @scenario: the scenario; stays
 * @protocol: that the programs use
 */
void network_make(const struct scenario *scenario, u8 protocol)
{
	int i;

	for (i = 0; i < ENDS; i++) {
		links[i].plan = &scenario->link[i];
		chance_seed(&links[i].chance, scenario->seed, 1 + i);
	}
	calm_us = scenario->calm_ms * USEC_PER_MSEC;
	transport = protocol;
	routed = scenario->routed;
}

/**
 * network_blackout() - a link swallows all
 * @link: by the host that sends
 * @until_us: until then
 */
void network_blackout(u64 link, s64 until_us)
{
	if (links[link].dark_us < until_us)
		links[link].dark_us = until_us;
}

static void deliver(void *what, u64 detail)
{
	struct flight *flight = what;
	struct card *card = &cards[flight->to];
	struct packet packet;

	(void)detail;
	if (!card->used || card->down) {
		free(flight);
		return;
	}
	if (flight->to < ENDS &&
	    packet_read(&packet, flight->data, flight->len))
		oracle_delivered((enum host)flight->to, &packet, flight->forged);
	/* A packet that the kernel's stack refuses is one that is lost. */
	if (write(card->fd, flight->data, flight->len) < 0 && errno != EIO &&
	    errno != EINVAL)
		err(1, "write to a card");
	/* What it answers, it answers at once. */
	network_drain();
	oracle_answered();
	free(flight);
}

static struct flight *send_at(s64 at_us, enum card_number to, const u8 *data,
			      size_t len)
{
	struct flight *flight = malloc(sizeof(*flight) + len);

	if (!flight)
		err(1, "packet");
	*flight = (struct flight) { .to = to, .len = len };
	memcpy(flight->data, data, len);
	agenda_add(at_us, deliver, flight, 0);
	return flight;
}

/**
 * network_inject() - a forged packet arrives
 * @to: at this end
 * @data: its IP header
 * @len: of all of it
 */
void network_inject(enum host to, const u8 *data, size_t len)
{
	send_at(now_us, (enum card_number)to, data, len)->forged = true;
	pcap_packet(now_us, data, len);
}

static bool link_loses(struct link *link)
{
	const struct scenario_link *plan = link->plan;

	if (now_us < link->dark_us)
		return true;
	if (now_us >= calm_us)
		return false;
	if (link->bad)
		link->bad = !chance_ppm(&link->chance, plan->recover_ppm);
	else
		link->bad = chance_ppm(&link->chance, plan->burst_ppm);
	return chance_ppm(&link->chance, link->bad ? plan->bad_loss_ppm :
						     plan->loss_ppm);
}

/* When it leaves the line; -1: the queue is full. */
static s64 link_queue(struct link *link, size_t len)
{
	const struct scenario_link *plan = link->plan;
	s64 begin = link->busy_us > now_us ? link->busy_us : now_us;

	if (!plan->rate_kbit)
		return now_us;
	if (plan->queue_bytes && (u64)(begin - now_us) * plan->rate_kbit / 8000 >
				 plan->queue_bytes)
		return -1;
	link->busy_us = begin + len * 8000 / plan->rate_kbit;
	return link->busy_us;
}

/* Somewhere behind the IP header: one bit, which every checksum shows. */
static void flip(struct link *link, const struct packet *packet,
		 struct flight *flight)
{
	u64 bits = (packet->len - packet->ip_len) * 8;
	u64 bit = chance_below(&link->chance, bits ? bits : 1);

	if (!bits)
		return;
	flight->data[packet->ip_len + bit / 8] ^= 1 << bit % 8;
}

static void link_send(struct link *link, enum card_number to,
		      const struct packet *packet)
{
	const struct scenario_link *plan = link->plan;
	struct chance *c = &link->chance;
	bool faulty = now_us < calm_us;
	struct flight *flight;
	s64 at;

	if (link_loses(link))
		return;
	at = link_queue(link, packet->len);
	if (at < 0)
		return;
	at += plan->delay_us + chance_below(c, plan->jitter_us + 1);
	if (at < link->last_us)
		at = link->last_us;
	if (faulty && chance_ppm(c, plan->reorder_ppm))
		at += plan->reorder_us;
	else
		link->last_us = at;
	flight = send_at(at, to, packet->data, packet->len);
	if (!faulty)
		return;
	if (chance_ppm(c, plan->flip_ppm))
		flip(link, packet, flight);
	if (chance_ppm(c, plan->duplicate_ppm))
		send_at(at + chance_below(c, 1000), to, packet->data,
			packet->len);
	if (chance_ppm(c, plan->late_ppm))
		send_at(at + plan->late_ms * USEC_PER_MSEC, to, packet->data,
			packet->len);
	if (plan->cookie_ms && packet->cookie)
		send_at(at + plan->cookie_ms * USEC_PER_MSEC, to, packet->data,
			packet->len);
}

/* Whole, or in two pieces, each of which has a fate of its own. */
static void link_carry(struct link *link, enum card_number to,
		       const struct packet *packet)
{
	static u8 buffer[PACKET_MOST];
	struct packet piece;
	size_t first;

	if (packet->payload_len < 2 || now_us >= calm_us ||
	    !chance_ppm(&link->chance, link->plan->cut_ppm)) {
		link_send(link, to, packet);
		return;
	}
	first = chance_between(&link->chance, 1, packet->payload_len - 1);
	cut_piece(&piece, buffer, packet, 0, first);
	link_send(link, to, &piece);
	cut_piece(&piece, buffer, packet, first, packet->payload_len - first);
	link_send(link, to, &piece);
}

/* The kernel draws these, whatever protocol it is: not ours to vouch for. */
static void digest_packet(enum card_number from, const struct packet *packet)
{
	u8 masked[PACKET_MOST];

	digest_number(now_us);
	digest_number(from);
	if (packet->protocol != transport) {
		/* ICMP quotes what is masked below. */
		digest_number(packet->len);
		return;
	}
	memcpy(masked, packet->data, packet->len);
	if (!packet->v6) {
		memset(masked + 4, 0, 2);	/* identification */
		memset(masked + 10, 0, 2);	/* and the sum over it */
	}
	digest_bytes(masked, packet->len);
}

static enum card_number next_card(enum card_number from)
{
	switch (from) {
	case CARD_LEFT:
		return routed ? CARD_ROUTER_LEFT : CARD_RIGHT;
	case CARD_RIGHT:
		return routed ? CARD_ROUTER_RIGHT : CARD_LEFT;
	case CARD_ROUTER_LEFT:
		return CARD_LEFT;
	default:
		return CARD_RIGHT;
	}
}

static bool is_icmp(const struct packet *packet)
{
	if (!packet->v6)
		return packet->protocol == 1;
	/* Errors only: the rest is the neighbours' and the groups'. */
	return packet->protocol == 58 && packet->len > 40 &&
	       packet->data[40] < 128;
}

static void network_packet(enum card_number from, const u8 *data, size_t len)
{
	struct packet packet;

	if (!packet_read(&packet, data, len) ||
	    (packet.protocol != transport && !is_icmp(&packet)))
		return;
	digest_packet(from, &packet);
	if (from >= ENDS) {
		send_at(now_us + ROUTER_US, next_card(from), data, len);
		return;
	}
	pcap_packet(now_us, data, len);
	oracle_sent((enum host)from, &packet);
	/* To addresses that a forger made up there is no way. */
	if (from == CARD_LEFT ? packet_for_right(&packet) :
				packet_for_left(&packet))
		link_carry(&links[from], next_card(from), &packet);
}

/**
 * network_drain() - take what the hosts have sent
 *
 * Return: true where there was something.
 */
bool network_drain(void)
{
	static u8 data[PACKET_MOST];
	bool any = false;
	ssize_t len;
	int i;

	for (i = 0; i < CARDS; i++) {
		if (!cards[i].used)
			continue;
		while ((len = read(cards[i].fd, data, sizeof(data))) > 0) {
			network_packet(i, data, len);
			any = true;
		}
	}
	return any;
}
