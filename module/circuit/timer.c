// SPDX-License-Identifier: GPL-2.0
/*
 * A circuit's four timers.
 *
 * snd_timer drives the sending side; timer_event says what it is armed for:
 *   RETRANSMIT  something sent is unacknowledged, a SYN included: RFC 6298
 *   PROBE       the peer's window is shut and nothing is in the network
 *   COOKIE      opened by a cookie, and the server has not spoken yet
 * ack_timer sends an ACK that waited for data, or for the program, in vain.
 * linger_timer ends a circuit without a program in FIN_WAIT_2.
 * sk->sk_timer asks an idle peer whether it still lives (keepalive).
 *
 * Each holds the socket while it is pending. Where a program holds the lock,
 * the work is left to vctp_circuit_release_cb(). The ACK timer is not stopped
 * when its ACK has gone: it finds nothing owed.
 */
#include "internal.h"

#define VCTP_ORPHAN_RETRIES_LEAST	1

static unsigned long vctp_expiry(u64 us)
{
	return jiffies + max_t(unsigned long, usecs_to_jiffies(min_t(u64, us,
						UINT_MAX)), 1);
}

static void vctp_timer_arm_send(struct sock *sk, enum vctp_timer_event event,
				u32 us)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vs->timer_event = event;
	vs->snd_expires = vctp_expiry(us);
	sk_reset_timer(sk, &vs->snd_timer, vs->snd_expires);
}

/* A user time-out that comes first shortens the wait (RFC 5482). */
static u32 vctp_user_clamp(const struct vctp_sock *vs, u32 us)
{
	u64 until, now;

	if (!vs->user_timeout_ms)
		return us;
	now = vctp_now_us();
	until = vs->stalled_us + (u64)vs->user_timeout_ms * USEC_PER_MSEC;
	return until > now ? min_t(u64, us, until - now) : 1;
}

/**
 * vctp_timer_arm_retransmit() - (re)start the retransmission timer
 * @sk: the socket; locked
 *
 * RFC 6298, 5.1 to 5.3. Nothing in the network: it stops.
 */
void vctp_timer_arm_retransmit(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	if (RB_EMPTY_ROOT(&vs->snd.sent) && sk->sk_state != TCP_SYN_SENT) {
		if (vs->timer_event == VCTP_TIMER_RETRANSMIT)
			vctp_timer_stop_send(sk);
		return;
	}
	vctp_timer_arm_send(sk, VCTP_TIMER_RETRANSMIT,
			    vctp_user_clamp(vs, vctp_rtt_timeout(&vs->rtt)));
}

/**
 * vctp_timer_arm_probe() - the window is shut: ask again later
 * @sk: the socket; locked
 */
void vctp_timer_arm_probe(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	if (vs->timer_event != VCTP_TIMER_PROBE)
		vs->stalled_us = vctp_now_us();
	vctp_timer_arm_send(sk, VCTP_TIMER_PROBE,
			    vctp_user_clamp(vs, vctp_rtt_timeout(&vs->rtt)));
}

/**
 * vctp_timer_arm_cookie() - repeat the cookie after a while
 * @sk: the socket; locked
 */
void vctp_timer_arm_cookie(struct sock *sk)
{
	vctp_timer_arm_send(sk, VCTP_TIMER_COOKIE,
			    vctp_rtt_timeout(&vctp_sk(sk)->rtt));
}

/**
 * vctp_timer_stop_send() - nothing to wait for on the sending side
 * @sk: the socket; locked
 *
 * The timer itself may go off once more, for nothing: cheaper than to stop it.
 */
void vctp_timer_stop_send(struct sock *sk)
{
	vctp_sk(sk)->timer_event = VCTP_TIMER_NONE;
}

/**
 * vctp_timer_arm_ack() - an ACK is owed within a time
 * @sk: the socket; locked
 * @us: µs
 */
void vctp_timer_arm_ack(struct sock *sk, u32 us)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vs->ack.due |= VCTP_ACK_TIMER;
	sk_reset_timer(sk, &vs->ack_timer, vctp_expiry(us));
}

/**
 * vctp_timer_keepalive_reset() - the keepalive's next look
 * @sk: the socket; locked
 * @us: µs from now
 */
void vctp_timer_keepalive_reset(struct sock *sk, u64 us)
{
	sk_reset_timer(sk, &sk->sk_timer,
		       jiffies + max_t(unsigned long,
				       div_u64(us * HZ, USEC_PER_SEC), 1));
}

/**
 * vctp_timer_linger() - how long an orphan stays in FIN_WAIT_2
 * @sk: the socket; locked
 * @ms: ms
 */
