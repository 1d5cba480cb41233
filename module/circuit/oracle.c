// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle of simulation builds: each function below is something that must
 * always be true, and warns where it is not. It knows the protocol, and as
 * little as it can of how the rest of circuit/ does it; docs/SIMULATION.md lists
 * what it looks at.
 *
 * What it asks of timers is in oracle_timers.c.
 */
#include <linux/rhashtable.h>

#include "../socket/socket.h"
#include "internal.h"
#include "ports.h"

#define VCTP_ORACLE_OPEN	(TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |	\
				 TCPF_FIN_WAIT2 | TCPF_CLOSE_WAIT |	\
				 TCPF_CLOSING | TCPF_LAST_ACK)

/**
 * vctp_invariant() - complain: a line that names what was broken, and a WARN
 * @entry: whose
 * @holds: it is not broken
 * @what: it is, in words
 */
void vctp_invariant(const struct vctp_entry *entry, bool holds,
		    const char *what)
{
	WARN(!holds, "vctp oracle: %s (id %08x, %s)\n", what, entry->id,
	     vctp_state_name(vctp_entry_state(entry)));
}

/**
 * vctp_holds() - the same for a circuit that has a socket, with its numbers
 * @vs: the circuit
 * @holds: it is not broken
 * @what: it is, in words
 */
void vctp_holds(const struct vctp_sock *vs, bool holds, const char *what)
{
	if (likely(holds))
		return;
	pr_warn("vctp oracle: una +%llu next +%llu write +%llu window %u cwnd %u, rcv +%llu copied +%llu edge +%llu, timer %u\n",
		vs->snd.una - vs->iss, vs->snd.next - vs->iss,
		vs->write_seq - vs->iss, vs->swnd.size, vs->cc.cwnd,
		vs->rwnd.next - vs->irs, vs->copied - vs->irs,
		vs->rwnd.edge - vs->irs, vs->timer_event);
	vctp_invariant(&vs->entry, false, what);
}

/* --- states and identifiers --- */

/**
 * vctp_oracle_edge() - only the edges of RFC 9293, Figure 5
 * @entry: whose state it is
 * @from: left
 * @to: reached
 *
 * Its figure and its text once more, beside the table of protocol/state.c.
 */
void vctp_oracle_edge(const struct vctp_entry *entry, u8 from, u8 to)
{
	static const u16 edges[VCTP_S_COUNT] = {
		[VCTP_S_CLOSED] = BIT(VCTP_S_LISTEN) | BIT(VCTP_S_SYN_SENT) |
				  BIT(VCTP_S_SYN_RECEIVED),
		[VCTP_S_LISTEN] = BIT(VCTP_S_CLOSED),
		[VCTP_S_SYN_SENT] = BIT(VCTP_S_ESTABLISHED) |
				    BIT(VCTP_S_CLOSED),
		[VCTP_S_SYN_RECEIVED] = BIT(VCTP_S_ESTABLISHED) |
					BIT(VCTP_S_FIN_WAIT_1) |
					BIT(VCTP_S_CLOSE_WAIT) |
					BIT(VCTP_S_CLOSED),
		[VCTP_S_ESTABLISHED] = BIT(VCTP_S_FIN_WAIT_1) |
				       BIT(VCTP_S_CLOSE_WAIT) |
				       BIT(VCTP_S_CLOSED),
		[VCTP_S_FIN_WAIT_1] = BIT(VCTP_S_FIN_WAIT_2) |
				      BIT(VCTP_S_CLOSING) | BIT(VCTP_S_CLOSED),
		[VCTP_S_FIN_WAIT_2] = BIT(VCTP_S_TIME_WAIT) |
				      BIT(VCTP_S_CLOSED),
		[VCTP_S_CLOSING] = BIT(VCTP_S_TIME_WAIT) | BIT(VCTP_S_CLOSED),
		[VCTP_S_TIME_WAIT] = BIT(VCTP_S_CLOSED),
		[VCTP_S_CLOSE_WAIT] = BIT(VCTP_S_LAST_ACK) | BIT(VCTP_S_CLOSED),
		[VCTP_S_LAST_ACK] = BIT(VCTP_S_CLOSED),
	};

	vctp_invariant(entry, from < VCTP_S_COUNT && edges[from] & BIT(to),
		       "an edge that the figure has not");
}

