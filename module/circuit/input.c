// SPDX-License-Identifier: GPL-2.0
/*
 * A segment for a circuit that has a socket: the checks of RFC 9293,
 * 3.10.7.4, in their order, hardened by RFC 5961.
 */
#include "internal.h"
#include "../socket/socket.h"
#include "../watch/trace.h"

#define VCTP_RECEIVING	(TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2)

/**
 * vctp_arrival_widen() - the 48-bit numbers of a header become 64-bit ones
 * @vs: the circuit that it is for
 * @arrival: the header; changed
 */
void vctp_arrival_widen(struct vctp_sock *vs, struct vctp_arrival *arrival)
{
	u64 len = (arrival->end_seq - arrival->seq) & VCTP_SEQ_MASK;

	arrival->seq = vctp_seq_widen(arrival->seq, vs->rwnd.next);
	arrival->end_seq = arrival->seq + len;
	arrival->ack = vctp_seq_widen(arrival->ack, vs->snd.una);
}

/* A RST: it counts at exactly RCV.NXT, is asked about elsewhere in the window. */
static void vctp_rst_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);

	if (vctp_arrival(skb)->seq != vs->rwnd.next) {
		if (vctp_window_acceptable(&vs->rwnd, vctp_arrival(skb)->seq,
					   vctp_arrival(skb)->seq))
			vctp_send_challenge_ack(sk);
		vctp_drop(vn, skb, VCTP_C_DropRstInexact);
		return;
	}
	vctp_count(vn, InRsts);
	trace_vctp_receive_reset(&vs->entry);
	/* After its FIN the peer reads no more: writing is what failed. */
	if (sk->sk_state == TCP_CLOSE_WAIT)
		WRITE_ONCE(sk->sk_err, EPIPE);
	else if (sk->sk_state != TCP_CLOSE)
		WRITE_ONCE(sk->sk_err, ECONNRESET);
	vctp_act(sk, vctp_transition(vn, &vs->entry, VCTP_E_RST));
	kfree_skb(skb);
}

/* A SYN in a synchronized state: the peer's again, or somebody's. */
static void vctp_syn_again(struct sock *sk, struct sk_buff *skb,
			   const struct vctp_options *options)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);

	/* Another server took our SYN too: one of them is enough. */
	if (arrival->flags & VCTP_ACK && options->present & VCTP_HAS_IDENT &&
	    options->ident != vs->entry.tuple.peer_id &&
	    arrival->ack == vs->iss + 1) {
		vctp_reset_peer(vn, &vs->entry.tuple, sk, sk->sk_bound_dev_if,
				options->ident, vs->iss + 1, arrival->seq + 1);
		vctp_drop(vn, skb, VCTP_C_DropOtherServer);
		return;
	}
	if (arrival->flags & VCTP_ACK || arrival->seq != vs->irs)
		vctp_send_challenge_ack(sk);
	else if (vctp_may_challenge(vn))
		/* It does not know us yet: simultaneous opening. */
		vctp_send_syn_ack(sk, arrival->id, vs->irs + 1);
	vctp_drop(vn, skb, VCTP_C_DropWindow);
}

/* Our FIN is acknowledged. False: the circuit has left the socket. */
static bool vctp_fin_acked(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);

	switch (vctp_transition(vn, &vs->entry, VCTP_E_ACK_OF_FIN)) {
	case VCTP_A_ENTER_TIME_WAIT:
		vctp_time_wait_enter(sk);
		return false;
	case VCTP_A_DELETE:
		vctp_done(sk);
		return false;
	default:
		break;
	}
	if (sk->sk_state != TCP_FIN_WAIT2)
		return true;
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);	/* a close() that lingers */
		return true;
	}
	vctp_fin_wait_2(sk);
	return sk->sk_state != TCP_CLOSE;
}

/* Data for a program that will not read it: the peer has to know. */
static bool vctp_nobody_reads(struct sock *sk, const struct sk_buff *skb)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	u64 end = arrival->end_seq - !!(arrival->flags & VCTP_FIN);

	return sk->sk_shutdown & RCV_SHUTDOWN && skb->len &&
	       end > vctp_sk(sk)->rwnd.next &&
	       (1 << sk->sk_state) & (TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2);
}

/* Sixth to eighth check: urgent pointer, text, FIN. Takes the skb. */
static void vctp_text_rcv(struct sock *sk, struct sk_buff *skb,
			  const struct vctp_options *options)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);

	if (arrival->seq == arrival->end_seq) {
		__kfree_skb(skb);
		return;
	}
	if (!((1 << sk->sk_state) & VCTP_RECEIVING)) {
		/* The peer's FIN came before: only that FIN may come again. */
		if (arrival->end_seq <= vs->rwnd.next)
			vctp_ack_owe(vs, VCTP_ACK_NOW);
		vctp_drop(vn, skb, VCTP_C_DropState);
		return;
	}
	if (unlikely(vctp_nobody_reads(sk, skb))) {
		vctp_drop(vn, skb, VCTP_C_DropAfterClose);
		vctp_circuit_abort(sk, ECONNRESET);
		return;
	}
	if (unlikely(options->present & VCTP_HAS_URGENT))
		vctp_urgent_rcv(sk, arrival->seq, options->urgent, skb);
	vctp_data_rcv(sk, skb);
}

