/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the oracle knows of one end of a circuit, from the wire alone.
 */
#ifndef _SIM_WIRE_H
#define _SIM_WIRE_H

#include "packet.h"

struct wire_end {
	bool used;
	enum host host;
	bool v6;
	u16 local_port, remote_port;
	u32 id;			/* its own */
	u32 peer_id;		/* 0: not known yet */
	u64 iss;		/* 48 bits; all below is counted from it */

	/* What it has sent. */
	s64 next;		/* one past the highest number */
	s64 fin;		/* its FIN's number; 0: none yet */
	s64 told_ack;		/* the highest acknowledgment; -1: none */
	s64 told_edge;		/* the right edge of the window it offered */
	bool reset;		/* a RST was its last word */

	/* What it has been given. */
	s64 acked;		/* the highest acknowledgment of its numbers */
	s64 edge;		/* the right edge that it may fill */
	s64 heard_next;		/* one past the peer's highest that came */
	s64 in_order;		/* one past what came in order, as far as seen */
	s64 heard_us;		/* when anything came; -1: never */
	s64 taken_us;		/* when what it had to look at came; likewise */

	/* The segment that was sent last, and how often before. */
	s64 again_seq;
	s64 again_us;		/* when; -1: no such */
	s64 again_gap_us;	/* since the time before; 0: not twice yet */
	s64 probe_us;		/* the last zero-window probe */
	s64 probe_gap_us;
	s64 asked_us;		/* the last keepalive; -1: never */
	u64 asked;		/* how many without an answer */
};

struct wire_end *wire_sender(enum host from, const struct packet *packet);
struct wire_end *wire_receiver(enum host to, const struct packet *packet);
struct wire_end *wire_peer(const struct wire_end *end);
void wire_disturb(enum host host);
void wire_heard(enum host to, const struct packet *packet);
struct wire_end *wire_by_id(enum host host, u32 id);
struct wire_end *wire_by_ports(enum host host, u16 local_port, u16 remote_port);

#endif /* _SIM_WIRE_H */