void vctp_timer_linger(struct sock *sk, u32 ms)
{
	sk_reset_timer(sk, &vctp_sk(sk)->linger_timer,
		       jiffies + msecs_to_jiffies(ms));
}

/* How often in a row the sender tries before it gives up. */
static u32 vctp_retries(const struct sock *sk)
{
	const struct vctp_net *vn = vctp_net(sock_net(sk));
	const struct vctp_sock *vs = vctp_sk(sk);
	u32 retries;

	if (sk->sk_state == TCP_SYN_SENT)
		return vs->syn_retries ? vs->syn_retries :
					 READ_ONCE(vn->sysctl.syn_retries);
	retries = READ_ONCE(vn->sysctl.retries);
	if (sock_flag(sk, SOCK_DEAD))
		retries = min_t(u32, retries,
				max(READ_ONCE(vn->sysctl.orphan_retries),
				    VCTP_ORPHAN_RETRIES_LEAST));
	return retries;
}

/* The end, with the error that ICMP told of if it did. */
static void vctp_time_out(struct sock *sk)
{
	WRITE_ONCE(sk->sk_err, sk->sk_err_soft ? sk->sk_err_soft : ETIMEDOUT);
	vctp_act(sk, vctp_transition(vctp_net(sock_net(sk)),
				     &vctp_sk(sk)->entry, VCTP_E_GIVE_UP));
}

/* Too often, or for too long: true where the circuit has been given up. */
static bool vctp_give_up(struct sock *sk, u32 tries)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	bool over = tries > vctp_retries(sk);

	if (vs->user_timeout_ms)
		over = vctp_now_us() - vs->stalled_us >=
		       (u64)vs->user_timeout_ms * USEC_PER_MSEC;
	if (over)
		vctp_count(vn, TimeoutAborts);
	else if (!sock_flag(sk, SOCK_DEAD) || !vctp_orphan_excess(sk))
		return false;
	if (sk->sk_state != TCP_SYN_SENT)
		vctp_send_rst(sk, GFP_ATOMIC);
	vctp_time_out(sk);
	return true;
}

static void vctp_syn_timeout(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);

	if (vctp_give_up(sk, vs->retransmits + 1))
		return;
	vs->retransmits++;
	vctp_rtt_back_off(&vs->rtt);
	vctp_count(vn, RetransSegs);
	vs->total_retrans++;
	vctp_send_syn(sk);
	vctp_timer_arm_retransmit(sk);
}

/* RFC 6298, 5.4 to 5.6: the oldest again, half the window, twice the time. */
static void vctp_retransmit_timeout(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_segment *first;
	u32 flight;

	first = vctp_sender_first(&vs->snd);
	if (!first)
		return;
	if (vctp_give_up(sk, vs->retransmits + 1))
		return;
	vctp_count(vn, RtoTimeouts);
	/* The peer threw away what it had told of (RFC 2018, 8). */
	if (first->marks & VCTP_SEG_SACKED)
		vctp_count(vn, SackReneges);
	/* FlightSize, RFC 5681, 2: what is SACKed counts too. */
	flight = vs->snd.next - vs->snd.una;
	vctp_congestion_on_timeout(&vs->cc, flight, !vs->retransmits);
	vctp_sender_timeout(&vs->snd);
	if (vs->retransmits < U8_MAX)
		vs->retransmits++;
	/* A path that swallows large packets, or a route that moved. */
	if (vs->retransmits > 3) {
		sk_rethink_txhash(sk);
		dst_negative_advice(sk);
	}
	vctp_rtt_back_off(&vs->rtt);
	first = vctp_sender_next_lost(&vs->snd, NULL);
	if (first)
		vctp_retransmit_one(sk, first);
	vctp_timer_arm_retransmit(sk);
}

/*
 * RFC 9293, 3.8.6.1: a shut window is asked about for as long as it is answered.
 * But nobody waits for an orphan's data: answers keep it only until the waits are
 * at their longest, as with TCP.
 */
static void vctp_probe_timeout(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	bool over = sock_flag(sk, SOCK_DEAD) &&
		    vctp_rtt_timeout(&vs->rtt) >= vs->rtt.rto_max;

	if (skb_queue_empty(&sk->sk_write_queue) ||
	    !RB_EMPTY_ROOT(&vs->snd.sent)) {
		vctp_timer_stop_send(sk);
		return;
	}
	if (vctp_give_up(sk, over ? U32_MAX : vs->probes + 1))
		return;
	if (vs->swnd.size) {
		/* Open, but too little for a segment: send what fits. */
		vctp_timer_stop_send(sk);
		if (vctp_send_into(sk))
			return;
	} else {
		vctp_send_probe(sk, false);
	}
	if (vs->probes < U8_MAX)
		vs->probes++;
	vctp_rtt_back_off(&vs->rtt);
	vctp_timer_arm_send(sk, VCTP_TIMER_PROBE,
			    vctp_user_clamp(vs, vctp_rtt_timeout(&vs->rtt)));
}

