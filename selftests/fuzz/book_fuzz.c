// SPDX-License-Identifier: GPL-2.0
/*
 * The sender's book and the receiver's tree, driven by bytes: any order of
 * sending, ACKs with any blocks, time-outs, splits without memory; fragments
 * with any edges. After each step all that must be true is looked at.
 *
 * Input: commands of one byte, each followed by the bytes that it takes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "book.h"
#include "reassembly.h"

#define ISS		VCTP_SEQ_BASE
#define MSS		100U
#define COMMANDS	400	/* in one input */

struct input {
	const u8 *at, *end;
};

static u32 take(struct input *in, u32 bytes)
{
	u32 value = 0;

	while (bytes--)
		value = value << 8 | (in->at < in->end ? *in->at++ : 0);
	return value;
}

#define must(is) do {							\
	if (!(is)) {							\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #is); \
		abort();						\
	}								\
} while (0)

/* --- the receiver --- */

struct piece {
	struct vctp_fragment f;
	u64 origin;
};

static struct piece *piece(struct vctp_fragment *f)
{
	return container_of(f, struct piece, f);
}

static void swallowed(void *owner, struct vctp_fragment *f)
{
	free(piece(f));
}

static void trim_front(void *owner, struct vctp_fragment *f, u64 seq)
{
	must(seq > f->seq && seq < f->end);
	piece(f)->origin += seq - f->seq;
	f->seq = seq;
}

static void trim_back(void *owner, struct vctp_fragment *f, u64 end)
{
	must(end > f->seq && end < f->end);
	f->end = end;
}

static const struct vctp_reassembly_ops ops = {
	.swallowed = swallowed,
	.trim_front = trim_front,
	.trim_back = trim_back,
};

static bool covered(const struct vctp_reassembly *r, u64 start, u64 end)
{
	const struct rb_node *node;

	for (node = rb_first(&r->tree); node; node = rb_next(node)) {
		const struct vctp_fragment *f;

		f = rb_entry(node, struct vctp_fragment, node);
		if (f->seq <= start && start < f->end)
			start = f->end;
	}
	return start >= end;
}

static void check_tree(struct vctp_reassembly *r)
{
	struct vctp_sack_block blocks[VCTP_SACK_MAX];
	const struct vctp_fragment *f = NULL;
	const struct rb_node *node;
	u64 last = 0;
	u32 i, count;

	for (node = rb_first(&r->tree); node; node = rb_next(node)) {
		f = rb_entry(node, struct vctp_fragment, node);
		must(f->seq >= last && f->seq < f->end);
		must(container_of(f, struct piece, f)->origin == f->seq);
		last = f->end;
	}
	must(r->last == f);
	count = vctp_reassembly_sacks(r, 0, blocks, VCTP_SACK_MAX);
	for (i = 0; i < count; i++) {
		must(blocks[i].start < blocks[i].end);
		must(covered(r, blocks[i].start, blocks[i].end));
	}
}

static void receive(struct vctp_reassembly *r, struct input *in, u64 next)
{
	struct piece *p = calloc(1, sizeof(*p));

	p->f.seq = next + take(in, 2);
	p->f.end = p->f.seq + take(in, 1);
	p->origin = p->f.seq;
	if (vctp_reassembly_insert(r, &p->f, &ops, NULL) == VCTP_REASSEMBLY_DUPLICATE)
		free(p);
}

/* --- the sender --- */

static void acknowledge(struct book *b, struct input *in,
			struct vctp_reassembly *r)
{
	struct vctp_sack_block blocks[VCTP_SACK_MAX];
	struct vctp_sender *s = &b->s;
	struct vctp_ack_result result;
	u32 flags = take(in, 1), i;
	struct vctp_ack_event a = {
		.ack = s->una + (flags & 1 ? take(in, 2) : 0),
		.sack = blocks, .sack_count = flags >> 1 & 3,
		.mss = flags & 0x80 ? take(in, 1) : MSS,
		.echo = flags & 8 ? s->epoch : take(in, 1),
		.duplicate = flags & 16,
	};
	u64 una = s->una;
	u32 sacked = s->sacked;

	for (i = 0; i < a.sack_count; i++) {
		/* counted from una, by segments or by bytes; or far away */
		u32 unit = flags & 32 ? 1 : MSS;

		blocks[i].start = a.ack + (u64)take(in, 2) * unit;
		blocks[i].end = blocks[i].start + (u64)take(in, 1) * unit;
		if (flags & 64)
			blocks[i].start -= (u64)take(in, 1) << 56;
	}
	b->no_memory = flags == 0xff;
	vctp_sender_ack(s, &a, &book_ops, b, 1000, &result);
	b->no_memory = false;
	must(s->una == una || (result.una_advanced && s->una == a.ack));
	must(result.acked == s->una - una);
	must(result.delivered <= result.acked + result.sacked);
	must(s->sacked <= sacked + result.sacked);
}

static void resend(struct book *b, struct input *in)
{
	struct vctp_segment *g = vctp_sender_next_lost(&b->s, NULL);
	u32 most = 1 + take(in, 1);

	if (!g)
		return;
	must(g->marks & VCTP_SEG_LOST);
	/* what is acknowledged of it is cut off first, as the circuit does */
	if (g->seq < b->s.una) {
		struct vctp_segment *rest = book_split(b, g, b->s.una - g->seq);

		vctp_sender_drop(&b->s, g);
		book_acked(b, g);
		g = rest;
	}
	if (g->len > most)
		book_split(b, g, most);
	vctp_sender_resent(&b->s, g, 2000);
}

static void command(struct book *b, struct vctp_reassembly *r, struct input *in,
		    u64 *next)
{
	struct vctp_fragment *f = NULL;

	switch (take(in, 1) % 12) {
	case 0:
	case 1:
		book_send(b, 1 + take(in, 2) % (20 * MSS), 0);
		break;
	case 2:
		book_send(b, MSS, 0);
		break;
	case 3:
	case 4:
	case 5:
		acknowledge(b, in, r);
		break;
	case 6:
		resend(b, in);
		break;
	case 7:
		vctp_sender_timeout(&b->s);
		break;
	case 8:
		if (take(in, 1) & 1)
			vctp_sender_lose_larger(&b->s, take(in, 2));
		else
			vctp_sender_forget_marks(&b->s);
		break;
	case 9:
		f = take(in, 1) & 1 ? vctp_reassembly_pop_last(r) :
				      vctp_reassembly_take(r, *next += take(in, 1));
		break;
	default:
		receive(r, in, *next);
	}
	if (f)
		free(piece(f));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, data + size };
	struct vctp_fragment *f;
	struct vctp_reassembly r;
	const char *wrong;
	u32 commands = 0;
	struct book b;
	u64 next = ISS;

	book_init(&b, ISS);
	vctp_reassembly_init(&r);
	while (in.at < in.end && commands++ < COMMANDS) {
		command(&b, &r, &in, &next);
		wrong = book_check(&b);
		if (wrong)
			fprintf(stderr, "book: %s\n", wrong);
		must(!wrong);
		check_tree(&r);
	}
	book_clear(&b);
	must(!b.segments);
	while ((f = vctp_reassembly_pop_first(&r)))
		free(piece(f));
	return 0;
}
