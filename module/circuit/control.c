// SPDX-License-Identifier: GPL-2.0
/*
 * A circuit's birth, its settings, and the buffer that tunes itself.
 */
#include "internal.h"

/**
 * vctp_circuit_init() - a socket that has just been created
 * @sk: the socket; nobody else's yet, zeroed
 */
void vctp_circuit_init(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	const struct vctp_congestion_ops *congestion;
	const struct vctp_recovery_ops *recovery;

	congestion = vctp_congestion_find(vn->sysctl.congestion);
	recovery = vctp_recovery_find(vn->sysctl.recovery);
	vs->entry.kind = VCTP_KIND_SOCKET;
	vctp_sender_init(&vs->snd, 0, recovery ? recovery :
						 &vctp_selective_repeat);
	vs->mss = VCTP_MSS_DEFAULT_V4;
	vs->mss_clamp = U16_MAX;
	vctp_congestion_init(&vs->cc, congestion ? congestion : &vctp_reno,
			     vs->mss);
	vctp_rtt_init(&vs->rtt,
		      READ_ONCE(vn->sysctl.rto_initial_ms) * USEC_PER_MSEC,
		      READ_ONCE(vn->sysctl.rto_min_ms) * USEC_PER_MSEC,
		      READ_ONCE(vn->sysctl.rto_max_ms) * USEC_PER_MSEC);
	vctp_reassembly_init(&vs->ofo);
	vs->tune.scale = 128;
	vs->time_wait_mode = -1;
	vs->time_wait_ms = -1;
	vctp_accept_init(sk);
	vctp_timers_init(sk);
	/* What leaves is charged, but its return is no wake-up: ACKs are. */
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(vn->sysctl.wmem[0]));
	WRITE_ONCE(sk->sk_rcvbuf, READ_ONCE(vn->sysctl.rmem[0]));
	sk->sk_gso_type = SKB_GSO_SCTP;
}

/**
 * vctp_circuit_set_nodelay() - VCTP_NODELAY
 * @sk: the socket; locked
 * @on: Nagle is off from now on, and what waits goes, even what is corked
 */
void vctp_circuit_set_nodelay(struct sock *sk, bool on)
{
	vctp_sk(sk)->nodelay = on;
	if (on && (1 << sk->sk_state) & ~(TCPF_CLOSE | TCPF_LISTEN |
					  TCPF_SYN_SENT))
		vctp_push(sk, true);
}

/**
 * vctp_circuit_set_cork() - VCTP_CORK
 * @sk: the socket; locked
 * @on: partial segments wait; what waited goes when it is taken off
 */
void vctp_circuit_set_cork(struct sock *sk, bool on)
{
	vctp_sk(sk)->cork = on;
	if (!on && (1 << sk->sk_state) & ~(TCPF_CLOSE | TCPF_LISTEN |
					   TCPF_SYN_SENT))
		vctp_push(sk, true);
}

/**
 * vctp_circuit_set_quickack() - VCTP_QUICKACK
 * @sk: the socket; locked
 * @value: 0: ACKs may wait; else they go at once, an owed one now
 */
void vctp_circuit_set_quickack(struct sock *sk, int value)
{
	struct vctp_sock *vs = vctp_sk(sk);

	if (!value) {
		vs->ack.pingpong = 1;
		vs->ack.quick = 0;
		return;
	}
	vs->ack.pingpong = 0;
	vs->ack.quick = max_t(u8, vs->ack.quick, 16);
	if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT) &&
	    vs->ack.due & VCTP_ACK_DUE) {
		vctp_send_ack(sk);
		if (!(value & 1))
			vs->ack.pingpong = 1;
	}
}

/**
 * vctp_circuit_set_congestion() - VCTP_CONGESTION
 * @sk: the socket; locked
 * @name: of a congestion control
 *
 * Return: 0, or -ENOENT: there is none of this name.
 */
