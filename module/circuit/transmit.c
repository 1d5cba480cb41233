// SPDX-License-Identifier: GPL-2.0
/*
 * A segment's header and its departure: data, ACK, SYN, RST, probe.
 *
 * Data carries no options but the urgent one and, while opening, the cookie:
 * so all segments of the send queue have the same room. SACK blocks go out in
 * ACKs of their own, which out-of-order data owes at once anyway.
 */
#include "internal.h"
#include "../net/net.h"
#include "../watch/trace.h"

static u32 vctp_room(const struct sock *sk)
{
	int room = READ_ONCE(sk->sk_rcvbuf) - atomic_read(&sk->sk_rmem_alloc) -
		   READ_ONCE(sk->sk_backlog.len);

	return room > 0 ? room : 0;
}

/* Bytes of payload that so many bytes of buffer hold, by experience. */
static u32 vctp_payload_of(const struct vctp_sock *vs, u32 buffer)
{
	return (u64)buffer * vs->tune.scale >> 8;
}

/**
 * vctp_select_window() - the window to put on the wire now
 * @sk: the socket; locked
 *
 * Promises what it returns: the right edge never moves back (RFC 9293, 3.8.6).
 *
 * Return: bytes.
 */
u32 vctp_select_window(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u32 buffer = vctp_payload_of(vs, READ_ONCE(sk->sk_rcvbuf));
	u32 room = vctp_payload_of(vs, vctp_room(sk));
	u32 window;

	if (sk_under_memory_pressure(sk))
		room = min(room, 4U * vs->advmss);
	window = vctp_window_offer(&vs->rwnd, room, buffer,
				   min(vs->ack.rcv_mss, buffer >> 1));
	/* Not for each ACK that says so again. */
	if (!window && vs->rwnd.edge > vs->ack.acked)
		vctp_count(vctp_net(sock_net(sk)), ZeroWindows);
	return window;
}

/* Is a window update worth a segment of its own? */
static bool vctp_window_update_due(const struct sock *sk)
{
	const struct vctp_sock *vs = vctp_sk(sk);
	u32 buffer = vctp_payload_of(vs, READ_ONCE(sk->sk_rcvbuf));

	return vctp_window_worth_update(&vs->rwnd,
					vctp_payload_of(vs, vctp_room(sk)),
					buffer, vs->ack.rcv_mss);
}

/**
 * vctp_window_worth_ack() - would an ACK now tell no smaller a window?
 * @sk: the socket; locked
 *
 * Return: false where the program should take data first.
 */
bool vctp_window_worth_ack(const struct sock *sk)
{
	const struct vctp_sock *vs = vctp_sk(sk);
	u32 room = vctp_payload_of(vs, vctp_room(sk));

	return room >= vs->rwnd.edge - vs->ack.acked ||
	       vs->rwnd.next - vs->copied < READ_ONCE(sk->sk_rcvlowat);
}

/* Header fields that every segment of an open circuit shares. */
static void vctp_departure_init(struct sock *sk, struct vctp_departure *d,
				u64 seq, u16 flags)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u32 held = 0;

	if (vs->ack.due)
		held = (u32)vctp_now_us() - vs->ack.received_us;
	*d = (struct vctp_departure) {
		.seq = seq,
		.ack = vs->rwnd.next,
		.window = vctp_select_window(sk),
		.id = vs->entry.tuple.peer_id,
		.source = ntohs(vs->inet.inet_sport),
		.dest = ntohs(vs->inet.inet_dport),
		.flags = flags,
		.epoch = vs->snd.epoch,
		.echo = vs->ack.echo,
		.held = held ? vctp_held_pack(held) : 0,
	};
}

/* An ACK has just gone out, alone or with data. */
static void vctp_ack_gone(struct vctp_sock *vs)
{
	vs->ack.acked = vs->rwnd.next;
	vs->ack.due = 0;
	if (vs->ack.quick)
		vs->ack.quick--;
}

/* The options that data carries now. */
static void vctp_data_options(const struct vctp_sock *vs, u64 seq,
			      struct vctp_options *options)
{
	options->present = 0;
	if (unlikely(vs->cookie_echo)) {
		options->present |= VCTP_HAS_COOKIE;
		options->cookie_len = vs->cookie_len;
		memcpy(options->cookie, vs->cookie, vs->cookie_len);
	}
	if (unlikely(vs->urgent_out > seq &&
		     vs->urgent_out - seq <= U32_MAX)) {
		options->present |= VCTP_HAS_URGENT;
		options->urgent = vs->urgent_out - seq;
	}
}

/* Their length for a segment to be sent next; the same for all of a push. */
static u32 vctp_data_options_len(const struct vctp_sock *vs)
{
	struct vctp_options options;

	if (likely(!vs->cookie_echo && vs->urgent_out <= vs->snd.una))
		return 0;
	vctp_data_options(vs, vs->snd.una, &options);
	return vctp_options_len(&options);
}

/**
 * vctp_data_mss() - payload of a full data segment now
 * @sk: the socket; locked
 *
 * Return: bytes.
 */