/**
 * vctp_oracle_identifier() - no identifier begins two circuits
 * @vn: the namespace
 * @id: ours, of a circuit that connect() or a cookie has just begun
 *
 * By chance they do once in 2^31, which no simulation draws.
 */
void vctp_oracle_identifier(struct vctp_net *vn, u32 id)
{
	struct vctp_oracle_net *o = &vn->oracle;
	int i, begun = atomic_inc_return(&o->begun) - 1;

	WARN(!id, "vctp oracle: an identifier that is 0\n");
	for (i = 0; i < min(begun, VCTP_ORACLE_IDS); i++)
		WARN(o->ids[i] == id,
		     "vctp oracle: an identifier that began a circuit before (id %08x)\n",
		     id);
	o->ids[begun % VCTP_ORACLE_IDS] = id;
}

/* --- what goes out --- */

/**
 * vctp_oracle_heard() - how far the peer lets us send
 * @vs: the circuit
 * @arrival: its numbers widened
 */
void vctp_oracle_heard(struct vctp_sock *vs, const struct vctp_arrival *arrival)
{
	u64 edge = arrival->ack + arrival->window;

	if (arrival->ack <= vs->snd.next && edge > vs->oracle.peer_edge)
		vs->oracle.peer_edge = edge;
}

/**
 * vctp_oracle_new_data() - nothing goes beyond a window
 * @sk: the socket; locked
 * @skb: sent just now, for the first time; not yet in the book
 *
 * A lone FIN may stand over (it waits for nobody's buffer), and one segment
 * goes into an empty network whatever the congestion window: the persist timer
 * sends it (RFC 9293, 3.8.6.2.1).
 */
void vctp_oracle_new_data(struct sock *sk, const struct sk_buff *skb)
{
	const struct vctp_segment *segment = vctp_segment(skb);
	struct vctp_sock *vs = vctp_sk(sk);
	u32 in_flight = vctp_sender_in_flight(&vs->snd);

	vctp_holds(vs, segment->seq == vs->snd.next,
		   "new data does not follow what was sent");
	vctp_holds(vs, segment->len == skb->len + !!(segment->flags & VCTP_FIN),
		   "a segment's numbers are not its bytes");
	vctp_holds(vs, vctp_segment_end(segment) <= vs->write_seq,
		   "more was sent than the program wrote");
	if (!skb->len)
		return;
	vctp_holds(vs, segment->seq + skb->len <= vs->oracle.peer_edge,
		   "new data beyond the peer's window");
	vctp_holds(vs, !in_flight || in_flight + skb->len <= vs->cc.cwnd,
		   "new data beyond the congestion window");
}

/**
 * vctp_oracle_resent() - nor is more sent again than there is room for
 * @sk: the socket; locked
 * @segment: sent again just now; the book still says that it is lost
 * @mss: of its path
 *
 * One segment goes whatever the window: into an empty network, where recovery
 * begins, and for a partial ACK (RFC 6675, 5, 4.3; RFC 6582, 3.2).
 */
void vctp_oracle_resent(struct sock *sk, const struct vctp_segment *segment,
			u32 mss)
{
	u32 bytes = segment->len - !!(segment->flags & VCTP_FIN);
	struct vctp_sock *vs = vctp_sk(sk);
	u32 in_flight = vctp_sender_in_flight(&vs->snd);

	vctp_holds(vs, segment->seq >= vs->snd.una,
		   "what is acknowledged was sent again");
	vctp_holds(vs, !(segment->marks & VCTP_SEG_SACKED),
		   "what the peer holds was sent again");
	vctp_holds(vs, segment->seq + bytes <= vs->oracle.peer_edge,
		   "sent again beyond the peer's window");
	vctp_holds(vs, in_flight + bytes <= vs->cc.cwnd ||
		   (bytes <= mss && (!in_flight || vs->retransmit_due)),
		   "sent again beyond the congestion window");
}