/* First check: numbers. False: it lies outside and has been answered. */
static bool vctp_in_window(struct sock *sk, struct sk_buff *skb)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);

	if (likely(vctp_window_acceptable(&vs->rwnd, arrival->seq,
					  arrival->end_seq)))
		return true;
	if (arrival->flags & VCTP_RST) {
		vctp_drop(vn, skb, VCTP_C_DropRstInexact);
		return false;
	}
	if (arrival->flags & VCTP_SYN)
		return true;
	/*
	 * All of it came before: its ACK was lost, so another is due, with
	 * no limit: the peer's recovery waits for it.
	 */
	if (arrival->end_seq > arrival->seq &&
	    arrival->end_seq <= vs->rwnd.next) {
		vs->ack.echo = arrival->epoch;
		vctp_count(vn, DuplicateBytesSegs);
		vctp_send_ack(sk);
	} else {
		vctp_send_dup_ack(sk);
	}
	if (arrival->seq >= vs->rwnd.next && !vctp_window_left(&vs->rwnd))
		vctp_drop(vn, skb, VCTP_C_DropZeroWindow);
	else
		vctp_drop(vn, skb, VCTP_C_DropWindow);
	return false;
}

/**
 * vctp_options_of() - a segment's options
 * @skb: header at skb->data, parsed into its cb, the acknowledgement widened
 * @options: filled; nothing is present where it has none
 *
 * Return: false: they do not parse, and the segment is void.
 */
bool vctp_options_of(const struct sk_buff *skb, struct vctp_options *options)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);

	options->present = 0;
	if (likely(arrival->header_len == VCTP_HEADER_LEN))
		return true;
	return vctp_options_parse(skb->data + VCTP_HEADER_LEN,
				  arrival->header_len - VCTP_HEADER_LEN,
				  arrival->ack, options) == VCTP_WIRE_OK;
}

/* What is to be sent, now that something has been received. */
static void vctp_after(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	if (sk->sk_state == TCP_CLOSE)
		return;
	/* Data would carry the ACK away, and tells nothing of a hole. */
	if (unlikely(vs->ack.due & VCTP_ACK_NOW &&
		     (!vctp_reassembly_empty(&vs->ofo) ||
		      vs->snd.ops->in_order_only)))
		vctp_send_ack(sk);
	if (unlikely(vs->snd.lost))
		vctp_retransmit(sk);
	vctp_push(sk, false);
	vctp_ack_policy(sk);
}

/* The handshake's last segment has come to a child. False: it was not that. */
static bool vctp_ack_of_syn(struct sock *sk, const struct vctp_arrival *arrival)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);

	if (arrival->ack <= vs->iss || arrival->ack > vs->snd.next)
		return false;
	vctp_transition(vn, &vs->entry, VCTP_E_ACK_OF_SYN);
	vctp_window_update(&vs->swnd, arrival->seq, arrival->ack, vs->snd.una,
			   arrival->window);
	sk->sk_state_change(sk);
	return true;
}

/**
 * vctp_segment_rcv() - one segment for a circuit that knows its peer
 * @sk: the socket; locked, BH or backlog
 * @skb: header at skb->data, parsed into its cb; taken
 */
void vctp_segment_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_arrival *arrival = vctp_arrival(skb);
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_options options;

	vctp_arrival_widen(vs, arrival);
	if (!vctp_options_of(skb, &options)) {
		vctp_drop(vn, skb, VCTP_C_DropOptions);
		return;
	}
	__skb_pull(skb, arrival->header_len);

	if (!vctp_in_window(sk, skb))
		return;
	if (unlikely(arrival->flags & VCTP_RST)) {
		vctp_rst_rcv(sk, skb);
		return;
	}
	if (unlikely(arrival->flags & VCTP_SYN)) {
		vctp_syn_again(sk, skb, &options);
		return;
	}
	if (unlikely(sk->sk_state == TCP_SYN_RECV) &&
	    !vctp_ack_of_syn(sk, arrival)) {
		vctp_reset_peer(vn, &vs->entry.tuple, sk, sk->sk_bound_dev_if,
				vs->entry.tuple.peer_id, arrival->ack,
				arrival->end_seq);
		vctp_drop(vn, skb, VCTP_C_DropBadAckOfSyn);
		return;
	}
	/* Only now is it sure to be the peer's word: keepalive waits from here. */
	vs->last_in = vctp_now_us();
	/* Whoever knows our number under the server's identifier has it all. */
	if (unlikely(vs->cookie_echo))
		vctp_cookie_done(sk);
	vctp_oracle_heard(vs, arrival);
	if (!vctp_ack_rcv(sk, skb, &options)) {
		kfree_skb(skb);
		return;
	}
	if (unlikely(vs->fin_acked) &&
	    (1 << sk->sk_state) & (TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK) &&
	    !vctp_fin_acked(sk)) {
		kfree_skb(skb);
		return;
	}
	vctp_text_rcv(sk, skb, &options);
	vctp_after(sk);
}

/**
 * vctp_socket_rcv() - one segment for a socket, whatever its state
 * @sk: the socket; locked, BH or backlog
 * @skb: header at skb->data, parsed into its cb; taken
 */
void vctp_socket_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vs->segs_in += max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	switch (sk->sk_state) {
	case TCP_CLOSE:
	case TCP_LISTEN:
		vctp_drop(vctp_net(sock_net(sk)), skb, VCTP_C_DropState);
		return;
	case TCP_SYN_SENT:
		vctp_syn_sent_rcv(sk, skb);
		return;
	default:
		vctp_segment_rcv(sk, skb);
	}
}

/**
 * vctp_circuit_backlog_rcv() - a segment that came while a program held us
 * @sk: the socket; locked
 * @skb: header at skb->data, parsed into its cb; taken
 *
 * Return: 0.
 */
int vctp_circuit_backlog_rcv(struct sock *sk, struct sk_buff *skb)
{
	vctp_socket_rcv(sk, skb);
	return 0;
}