u32 vctp_data_mss(struct sock *sk)
{
	return vctp_mss_now(sk, vctp_data_options_len(vctp_sk(sk)));
}

/* Charge the copy that leaves to the socket, so that the queues below count. */
static void vctp_owner(struct sock *sk, struct sk_buff *skb)
{
	skb_orphan(skb);
	skb_set_owner_w(skb, sk);
}

/**
 * vctp_transmit() - send one sk_buff of the send queue
 * @sk: the socket; locked
 * @skb: stays where it is; a copy of it leaves
 * @again: it was sent before
 *
 * Return: 0, or a negative errno: nothing went out.
 */
int vctp_transmit(struct sock *sk, struct sk_buff *skb, bool again)
{
	struct vctp_segment *segment = vctp_segment(skb);
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_departure departure;
	struct vctp_options options;
	u32 mss = vctp_data_mss(sk);
	struct sk_buff *copy;
	u32 segments;
	int err;

	/* A header lies in the linear part, which a clone would share. */
	if (unlikely(skb_cloned(skb)))
		copy = pskb_copy(skb, GFP_ATOMIC);
	else
		copy = skb_clone(skb, GFP_ATOMIC);
	if (unlikely(!copy))
		return -ENOBUFS;
	vctp_owner(sk, copy);

	vctp_data_options(vs, segment->seq, &options);
	vctp_departure_init(sk, &departure, segment->seq, segment->flags);
	if (unlikely(options.present & VCTP_HAS_URGENT))
		departure.flags |= VCTP_URG;
	vctp_net_finish(sk, copy, &departure, &options, mss);

	segments = copy->len && skb_is_gso(copy) ? skb_shinfo(copy)->gso_segs : 1;
	vctp_ack_gone(vs);
	vs->segs_out += segments;
	vs->sent_us = (u32)vctp_now_us();
	vs->bytes_sent += skb->len;
	if (again) {
		vs->bytes_retrans += skb->len;
		vs->total_retrans += segments;
		vctp_count_add(vn, RetransSegs, segments);
	} else {
		vctp_count_add(vn, OutSegs, segments);
	}
	err = vs->af->transmit(sk, copy);
	if (unlikely(err > 0)) {
		/* The qdisc or device was full: as good as lost on the way. */
		vctp_count(vn, LocalDrops);
		err = 0;
	}
	return err;
}

/* A segment of its own, without payload. 0 or -errno. */
static int vctp_send_bare(struct sock *sk, u64 seq, u16 flags,
			  const struct vctp_options *options, gfp_t gfp)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_departure departure;
	struct sk_buff *skb;

	skb = alloc_skb(sk->sk_prot->max_header, gfp);
	if (unlikely(!skb))
		return -ENOBUFS;
	skb_reserve(skb, sk->sk_prot->max_header);
	vctp_owner(sk, skb);
	vctp_departure_init(sk, &departure, seq, flags);
	if (flags & VCTP_SYN)
		departure.id = flags & VCTP_ACK ? departure.id : vs->entry.id;
	if (!(flags & VCTP_ACK))
		departure.ack = 0;
	vctp_net_finish(sk, skb, &departure, options, vs->mss);
	if (flags & VCTP_ACK)
		vctp_ack_gone(vs);
	vs->segs_out++;
	vctp_count(vn, OutSegs);
	if (flags & VCTP_RST)
		vctp_count(vn, OutRsts);
	if (vs->af->transmit(sk, skb) > 0)
		vctp_count(vn, LocalDrops);
	return 0;
}

/**
 * vctp_send_syn() - the first segment of an active opening, or its repeat
 * @sk: the socket; locked, SYN_SENT
 *
 * RFC 9293, 3.5. It carries no acknowledgement and our own identifier.
 */
void vctp_send_syn(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_options options;

	vctp_open_options(sk, vs->advmss, &options);
	vs->sent_us = (u32)vctp_now_us();
	vctp_send_bare(sk, vs->iss, VCTP_SYN, &options, GFP_ATOMIC);
}

/**
 * vctp_send_syn_ack() - answer a SYN from a socket of our own
 * @sk: the socket; locked
 * @peer_id: whose SYN it was
 * @ack: what it acknowledges
 *
 * Simultaneous opening (RFC 9293, Figure 7): it names our identifier, so that
 * the peer can commit to it, and commits us to nothing.
 */
void vctp_send_syn_ack(struct sock *sk, u32 peer_id, u64 ack)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_options options;
	struct vctp_reply reply = {
		.tuple = &vs->entry.tuple,
		.sk = sk,
		.bound_dev = sk->sk_bound_dev_if,
		.mark = READ_ONCE(sk->sk_mark),
		.tos = vctp_tuple_is_v4(&vs->entry.tuple) ?
		       inet_sk(sk)->tos : inet6_sk(sk)->tclass,
		.options = &options,
		.segment = {
			.seq = vs->iss,
			.ack = ack,
			.id = peer_id,
			.window = vctp_open_window(sk),
			.flags = VCTP_SYN | VCTP_ACK,
		},
	};

	vctp_open_options(sk, vs->advmss, &options);
	options.present |= VCTP_HAS_IDENT;
	options.ident = vs->entry.id;
	vctp_net_reply(sock_net(sk), &reply);
}