/* --- the book of what was sent --- */

/* Every number from SND.UNA to SND.NXT is in the book, once. */
static void vctp_oracle_book(struct vctp_sock *vs)
{
	u32 sacked = 0, lost = 0, retrans = 0;
	struct vctp_segment *g;
	u64 at = vs->snd.una;

	for (g = vctp_sender_first(&vs->snd); g; g = vctp_sender_after(g)) {
		u64 end = vctp_segment_end(g);
		u32 bytes = end - at;

		vctp_holds(vs, at == vs->snd.una ? g->seq <= at && end > at :
						   g->seq == at && end > at,
			   "the book has a hole, or a number twice");
		vctp_holds(vs, !(g->marks & VCTP_SEG_SACKED &&
				 g->marks & (VCTP_SEG_LOST | VCTP_SEG_RETRANS)),
			   "a segment that the peer holds is to be sent again");
		sacked += g->marks & VCTP_SEG_SACKED ? bytes : 0;
		lost += g->marks & VCTP_SEG_LOST ? bytes : 0;
		retrans += g->marks & VCTP_SEG_RETRANS ? bytes : 0;
		at = end;
	}
	vctp_holds(vs, at == vs->snd.next, "the book does not end at SND.NXT");
	vctp_holds(vs, sacked == vs->snd.sacked && lost == vs->snd.lost &&
		   retrans == vs->snd.retrans,
		   "the book's sums are not those of its segments");
}

/* --- what came in --- */

static void vctp_oracle_fragment(const struct vctp_sock *vs,
				 const struct sk_buff *skb)
{
	const struct vctp_fragment *fragment = vctp_fragment(skb);

	vctp_holds(vs, fragment->end - fragment->seq ==
		       skb->len + !!(fragment->flags & VCTP_FIN),
		   "a fragment's numbers are not its bytes");
}

/* In order and without a hole up to RCV.NXT; behind it no byte is kept twice. */
static void vctp_oracle_queues(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	const struct vctp_fragment *fragment;
	u64 at = vs->copied;
	struct rb_node *node;
	struct sk_buff *skb;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		fragment = vctp_fragment(skb);
		vctp_oracle_fragment(vs, skb);
		vctp_holds(vs, fragment->seq <= at,
			   "a hole in the receive queue");
		vctp_holds(vs, fragment->end > at,
			   "what the program has read still waits");
		at = fragment->end;
	}
	/* A FIN alone is not queued. */
	vctp_holds(vs, at == vs->rwnd.next ||
		   (sock_flag(sk, SOCK_DONE) && at + 1 == vs->rwnd.next),
		   "the receive queue does not end at RCV.NXT");

	at = vs->rwnd.next;
	for (node = rb_first(&vs->ofo.tree); node; node = rb_next(node)) {
		fragment = rb_entry(node, struct vctp_fragment, node);
		vctp_oracle_fragment(vs, vctp_fragment_skb((void *)fragment));
		vctp_holds(vs, at == vs->rwnd.next ? fragment->seq > at :
						     fragment->seq >= at,
			   "out of order: overlaps, or was not taken up");
		at = fragment->end;
	}
	vctp_holds(vs, !sock_flag(sk, SOCK_DONE) || vctp_reassembly_empty(&vs->ofo),
		   "data behind the peer's FIN");
}

