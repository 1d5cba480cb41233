// SPDX-License-Identifier: GPL-2.0
/*
 * Whose segment is it? A SYN names its sender, a SYN+ACK both ends, and every
 * other segment its receiver, which was told its sender's name before.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "agenda.h"
#include "result.h"
#include "wire.h"

#define WIRE_ENDS	512	/* of SYNs of forgers there are none */

#define NUMBERS_NEAR	0x100000000LL	/* more than a scenario sends */

static struct wire_end ends[WIRE_ENDS];
static size_t count;

static bool fits(const struct wire_end *end, enum host host,
		 const struct packet *packet, bool sent)
{
	return end->host == host && end->v6 == packet->v6 &&
	       end->local_port == (sent ? packet->source : packet->dest) &&
	       end->remote_port == (sent ? packet->dest : packet->source);
}

/**
 * wire_by_id() - who has this identifier?
 * @host: where
 * @id: the identifier
 *
 * Return: the end that was seen last with it, or NULL.
 */
struct wire_end *wire_by_id(enum host host, u32 id)
{
	size_t i;

	for (i = count; i--;) {
		if (ends[i].host == host && ends[i].id == id)
			return &ends[i];
	}
	return NULL;
}

/**
 * wire_by_ports() - who has these ports?
 * @host: where
 * @local_port: its port
 * @remote_port: its peer's
 *
 * Return: the end that was seen last with them, or NULL.
 */
struct wire_end *wire_by_ports(enum host host, u16 local_port, u16 remote_port)
{
	size_t i;

	for (i = count; i--;) {
		if (ends[i].host == host && ends[i].local_port == local_port &&
		    ends[i].remote_port == remote_port)
			return &ends[i];
	}
	return NULL;
}

static struct wire_end *wire_add(enum host host, const struct packet *packet,
				 u32 id, u32 peer_id)
{
	struct wire_end *end;

	if (!id)
		complain("host %d: an identifier is 0", host);
	if (wire_by_id(host, id))
		complain("host %d: identifier %08x names two circuits", host, id);
	if (count == WIRE_ENDS)
		return NULL;
	end = &ends[count++];
	*end = (struct wire_end) {
		.used = true, .host = host, .v6 = packet->v6,
		.local_port = packet->source, .remote_port = packet->dest,
		.id = id, .peer_id = peer_id, .iss = packet->seq,
		.heard_us = -1, .taken_us = -1, .again_us = -1,
		.probe_us = -1, .asked_us = -1,
		.told_ack = -1, .heard_next = 1,	/* a SYN's number */
	};
	return end;
}

/* A SYN or SYN+ACK: its sender's name is in it. */
static struct wire_end *wire_opening(enum host from,
				     const struct packet *packet)
{
	u32 id = packet->flags & ACK ? packet->ident : packet->id;
	struct wire_end *end = wire_by_id(from, id);

	if (end && fits(end, from, packet, true) && end->iss == packet->seq) {
		/* Both open at once: each answers the other's SYN. */
		if (packet->flags & ACK && !end->peer_id)
			end->peer_id = packet->id;
		return end;
	}
	return wire_add(from, packet, id,
			packet->flags & ACK ? packet->id : 0);
}

/**
 * wire_peer() - the other end
 * @end: one end
 *
 * Return: NULL where it is not known yet.
 */
struct wire_end *wire_peer(const struct wire_end *end)
{
	return end->peer_id ? wire_by_id(!end->host, end->peer_id) : NULL;
}

/**
 * wire_sender() - the end that a segment comes from
 * @from: the host that sent it
 * @packet: the segment
 *
 * Return: NULL where nobody has sent it that was opened before our eyes.
 */
struct wire_end *wire_sender(enum host from, const struct packet *packet)
{
	struct wire_end *end;
	size_t i;

	if (packet->flags & SYN)
		return wire_opening(from, packet);
	/* A server may have answered one SYN several times: cookies. */
	for (i = count; i--;) {
		end = &ends[i];
		if (end->peer_id == packet->id &&
		    fits(end, from, packet, true) &&
		    llabs(distance48(packet->seq, end->iss)) < NUMBERS_NEAR)
			return end;
	}
	/* The first after a SYN+ACK: who was it that it answered? */
	end = wire_by_id(!from, packet->id);
	if (!end || !end->peer_id)
		return NULL;
	end = wire_by_id(from, end->peer_id);
	if (!end || end->peer_id || !fits(end, from, packet, true))
		return NULL;
	if (!(packet->flags & RST))
		end->peer_id = packet->id;
	return end;
}

/**
 * wire_receiver() - the end that a segment is for
 * @to: the host that it comes to
 * @packet: the segment
 *
 * Return: NULL where there is none, or where it goes by another key.
 */
struct wire_end *wire_receiver(enum host to, const struct packet *packet)
{
	struct wire_end *end;

	if (packet->flags & RFL || !(packet->flags & ACK))
		return NULL;
	end = wire_by_id(to, packet->id);
	return end && fits(end, to, packet, false) ? end : NULL;
}

/**
 * wire_disturb() - something that is no segment has reached a host, or its card
 *	comes or goes
 * @host: which
 *
 * It may send again at once what it would have sent later, or what we do not see.
 */
void wire_disturb(enum host host)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (ends[i].host == host) {
			ends[i].heard_us = now_us;
			ends[i].probe_us = -1;
			ends[i].probe_gap_us = 0;
		}
	}
}

/**
 * wire_heard() - a segment has come, whichever circuit of its ports takes it
 * @to: the host that it came to
 * @packet: the segment
 */
void wire_heard(enum host to, const struct packet *packet)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (fits(&ends[i], to, packet, false))
			ends[i].heard_us = now_us;
	}
}
