// SPDX-License-Identifier: GPL-2.0
/*
 * Opening, from the side that has a socket: connect(), SYN_SENT, and the
 * first numbers of a child (RFC 9293, 3.5 and 3.10.7.3).
 *
 * SYN_SENT commits to a peer only on a SYN+ACK that acknowledges our ISN under
 * our identifier. A bare SYN is answered and changes nothing.
 */
#include <linux/security.h>

#include "internal.h"
#include "../net/net.h"
#include "../socket/socket.h"
#include "../watch/trace.h"

/**
 * vctp_open_window() - the receive window that a SYN or SYN+ACK offers
 * @sk: the socket or listener
 *
 * Return: bytes.
 */
u32 vctp_open_window(const struct sock *sk)
{
	const struct vctp_sock *vs = vctp_sk(sk);
	u32 window = READ_ONCE(sk->sk_rcvbuf) / 2;

	if (vs->window_clamp)
		window = min(window, vs->window_clamp);
	return window;
}

/**
 * vctp_open_options() - the OPEN option of a SYN or SYN+ACK
 * @sk: the socket or listener
 * @mss: bytes of payload that we can take by the route
 * @options: filled
 */
void vctp_open_options(const struct sock *sk, u32 mss,
		       struct vctp_options *options)
{
	const struct vctp_sock *vs = vctp_sk(sk);

	if (vs->user_mss)
		mss = min_t(u32, mss, vs->user_mss);
	memset(options, 0, offsetof(struct vctp_options, sack));
	options->present = VCTP_HAS_OPEN;
	options->version = VCTP_OPEN_VERSION;
	options->mss = min_t(u32, mss, U16_MAX);
}

/* The mechanisms at the beginning of a circuit's life. */
static void vctp_open_mechanisms(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);

	vctp_sender_init(&vs->snd, vs->iss, vs->snd.ops);
	vctp_rtt_init(&vs->rtt,
		      READ_ONCE(vn->sysctl.rto_initial_ms) * USEC_PER_MSEC,
		      READ_ONCE(vn->sysctl.rto_min_ms) * USEC_PER_MSEC,
		      READ_ONCE(vn->sysctl.rto_max_ms) * USEC_PER_MSEC);
	vctp_reassembly_init(&vs->ofo);
	memset(&vs->swnd, 0, sizeof(vs->swnd));
	memset(&vs->rwnd, 0, sizeof(vs->rwnd));
	memset(&vs->ack, 0, sizeof(vs->ack));
	memset(&vs->tune, 0, sizeof(vs->tune));
	vs->tune.scale = 128;
	vs->rwnd.clamp = vs->window_clamp ? vs->window_clamp : U32_MAX;
	vs->ack.rcv_mss = VCTP_MSS_MIN;
	vs->write_seq = vs->iss;
	vs->pushed_seq = vs->iss;
	vs->urgent_out = 0;
	vs->partial_out = 0;
	vs->urgent_valid = VCTP_URGENT_NONE;
	vs->retransmits = 0;
	vs->probes = 0;
	vs->keep_unanswered = 0;
	vs->fin_queued = 0;
	vs->fin_acked = 0;
	vs->crossed = 0;
	vs->retransmit_due = 0;
	vs->last_in = vctp_now_us();
	vs->stalled_us = vs->last_in;
	vs->sent_us = (u32)vs->last_in;
	vs->challenge_us = 0;
}

/* What we can take by the route; the size of our own segments. */
static void vctp_open_sizes(struct sock *sk, u32 peer_mss)
{
	struct dst_entry *dst = __sk_dst_get(sk);
	struct vctp_sock *vs = vctp_sk(sk);
	u32 overhead = vs->af->network_header_len + VCTP_HEADER_LEN;
	u32 mtu = dst ? dst_mtu(dst) : overhead + VCTP_MSS_DEFAULT_V4;
	u32 device = dst ? READ_ONCE(dst->dev->mtu) : mtu;

	vs->advmss = clamp_t(u32, device > overhead ? device - overhead : 0,
			     VCTP_MSS_MIN, U16_MAX);
	vs->mss_clamp = max_t(u32, peer_mss, VCTP_MSS_MIN);
	vs->mss = 0;
	vctp_mss_sync(sk, mtu);
	vctp_congestion_init(&vs->cc, vs->cc.ops, vs->mss);
	vs->ack.rcv_mss = min_t(u32, vs->advmss, VCTP_MSS_DEFAULT_V4);
	vctp_tune_send(sk);
}

