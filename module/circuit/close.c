// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a circuit, in every way there is: the program closes, aborts or
 * disconnects; the peer resets; time runs out.
 */
#include <net/ip.h>
#include <net/xfrm.h>

#include "internal.h"
#include "../net/net.h"
#include "../socket/socket.h"

#define VCTP_SYNCHRONIZED	(TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |	\
				 TCPF_FIN_WAIT2 | TCPF_CLOSE_WAIT |	\
				 TCPF_CLOSING | TCPF_LAST_ACK | TCPF_SYN_RECV)

/**
 * vctp_orphan_excess() - are there too many circuits without a program?
 * @sk: one of them; locked
 *
 * Return: true where it should go now, and why has been counted.
 */
bool vctp_orphan_excess(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	int most = READ_ONCE(vn->sysctl.max_orphans);

	/* Exact: a small bound is as good as a large one. */
	if (percpu_counter_compare(&vn->orphans, most) > 0) {
		vctp_count(vn, OrphanOverflow);
		return true;
	}
	if (sk_memory_allocated(sk) > sk_prot_mem_limits(sk, 2)) {
		vctp_count(vn, MemoryAborts);
		return true;
	}
	return false;
}

/* Nobody holds it any more, neither a program nor the tables. */
static void vctp_destroy(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));

	sk->sk_prot->destroy(sk);
	sk_stream_kill_queues(sk);
	xfrm_sk_free_policy(sk);
	percpu_counter_dec(&vn->orphans);
	sock_put(sk);
}

/**
 * vctp_done() - the circuit is over
 * @sk: the socket; locked, CLOSED; an object of its own may go on with the
 *	circuit in TIME_WAIT
 *
 * Out of the tables, timers stopped. The program is told; where there is none,
 * the socket goes too: the caller must not touch it without a reference.
 */
void vctp_done(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);

	WARN_ON_ONCE(sk->sk_state != TCP_CLOSE);
	vctp_timers_stop(sk);
	vctp_leave(vn, &vs->entry);
	if (vs->port && !(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		vctp_port_put(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
	else
		vctp_destroy(sk);
}

/**
 * vctp_fail() - the end by an error that the program sees
 * @sk: the socket; locked; CLOSED by the state table, sk_err set before that:
 *	who polls and sees the state has to see the error too
 */
void vctp_fail(struct sock *sk)
{
	/* As tcp_reset(): what was to be sent will not be. */
	vctp_sendq_purge(sk);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
	vctp_done(sk);
}

/**
 * vctp_act() - carry out what the state table says
 * @sk: the socket; locked
 * @action: from vctp_transition()
 */
void vctp_act(struct sock *sk, enum vctp_action action)
{
	struct vctp_sock *vs = vctp_sk(sk);

	switch (action) {
	case VCTP_A_NONE:
		break;
	case VCTP_A_SEND_SYN:
		vctp_send_syn(sk);
		break;
	case VCTP_A_SEND_SYN_ACK:
		vctp_send_syn_ack(sk, vs->entry.tuple.peer_id, vs->irs + 1);
		break;
	case VCTP_A_SEND_ACK:
		vctp_send_ack(sk);
		break;
	case VCTP_A_SEND_FIN:
		vctp_send_fin(sk);
		break;
	case VCTP_A_SEND_RST:
		vctp_send_rst(sk, GFP_ATOMIC);
		vctp_done(sk);
		break;
	case VCTP_A_ENTER_TIME_WAIT:
		vctp_time_wait_enter(sk);
		break;
	case VCTP_A_DELETE:
		vctp_done(sk);
		break;
	case VCTP_A_REFUSE:
	case VCTP_A_RESET:
	case VCTP_A_TIME_OUT:
		vctp_fail(sk);
		break;
	}
}

/**
 * vctp_fin_wait_2() - an orphan has come to FIN_WAIT_2: limit its stay
 * @sk: the socket; locked, without a program
 */
void vctp_fin_wait_2(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	int ms = vs->linger2_ms ? vs->linger2_ms :
				  READ_ONCE(vn->sysctl.fin_timeout_ms);

	if (ms < 0) {
		vctp_count(vn, LingerAborts);
		vctp_send_rst(sk, GFP_ATOMIC);
		vctp_act(sk, vctp_transition(vn, &vs->entry,
					     VCTP_E_FIN_WAIT_2_END));
		return;
	}
	vctp_timer_linger(sk, ms);
}

/**
 * vctp_circuit_close_send() - the program sends no more
 * @sk: the socket; locked
 *
 * RFC 9293, 3.10.4: our FIN follows all that is queued.
 */
void vctp_circuit_close_send(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));

	vctp_act(sk, vctp_transition(vn, &vctp_sk(sk)->entry, VCTP_E_CLOSE));
}

/**
 * vctp_circuit_abort() - the end, at once
 * @sk: the socket; locked
 * @err: positive errno that the program sees, or 0
 */
void vctp_circuit_abort(struct sock *sk, int err)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	bool known = (1 << sk->sk_state) & VCTP_SYNCHRONIZED;

	if (sk->sk_state == TCP_CLOSE)
		return;
	if (known)
		vctp_send_rst(sk, GFP_ATOMIC);
	if (err)
		WRITE_ONCE(sk->sk_err, err);
	vctp_transition(vn, &vctp_sk(sk)->entry, VCTP_E_ABORT);
	if (err)
		vctp_fail(sk);
	else
		vctp_done(sk);
}

/* close(): throw away what was not read. True where there was something. */
static bool vctp_flush_unread(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct sk_buff *skb;
	bool unread = false;

	while ((skb = __skb_dequeue(&sk->sk_receive_queue))) {
		const struct vctp_fragment *fragment = vctp_fragment(skb);

		if (fragment->end - !!(fragment->flags & VCTP_FIN) > vs->copied)
			unread = true;
		__kfree_skb(skb);
	}
	return unread;
}