/* What may only grow; and nothing is acknowledged that was not sent. */
static void vctp_oracle_numbers(struct vctp_sock *vs)
{
	struct vctp_oracle *o = &vs->oracle;

	vctp_holds(vs, vs->snd.una >= o->una, "SND.UNA went back");
	vctp_holds(vs, vs->rwnd.next >= o->next, "RCV.NXT went back");
	vctp_holds(vs, vs->copied >= o->copied, "the program's place went back");
	vctp_holds(vs, vs->rwnd.edge >= o->edge, "the window was taken back");
	vctp_holds(vs, vs->snd.una <= vs->snd.next &&
		   vs->snd.next <= vs->write_seq,
		   "acknowledged, sent and written are not in this order");
	vctp_holds(vs, vs->copied <= vs->rwnd.next,
		   "the program read what has not come");
	o->una = vs->snd.una;
	o->next = vs->rwnd.next;
	o->copied = vs->copied;
	o->edge = vs->rwnd.edge;
}

/**
 * vctp_oracle_told() - whether to wake a reader has been thought of
 * @vs: the circuit
 */
void vctp_oracle_told(struct vctp_sock *vs)
{
	vs->oracle.told = vs->rwnd.next;
}

/* Data that nobody was told of; room that a writer waits for in vain. */
static void vctp_oracle_wakeups(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct socket *sock = sk->sk_socket;

	if (sock_flag(sk, SOCK_DEAD))
		return;
	vctp_holds(vs, vs->oracle.told == vs->rwnd.next,
		   "data came and its reader was not woken");
	/* What is unsent may shrink without an ACK: the next one wakes. */
	if (!sock || vs->notsent_lowat || sock_owned_by_user(sk))
		return;
	vctp_holds(vs, !test_bit(SOCK_NOSPACE, &sock->flags) ||
		   vs->oracle.una == vs->snd.una ||
		   !__sk_stream_is_writeable(sk, 1),
		   "room came and its writer was not woken");
}

/* --- memory --- */

static u32 vctp_oracle_queue_size(const struct sk_buff_head *queue)
{
	const struct sk_buff *skb;
	u32 size = 0;

	skb_queue_walk(queue, skb)
		size += skb->truesize;
	return size;
}

static u32 vctp_oracle_tree_size(const struct rb_root *root)
{
	struct rb_node *node;
	u32 size = 0;

	/* Both kinds of node begin the cb of their sk_buff. */
	for (node = rb_first(root); node; node = rb_next(node))
		size += container_of((void *)node, struct sk_buff, cb[0])->truesize;
	return size;
}

/* The queues are charged to the socket, byte by byte, and to nobody twice. */
static void vctp_oracle_memory(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u32 received = vctp_oracle_queue_size(&sk->sk_receive_queue) +
		       vctp_oracle_tree_size(&vs->ofo.tree);
	u32 sending = vctp_oracle_queue_size(&sk->sk_write_queue) +
		      vctp_oracle_tree_size(&vs->snd.sent);
	u32 charged = atomic_read(&sk->sk_rmem_alloc);

	/* What stands there is charged here too, but by others. */
	vs->oracle.errors |= !skb_queue_empty_lockless(&sk->sk_error_queue);
	vctp_holds(vs, vs->oracle.errors ? received <= charged :
					   received == charged,
		   "sk_rmem_alloc is not what the queues hold");
	vctp_holds(vs, sending == sk->sk_wmem_queued,
		   "sk_wmem_queued is not what the queues hold");
	vctp_holds(vs, !((sk->sk_forward_alloc + received + sending) &
			 (PAGE_SIZE - 1)),
		   "what was charged and what is left are no whole pages");
}

/* Of all sockets together: where there is none, nobody is charged. */
static void vctp_oracle_memory_of_all(void)
{
	long pages = atomic_long_read(vctp_prot.memory_allocated);
	int cpu;

	if (proto_sockets_allocated_sum_positive(&vctp_prot))
		return;
	for_each_possible_cpu(cpu)
		pages += *per_cpu_ptr(vctp_prot.per_cpu_fw_alloc, cpu);
	WARN(pages, "vctp oracle: no socket, and %ld pages charged\n", pages);
}