/* Our SYN is acknowledged and the peer's first number known. */
static void vctp_open_numbers(struct vctp_sock *vs, u64 irs, u32 peer_window,
			      u32 offered)
{
	vs->irs = irs;
	vs->rwnd.next = irs + 1;
	vs->rwnd.edge = irs + 1 + offered;
	vs->ack.acked = irs;
	WRITE_ONCE(vs->copied, irs + 1);
	vs->tune.copied = vs->copied;
	vs->tune.space = offered;
	vs->tune.round_us = vctp_now_us();
	vs->snd.una = vs->iss + 1;
	vs->snd.next = vs->iss + 1;
	vs->snd.high_sacked = vs->iss + 1;
	vs->snd.recovery_point = vs->iss;	/* RFC 6582, 3.2, 1 */
	vs->swnd.wl1 = irs;
	vs->swnd.wl2 = vs->iss + 1;
	vs->swnd.size = peer_window;
	vs->swnd.largest = peer_window;
	vctp_oracle_open(vs);
}

/**
 * vctp_open_counts() - what VCTP_INFO tells begins anew
 * @vs: the socket; locked
 */
void vctp_open_counts(struct vctp_sock *vs)
{
	vs->bytes_sent = 0;
	vs->bytes_acked = 0;
	vs->bytes_received = 0;
	vs->bytes_retrans = 0;
	vs->segs_out = 0;
	vs->segs_in = 0;
	vs->total_retrans = 0;
}

/**
 * vctp_open_child() - the first numbers of a child
 * @sk: the child; locked, its addresses, route and identifiers set
 * @opening: what its request or cookie settled
 */
void vctp_open_child(struct sock *sk, const struct vctp_opening *opening)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vs->iss = opening->iss;
	vs->peer_capabilities = opening->capabilities;
	vctp_open_counts(vs);
	vs->segs_out = 1;
	vs->segs_in = 1;
	vs->cookie = NULL;
	vs->cookie_len = 0;
	vs->cookie_echo = 0;
	vs->deferred = 0;
	vctp_open_mechanisms(sk);
	vctp_open_numbers(vs, opening->irs, opening->peer_window,
			  vctp_open_window(sk));
	vs->write_seq = vs->iss + 1;
	vs->pushed_seq = vs->write_seq;
	vctp_open_sizes(sk, opening->mss);
	vctp_timers_init(sk);
}

/**
 * vctp_circuit_connect() - send the SYN
 * @sk: the socket; locked; its route, addresses, port and reservation are set
 *
 * Return: 0, or a negative errno: nothing was sent, the reservation stands.
 */
int vctp_circuit_connect(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	int err;

	vs->iss = VCTP_SEQ_BASE + (vctp_random_u64(vn) & VCTP_SEQ_MASK);
	vs->entry.tuple.peer_id = 0;
	vs->entry.bound_dev = sk->sk_bound_dev_if;
	vctp_open_mechanisms(sk);
	vctp_open_sizes(sk, U16_MAX);
	vs->rwnd.edge = 0;
	vs->snd.next = vs->iss + 1;
	vs->write_seq = vs->iss + 1;
	vs->pushed_seq = vs->write_seq;
	sk->sk_err = 0;
	sock_reset_flag(sk, SOCK_DONE);

	err = vctp_enter_id(vn, &vs->entry);
	if (err)
		return err;
	vctp_oracle_identifier(vn, vs->entry.id);
	vctp_act(sk, vctp_transition(vn, &vs->entry, VCTP_E_CONNECT));
	vctp_timer_arm_retransmit(sk);
	return 0;
}

/* The SYN+ACK's cookie goes with all that we send, for a while. False: ENOMEM. */
static bool vctp_cookie_keep(struct sock *sk, const struct vctp_options *options)
{
	struct vctp_sock *vs = vctp_sk(sk);

	if (!(options->present & VCTP_HAS_COOKIE) || !options->cookie_len)
		return true;
	vs->cookie = kmemdup(options->cookie, options->cookie_len,
			     GFP_ATOMIC | __GFP_NOWARN);
	if (!vs->cookie)
		return false;
	vs->cookie_len = options->cookie_len;
	vs->cookie_echo = 1;
	return true;
}

/**
 * vctp_cookie_done() - the server has spoken under its identifier
 * @sk: the socket; locked
 */
void vctp_cookie_done(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vs->cookie_echo = 0;
	kfree(vs->cookie);
	vs->cookie = NULL;
	vs->cookie_len = 0;
	if (vs->timer_event == VCTP_TIMER_COOKIE)
		vctp_timer_stop_send(sk);
}

