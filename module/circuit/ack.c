// SPDX-License-Identifier: GPL-2.0
/*
 * What an acknowledgement brings: room in the window and in the send buffer,
 * an RTT, news of loss.
 */
#include "internal.h"
#include "../socket/socket.h"
#include "../watch/trace.h"

/* Bytes have left the send queue: let the program fill it again. */
static void vctp_new_space(struct sock *sk)
{
	if (!sk->sk_socket || !test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		return;
	/* The window was not full: the buffer may be what held us back. */
	if (vctp_sender_in_flight(&vctp_sk(sk)->snd) < vctp_sk(sk)->cc.cwnd)
		vctp_tune_send(sk);
	vctp_socket_writable(sk);
}

/* The ACK made progress, or found a loss: what congestion control makes of it. */
static void vctp_ack_congestion(struct sock *sk, u32 flight,
				const struct vctp_ack_result *result)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);

	if (result->entered_recovery) {
		vctp_count(vn, FastRecoveries);
		vctp_congestion_on_loss(&vs->cc, flight);
		return;
	}
	if (vs->snd.phase != VCTP_SENDER_RECOVERY && result->delivered) {
		struct vctp_congestion_ack ack = {
			.acked = result->delivered,
			.in_flight = result->was_in_flight,
			.rtt_us = result->rtt_us,
			.limited = vs->cwnd_limited,
		};

		vctp_congestion_on_ack(&vs->cc, &ack, vs->last_in);
	}
}

/* Everything is acknowledged, or something still waits: set the one timer. */
static void vctp_ack_timer_update(struct sock *sk, bool progress)
{
	struct vctp_sock *vs = vctp_sk(sk);

	if (RB_EMPTY_ROOT(&vs->snd.sent)) {
		if (vs->timer_event == VCTP_TIMER_RETRANSMIT)
			vctp_timer_stop_send(sk);
	} else if (progress) {
		vctp_timer_arm_retransmit(sk);
	}
}

/**
 * vctp_ack_probe_answered() - the peer lives, and has told its window
 * @sk: the socket; locked
 *
 * While nothing is in the network and the window is shut, probing goes on, but
 * a peer that answers is not given up (RFC 9293, 3.8.6.1), unless no program
 * waits for it, or not for so long (VCTP_USER_TIMEOUT).
 */
void vctp_ack_probe_answered(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vs->probes = 0;
	vs->keep_unanswered = 0;
	if (vs->timer_event != VCTP_TIMER_PROBE)
		return;
	if (vs->swnd.size) {
		vs->stalled_us = vs->last_in;
		vs->rtt.backoff = 0;
		vctp_timer_stop_send(sk);
	}
}

static bool vctp_ack_is_duplicate(const struct vctp_sock *vs,
				  const struct vctp_arrival *arrival,
				  bool window_changed)
{
	return arrival->ack == vs->snd.una && arrival->seq == arrival->end_seq &&
	       !window_changed && vs->snd.next != vs->snd.una;
}

/* The book takes it in; what follows from that. */
static void vctp_ack_take(struct sock *sk, const struct vctp_arrival *arrival,
			  const struct vctp_options *options, bool duplicate)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	bool has_sack = options->present & VCTP_HAS_SACK;
	struct vctp_ack_event event = {
		.ack = arrival->ack,
		.sack = options->sack,
		.sack_count = has_sack ? options->sack_count : 0,
		.mss = vs->mss,
		.echo = arrival->echo,
		.duplicate = duplicate,
	};
	struct vctp_ack_result result = { .rtt_us = -1 };
	/* FlightSize, RFC 5681, 2: what is SACKed counts too. */
	u32 flight = vs->snd.next - vs->snd.una;

	if (duplicate)
		vctp_count(vn, DupAcks);
	if (has_sack)
		vctp_count(vn, SacksReceived);
	vctp_sender_ack(&vs->snd, &event, &vctp_sendq_ops, sk,
			(u32)vs->last_in, &result);
	vs->bytes_acked += result.acked;
	if (result.rtt_us >= 0)
		vctp_rtt_sample(&vs->rtt, result.rtt_us);
	if (result.una_advanced) {
		vs->retransmits = 0;
		vs->rtt.backoff = 0;
		vs->stalled_us = vs->last_in;
		sk_dst_confirm(sk);
	}
	if (result.entered_recovery ||
	    (result.una_advanced && vs->snd.phase == VCTP_SENDER_RECOVERY))
		vs->retransmit_due = 1;
	vctp_ack_congestion(sk, flight, &result);
	trace_vctp_cwnd(vs);
	vctp_ack_timer_update(sk, result.una_advanced);
	if (result.una_advanced)
		vctp_new_space(sk);
}

/**
 * vctp_ack_rcv() - the acknowledgement of an acceptable segment
 * @sk: the socket; locked
 * @skb: the segment, its numbers widened
 * @options: its options
 *
 * RFC 9293, 3.10.7.4, fifth check, with the bounds of RFC 5961, 5.
 *
 * Return: false: the segment is of no further use and has been answered.
 */
bool vctp_ack_rcv(struct sock *sk, struct sk_buff *skb,
		  const struct vctp_options *options)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	bool changed;

	if (unlikely(arrival->ack > vs->snd.next)) {
		vctp_count(vn, DropFutureAck);
		vctp_send_challenge_ack(sk);
		return false;
	}
	if (unlikely(arrival->ack < vs->snd.una)) {
		if (arrival->ack + vs->swnd.largest >= vs->snd.una)
			return true;
		vctp_count(vn, DropOldAck);
		vctp_send_challenge_ack(sk);
		return false;
	}

	/* Something gets through after all: what ICMP said is over. */
	if (unlikely(sk->sk_err_soft))
		WRITE_ONCE(sk->sk_err_soft, 0);
	changed = vctp_window_update(&vs->swnd, arrival->seq, arrival->ack,
				     vs->snd.una, arrival->window);
	if (vs->snd.next != vs->snd.una || arrival->ack != vs->snd.una)
		vctp_ack_take(sk, arrival, options,
			      vctp_ack_is_duplicate(vs, arrival, changed));
	if (unlikely(vs->timer_event == VCTP_TIMER_PROBE || vs->probes ||
		     vs->keep_unanswered))
		vctp_ack_probe_answered(sk);
	return true;
}
