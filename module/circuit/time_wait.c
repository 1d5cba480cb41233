// SPDX-License-Identifier: GPL-2.0
/*
 * TIME_WAIT: a small object that outlives its socket by 2MSL, to answer the
 * peer's FIN again where our last ACK was lost, and to keep late segments from
 * whatever comes after (RFC 9293, 3.6.1; RFC 1337).
 *
 * In mode `circuit` the identifier tells late segments from those of a new
 * circuit, so the port is free at once, and the 4-tuple is given up to whoever
 * asks for it. In mode `classic` both are held, as TCP does.
 *
 * An object ends by its timer, or with its namespace; whoever sets @dead under
 * the lock ends it. The last thing that it does to the namespace is to count
 * itself out: the namespace's end waits for that.
 */
#include <linux/delay.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include <linux/vctp.h>

#include "../net/net.h"
#include "../watch/trace.h"
#include "internal.h"
#include "time_wait.h"

static struct kmem_cache *vctp_time_wait_cache;

static void vctp_time_wait_free(struct rcu_head *rcu)
{
	kmem_cache_free(vctp_time_wait_cache,
			container_of(rcu, struct vctp_time_wait, rcu));
}

/* The end, whatever brought it. Lock. */
static void vctp_time_wait_end(struct vctp_time_wait *tw, enum vctp_event event)
{
	tw->dead = true;
	vctp_transition(tw->vn, &tw->entry, event);
	vctp_leave(tw->vn, &tw->entry);
}

/* What is left to do without the lock, which nests inside the port's. */
static void vctp_time_wait_bury(struct vctp_time_wait *tw)
{
	struct vctp_net *vn = tw->vn;

	vctp_port_time_wait_put(vn, tw);
	call_rcu(&tw->rcu, vctp_time_wait_free);
	atomic_dec(&vn->time_waits);
}

/*
 * The timer wheel may be late by an eighth of the time to go. So the timer is
 * set short of the end by that much, and what is left is waited for again.
 */
static void vctp_time_wait_sleep(struct vctp_time_wait *tw)
{
	unsigned long left = tw->ends - jiffies;

	mod_timer(&tw->timer, tw->ends - left / 8);
}

/* 2MSL begin now. Lock. */
static void vctp_time_wait_arm(struct vctp_time_wait *tw)
{
	tw->ends = jiffies + msecs_to_jiffies(tw->wait_ms);
	vctp_oracle_time_wait_begins(tw);
	vctp_time_wait_sleep(tw);
}

static void vctp_time_wait_expired(struct timer_list *timer)
{
	struct vctp_time_wait *tw = timer_container_of(tw, timer, timer);
	bool mine = false;

	rcu_read_lock();
	spin_lock(&tw->lock);
	if (tw->dead)
		goto unlock;
	/* Too early, or a FIN came again at this very moment. */
	if (time_before(jiffies, tw->ends)) {
		vctp_time_wait_sleep(tw);
	} else {
		vctp_oracle_time_wait_over(tw);
		vctp_time_wait_end(tw, VCTP_E_2MSL);
		mine = true;
	}
unlock:
	spin_unlock(&tw->lock);
	if (mine)
		vctp_time_wait_bury(tw);
	rcu_read_unlock();
}

static u8 vctp_time_wait_mode_of(const struct vctp_net *vn,
				 const struct vctp_sock *vs)
{
	return vs->time_wait_mode >= 0 ? vs->time_wait_mode :
	       READ_ONCE(vn->sysctl.time_wait_mode);
}

static struct vctp_time_wait *vctp_time_wait_create(struct vctp_net *vn,
						    struct sock *sk, u32 wait_ms)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_time_wait *tw;

	tw = kmem_cache_zalloc(vctp_time_wait_cache, GFP_ATOMIC);
	if (!tw)
		return NULL;
	tw->entry.tuple = vs->entry.tuple;
	tw->entry.id = vs->entry.id;
	tw->entry.bound_dev = sk->sk_bound_dev_if;
	tw->entry.kind = VCTP_KIND_TIME_WAIT;
	vctp_state_begin(&tw->entry, VCTP_S_TIME_WAIT);
	spin_lock_init(&tw->lock);
	tw->wait_ms = wait_ms;
	timer_setup(&tw->timer, vctp_time_wait_expired, 0);
	tw->vn = vn;
	tw->rcv_next = vs->rwnd.next;
	tw->snd_next = vs->snd.next;
	tw->uid = sk_uid(sk);
	tw->mark = READ_ONCE(sk->sk_mark);
	tw->window = vctp_window_left(&vs->rwnd);
	tw->tos = vctp_tuple_is_v4(&vs->entry.tuple) ?
		  READ_ONCE(vs->inet.tos) : READ_ONCE(inet6_sk(sk)->tclass);
	tw->mode = vctp_time_wait_mode_of(vn, vs);
	tw->reuse = sk->sk_reuse;
	tw->reuseport = sk->sk_reuseport;
	return tw;
}

