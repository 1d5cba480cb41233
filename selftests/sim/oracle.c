// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of the wire, one small function each. A rule knows what a host was
 * given and judges what it sends:
 *
 *   window     no byte beyond the greatest right edge that was offered
 *   repeats    nothing below the greatest acknowledgment (but for probes)
 *   order      new data begins where the last ended; none after the FIN
 *   content    every byte is the stream's
 *   promises   acknowledgments and right edges never move back
 *   truth      nothing is acknowledged that has not come
 *   back-off   each time-out waits twice as long as the one before
 *   patience   an idle peer is asked no sooner, and no oftener, than agreed
 *   silence    a RST is never answered by a RST
 *
 * What is not a rule for what comes from a forger, or from an end that has
 * been reset, is not asked of them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "agenda.h"
#include "content.h"
#include "oracle.h"
#include "result.h"
#include "wire.h"

/* A timer is late by a jiffy, a long one by an eighth: the wheel is coarse. */
#define JIFFY_US	10000
#define WHEEL_LATE	8
#define RTO_MAX_US	(120 * USEC_PER_SEC)

static bool on;
static bool batches;	/* GRO: what is delivered is not yet received */
static enum host refused;	/* is being given a RST; ROUTER: nobody */
static const struct scenario *plan;

/**
 * oracle_make() - before the first packet
 * @scenario: the scenario; stays
 * @vctp: the packets are ours; else nothing is said
 */
void oracle_make(const struct scenario *scenario, bool vctp)
{
	plan = scenario;
	batches = scenario->gro_us;
	refused = ROUTER;
	on = vctp;
}