/* The SYN+ACK acknowledges our ISN: this is our peer. */
static void vctp_syn_sent_commit(struct sock *sk, struct sk_buff *skb,
				 const struct vctp_options *options)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	u64 now = vctp_now_us();

	/* Without memory nothing is committed: the SYN is repeated. */
	if (!vctp_cookie_keep(sk, options))
		return;
	vs->entry.tuple.peer_id = options->ident;
	if (vctp_enter_tuple(vn, &vs->entry)) {
		vs->entry.tuple.peer_id = 0;
		vctp_cookie_done(sk);
		return;
	}
	/* What ICMP said of former SYNs is over: this one came through. */
	WRITE_ONCE(sk->sk_err_soft, 0);
	vs->last_in = now;
	vs->peer_capabilities = options->capabilities;
	vctp_open_numbers(vs, VCTP_SEQ_BASE + (arrival->seq & VCTP_SEQ_MASK),
			  arrival->window, vctp_open_window(sk));
	if (!vs->retransmits)
		vctp_rtt_sample(&vs->rtt, max_t(u32, (u32)now - vs->sent_us, 1));
	vs->retransmits = 0;
	vs->rtt.backoff = 0;
	vs->ack.echo = arrival->epoch;
	vctp_open_sizes(sk, options->mss);
	vctp_timer_stop_send(sk);
	if (vs->crossed)
		vctp_count(vn, SimultaneousOpens);

	security_inet_conn_established(sk, skb);
	vctp_transition(vn, &vs->entry, VCTP_E_SYN_ACK);
	if (sock_flag(sk, SOCK_KEEPOPEN))
		vctp_circuit_set_keepalive(sk, 1);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
	}
	/* What was queued meanwhile carries the acknowledgement. */
	vctp_ack_owe(vs, VCTP_ACK_NOW);
	vctp_push(sk, false);
	if (vs->ack.due)
		vctp_send_ack(sk);
	if (vs->cookie_echo && vs->timer_event == VCTP_TIMER_NONE)
		vctp_timer_arm_cookie(sk);
}

/* RFC 9293, 3.10.7.3, second check: only who saw our SYN can refuse it. */
static void vctp_syn_sent_rst(struct sock *sk, struct sk_buff *skb)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	const struct vctp_arrival *arrival = vctp_arrival(skb);

	if (!(arrival->flags & VCTP_ACK) || arrival->ack != vs->iss + 1) {
		vctp_drop(vn, skb, VCTP_C_DropRstInexact);
		return;
	}
	vctp_count(vn, InRsts);
	trace_vctp_receive_reset(&vs->entry);
	WRITE_ONCE(sk->sk_err, ECONNREFUSED);
	vctp_act(sk, vctp_transition(vn, &vs->entry, VCTP_E_RST));
	kfree_skb(skb);
}

/**
 * vctp_syn_sent_rcv() - a segment for a circuit in SYN_SENT
 * @sk: the socket; locked, BH or backlog
 * @skb: header at skb->data, parsed into its cb; taken
 */
void vctp_syn_sent_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_arrival *arrival = vctp_arrival(skb);
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_options options;

	arrival->ack = vctp_seq_widen(arrival->ack, vs->snd.una);
	if (arrival->flags & VCTP_RST) {
		vctp_syn_sent_rst(sk, skb);
		return;
	}
	if (!(arrival->flags & VCTP_SYN)) {
		vctp_drop(vn, skb, VCTP_C_DropSynSent);
		return;
	}
	options.present = 0;
	if (vctp_options_parse(skb->data + VCTP_HEADER_LEN,
			       arrival->header_len - VCTP_HEADER_LEN, 0,
			       &options) != VCTP_WIRE_OK ||
	    !(options.present & VCTP_HAS_OPEN) ||
	    options.version != VCTP_OPEN_VERSION) {
		vctp_drop(vn, skb, VCTP_C_DropNoOpen);
		return;
	}
	if (!(arrival->flags & VCTP_ACK)) {
		vctp_transition(vn, &vs->entry, VCTP_E_SYN);
		vs->crossed = 1;
		vctp_send_syn_ack(sk, arrival->id,
				  VCTP_SEQ_BASE +
				  (arrival->seq & VCTP_SEQ_MASK) + 1);
		consume_skb(skb);
		return;
	}
	if (arrival->ack != vs->iss + 1 || arrival->id != vs->entry.id ||
	    !(options.present & VCTP_HAS_IDENT) || !options.ident) {
		vctp_drop(vn, skb, VCTP_C_DropSynSent);
		return;
	}
	vctp_syn_sent_commit(sk, skb, &options);
	consume_skb(skb);
}
