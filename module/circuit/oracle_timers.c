// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle of simulation builds: timers. Each one that is needed runs, none
 * ends too late, and those that have a least time not too early.
 *
 * It asks whether timers are pending, so it is for kernels with one CPU: on
 * another a timer that has just gone off may wait for the lock.
 */
#include "internal.h"
#include "request.h"
#include "time_wait.h"

static bool vctp_oracle_armed(struct vctp_sock *vs, struct timer_list *timer,
			      enum vctp_deferred deferred)
{
	return timer_pending(timer) || test_bit(deferred, &vs->deferred);
}

/* Something is in the network, or waits to go there: the clock runs for it. */
static void vctp_oracle_send_timer(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	bool sent = !RB_EMPTY_ROOT(&vs->snd.sent) || sk->sk_state == TCP_SYN_SENT;
	bool waits = sk->sk_state != TCP_SYN_SENT &&
		     !skb_queue_empty(&sk->sk_write_queue);

	if (sent)
		vctp_holds(vs, vs->timer_event == VCTP_TIMER_RETRANSMIT,
			   "sent, and the retransmission timer is not armed");
	else if (waits)
		vctp_holds(vs, vs->timer_event != VCTP_TIMER_NONE,
			   "data waits, and no timer is armed");
	if (vs->timer_event == VCTP_TIMER_NONE)
		return;
	vctp_holds(vs, vctp_oracle_armed(vs, &vs->snd_timer,
					 VCTP_DEFER_SEND_TIMER),
		   "the sending side's timer does not run");
	vctp_holds(vs, time_before_eq(vs->snd_expires, jiffies + 1 +
				      usecs_to_jiffies(vs->rtt.rto_max)),
		   "a time-out beyond the longest");
}

/* Who has tried so often has given up. */
static void vctp_oracle_retries(const struct sock *sk)
{
	const struct vctp_net *vn = vctp_net(sock_net(sk));
	const struct vctp_sock *vs = vctp_sk(sk);
	u32 most = vn->sysctl.retries;

	/* Its own time is its only limit (RFC 5482). */
	if (vs->user_timeout_ms)
		return;
	if (sk->sk_state == TCP_SYN_SENT)
		most = vs->syn_retries ? vs->syn_retries :
					 vn->sysctl.syn_retries;
	vctp_holds(vs, vs->retransmits <= most, "tried too often");
	vctp_holds(vs, vs->keep_unanswered <=
		   (vs->keep_probes ? vs->keep_probes :
		    vn->sysctl.keepalive_probes),
		   "an idle peer was asked too often");
}

/* How long an orphan may stay in FIN_WAIT_2, in jiffies. */
static unsigned long vctp_oracle_linger(const struct vctp_sock *vs)
{
	const struct vctp_net *vn = vctp_net(sock_net(&vs->inet.sk));

	return msecs_to_jiffies(vs->linger2_ms > 0 ? vs->linger2_ms :
						     vn->sysctl.fin_timeout_ms);
}

/* An ACK is owed, an idle peer is to be asked, an orphan has its time. */
static void vctp_oracle_other_timers(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	vctp_holds(vs, !(vs->ack.due & VCTP_ACK_DUE) ||
		   vctp_oracle_armed(vs, &vs->ack_timer,
				     VCTP_DEFER_ACK_TIMER),
		   "an ACK is owed, and no timer will send it");
	vctp_holds(vs, !sock_flag(sk, SOCK_KEEPOPEN) ||
		   timer_pending(&sk->sk_timer),
		   "keepalive is on, and its timer does not run");
	if (!sock_flag(sk, SOCK_DEAD) || sock_owned_by_user(sk))
		return;
	vctp_holds(vs, sk->sk_state != TCP_FIN_WAIT2 ||
		   timer_pending(&vs->linger_timer),
		   "an orphan in FIN_WAIT_2 has no end");
	vctp_holds(vs, sk->sk_state != TCP_FIN_WAIT2 ||
		   time_before_eq(vs->linger_timer.expires, jiffies + 1 +
				  vctp_oracle_linger(vs)),
		   "an orphan stays too long in FIN_WAIT_2");
	vctp_holds(vs, !((1 << sk->sk_state) & (TCPF_ESTABLISHED |
						TCPF_CLOSE_WAIT)),
		   "an orphan that was never closed");
}