static void vctp_cookie_timeout(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	if (vs->retransmits >= vctp_retries(sk)) {
		/* The server forgot us: only it can say so, by a RST. */
		vctp_timer_stop_send(sk);
		return;
	}
	vs->retransmits++;
	vctp_rtt_back_off(&vs->rtt);
	vctp_send_ack(sk);
	vctp_timer_arm_cookie(sk);
}

/**
 * vctp_timer_send_expired() - the sending side's timer went off
 * @sk: the socket; locked
 */
void vctp_timer_send_expired(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u8 event = vs->timer_event, backoff = vs->rtt.backoff;

	if (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN ||
	    event == VCTP_TIMER_NONE)
		return;
	/* Armed anew, later, since it was set off. */
	if (time_after(vs->snd_expires, jiffies)) {
		sk_reset_timer(sk, &vs->snd_timer, vs->snd_expires);
		return;
	}
	switch (event) {
	case VCTP_TIMER_RETRANSMIT:
		if (sk->sk_state == TCP_SYN_SENT)
			vctp_syn_timeout(sk);
		else
			vctp_retransmit_timeout(sk);
		break;
	case VCTP_TIMER_PROBE:
		vctp_probe_timeout(sk);
		break;
	case VCTP_TIMER_COOKIE:
		vctp_cookie_timeout(sk);
		break;
	}
	vctp_oracle_back_off(sk, event, backoff);
}

/**
 * vctp_timer_ack_expired() - an ACK has waited long enough
 * @sk: the socket; locked
 */
void vctp_timer_ack_expired(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vs->ack.due &= ~VCTP_ACK_TIMER;
	if (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN ||
	    !(vs->ack.due & VCTP_ACK_DUE))
		return;
	/* Nobody answers in this session: delay less, then it is bulk. */
	if (vs->ack.pingpong) {
		vs->ack.pingpong = 0;
		vs->ack.ato_us = 40 * USEC_PER_MSEC;
	} else {
		vs->ack.ato_us = min(vs->ack.ato_us << 1, vs->rtt.rto);
	}
	vctp_count(vctp_net(sock_net(sk)), DelayedAcks);
	vctp_send_ack(sk);
}

/* Any of our timers: do it now, or leave it to the program that holds us. */
static void vctp_timer_run(struct sock *sk, enum vctp_deferred which)
{
	struct vctp_sock *vs = vctp_sk(sk);

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {
		if (!test_and_set_bit(which, &vs->deferred))
			sock_hold(sk);
	} else if (which == VCTP_DEFER_SEND_TIMER) {
		vctp_timer_send_expired(sk);
	} else {
		vctp_timer_ack_expired(sk);
	}
	if (!sock_owned_by_user(sk))
		vctp_oracle_rest(sk);
	bh_unlock_sock(sk);
	sock_put(sk);
}

static void vctp_send_timer(struct timer_list *t)
{
	struct vctp_sock *vs = container_of(t, struct vctp_sock, snd_timer);

	vctp_timer_run(&vs->inet.sk, VCTP_DEFER_SEND_TIMER);
}

static void vctp_ack_timer(struct timer_list *t)
{
	struct vctp_sock *vs = container_of(t, struct vctp_sock, ack_timer);

	vctp_timer_run(&vs->inet.sk, VCTP_DEFER_ACK_TIMER);
}

static void vctp_linger_timer(struct timer_list *t)
{
	struct vctp_sock *vs = container_of(t, struct vctp_sock, linger_timer);
	struct sock *sk = &vs->inet.sk;
	struct vctp_net *vn = vctp_net(sock_net(sk));

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {
		vctp_timer_linger(sk, 50);
	} else if (sk->sk_state == TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD)) {
		/* In silence, as TCP: the peer may keep its half. */
		vctp_count(vn, FinWait2Aborts);
		vctp_act(sk, vctp_transition(vn, &vs->entry,
					     VCTP_E_FIN_WAIT_2_END));
	}
	bh_unlock_sock(sk);
	sock_put(sk);
}

/* The keepalive's settings: the socket's, else the namespace's. */
static u64 vctp_keep_idle_us(const struct vctp_sock *vs)
{
	const struct vctp_net *vn = vctp_net(sock_net(&vs->inet.sk));

	return (u64)(vs->keep_idle_s ? vs->keep_idle_s :
		     READ_ONCE(vn->sysctl.keepalive_time_s)) * USEC_PER_SEC;
}

