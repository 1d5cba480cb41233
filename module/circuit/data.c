// SPDX-License-Identifier: GPL-2.0
/*
 * Received data: into the receive queue, in order; what is out of order
 * waits. And when to acknowledge it.
 */
#include <net/xfrm.h>

#include "internal.h"
#include "../net/net.h"
#include "../socket/socket.h"

#define VCTP_ATO_MIN_US		(40 * USEC_PER_MSEC)

/* The segment's cb changes its form: from here on it is a fragment. */
static void vctp_to_fragment(struct sk_buff *skb)
{
	struct vctp_arrival arrival = *vctp_arrival(skb);
	struct vctp_fragment *fragment = vctp_fragment(skb);

	RB_CLEAR_NODE(&fragment->node);
	fragment->seq = arrival.seq;
	fragment->end = arrival.end_seq;
	fragment->flags = arrival.flags;
}

/**
 * vctp_fragment_append() - the bytes of one fragment stand in another now
 * @to: whose bytes end where those of @from begin
 * @from: the other; its time is that of the last byte (SO_TIMESTAMPING)
 */
void vctp_fragment_append(struct sk_buff *to, struct sk_buff *from)
{
	vctp_fragment(to)->end = vctp_fragment(from)->end;
	vctp_fragment(to)->flags |= vctp_fragment(from)->flags;
	if (skb_hwtstamps(from)->hwtstamp || from->tstamp) {
		to->tstamp = from->tstamp;
		*skb_hwtstamps(to) = *skb_hwtstamps(from);
	}
}