/* The program's last word, while it still holds the socket. */
static void vctp_close_farewell(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	bool unread = vctp_flush_unread(sk);

	if (sk->sk_state == TCP_CLOSE)
		return;
	if (unread) {
		/* RFC 2525, 2.17: the peer has to know that data was lost. */
		vctp_count(vn, UnreadAborts);
		vctp_circuit_abort(sk, 0);
	} else if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		vctp_count(vn, LingerAborts);
		vctp_circuit_abort(sk, 0);
	} else {
		vctp_circuit_close_send(sk);
	}
}

static bool vctp_closing(const struct sock *sk)
{
	return (1 << sk->sk_state) & (TCPF_FIN_WAIT1 | TCPF_CLOSING |
				      TCPF_LAST_ACK);
}

/* SO_LINGER: wait until the peer has everything, or for so long. */
static void vctp_wait_close(struct sock *sk, long timeout)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	if (!timeout)
		return;
	add_wait_queue(sk_sleep(sk), &wait);
	do {
		if (sk_wait_event(sk, &timeout, !vctp_closing(sk), &wait))
			break;
	} while (!signal_pending(current) && timeout);
	remove_wait_queue(sk_sleep(sk), &wait);
}

/* Without a program from here on: should it live at all? */
static void vctp_close_orphan(struct sock *sk)
{
	if (sk->sk_state == TCP_FIN_WAIT2)
		vctp_fin_wait_2(sk);
	if (sk->sk_state != TCP_CLOSE && vctp_orphan_excess(sk))
		vctp_circuit_abort(sk, 0);
}

/**
 * vctp_circuit_close() - close(): the program is gone
 * @sk: the socket; not locked
 * @timeout: jiffies that SO_LINGER grants
 */
void vctp_circuit_close(struct sock *sk, long timeout)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	u8 state;

	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == TCP_LISTEN) {
		vctp_transition(vn, &vctp_sk(sk)->entry, VCTP_E_CLOSE);
		vctp_listen_stop(sk);
	} else {
		vctp_close_farewell(sk);
		vctp_wait_close(sk, timeout);
	}

	state = sk->sk_state;
	sock_hold(sk);
	sock_orphan(sk);
	/* The last time that a program lets go: the backlog empties. */
	release_sock(sk);

	local_bh_disable();
	bh_lock_sock(sk);
	percpu_counter_inc(&vn->orphans);
	if (state == TCP_CLOSE) {
		/* Never opened, or over already: nothing else will end it. */
		vctp_destroy(sk);
	} else if (sk->sk_state != TCP_CLOSE) {
		vctp_close_orphan(sk);
	}
	bh_unlock_sock(sk);
	local_bh_enable();
	sock_put(sk);
}

/* Does the peer have to be told that a circuit is torn? */
static bool vctp_disconnect_resets(const struct sock *sk)
{
	const struct vctp_sock *vs = vctp_sk(sk);

	return (1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT |
				      TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 |
				      TCPF_SYN_RECV) ||
	       (vs->snd.next != vs->write_seq &&
		(1 << sk->sk_state) & (TCPF_CLOSING | TCPF_LAST_ACK));
}

/**
 * vctp_circuit_disconnect() - connect(AF_UNSPEC): back to the beginning
 * @sk: the socket; locked
 * @flags: O_NONBLOCK, ignored
 *
 * Return: 0.
 */
int vctp_circuit_disconnect(struct sock *sk, int flags)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	u8 state = sk->sk_state;

	if (state == TCP_LISTEN) {
		vctp_transition(vn, &vs->entry, VCTP_E_ABORT);
		vctp_listen_stop(sk);
	} else if (state != TCP_CLOSE) {
		bool resets = vctp_disconnect_resets(sk);

		if (resets)
			vctp_send_rst(sk, gfp_any());
		if (resets || state == TCP_SYN_SENT)
			WRITE_ONCE(sk->sk_err, ECONNRESET);
		vctp_transition(vn, &vs->entry, VCTP_E_ABORT);
	}
	vctp_timers_stop(sk);
	vctp_leave(vn, &vs->entry);
	if (vs->port && !(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		vctp_port_put(sk);
	__skb_queue_purge(&sk->sk_receive_queue);
	vctp_sendq_purge(sk);
	vctp_ofo_purge(sk);
	vctp_cookie_done(sk);

	vs->inet.inet_dport = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		inet_reset_saddr(sk);
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	vs->urgent_valid = VCTP_URGENT_NONE;
	vctp_open_counts(vs);
	vs->iss = 0;
	vs->write_seq = 0;
	vs->copied = 0;
	vs->rwnd.next = 0;
	vctp_sender_init(&vs->snd, 0, vs->snd.ops);
	vs->fin_acked = 0;
	__sk_dst_reset(sk);
	if (sk->sk_frag.page) {
		put_page(sk->sk_frag.page);
		sk->sk_frag.page = NULL;
		sk->sk_frag.offset = 0;
	}
	sk_set_peek_off(sk, -1);
	sk_error_report(sk);
	return 0;
}

/**
 * vctp_circuit_destroy() - free all that a circuit holds
 * @sk: the socket; CLOSED and nobody's
 */
void vctp_circuit_destroy(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vctp_timers_stop(sk);
	vctp_sendq_purge(sk);
	vctp_ofo_purge(sk);
	vctp_cookie_done(sk);
	if (vs->port)
		vctp_port_put(sk);
	vctp_oracle_destroyed(sk);
}