/**
 * vctp_oracle_timers() - nobody works on a circuit at this moment
 * @sk: the socket, not CLOSED; its spinlock held
 */
void vctp_oracle_timers(struct sock *sk)
{
	vctp_oracle_send_timer(sk);
	vctp_oracle_retries(sk);
	if (sk->sk_state != TCP_SYN_SENT)
		vctp_oracle_other_timers(sk);
}

/**
 * vctp_oracle_back_off() - in vain: the next one waits twice as long
 * @sk: the socket; locked
 * @event: what the timer was armed for when it went off
 * @backoff: doublings before it did
 *
 * RFC 6298, 5.5; RFC 9293, 3.8.6.1.
 */
void vctp_oracle_back_off(struct sock *sk, u8 event, u8 backoff)
{
	const struct vctp_sock *vs = vctp_sk(sk);
	unsigned long wait;

	/* It gave up, or what it was for is over. */
	if (sk->sk_state == TCP_CLOSE || vs->timer_event != event)
		return;
	wait = usecs_to_jiffies(min_t(u64, vs->rtt.rto_max,
				      (u64)vs->rtt.rto << min(backoff + 1, 31)));
	vctp_holds(vs, time_before_eq(vs->snd_expires, jiffies + wait),
		   "a time-out that more than doubled");
	/* A program's own limit may cut it short (RFC 5482). */
	vctp_holds(vs, vs->user_timeout_ms ||
		   time_after_eq(vs->snd_expires, jiffies + wait),
		   "a time-out that did not double");
}

/* When a SYN+ACK is due, after so many time-outs: jiffies. */
static unsigned long vctp_oracle_synack_due(const struct vctp_request *req)
{
	const struct vctp_net *vn = vctp_request_net(req);
	u64 ms = (u64)vn->sysctl.rto_initial_ms << min(req->timeouts, 16);

	return jiffies + msecs_to_jiffies(min_t(u64, ms, vn->sysctl.rto_max_ms));
}

/**
 * vctp_oracle_request() - a half-open circuit ends by itself
 * @req: its lock held
 */
void vctp_oracle_request(struct vctp_request *req)
{
	vctp_invariant(&req->entry, req->dead || timer_pending(&req->timer),
		       "a request without a timer");
	vctp_invariant(&req->entry, req->dead ||
		       time_before_eq(req->timer.expires,
				      vctp_oracle_synack_due(req)),
		       "a request that waits too long");
}

/**
 * vctp_oracle_synack() - a SYN+ACK goes again: not before its time
 * @req: its lock held; its timer armed for the next
 *
 * RFC 6298, 5.5.
 */
void vctp_oracle_synack(struct vctp_request *req)
{
	vctp_invariant(&req->entry,
		       time_after_eq(req->timer.expires,
				     vctp_oracle_synack_due(req)),
		       "a SYN+ACK's time-out that did not double");
}

/**
 * vctp_oracle_time_wait_begins() - 2MSL begin now, the first time or anew
 * @tw: its lock held
 */
void vctp_oracle_time_wait_begins(struct vctp_time_wait *tw)
{
	tw->oracle.begun = jiffies;
}

/**
 * vctp_oracle_time_wait_over() - its timer ends it: not before 2MSL
 * @tw: its lock held
 */
void vctp_oracle_time_wait_over(struct vctp_time_wait *tw)
{
	vctp_invariant(&tw->entry,
		       time_after_eq(jiffies, tw->oracle.begun +
				     msecs_to_jiffies(tw->wait_ms)),
		       "TIME_WAIT shorter than 2MSL");
}

/**
 * vctp_oracle_time_wait() - TIME_WAIT ends by itself
 * @tw: its lock held
 */
void vctp_oracle_time_wait(struct vctp_time_wait *tw)
{
	vctp_invariant(&tw->entry, tw->dead || timer_pending(&tw->timer),
		       "TIME_WAIT without a timer");
	vctp_invariant(&tw->entry,
		       tw->dead || time_before_eq(tw->ends, jiffies + 1 +
						  msecs_to_jiffies(tw->wait_ms)),
		       "TIME_WAIT longer than 2MSL");
}
