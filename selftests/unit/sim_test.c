// SPDX-License-Identifier: GPL-2.0
/*
 * S7, S8, S9: a sender and a receiver made of the mechanisms, and a network
 * between them that loses, reorders, duplicates and delays. Time is a number:
 * a transfer takes milliseconds, and comes again from its seed.
 *
 * After each step all that must be true is looked at: each byte arrives once
 * and in order, the sums of the book are those of its tree, no more is in
 * flight than the congestion window lets, nothing lies beyond the window.
 */
#include "congestion/congestion.h"
#include "reassembly.h"
#include "recovery/recovery.h"
#include "rtt.h"
#include "window.h"
#include "wire.h"
#include "book.h"
#include "random.h"
#include "kselftest_harness.h"

#define MS		1000ULL		/* µs */
#define SECOND		1000000ULL
#define QUEUE		8192
#define DELACK		(40 * MS)
#define STEPS		400000

struct profile {
	u32 loss, ack_loss;	/* per mille */
	u32 duplicates;		/* per mille */
	u32 reorder;		/* per mille: late by up to 3 delays */
	u32 burst;		/* per mille: 20 packets in a row are lost */
	u32 no_memory;		/* per mille: an ACK during which splits fail */
	u32 prune;		/* per mille: the receiver throws data away */
	bool slow_reader;
	bool small_buffer;
};

struct packet {
	u64 at;
	u64 serial;
	u8 bytes[VCTP_HEADER_MAX] __aligned(8);
	u32 len;		/* header and payload */
	bool to_receiver;
};

struct piece {			/* out of order */
	struct vctp_fragment f;
	u64 origin;		/* number of the first byte of its buffer */
};

struct sim {
	const struct profile *p;
	struct random random;
	u64 now, serial, steps;
	u64 delay;		/* µs, one way */
	u32 mss, chunk;
	const char *wrong;
	struct packet *queue[QUEUE];	/* a heap */
	u32 queued;
	u32 burst;

	/* the sender */
	struct book b;
	struct vctp_congestion cc;
	struct vctp_rtt rtt;
	struct vctp_send_window swnd;
	u64 first, total;	/* the stream: number of its first byte, bytes */
	u64 rto_at, probe_at;	/* 0: off */
	u32 probes, retransmits;
	u64 peer_next;		/* what the peer sends: nothing */
	u64 samples, short_samples;

	/* the receiver */
	struct vctp_receive_window rwnd;
	struct vctp_reassembly ofo;
	u64 copied, ack_at, read_at, acked;
	u64 high_edge;
	u32 buffer, pieces, held;
	u16 echo;
	bool fin;
};

static void fail(struct sim *m, const char *what)
{
	if (!m->wrong)
		m->wrong = what;
}

/* --- the network --- */

static bool before(const struct packet *a, const struct packet *b)
{
	return a->at != b->at ? a->at < b->at : a->serial < b->serial;
}