/**
 * vctp_send_ack() - acknowledge now
 * @sk: the socket; locked
 *
 * With SACK blocks where data waits out of order. Where memory is short the
 * delayed-ACK timer tries again.
 */
void vctp_send_ack(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_options options = { .present = 0 };

	if (sk->sk_state == TCP_CLOSE)
		return;
	if (!vctp_reassembly_empty(&vs->ofo)) {
		options.sack_count = vctp_reassembly_sacks(&vs->ofo, vs->rwnd.next,
							   options.sack,
							   VCTP_SACK_MAX);
		if (options.sack_count)
			options.present |= VCTP_HAS_SACK;
	}
	if (unlikely(vs->cookie_echo)) {
		options.present |= VCTP_HAS_COOKIE;
		options.cookie_len = vs->cookie_len;
		memcpy(options.cookie, vs->cookie, vs->cookie_len);
	}
	if (vctp_send_bare(sk, vs->snd.next, VCTP_ACK, &options,
			   GFP_ATOMIC | __GFP_NOWARN)) {
		vctp_ack_owe(vs, 0);
		vctp_timer_arm_ack(sk, USEC_PER_SEC / 5);
	}
}

/* At most one ACK for the invalid every sysctl's so many ms (RFC 5961, 7). */
static bool vctp_invalid_limited(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u32 apart = READ_ONCE(vctp_net(sock_net(sk))->sysctl.invalid_ratelimit_ms);
	u32 now = (u32)vctp_now_us();

	if (vs->challenge_us && now - vs->challenge_us < apart * USEC_PER_MSEC)
		return true;
	vs->challenge_us = now | 1;
	return false;
}

/**
 * vctp_send_dup_ack() - answer what lies outside the window
 * @sk: the socket; locked
 *
 * RFC 9293, 3.10.7.4: an ACK, unless one went out a moment ago.
 */
void vctp_send_dup_ack(struct sock *sk)
{
	if (vctp_invalid_limited(sk))
		vctp_count(vctp_net(sock_net(sk)), ChallengeAcksSkipped);
	else
		vctp_send_ack(sk);
}

/**
 * vctp_send_challenge_ack() - ask whether that was really the peer
 * @sk: the socket; locked
 *
 * RFC 5961, limited for the circuit and for the namespace.
 */
void vctp_send_challenge_ack(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));

	if (vctp_invalid_limited(sk))
		vctp_count(vn, ChallengeAcksSkipped);
	else if (vctp_may_challenge(vn))
		vctp_send_ack(sk);
}

/**
 * vctp_send_rst() - tell the peer that this circuit is no more
 * @sk: the socket; locked; its identifiers still stand
 * @gfp: how to allocate
 */
void vctp_send_rst(struct sock *sk, gfp_t gfp)
{
	struct vctp_sock *vs = vctp_sk(sk);

	if (!vs->entry.tuple.peer_id)
		return;
	vctp_send_bare(sk, vs->snd.next, VCTP_RST | VCTP_ACK, NULL, gfp);
}

/**
 * vctp_send_probe() - make the peer answer
 * @sk: the socket; locked
 * @keepalive: nothing is queued, we only ask; else its window is shut
 *
 * A number already acknowledged, without payload: outside its window, so the
 * peer owes an ACK that tells its window (RFC 9293, 3.8.4 and 3.8.6.1).
 */
void vctp_send_probe(struct sock *sk, bool keepalive)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);

	if (keepalive)
		vctp_count(vn, KeepaliveProbes);
	else
		vctp_count(vn, WindowProbes);
	trace_vctp_probe(vs, keepalive);
	vctp_send_bare(sk, vs->snd.una - 1, VCTP_ACK, NULL, GFP_ATOMIC);
}

/**
 * vctp_circuit_took() - the program took bytes: is an ACK due?
 * @sk: the socket; locked
 * @bytes: how many since the last call
 *
 * A window that has opened far enough is told at once; so is an ACK that only
 * waited for the program, once more than one segment is owed.
 */
void vctp_circuit_took(struct sock *sk, u32 bytes)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u64 owed = vs->rwnd.next - vs->ack.acked;

	if (!((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |
				     TCPF_FIN_WAIT2 | TCPF_CLOSE_WAIT |
				     TCPF_CLOSING | TCPF_LAST_ACK)))
		return;
	if (vs->ack.due && (owed > vs->ack.rcv_mss ||
			    (bytes && !vs->ack.pingpong &&
			     vs->ack.due & VCTP_ACK_NOW &&
			     !atomic_read(&sk->sk_rmem_alloc)))) {
		vctp_send_ack(sk);
		return;
	}
	if (bytes && !(sk->sk_shutdown & RCV_SHUTDOWN) &&
	    vctp_window_update_due(sk))
		vctp_send_ack(sk);
}