/* Room for one more, counted in; or none. */
static bool vctp_time_wait_admit(struct vctp_net *vn)
{
	if (atomic_inc_return(&vn->time_waits) <=
	    READ_ONCE(vn->sysctl.max_time_wait))
		return true;
	atomic_dec(&vn->time_waits);
	vctp_count(vn, TimeWaitOverflow);
	return false;
}

/* An object takes the socket's place in the tables. False: none can. */
static bool vctp_time_wait_follow(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_time_wait *tw;
	int wait_ms;

	wait_ms = vs->time_wait_ms >= 0 ? vs->time_wait_ms :
		  READ_ONCE(vn->sysctl.time_wait_ms);
	if (!wait_ms || !vctp_time_wait_admit(vn))
		return false;
	tw = vctp_time_wait_create(vn, sk, wait_ms);
	if (!tw) {
		vctp_count(vn, TimeWaitOverflow);
		atomic_dec(&vn->time_waits);
		return false;
	}

	vctp_count(vn, TimeWaits);
	if (tw->mode == VCTP_TIME_WAIT_CLASSIC) {
		vctp_port_time_wait(sk, tw);
		if (!(vs->entry.bits & BIT(VCTP_IN_RESERVATIONS)))
			vctp_reserve(vn, &tw->entry);
	}
	/* Segments may come for it from here on. */
	spin_lock_bh(&tw->lock);
	vctp_replace(vn, &vs->entry, &tw->entry);
	vctp_time_wait_arm(tw);
	vctp_oracle_time_wait(tw);
	spin_unlock_bh(&tw->lock);
	return true;
}

/**
 * vctp_time_wait_enter() - the circuit goes on without its socket
 * @sk: the socket; locked, CLOSED while its circuit is in TIME_WAIT, its last
 *	ACK sent; done with when this returns
 *
 * With no time to wait, no room (TimeWaitOverflow) or no memory, the circuit
 * is just over.
 */
void vctp_time_wait_enter(struct sock *sk)
{
	if (!vctp_time_wait_follow(sk))
		trace_vctp_state(&vctp_sk(sk)->entry, VCTP_S_TIME_WAIT,
				 VCTP_S_CLOSED, VCTP_E_2MSL);
	vctp_done(sk);
}

/**
 * vctp_time_wait_yield() - does the holder of a 4-tuple give it up?
 * @vn: the namespace
 * @entry: found among the reservations; RCU
 *
 * Return: true where it has (then it is out of the reservations), false where
 * it is no TIME_WAIT object, or one of mode `classic`.
 */
bool vctp_time_wait_yield(struct vctp_net *vn, struct vctp_entry *entry)
{
	struct vctp_time_wait *tw;

	if (entry->kind != VCTP_KIND_TIME_WAIT)
		return false;
	tw = vctp_time_wait(entry);
	if (tw->mode == VCTP_TIME_WAIT_CLASSIC)
		return READ_ONCE(tw->dead);
	spin_lock_bh(&tw->lock);
	if (!tw->dead && tw->entry.bits & BIT(VCTP_IN_RESERVATIONS)) {
		vctp_unreserve(vn, &tw->entry);
		vctp_count(vn, TimeWaitReused);
	}
	spin_unlock_bh(&tw->lock);
	return true;
}

/* ACKs for what is none of TIME_WAIT's business: so many, no more. */
static bool vctp_time_wait_may_answer(struct vctp_time_wait *tw)
{
	u32 pause = READ_ONCE(tw->vn->sysctl.invalid_ratelimit_ms) * USEC_PER_MSEC;
	u32 now = (u32)vctp_now_us();

	if (tw->answered_us && now - tw->answered_us < pause) {
		vctp_count(tw->vn, ChallengeAcksSkipped);
		return false;
	}
	tw->answered_us = now ? now : 1;
	return vctp_may_challenge(tw->vn);
}