/* What GRO merged is one buffer now: the program copies, nobody segments. */
static bool vctp_coalesce(struct sock *sk, struct sk_buff *to,
			  struct sk_buff *from)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	bool stolen;
	int delta;

	if (vctp_fragment(from)->seq != vctp_fragment(to)->end ||
	    vctp_fragment(to)->flags & VCTP_FIN ||
	    !skb_try_coalesce(to, from, &stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	vctp_fragment_append(to, from);
	vctp_count(vn, Coalesced);
	kfree_skb_partial(from, stolen);
	return true;
}

/* In order: at the end of the receive queue. Takes the skb. */
static void vctp_queue_in_order(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
	struct vctp_sock *vs = vctp_sk(sk);
	u64 end = vctp_fragment(skb)->end;
	u64 fresh = end - vs->rwnd.next;

	WRITE_ONCE(vs->rwnd.next, end);
	vs->bytes_received += fresh - !!(vctp_fragment(skb)->flags & VCTP_FIN);
	/* A FIN alone leaves nothing to read. */
	if (!skb->len) {
		__kfree_skb(skb);
		return;
	}
	if (tail && vctp_coalesce(sk, tail, skb))
		return;
	/* What waited out of order is charged already. */
	if (skb->destructor != sock_rfree)
		skb_set_owner_r(skb, sk);
	__skb_queue_tail(&sk->sk_receive_queue, skb);
}

/*
 * The receive buffer is full: let go what may be. Room between small pieces
 * first, where no byte is lost; then what waits out of order, the furthest first:
 * the peer still has it (RFC 2018, 8). 0 where there is room now, else -ENOMEM.
 */
static int vctp_receive_prune(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_fragment *fragment;

	if (atomic_read(&sk->sk_rmem_alloc) > READ_ONCE(sk->sk_rcvbuf))
		vctp_receive_collapse(sk);
	while (atomic_read(&sk->sk_rmem_alloc) > READ_ONCE(sk->sk_rcvbuf) ||
	       sk_under_memory_pressure(sk)) {
		fragment = vctp_reassembly_pop_last(&vs->ofo);
		if (!fragment)
			break;
		vctp_count(vn, OfoPruned);
		kfree_skb(vctp_fragment_skb(fragment));
	}
	return atomic_read(&sk->sk_rmem_alloc) <= READ_ONCE(sk->sk_rcvbuf) ?
	       0 : -ENOMEM;
}

static int vctp_rmem_schedule(struct sock *sk, struct sk_buff *skb)
{
	if (atomic_read(&sk->sk_rmem_alloc) <= READ_ONCE(sk->sk_rcvbuf) &&
	    sk_rmem_schedule(sk, skb, skb->truesize))
		return 0;
	if (vctp_receive_prune(sk))
		return -ENOMEM;
	return sk_rmem_schedule(sk, skb, skb->truesize) ? 0 : -ENOMEM;
}

static void vctp_ofo_swallowed(void *owner, struct vctp_fragment *fragment)
{
	kfree_skb(vctp_fragment_skb(fragment));
}

/* Bytes that another fragment has too are cut off here. */
static void vctp_ofo_trim_front(void *owner, struct vctp_fragment *fragment,
				u64 seq)
{
	u32 bytes = seq - fragment->seq;

	/* It stays in one piece where its headers cannot give way. */
	if (pskb_pull(vctp_fragment_skb(fragment), bytes))
		fragment->seq = seq;
}

static void vctp_ofo_trim_back(void *owner, struct vctp_fragment *fragment,
			       u64 end)
{
	struct sk_buff *skb = vctp_fragment_skb(fragment);

	/* It keeps its place whole where memory is short. */
	if (pskb_trim(skb, end - fragment->seq))
		return;
	fragment->flags &= ~VCTP_FIN;
	fragment->end = end;
}

static const struct vctp_reassembly_ops vctp_ofo_ops = {
	.swallowed = vctp_ofo_swallowed,
	.trim_front = vctp_ofo_trim_front,
	.trim_back = vctp_ofo_trim_back,
};

/**
 * vctp_ofo_purge() - forget all that waits out of order
 * @sk: the socket; locked, or nobody else's
 */
void vctp_ofo_purge(struct sock *sk)
{
	struct vctp_fragment *fragment;

	while ((fragment = vctp_reassembly_pop_last(&vctp_sk(sk)->ofo)))
		kfree_skb(vctp_fragment_skb(fragment));
}

/* A hole is before it: it waits, and is told of at once. Takes the skb. */
static void vctp_queue_ofo(struct sock *sk, struct sk_buff *skb)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);

	vctp_ack_owe(vs, VCTP_ACK_NOW);
	if (unlikely(vs->snd.ops->in_order_only)) {
		vctp_drop(vn, skb, VCTP_C_DropOutOfOrder);
		return;
	}
	if (vctp_rmem_schedule(sk, skb)) {
		vctp_drop(vn, skb, VCTP_C_DropMemory);
		return;
	}
	vctp_count(vn, OfoQueued);
	/* Owned before it is in the tree: a trim then leaves truesize alone. */
	skb_set_owner_r(skb, sk);
	if (vctp_reassembly_insert(&vs->ofo, vctp_fragment(skb), &vctp_ofo_ops,
				   sk) == VCTP_REASSEMBLY_DUPLICATE) {
		vctp_count(vn, DuplicateBytesSegs);
		kfree_skb(skb);
	}
}

/* The hole is filled: what waited behind it follows. True: up to a FIN. */
static bool vctp_ofo_drain(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_fragment *fragment;
	bool fin = false;

	while (!fin && (fragment = vctp_reassembly_take(&vs->ofo, vs->rwnd.next))) {
		struct sk_buff *skb = vctp_fragment_skb(fragment);

		if (fragment->end <= vs->rwnd.next) {
			kfree_skb(skb);
			continue;
		}
		vctp_count(vctp_net(sock_net(sk)), OfoMerged);
		fin = fragment->flags & VCTP_FIN;
		vctp_queue_in_order(sk, skb);
	}
	return fin;
}