int vctp_circuit_set_congestion(struct sock *sk, const char *name)
{
	const struct vctp_congestion_ops *ops = vctp_congestion_find(name);
	struct vctp_sock *vs = vctp_sk(sk);
	u32 cwnd = vs->cc.cwnd, ssthresh = vs->cc.ssthresh;

	if (!ops)
		return -ENOENT;
	if (ops == vs->cc.ops)
		return 0;
	vctp_congestion_init(&vs->cc, ops, vs->mss);
	/* What the path has taught is kept. */
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN | TCPF_SYN_SENT))) {
		vs->cc.cwnd = cwnd;
		vs->cc.ssthresh = ssthresh;
	}
	return 0;
}

/**
 * vctp_circuit_set_recovery() - VCTP_RECOVERY
 * @sk: the socket; locked
 * @name: of a recovery mode
 *
 * Return: 0; -ENOENT: there is none of this name; -EISCONN: the circuit runs.
 */
int vctp_circuit_set_recovery(struct sock *sk, const char *name)
{
	const struct vctp_recovery_ops *ops = vctp_recovery_find(name);
	struct vctp_sock *vs = vctp_sk(sk);

	if (!ops)
		return -ENOENT;
	if (ops == vs->snd.ops)
		return 0;
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		return -EISCONN;
	vs->snd.ops = ops;
	return 0;
}

/**
 * vctp_tune_send() - the send buffer follows the congestion window
 * @sk: the socket; locked
 *
 * Two windows' worth of segments, their overhead included.
 */
void vctp_tune_send(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	const struct vctp_sock *vs = vctp_sk(sk);
	u32 per_segment, segments;
	u64 wanted;

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK || sk_under_memory_pressure(sk))
		return;
	per_segment = SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) +
		      roundup_pow_of_two(vs->mss + sk->sk_prot->max_header) +
		      SKB_DATA_ALIGN(sizeof(struct sk_buff));
	segments = max_t(u32, vs->cc.cwnd / vs->mss, 10) + 1;
	wanted = 2ULL * segments * per_segment;
	if (sk->sk_sndbuf < wanted)
		WRITE_ONCE(sk->sk_sndbuf,
			   min_t(u64, wanted, READ_ONCE(vn->sysctl.wmem[1])));
}

/* So much buffer that the peer can send @bytes more in every round. */
static void vctp_rcvbuf_grow(struct sock *sk, u32 bytes)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	u64 window = 2ULL * bytes + 16ULL * vs->advmss;
	u64 buffer;

	/* Slow start doubles what comes: be ahead of it. */
	if (bytes > vs->tune.space)
		window += div_u64(window * 2 * (bytes - vs->tune.space),
				  max(vs->tune.space, 1U));
	buffer = div_u64(window << 8, max_t(u32, vs->tune.scale, 16));
	buffer = min_t(u64, buffer, READ_ONCE(vn->sysctl.rmem[1]));
	if (buffer > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, buffer);
}

/**
 * vctp_circuit_tune_receive() - the receive buffer follows the program
 * @sk: the socket; locked
 *
 * Dynamic right-sizing: what the program took in an RTT is what the window
 * has to let through, twice over for loss, again for slow start.
 */
void vctp_circuit_tune_receive(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_rcv_tune *tune = &vs->tune;
	u64 now;
	u32 bytes;

	if (!tune->rtt_us)
		return;
	now = vctp_now_us();
	if (now - tune->round_us < tune->rtt_us >> 3)
		return;
	bytes = vs->copied - tune->copied;
	if (bytes > tune->space) {
		if (READ_ONCE(vctp_net(sock_net(sk))->sysctl.moderate_rcvbuf) &&
		    !(sk->sk_userlocks & SOCK_RCVBUF_LOCK))
			vctp_rcvbuf_grow(sk, bytes);
		tune->space = bytes;
	}
	tune->copied = vs->copied;
	tune->round_us = now;
}