static void vctp_time_wait_ack(struct vctp_time_wait *tw,
			       const struct vctp_arrival *arrival)
{
	struct vctp_reply reply = {
		.tuple = &tw->entry.tuple,
		.bound_dev = tw->entry.bound_dev,
		.mark = tw->mark,
		.tos = tw->tos,
		.segment = {
			.seq = tw->snd_next,
			.ack = tw->rcv_next,
			.window = tw->window,
			.id = tw->entry.tuple.peer_id,
			.flags = VCTP_ACK,
			.echo = arrival->epoch,
		},
	};

	vctp_net_reply(tw->vn->net, &reply);
}

/**
 * vctp_time_wait_rcv() - a segment of a circuit that is over
 * @vn: the namespace
 * @entry: the TIME_WAIT object; RCU, BH
 * @skb: header at skb->data, parsed into its cb; taken
 *
 * RFC 9293, 3.10.7.4: the peer's FIN again is acknowledged again and 2MSL
 * begin anew. All else is late: counted, and if it has something to
 * acknowledge, answered now and then. A RST is ignored (RFC 1337).
 */
void vctp_time_wait_rcv(struct vctp_net *vn, struct vctp_entry *entry,
			struct sk_buff *skb)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	u64 length = (arrival->end_seq - arrival->seq) & VCTP_SEQ_MASK;
	struct vctp_time_wait *tw = vctp_time_wait(entry);
	bool answer = false, fin = false;
	u64 end;

	spin_lock(&tw->lock);
	if (tw->dead || arrival->flags & VCTP_RST)
		goto unlock;
	end = vctp_seq_widen(arrival->seq, tw->rcv_next) + length;
	fin = arrival->flags & VCTP_FIN && end == tw->rcv_next;
	if (fin) {
		vctp_transition(vn, &tw->entry, VCTP_E_FIN);
		vctp_time_wait_arm(tw);
		answer = true;
	} else if (length) {
		answer = vctp_time_wait_may_answer(tw);
	}
unlock:
	vctp_oracle_time_wait(tw);
	spin_unlock(&tw->lock);

	if (answer)
		vctp_time_wait_ack(tw, arrival);
	if (fin) {
		vctp_count(vn, TimeWaitReAcks);
		consume_skb(skb);
	} else {
		vctp_drop(vn, skb, VCTP_C_TimeWaitLate);
	}
}

/* End one that its timer has not ended first. Process context. */
static void vctp_time_wait_kill(struct vctp_time_wait *tw)
{
	bool mine;

	spin_lock_bh(&tw->lock);
	vctp_oracle_time_wait(tw);
	mine = !tw->dead;
	if (mine) {
		timer_delete(&tw->timer);
		vctp_time_wait_end(tw, VCTP_E_ABORT);
	}
	spin_unlock_bh(&tw->lock);
	if (mine)
		vctp_time_wait_bury(tw);
}

/**
 * vctp_time_wait_net_exit() - all of them end with their namespace
 * @vn: the namespace; no segment comes any more, no socket is left
 *
 * Process context. Returns when the last one has let go of @vn.
 */
void vctp_time_wait_net_exit(struct vctp_net *vn)
{
	struct rhashtable_iter iter;
	struct vctp_entry *entry;

	while (atomic_read(&vn->time_waits)) {
		rhashtable_walk_enter(&vn->ids, &iter);
		rhashtable_walk_start(&iter);
		while ((entry = rhashtable_walk_next(&iter))) {
			if (!IS_ERR(entry) &&
			    entry->kind == VCTP_KIND_TIME_WAIT)
				vctp_time_wait_kill(vctp_time_wait(entry));
		}
		rhashtable_walk_stop(&iter);
		rhashtable_walk_exit(&iter);
		if (atomic_read(&vn->time_waits))
			usleep_range(1000, 2000);
	}
}

/**
 * vctp_time_wait_module_init() - the slab of TIME_WAIT objects
 *
 * Return: 0 or -ENOMEM.
 */
int vctp_time_wait_module_init(void)
{
	vctp_time_wait_cache = KMEM_CACHE(vctp_time_wait, SLAB_ACCOUNT);
	return vctp_time_wait_cache ? 0 : -ENOMEM;
}

/**
 * vctp_time_wait_module_exit() - the slab goes, after the last grace period
 */
void vctp_time_wait_module_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(vctp_time_wait_cache);
}