/* The peer's segment size by experience, for ACKs and windows. */
static void vctp_measure_rcv_mss(struct vctp_sock *vs, const struct sk_buff *skb)
{
	u32 each = vctp_net_merged_mss(skb, vctp_arrival(skb)->header_len);
	u32 len = min_t(u32, each ? each : skb->len, vs->advmss);

	/* Buffer spent on payload, smoothed over 8; no more than can be kept. */
	if (skb->len >= 256) {
		u32 now = min_t(u32, ((u64)skb->len << 8) / skb->truesize,
				VCTP_COLLAPSE_SCALE);

		vs->tune.scale += ((int)now - vs->tune.scale) / 8;
	}
	if (len >= vs->ack.rcv_mss)
		vs->ack.rcv_mss = len;
	else if (len >= VCTP_MSS_MIN && vctp_arrival(skb)->flags & VCTP_PSH)
		vs->ack.rcv_mss -= (vs->ack.rcv_mss - len) >> 4;
}

/* One RTT as the receiver sees it: a window's worth has come. */
static void vctp_measure_rcv_rtt(struct vctp_sock *vs, u64 now)
{
	struct vctp_rcv_tune *tune = &vs->tune;

	if (tune->rtt_us_start && vs->rwnd.next < tune->rtt_seq)
		return;
	if (tune->rtt_us_start) {
		u32 sample = max_t(u64, now - tune->rtt_us_start, 1);

		/* Windows only overestimate: follow the smallest, slowly up. */
		if (!tune->rtt_us || sample < tune->rtt_us >> 3)
			tune->rtt_us = sample << 3;
		else
			tune->rtt_us += sample - (tune->rtt_us >> 3);
	}
	tune->rtt_seq = vs->rwnd.next + vctp_window_left(&vs->rwnd);
	tune->rtt_us_start = now;
}

/* How long an ACK may wait: from the gaps between the data (RFC 9293, 3.8.6.3). */
static void vctp_ack_schedule(struct sock *sk, const struct sk_buff *skb)
{
	struct vctp_sock *vs = vctp_sk(sk);
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	u64 now = vs->last_in;
	u32 gap = (u32)now - vs->ack.last_data_us;

	vctp_measure_rcv_mss(vs, skb);
	vctp_measure_rcv_rtt(vs, now);
	if (!vs->ack.ato_us) {
		vs->ack.ato_us = VCTP_ATO_MIN_US;
		vs->ack.quick = 16;
	} else if (gap <= VCTP_ATO_MIN_US / 2) {
		vs->ack.ato_us = vs->ack.ato_us / 2 + VCTP_ATO_MIN_US / 2;
	} else if (gap < vs->ack.ato_us) {
		vs->ack.ato_us = min(vs->ack.ato_us / 2 + gap, vs->rtt.rto);
	} else if (gap > vs->rtt.rto) {
		/* A pause this long: the peer may be in slow start again. */
		vs->ack.quick = max_t(u8, vs->ack.quick, 4);
	}
	vs->ack.last_data_us = (u32)now;
	vs->ack.echo = arrival->epoch;
	vctp_ack_owe(vs, 0);
}

/**
 * vctp_ack_policy() - acknowledge now, later, or with the next data
 * @sk: the socket; locked
 *
 * RFC 5681, 4.2: at once for every second full segment and for what is out of
 * order or fills a hole; otherwise within the delay. Where the program has not
 * taken the data yet, its taking will send the ACK with a better window.
 */
void vctp_ack_policy(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u64 owed = vs->rwnd.next - vs->ack.acked;

	if (!vs->ack.due)
		return;
	if (vs->ack.due & VCTP_ACK_NOW ||
	    (vs->ack.quick && !vs->ack.pingpong) ||
	    !vctp_reassembly_empty(&vs->ofo) ||
	    (owed > vs->ack.rcv_mss && vctp_window_worth_ack(sk))) {
		vctp_send_ack(sk);
		return;
	}
	if (!(vs->ack.due & VCTP_ACK_TIMER)) {
		u32 delack = READ_ONCE(vctp_net(sock_net(sk))->sysctl.delack_ms) *
			     USEC_PER_MSEC;

		vctp_timer_arm_ack(sk, min(vs->ack.ato_us, delack));
	}
}