static void blame(const struct wire_end *end, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void blame(const struct wire_end *end, const char *format, ...)
{
	char what[160];
	va_list list;

	va_start(list, format);
	vsnprintf(what, sizeof(what), format, list);
	va_end(list);
	complain("host %d, circuit %08x: %s", end->host, end->id, what);
}

static s64 later(s64 a, s64 b)
{
	return a > b ? a : b;
}

static s64 sooner(s64 a, s64 b)
{
	return a < b ? a : b;
}

static const struct actor *program_of(const struct wire_end *end)
{
	return actor_at(end->host, end->local_port, end->remote_port);
}

static void rule_window(const struct wire_end *end, s64 seq, s64 data)
{
	if (data && seq + data > end->edge)
		blame(end, "data up to %lld, the window ends at %lld",
		      (long long)(seq + data), (long long)end->edge);
}

static void rule_repeats(const struct wire_end *end, s64 seq, s64 span)
{
	if (!batches && span && seq < end->acked)
		blame(end, "%lld sent again, acknowledged up to %lld",
		      (long long)seq, (long long)end->acked);
}

static void rule_order(struct wire_end *end, const struct packet *packet,
		       s64 seq, s64 data)
{
	/* What a full card, or one that is down, drops we do not see. */
	if (seq > end->next && !plan->ring && !scenario_has(plan, EVENT_DOWN))
		blame(end, "sent %lld before %lld", (long long)seq,
		      (long long)end->next);
	if (packet->flags & FIN) {
		if (end->fin && end->fin != seq + data)
			blame(end, "FIN is %lld, was %lld",
			      (long long)(seq + data), (long long)end->fin);
		end->fin = seq + data;
	}
	if (data && end->fin && seq + data > end->fin)
		blame(end, "data up to %lld behind its FIN, %lld",
		      (long long)(seq + data), (long long)end->fin);
}

static void rule_content(const struct wire_end *end,
			 const struct packet *packet, s64 seq)
{
	const struct actor *program = program_of(end);

	if (!packet->payload_len || !program)
		return;
	if (seq < 1)
		blame(end, "data at %lld", (long long)seq);
	else if (!content_right(packet->payload, program->stream, seq - 1,
				packet->payload_len))
		blame(end, "wrong bytes on the wire at %lld", (long long)seq);
}

/* An acknowledgment and a window are promises. */
static void rule_promises(struct wire_end *end, const struct packet *packet)
{
	const struct wire_end *peer = wire_peer(end);
	s64 ack;

	if (!peer || !(packet->flags & ACK) || packet->flags & RST)
		return;
	ack = distance48(packet->ack, peer->iss);
	/* A SYN that comes late is answered as it was when it was new. */
	if (packet->flags & SYN && ack <= end->told_ack)
		return;
	if (ack < end->told_ack)
		blame(end, "acknowledges %lld after %lld", (long long)ack,
		      (long long)end->told_ack);
	if (ack + packet->window < end->told_edge &&
	    ack <= end->heard_next - !!peer->fin)
		blame(end, "takes back its window, %lld after %lld",
		      (long long)(ack + packet->window),
		      (long long)end->told_edge);
	if (ack > end->heard_next)
		blame(end, "acknowledges %lld, %lld has come", (long long)ack,
		      (long long)end->heard_next);
	end->told_ack = later(ack, end->told_ack);
	end->told_edge = later(ack + packet->window, end->told_edge);
}

/* Is a gap at least twice the one before, as far as clock and cap allow? */
static bool backs_off(s64 gap_us, s64 before_us)
{
	s64 wanted = 2 * before_us * WHEEL_LATE / (WHEEL_LATE + 1);

	return gap_us >= sooner(wanted, RTO_MAX_US) - 4 * JIFFY_US;
}

/* And no more than that? */
static bool comes_in_time(s64 gap_us, s64 before_us)
{
	s64 wanted = sooner(2 * before_us, RTO_MAX_US);

	return gap_us <= wanted + wanted / WHEEL_LATE + 4 * JIFFY_US;
}

/* Does a program's own limit shorten its time-outs (RFC 5482)? */
static bool impatient(const struct wire_end *end)
{
	const struct actor *program = program_of(end);

	/* Before a program has it: a SYN+ACK, which knows no such limit. */
	return program && program->options->user_timeout_ms;
}

/* The same number again, and nothing has come since: a time-out. */
static void rule_time_out(struct wire_end *end, s64 seq, s64 span)
{
	s64 gap_us;

	/* What a full card drops we do not see. */
	if (!span || plan->ring)
		return;
	if (seq != end->again_seq || end->again_us < 0 ||
	    end->heard_us >= end->again_us) {
		if (seq == end->acked || seq >= end->next) {
			end->again_seq = seq;
			end->again_us = now_us;
			end->again_gap_us = 0;
		}
		return;
	}
	gap_us = now_us - end->again_us;
	/* Before a program has it a listener that waits for data holds it back. */
	if (end->again_gap_us &&
	    ((!backs_off(gap_us, end->again_gap_us) && !impatient(end)) ||
	     (!comes_in_time(gap_us, end->again_gap_us) && program_of(end))))
		blame(end, "%lld sent again after %lld us, before after %lld us",
		      (long long)seq, (long long)gap_us,
		      (long long)end->again_gap_us);
	end->again_us = now_us;
	end->again_gap_us = gap_us;
}

/* An idle peer is asked (RFC 9293, 3.8.4): with the window open, by no other. */
static void rule_keepalive(struct wire_end *end)
{
	const struct actor *program = program_of(end);
	s64 since = later(end->taken_us, end->asked_us), wait_us;

	if (!program || !program->options->keep_idle_s ||
	    end->edge <= end->next)
		return;
	if (end->taken_us >= end->asked_us)
		end->asked = 0;
	wait_us = USEC_PER_SEC * (end->asked ? program->options->keep_intvl_s :
					       program->options->keep_idle_s);
	if (since >= 0 && now_us - since < wait_us - 4 * JIFFY_US)
		blame(end, "asks after %lld us, not after %lld",
		      (long long)(now_us - since), (long long)wait_us);
	end->asked_us = now_us;
	if (++end->asked > program->options->keep_count && !impatient(end))
		blame(end, "asks for the %llu. time",
		      (unsigned long long)end->asked);
}

/* The peer's window is shut: is it open again (RFC 9293, 3.8.6.1)? */
static void rule_probe(struct wire_end *end)
{
	const struct actor *program = program_of(end);
	s64 gap_us;

	if (!program || program->options->keep_idle_s || impatient(end))
		return;
	if (end->probe_us >= 0) {
		gap_us = now_us - end->probe_us;
		if (end->probe_gap_us && !backs_off(gap_us, end->probe_gap_us))
			blame(end, "probes after %lld us, before after %lld us",
			      (long long)gap_us, (long long)end->probe_gap_us);
		end->probe_gap_us = gap_us;
	}
	end->probe_us = now_us;
}

static void judge(struct wire_end *end, const struct packet *packet)
{
	s64 seq = distance48(packet->seq, end->iss);
	s64 data = packet->payload_len;
	s64 span = data + !!(packet->flags & SYN) + !!(packet->flags & FIN);

	if (packet->flags & RST) {
		end->reset = true;
		return;
	}
	rule_promises(end, packet);
	if (!(packet->flags & SYN)) {
		rule_window(end, seq, data);
		rule_repeats(end, seq, span);
		rule_order(end, packet, seq, data);
		rule_content(end, packet, seq);
		/* Bare, and one below what is acknowledged. */
		if (!span && seq == end->acked - 1) {
			rule_keepalive(end);
			rule_probe(end);
		}
	}
	rule_time_out(end, seq, span);
	if (seq + span > end->next) {
		end->next = seq + span;
		end->probe_us = -1;
		end->probe_gap_us = 0;
	}
}

/**
 * oracle_sent() - a host has sent this
 * @from: the host
 * @packet: the packet
 */
void oracle_sent(enum host from, const struct packet *packet)
{
	struct wire_end *end;

	if (!on || packet->protocol != SIM_VCTP || packet->fragment)
		return;
	if (!packet->ours || !packet->sum_right) {
		complain("host %d: sent what is no segment", from);
		return;
	}
	/* What GRO held back may be answered just then. */
	if (from == refused && !batches && packet->flags & RST)
		complain("host %d: a RST answers a RST", from);
	/* What is reflected goes by a stranger's numbers. */
	if (packet->flags & RFL)
		return;
	/* Nor is an answer to a forger an end. */
	if (from == LEFT ? !packet_for_right(packet) : !packet_for_left(packet))
		return;
	end = wire_sender(from, packet);
	if (end)
		judge(end, packet);
	else if (!(packet->flags & RST) &&
		 !scenario_has(plan, EVENT_FORGED_SYN))
		complain("host %d: a segment to %08x, which nobody has told it",
			 from, packet->id);
}

/**
 * oracle_delivered() - a host is given this, now
 * @to: the host
 * @packet: the packet, as it was sent
 * @forged: by nobody that it knows
 */
void oracle_delivered(enum host to, const struct packet *packet, bool forged)
{
	struct wire_end *end, *peer;
	s64 ack, seq, next;

	if (!on || packet->protocol != SIM_VCTP) {
		wire_disturb(to);
		return;
	}
	/* A router passes on what a flipped bit has spoilt. */
	if (!packet->ours || !packet->sum_right || forged)
		return;
	refused = packet->flags & RST ? to : ROUTER;
	wire_heard(to, packet);
	end = wire_receiver(to, packet);
	if (!end)
		return;
	peer = wire_by_id(!to, packet->flags & SYN ? packet->ident :
						     end->peer_id);
	ack = distance48(packet->ack, end->iss);
	if (packet->flags & RST || ack < 0 || ack > end->next)
		return;
	end->edge = later(ack + packet->window, end->edge);
	if (!peer)
		return;
	seq = distance48(packet->seq, peer->iss);
	next = seq + packet->payload_len + !!(packet->flags & SYN) +
	       !!(packet->flags & FIN);
	end->heard_next = later(next, end->heard_next);
	end->in_order = later(end->in_order, end->told_ack);
	/* What came before is answered, and not looked into (RFC 9293). */
	if (next > end->in_order || (next == seq && seq == end->in_order)) {
		end->acked = later(ack, end->acked);
		end->taken_us = now_us;
	}
	if (seq <= end->in_order)
		end->in_order = later(next, end->in_order);
}

/**
 * oracle_answered() - whatever comes now is no answer to the last packet
 */
void oracle_answered(void)
{
	refused = ROUTER;
}

/**
 * oracle_fin_taken() - has its host acknowledged the peer's FIN?
 * @actor: the program
 *
 * Return: false where the wire does not tell: of two with the same ports.
 */
bool oracle_fin_taken(const struct actor *actor)
{
	const struct wire_end *end, *peer;

	if (actor->circuit->client_port)
		return false;
	end = wire_by_ports(actor->host, actor->local_port,
			    actor->remote_port);
	peer = end ? wire_peer(end) : NULL;
	return peer && peer->fin && end->told_ack > peer->fin;
}