static u64 vctp_keep_intvl_us(const struct vctp_sock *vs)
{
	const struct vctp_net *vn = vctp_net(sock_net(&vs->inet.sk));

	return (u64)(vs->keep_intvl_s ? vs->keep_intvl_s :
		     READ_ONCE(vn->sysctl.keepalive_intvl_s)) * USEC_PER_SEC;
}

/* RFC 9293, 3.8.4. Gives when to look again, in µs; 0: not at all. */
static u64 vctp_keepalive(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	u64 idle_us = vctp_keep_idle_us(vs), now = vctp_now_us();
	u64 idle = now - vs->last_in;
	u32 probes = vs->keep_probes ? vs->keep_probes :
				       READ_ONCE(vn->sysctl.keepalive_probes);
	bool over;

	if (!sock_flag(sk, SOCK_KEEPOPEN) || sk->sk_state == TCP_CLOSE ||
	    sk->sk_state == TCP_SYN_SENT)
		return 0;
	/* Data in the network has its own time-out. */
	if (!RB_EMPTY_ROOT(&vs->snd.sent) ||
	    !skb_queue_empty(&sk->sk_write_queue))
		return idle_us;
	if (idle < idle_us)
		return idle_us - idle;
	over = vs->user_timeout_ms ?
	       vs->keep_unanswered &&
	       idle >= (u64)vs->user_timeout_ms * USEC_PER_MSEC :
	       vs->keep_unanswered >= probes;
	if (over) {
		vctp_count(vn, KeepaliveAborts);
		vctp_send_rst(sk, GFP_ATOMIC);
		vctp_time_out(sk);
		return 0;
	}
	vctp_send_probe(sk, true);
	if (vs->keep_unanswered < U8_MAX)
		vs->keep_unanswered++;
	return vctp_keep_intvl_us(vs);
}

static void vctp_keepalive_timer(struct timer_list *t)
{
	struct sock *sk = container_of(t, struct sock, sk_timer);
	u64 again;

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk))
		again = USEC_PER_SEC / 20;
	else
		again = sk->sk_state == TCP_LISTEN ? 0 : vctp_keepalive(sk);
	if (again)
		vctp_timer_keepalive_reset(sk, again);
	bh_unlock_sock(sk);
	sock_put(sk);
}

/**
 * vctp_circuit_set_keepalive() - SO_KEEPALIVE
 * @sk: the socket; locked
 * @on: whether
 */
void vctp_circuit_set_keepalive(struct sock *sk, int on)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u64 idle = vctp_now_us() - vs->last_in, wait = vctp_keep_idle_us(vs);

	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return;
	if (on)
		vctp_timer_keepalive_reset(sk, wait > idle ? wait - idle : 1);
	else
		sk_stop_timer(sk, &sk->sk_timer);
}

/**
 * vctp_timers_init() - a circuit's timers, none of them armed
 * @sk: the socket; nobody else's yet
 */
void vctp_timers_init(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vs->timer_event = VCTP_TIMER_NONE;
	timer_setup(&vs->snd_timer, vctp_send_timer, 0);
	timer_setup(&vs->ack_timer, vctp_ack_timer, 0);
	timer_setup(&vs->linger_timer, vctp_linger_timer, 0);
	timer_setup(&sk->sk_timer, vctp_keepalive_timer, 0);
}

/**
 * vctp_timers_stop() - none of them goes off again
 * @sk: the socket; locked
 *
 * One that runs on another CPU at this moment finds the state CLOSED.
 */
void vctp_timers_stop(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vs->timer_event = VCTP_TIMER_NONE;
	vs->ack.due = 0;
	sk_stop_timer(sk, &vs->snd_timer);
	sk_stop_timer(sk, &vs->ack_timer);
	sk_stop_timer(sk, &vs->linger_timer);
	sk_stop_timer(sk, &sk->sk_timer);
}

/**
 * vctp_circuit_release_cb() - the program lets go: do what was left to it
 * @sk: the socket; locked, spinlock held
 */
void vctp_circuit_release_cb(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	unsigned long todo;

	if (likely(!READ_ONCE(vs->deferred)))
		goto rest;
	todo = xchg(&vs->deferred, 0);
	if (todo & BIT(VCTP_DEFER_SEND_TIMER)) {
		vctp_timer_send_expired(sk);
		__sock_put(sk);
	}
	if (todo & BIT(VCTP_DEFER_ACK_TIMER)) {
		vctp_timer_ack_expired(sk);
		__sock_put(sk);
	}
	if (todo & BIT(VCTP_DEFER_PMTU)) {
		vctp_pmtu_changed(sk, READ_ONCE(vs->deferred_mtu));
		__sock_put(sk);
	}
rest:
	vctp_oracle_rest(sk);
}