/**
 * vctp_fin_rcv() - the peer's FIN is next in order
 * @sk: the socket; locked; RCV.NXT is behind the FIN
 *
 * RFC 9293, 3.10.7.4, eighth check.
 */
void vctp_fin_rcv(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	enum vctp_action action;

	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	vctp_ofo_purge(sk);
	vctp_ack_owe(vs, 0);
	/* The socket is CLOSED from then on, and sends no more. */
	if (vctp_state_cell(sk->sk_state, VCTP_E_FIN)->action ==
	    VCTP_A_ENTER_TIME_WAIT)
		vctp_send_ack(sk);
	action = vctp_transition(vn, &vs->entry, VCTP_E_FIN);
	if (sk->sk_state == TCP_CLOSE_WAIT)
		vs->ack.pingpong = 1;	/* our FIN may carry the ACK */
	else
		vs->ack.due |= VCTP_ACK_NOW;
	vctp_oracle_told(vs);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		if (sk->sk_shutdown == SHUTDOWN_MASK)
			sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
		else
			sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	}
	if (action == VCTP_A_ENTER_TIME_WAIT)
		vctp_time_wait_enter(sk);
}

/* All of it came before: say again where we are. Takes the skb. */
static void vctp_data_old(struct sock *sk, struct sk_buff *skb)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vctp_count(vctp_net(sock_net(sk)), DuplicateBytesSegs);
	vs->ack.echo = vctp_arrival(skb)->epoch;
	vs->ack.quick = max_t(u8, vs->ack.quick, 4);
	vctp_ack_owe(vs, VCTP_ACK_NOW);
	__kfree_skb(skb);
}

/* What lies past the window was not offered: it is not taken (RFC 9293, 3.4). */
static bool vctp_data_trim(struct sock *sk, struct sk_buff *skb)
{
	struct vctp_arrival *arrival = vctp_arrival(skb);
	u64 edge = vctp_sk(sk)->rwnd.edge;

	if (arrival->seq + skb->len <= edge)
		return true;
	if (pskb_trim(skb, edge - arrival->seq))
		return false;
	arrival->flags &= ~VCTP_FIN;
	arrival->end_seq = edge;
	return true;
}

/**
 * vctp_data_rcv() - payload or FIN of an acceptable segment
 * @sk: the socket; locked, in a state that receives
 * @skb: payload at skb->data; taken
 */
void vctp_data_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	struct vctp_sock *vs = vctp_sk(sk);
	bool fin, holes;

	if (arrival->end_seq <= vs->rwnd.next) {
		vctp_data_old(sk, skb);
		return;
	}
	vctp_ack_schedule(sk, skb);
	/* A FIN takes no room in the buffer; bytes that came before are skipped. */
	if (unlikely(skb->len && !vctp_data_trim(sk, skb))) {
		vctp_drop(vn, skb, VCTP_C_DropMemory);
		return;
	}
	skb_dst_drop(skb);
	secpath_reset(skb);
	if (arrival->seq > vs->rwnd.next) {
		vctp_to_fragment(skb);
		vctp_queue_ofo(sk, skb);
		return;
	}

	if (!skb_queue_empty(&sk->sk_receive_queue) ?
	    vctp_rmem_schedule(sk, skb) :
	    !sk_rmem_schedule(sk, skb, skb->truesize)) {
		vs->ack.due |= VCTP_ACK_NOW;
		vctp_drop(vn, skb, VCTP_C_DropMemory);
		return;
	}
	fin = arrival->flags & VCTP_FIN;
	holes = !vctp_reassembly_empty(&vs->ofo);
	vctp_to_fragment(skb);
	vctp_queue_in_order(sk, skb);
	if (unlikely(holes)) {
		/* RFC 5681, 4.2: a filled hole is told at once. */
		vs->ack.due |= VCTP_ACK_NOW;
		if (!fin)
			fin = vctp_ofo_drain(sk);
	}
	if (fin)
		vctp_fin_rcv(sk);
	else if (!sock_flag(sk, SOCK_DEAD))
		vctp_socket_readable(sk);
}