static void heap_push(struct sim *m, struct packet *p)
{
	u32 i = m->queued++;

	if (m->queued >= QUEUE) {
		fail(m, "too many packets");
		m->queued--;
		free(p);
		return;
	}
	while (i && before(p, m->queue[(i - 1) / 2])) {
		m->queue[i] = m->queue[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	m->queue[i] = p;
}

static struct packet *heap_pop(struct sim *m)
{
	struct packet *top = m->queue[0], *last = m->queue[--m->queued];
	u32 i = 0, child;

	while ((child = 2 * i + 1) < m->queued) {
		if (child + 1 < m->queued &&
		    before(m->queue[child + 1], m->queue[child]))
			child++;
		if (!before(m->queue[child], last))
			break;
		m->queue[i] = m->queue[child];
		i = child;
	}
	m->queue[i] = last;
	return top;
}

static void transmit(struct sim *m, const struct vctp_departure *d,
		     const struct vctp_options *o, u32 payload, bool to_receiver)
{
	u32 loss = to_receiver ? m->p->loss : m->p->ack_loss;
	u32 copies = 1 + random_chance(&m->random, m->p->duplicates);
	struct vctp_departure sent = *d;

	if (to_receiver && !m->burst && random_chance(&m->random, m->p->burst))
		m->burst = 20;
	if (to_receiver && m->burst) {
		m->burst--;
		return;
	}
	sent.options_len = o ? vctp_options_len(o) : 0;
	while (copies--) {
		struct packet *p;

		if (random_chance(&m->random, loss))
			continue;
		p = calloc(1, sizeof(*p));
		vctp_wire_build(p->bytes, &sent);
		if (o)
			vctp_options_build(p->bytes + VCTP_HEADER_LEN, sent.ack, o);
		p->len = VCTP_HEADER_LEN + sent.options_len + payload;
		p->to_receiver = to_receiver;
		p->serial = m->serial++;
		p->at = m->now + m->delay;
		if (random_chance(&m->random, m->p->reorder))
			p->at += random_below(&m->random, 3 * m->delay);
		heap_push(m, p);
	}
}

/* --- the receiver --- */

static u32 room(const struct sim *m)
{
	u64 used = m->rwnd.next - m->copied;

	return used < m->buffer ? m->buffer - used : 0;
}

static void send_ack(struct sim *m)
{
	struct vctp_options o = { .present = 0 };
	struct vctp_departure d = {
		.seq = m->peer_next, .ack = m->rwnd.next, .flags = VCTP_ACK,
		.echo = m->echo,
		.window = vctp_window_offer(&m->rwnd, room(m), m->buffer, m->mss),
	};

	o.sack_count = vctp_reassembly_sacks(&m->ofo, m->rwnd.next, o.sack,
					     VCTP_SACK_MAX);
	if (o.sack_count)
		o.present = VCTP_HAS_SACK;
	if (m->rwnd.edge < m->high_edge)
		fail(m, "a promise taken back");
	m->high_edge = m->rwnd.edge;
	m->acked = m->rwnd.next;
	m->ack_at = 0;
	m->held = 0;
	transmit(m, &d, &o, 0, false);
}

static struct piece *piece(struct vctp_fragment *f)
{
	return container_of(f, struct piece, f);
}

static void piece_free(struct sim *m, struct vctp_fragment *f)
{
	m->pieces--;
	free(piece(f));
}

static void swallowed(void *owner, struct vctp_fragment *f)
{
	piece_free(owner, f);
}

static void trim_front(void *owner, struct vctp_fragment *f, u64 seq)
{
	piece(f)->origin += seq - f->seq;
	f->seq = seq;
}

static void trim_back(void *owner, struct vctp_fragment *f, u64 end)
{
	f->flags &= ~VCTP_FIN;
	f->end = end;
}

static const struct vctp_reassembly_ops ofo_ops = {
	.swallowed = swallowed,
	.trim_front = trim_front,
	.trim_back = trim_back,
};

static u64 read_pause(struct sim *m)
{
	return 1 + random_below(&m->random, m->p->slow_reader ? 200 * MS : 2 * MS);
}

/* [seq, end) arrives in the program's queue. */
static void in_order(struct sim *m, u64 seq, u64 end, u64 origin, u16 flags)
{
	if (seq > m->rwnd.next || end <= m->rwnd.next || origin != seq)
		fail(m, "not in order");
	if (m->fin)
		fail(m, "data after FIN");
	m->rwnd.next = end;
	if (!m->read_at)
		m->read_at = m->now + read_pause(m);
	if (flags & VCTP_FIN) {
		m->fin = true;
		if (end != m->first + m->total + 1)
			fail(m, "FIN at the wrong place");
	}
}

static void drain(struct sim *m)
{
	struct vctp_fragment *f;

	while ((f = vctp_reassembly_take(&m->ofo, m->rwnd.next))) {
		if (f->end > m->rwnd.next)
			in_order(m, f->seq, f->end, piece(f)->origin, f->flags);
		piece_free(m, f);
	}
}

static void keep(struct sim *m, u64 seq, u64 end, u16 flags)
{
	struct piece *p = calloc(1, sizeof(*p));

	p->f.seq = seq;
	p->origin = seq;
	p->f.end = end;
	p->f.flags = flags;
	m->pieces++;
	if (vctp_reassembly_insert(&m->ofo, &p->f, &ofo_ops, m) ==
	    VCTP_REASSEMBLY_DUPLICATE)
		piece_free(m, &p->f);
	if (random_chance(&m->random, m->p->prune)) {
		struct vctp_fragment *f = vctp_reassembly_pop_last(&m->ofo);

		if (f)
			piece_free(m, f);
	}
}

static void receive(struct sim *m, const struct packet *p)
{
	bool holes = !vctp_reassembly_empty(&m->ofo);
	struct vctp_arrival a;
	u64 seq, end;

	if (vctp_wire_parse(p->bytes, p->len, &a) != VCTP_WIRE_OK) {
		fail(m, "a header that does not parse");
		return;
	}
	seq = vctp_seq_widen(a.seq, m->rwnd.next);
	end = seq + (a.end_seq - a.seq);
	if (end > m->high_edge)
		fail(m, "S8: beyond the window");
	m->echo = a.epoch;
	if (!vctp_window_acceptable(&m->rwnd, seq, end)) {
		send_ack(m);
		return;
	}
	if (seq == end)
		return;
	if (seq > m->rwnd.next) {
		keep(m, seq, end, a.flags);
		send_ack(m);
		return;
	}
	in_order(m, seq, end, seq, a.flags);
	drain(m);
	if (holes || m->fin || ++m->held >= 2)
		send_ack(m);
	else
		m->ack_at = m->now + DELACK;
}

static void read_some(struct sim *m)
{
	u64 have = m->rwnd.next - m->copied, take = have;

	if (m->p->slow_reader && have)
		take = random_below(&m->random, have + 1);
	m->copied += take;
	m->read_at = take == have ? 0 : m->now + read_pause(m);
	if (take && vctp_window_worth_update(&m->rwnd, room(m), m->buffer, m->mss))
		send_ack(m);
}

/* --- the sender --- */

/* One sk_buff's worth leaves as segments of one MSS each. */
static void put_on_wire(struct sim *m, const struct vctp_segment *g)
{
	u64 end = vctp_segment_end(g), data_end = m->first + m->total, at = g->seq;
	bool fin = end > data_end;

	if (g->seq < m->b.s.una)
		fail(m, "what is acknowledged is sent again");
	do {
		u32 payload = min_t(u64, m->mss, min(end, data_end) - at);
		struct vctp_departure d = {
			.seq = at, .flags = VCTP_ACK, .epoch = m->b.s.epoch,
		};

		at += payload;
		if (fin && at == data_end) {
			d.flags |= VCTP_FIN;
			at++;
		}
		transmit(m, &d, NULL, payload, true);
	} while (at < end);
}

static void arm(struct sim *m)
{
	m->rto_at = RB_EMPTY_ROOT(&m->b.s.sent) ? 0 :
		    m->now + vctp_rtt_timeout(&m->rtt);
}

static bool resend_one(struct sim *m)
{
	struct vctp_sender *s = &m->b.s;
	struct vctp_segment *g = vctp_sender_next_lost(s, NULL);
	u32 in_flight = vctp_sender_in_flight(s);

	if (!g || (in_flight && in_flight + min(g->len, m->mss) > m->cc.cwnd))
		return false;
	if (g->seq < s->una) {
		struct vctp_segment *rest = book_split(&m->b, g, s->una - g->seq);

		vctp_sender_drop(s, g);
		book_acked(&m->b, g);
		g = rest;
	}
	if (g->len > m->mss)
		book_split(&m->b, g, m->mss);
	vctp_sender_resent(s, g, (u32)m->now);
	put_on_wire(m, g);
	return true;
}

static bool send_one(struct sim *m)
{
	struct vctp_sender *s = &m->b.s;
	u64 end = m->first + m->total + 1, edge = s->una + m->swnd.size;
	u32 in_flight = vctp_sender_in_flight(s), quota, len;

	if (s->next >= end || edge <= s->next)
		return false;
	quota = in_flight < m->cc.cwnd ? m->cc.cwnd - in_flight : 0;
	len = min_t(u64, min_t(u64, quota, edge - s->next),
		    min_t(u64, m->chunk, end - s->next));
	if (len < end - s->next) {
		/* whole segments, or what there is after a long wait */
		if (len >= m->mss)
			len -= len % m->mss;
		else if (in_flight || len < m->swnd.largest / 2)
			return false;
	}
	if (!len)
		return false;
	put_on_wire(m, book_send(&m->b, len, (u32)m->now));
	if (vctp_sender_in_flight(s) > m->cc.cwnd)
		fail(m, "S9: more in flight than cwnd");
	return true;
}

static void push(struct sim *m)
{
	bool sent = false;

	while (resend_one(m))
		sent = true;
	while (!m->b.s.lost && send_one(m))
		sent = true;
	if (sent && !m->rto_at)
		arm(m);
	if (!sent && !m->rto_at && !m->probe_at &&
	    m->b.s.next < m->first + m->total + 1)
		m->probe_at = m->now + (u64)(200 * MS << min(m->probes, 6U));
}

static void take_congestion(struct sim *m, const struct vctp_ack_result *r,
			    bool limited)
{
	struct vctp_congestion_ack a = {
		.acked = r->delivered, .in_flight = r->was_in_flight,
		.rtt_us = r->rtt_us, .limited = limited,
	};

	if (r->entered_recovery)
		vctp_congestion_on_loss(&m->cc, r->was_in_flight);
	else if (m->b.s.phase != VCTP_SENDER_RECOVERY && r->acked)
		vctp_congestion_on_ack(&m->cc, &a, m->now);
}

static void acked(struct sim *m, const struct packet *p)
{
	struct vctp_ack_event e = { .mss = m->mss };
	struct vctp_ack_result r;
	struct vctp_options o;
	struct vctp_arrival a;
	bool changed, limited;
	u64 gained = m->b.s.una + m->b.s.sacked;

	if (vctp_wire_parse(p->bytes, p->len, &a) != VCTP_WIRE_OK) {
		fail(m, "a header that does not parse");
		return;
	}
	e.ack = vctp_seq_widen(a.ack, m->b.s.una);
	if (vctp_options_parse(p->bytes + VCTP_HEADER_LEN,
			       a.header_len - VCTP_HEADER_LEN, e.ack, &o) != VCTP_WIRE_OK)
		fail(m, "options that do not parse");
	m->probes = 0;
	m->probe_at = 0;
	if (e.ack > m->b.s.next)
		fail(m, "an ACK of what was not sent");
	if (e.ack < m->b.s.una)
		return;
	limited = 2 * vctp_sender_in_flight(&m->b.s) >= m->cc.cwnd;
	changed = vctp_window_update(&m->swnd, a.seq, e.ack, m->b.s.una, a.window);
	e.sack = o.sack;
	e.sack_count = o.present & VCTP_HAS_SACK ? o.sack_count : 0;
	e.echo = a.echo;
	e.duplicate = e.ack == m->b.s.una && !changed && m->b.s.next > m->b.s.una;
	m->b.no_memory = random_chance(&m->random, m->p->no_memory);
	vctp_sender_ack(&m->b.s, &e, &book_ops, &m->b, (u32)m->now, &r);
	m->b.no_memory = false;
	if (m->b.s.una + m->b.s.sacked > gained + r.acked + r.sacked ||
	    r.delivered > r.acked + r.sacked)
		fail(m, "what the ACK brought");
	if (r.rtt_us >= 0) {
		m->samples++;
		m->short_samples += r.rtt_us < 2 * m->delay;
		vctp_rtt_sample(&m->rtt, r.rtt_us);
	}
	take_congestion(m, &r, limited);
	if (r.una_advanced) {
		m->rtt.backoff = 0;
		m->retransmits = 0;
		arm(m);
	}
	push(m);
}

static void timed_out(struct sim *m)
{
	struct vctp_sender *s = &m->b.s;

	vctp_congestion_on_timeout(&m->cc, s->next - s->una, !m->retransmits);
	m->retransmits++;
	vctp_sender_timeout(s);
	vctp_rtt_back_off(&m->rtt);
	push(m);
	arm(m);
}

static void probe(struct sim *m)
{
	struct vctp_departure d = {
		.seq = m->b.s.una - 1, .flags = VCTP_ACK, .epoch = m->b.s.epoch,
	};

	m->probes++;
	m->probe_at = 0;
	transmit(m, &d, NULL, 0, true);
	push(m);
}

/* --- all of it --- */

static bool due(u64 at, u64 *next)
{
	if (at && at < *next) {
		*next = at;
		return true;
	}
	return false;
}

static void step(struct sim *m)
{
	enum { NONE, RTO, PROBE, READ, DELAYED, PACKET } what = NONE;
	u64 next = U64_MAX;
	struct packet *p;

	if (m->queued && due(m->queue[0]->at, &next))
		what = PACKET;
	if (due(m->read_at, &next))
		what = READ;
	if (due(m->ack_at, &next))
		what = DELAYED;
	if (due(m->rto_at, &next))
		what = RTO;
	if (due(m->probe_at, &next))
		what = PROBE;
	m->now = max(m->now, next);
	if (what == RTO) {
		timed_out(m);
	} else if (what == PROBE) {
		probe(m);
	} else if (what == READ) {
		read_some(m);
	} else if (what == DELAYED) {
		send_ack(m);
	} else {
		p = heap_pop(m);
		if (p->to_receiver)
			receive(m, p);
		else
			acked(m, p);
		free(p);
	}
}

static void check(struct sim *m)
{
	const char *wrong = book_check(&m->b);

	if (wrong)
		fail(m, wrong);
	if (m->rwnd.next > m->b.s.next || m->b.s.una > m->rwnd.next)
		fail(m, "acknowledged but not received");
	if (m->copied > m->rwnd.next)
		fail(m, "read but not received");
}

static void begin(struct sim *m, const struct profile *p, u32 seed)
{
	u64 iss;

	memset(m, 0, sizeof(*m));
	m->p = p;
	m->random.state = seed;
	m->now = 1 + (random_next(&m->random) >> 20);
	m->delay = 100 + random_below(&m->random, 50 * MS);
	m->mss = random_chance(&m->random, 300) ? 100 + random_below(&m->random, 400) :
						  1448;
	m->chunk = m->mss * (1 + random_below(&m->random, 12));
	/* some streams cross the place where 48 bits wrap */
	iss = VCTP_SEQ_BASE + (random_next(&m->random) >> 16);
	if (random_chance(&m->random, 200))
		iss = 2 * VCTP_SEQ_BASE - random_below(&m->random, 30000);
	m->first = iss + 1;
	m->total = random_below(&m->random, 200 * m->mss);
	m->buffer = p->small_buffer ? 64 + random_below(&m->random, 6 * m->mss) :
				      64 * m->mss;
	book_init(&m->b, iss);
	book_send(&m->b, 1, (u32)m->now);
	vctp_sender_ack(&m->b.s, &(struct vctp_ack_event) { .ack = m->first, .mss = m->mss },
			&book_ops, &m->b, (u32)m->now, &(struct vctp_ack_result) { 0 });
	vctp_congestion_init(&m->cc, &vctp_reno, m->mss);
	vctp_rtt_init(&m->rtt, SECOND, 200 * MS, 120 * SECOND);
	m->rwnd = (struct vctp_receive_window) {
		.next = m->first, .edge = m->first, .clamp = U32_MAX,
	};
	vctp_reassembly_init(&m->ofo);
	m->copied = m->first;
	m->peer_next = VCTP_SEQ_BASE + 77;
	vctp_window_offer(&m->rwnd, m->buffer, m->buffer, m->mss);
	m->high_edge = m->rwnd.edge;
	vctp_window_update(&m->swnd, 0, m->first, m->first, vctp_window_left(&m->rwnd));
}

static void finish(struct sim *m)
{
	struct vctp_fragment *f;

	while (m->queued)
		free(heap_pop(m));
	while ((f = vctp_reassembly_pop_first(&m->ofo)))
		piece_free(m, f);
	book_clear(&m->b);
	if (m->pieces || m->b.segments)
		fail(m, "leaked");
}

/* NULL: all of it arrived. */
static const char *run(struct sim *m, const struct profile *p, u32 seed)
{
	u64 end;

	begin(m, p, seed);
	end = m->first + m->total + 1;
	push(m);
	while (!m->wrong && m->b.s.una < end) {
		step(m);
		check(m);
		if (++m->steps > STEPS)
			fail(m, "does not end");
	}
	if (!m->wrong && (m->rwnd.next != end || !m->fin))
		fail(m, "not all arrived");
	finish(m);
	return m->wrong;
}

#define SEEDS(name, count, ...)						\
TEST(name)								\
{									\
	static const struct profile profile = { __VA_ARGS__ };		\
	static struct sim m;						\
	u64 samples = 0, odd = 0;					\
	u32 seed;							\
									\
	for (seed = 0; seed < (count); seed++) {			\
		const char *wrong = run(&m, &profile, seed);		\
									\
		ASSERT_EQ(NULL, wrong) TH_LOG("seed %u, %llu us, step %llu: %s", \
			seed, (unsigned long long)m.now,		\
			(unsigned long long)m.steps, wrong);		\
		samples += m.samples;					\
		odd += m.short_samples;					\
	}								\
	/* the echo tells a repeat's ACK from its original's, nearly always */ \
	EXPECT_EQ(true, odd * 200 <= samples)				\
		TH_LOG("%llu of %llu RTT samples are too short",	\
		       (unsigned long long)odd, (unsigned long long)samples); \
}

SEEDS(sim_S7_clean, 900, .loss = 0)
SEEDS(sim_S7_loss_1, 1800, .loss = 10, .ack_loss = 10)
SEEDS(sim_S7_loss_10, 1200, .loss = 100, .ack_loss = 50)
SEEDS(sim_S7_loss_30, 450, .loss = 300, .ack_loss = 300)
SEEDS(sim_S7_bursts, 1200, .burst = 10)
SEEDS(sim_S7_reordering, 1200, .reorder = 300)
SEEDS(sim_S7_duplicates, 1200, .duplicates = 300)
SEEDS(sim_S7_all, 1200, .loss = 50, .ack_loss = 50, .duplicates = 50, .reorder = 100, .burst = 3)
SEEDS(sim_S7_no_memory, 900, .loss = 50, .reorder = 50, .no_memory = 300)
SEEDS(sim_S7_renege, 900, .loss = 50, .reorder = 50, .prune = 100)
SEEDS(sim_S8_slow_reader, 600, .loss = 20, .slow_reader = true)
SEEDS(sim_S8_small_buffer, 600, .loss = 20, .reorder = 50, .small_buffer = true)
SEEDS(sim_S8_small_slow, 300, .loss = 20, .ack_loss = 50, .small_buffer = true, .slow_reader = true)

TEST_HARNESS_MAIN