/* --- the places where it looks --- */

/**
 * vctp_oracle_open() - forget what an earlier circuit of this socket did
 * @vs: both ends' first numbers are set
 */
void vctp_oracle_open(struct vctp_sock *vs)
{
	vs->oracle = (struct vctp_oracle) {
		.peer_edge = vs->snd.una + vs->swnd.size,
		.una = vs->snd.una,
		.next = vs->rwnd.next,
		.copied = vs->copied,
		.edge = vs->rwnd.edge,
		.told = vs->rwnd.next,
	};
}

/**
 * vctp_oracle_rest() - nobody works on a circuit at this moment
 * @sk: the socket; its spinlock held
 */
void vctp_oracle_rest(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vctp_oracle_memory(sk);
	if (sk->sk_state == TCP_SYN_SENT)
		vctp_oracle_timers(sk);
	if (!((1 << sk->sk_state) & VCTP_ORACLE_OPEN))
		return;
	vctp_oracle_wakeups(sk);
	vctp_oracle_numbers(vs);
	vctp_oracle_book(vs);
	vctp_oracle_queues(sk);
	vctp_oracle_timers(sk);
}

/**
 * vctp_oracle_destroyed() - a circuit has let go of all that it held
 * @sk: the socket; CLOSED, nobody's
 */
void vctp_oracle_destroyed(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vctp_holds(vs, !vs->entry.bits, "ended, and still in a table");
	vctp_holds(vs, !vs->port, "ended, and still has its port");
	vctp_holds(vs, !vs->cookie, "ended, and still has its cookie");
	vctp_holds(vs, list_empty(&vs->accept_node) &&
		   list_empty(&vs->accept.ready),
		   "ended, and somebody waits for accept()");
	vctp_holds(vs, list_empty(&vs->accept.requests) &&
		   !atomic_read(&vs->accept.half_open),
		   "ended, and requests are left");
	vctp_holds(vs, !timer_pending(&vs->snd_timer) &&
		   !timer_pending(&vs->ack_timer) &&
		   !timer_pending(&vs->linger_timer) &&
		   !timer_pending(&sk->sk_timer),
		   "ended, and a timer runs");
	vctp_holds(vs, !sk->sk_wmem_queued && RB_EMPTY_ROOT(&vs->snd.sent) &&
		   vctp_reassembly_empty(&vs->ofo),
		   "ended, and its queues are not empty");
}

/**
 * vctp_oracle_net_exit() - a namespace leaves nothing behind
 * @vn: the namespace; its TIME_WAIT objects have been ended
 */
void vctp_oracle_net_exit(struct vctp_net *vn)
{
	int i;

	WARN(atomic_read(&vn->requests), "vctp oracle: %d requests left\n",
	     atomic_read(&vn->requests));
	WARN(atomic_read(&vn->time_waits), "vctp oracle: %d in TIME_WAIT left\n",
	     atomic_read(&vn->time_waits));
	WARN(list_count_nodes(&vn->tombstone_list) !=
	     atomic_read(&vn->tombstone_count),
	     "vctp oracle: %d tombstones counted, not so many there\n",
	     atomic_read(&vn->tombstone_count));
	WARN(percpu_counter_sum(&vn->orphans), "vctp oracle: %lld orphans left\n",
	     percpu_counter_sum(&vn->orphans));
	WARN(atomic_read(&vn->ids.nelems) || atomic_read(&vn->tuples.nelems) ||
	     atomic_read(&vn->reservations.nelems),
	     "vctp oracle: the tables are not empty: %d, %d, %d\n",
	     atomic_read(&vn->ids.nelems), atomic_read(&vn->tuples.nelems),
	     atomic_read(&vn->reservations.nelems));
	for (i = 0; i < VCTP_PORT_BUCKETS; i++)
		WARN(!hlist_empty(&vn->ports[i].ports),
		     "vctp oracle: a port is still bound\n");
	vctp_oracle_memory_of_all();
}
