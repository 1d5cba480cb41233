// SPDX-License-Identifier: GPL-2.0
/*
 * Half-open circuits at a listener: their life, from the SYN (RFC 9293, 3.5,
 * 3.10.7.2) to whatever ends it. Their segments are in request_input.c.
 *
 * A request is a small object in the tables, with a timer that repeats the
 * SYN+ACK. Whoever sets @dead under its lock ends it: the segment that opens
 * the circuit, a RST, the timer, an ICMP error, the listener's end. It holds
 * its listener, and so its namespace.
 *
 * Locks: request, then accept.lock of the listener, ports and tables.
 */
#include <linux/rculist.h>
#include <linux/slab.h>

#include "../net/net.h"
#include "internal.h"
#include "request.h"

static struct kmem_cache *vctp_request_cache;

/**
 * vctp_request_net() - the namespace that a request is in
 * @req: its listener is held
 */
struct vctp_net *vctp_request_net(const struct vctp_request *req)
{
	return vctp_net(sock_net(req->listener));
}

static void vctp_request_free(struct rcu_head *rcu)
{
	kmem_cache_free(vctp_request_cache,
			container_of(rcu, struct vctp_request, rcu));
}

/**
 * vctp_request_bury() - out of every count, and gone after a grace period
 * @req: ended by the caller; its lock not held; not to be touched again
 */
void vctp_request_bury(struct vctp_request *req)
{
	struct sock *listener = req->listener;

	atomic_dec(&vctp_sk(listener)->accept.half_open);
	atomic_dec(&vctp_request_net(req)->requests);
	call_rcu(&req->rcu, vctp_request_free);
	sock_put(listener);
}

/**
 * vctp_request_end() - nobody finds it any more
 * @req: its lock held, not dead; vctp_request_bury() has to follow
 */
void vctp_request_end(struct vctp_request *req)
{
	struct vctp_accept_queue *accept = &vctp_sk(req->listener)->accept;

	req->dead = true;
	timer_delete(&req->timer);
	vctp_leave(vctp_request_net(req), &req->entry);
	spin_lock(&accept->lock);
	list_del_init(&req->node);
	spin_unlock(&accept->lock);
}

/**
 * vctp_request_synack() - send its SYN+ACK
 * @req: RCU, no lock
 */
void vctp_request_synack(const struct vctp_request *req)
{
	struct vctp_synack synack = {
		.tuple = &req->entry.tuple,
		.opening = &req->opening,
		.listener = req->listener,
		.bound_dev = req->entry.bound_dev,
		.mark = req->mark,
		.tos = req->tos,
	};

	vctp_synack_send(vctp_request_net(req), &synack);
}

/* --- the timer --- */

/* First time-out, doubled with each one, in jiffies. */
static unsigned long vctp_request_timeout(const struct vctp_net *vn, u8 timeouts)
{
	u64 ms = (u64)READ_ONCE(vn->sysctl.rto_initial_ms) <<
		 min_t(u8, timeouts, 16);

	return msecs_to_jiffies(min_t(u64, ms, READ_ONCE(vn->sysctl.rto_max_ms)));
}

static void vctp_request_arm(struct vctp_request *req)
{
	mod_timer(&req->timer,
		  jiffies + vctp_request_timeout(vctp_request_net(req),
						 req->timeouts));
}

/**
 * vctp_request_defer() - how long accept() waits for data
 * @req: the request
 *
 * Return: VCTP_DEFER_ACCEPT in time-outs of the SYN+ACK, rounded as TCP's.
 */
u8 vctp_request_defer(const struct vctp_request *req)
{
	u8 seconds = READ_ONCE(vctp_sk(req->listener)->defer_accept_s);
	const struct vctp_net *vn = vctp_request_net(req);
	unsigned long passed = 0;
	u8 timeouts = 0;

	while (passed < seconds * HZ && timeouts < U8_MAX)
		passed += vctp_request_timeout(vn, timeouts++);
	return timeouts;
}

static void vctp_request_expired(struct timer_list *timer)
{
	struct vctp_request *req = timer_container_of(req, timer, timer);
	bool repeat = false, over = false;
	struct vctp_net *vn;
	u8 defer;

	rcu_read_lock();
	spin_lock(&req->lock);
	if (req->dead || timer_pending(&req->timer))
		goto unlock;
	vn = vctp_request_net(req);
	defer = vctp_request_defer(req);
	over = req->timeouts >= READ_ONCE(vn->sysctl.synack_retries) &&
	       (!req->acked || req->timeouts >= defer);
	if (over) {
		vctp_count(vn, RequestTimeouts);
		vctp_transition(vn, &req->entry, VCTP_E_GIVE_UP);
		vctp_request_end(req);
	} else {
		/* While accept() waits for data, the peer need not hear of us. */
		repeat = !req->acked || req->timeouts + 1 >= defer;
		req->timeouts++;
		req->sent_us = 0;
		vctp_request_arm(req);
		vctp_oracle_synack(req);
	}
	vctp_oracle_request(req);
unlock:
	spin_unlock(&req->lock);
	if (repeat)
		vctp_request_synack(req);
	if (over)
		vctp_request_bury(req);
	rcu_read_unlock();
}

/* --- a SYN --- */

/* Room for one more, counted in at the listener and in the namespace. */
static bool vctp_request_admit(struct vctp_net *vn, struct sock *listener)
{
	struct vctp_accept_queue *accept = &vctp_sk(listener)->accept;
	u32 backlog = max_t(u32, READ_ONCE(listener->sk_max_ack_backlog), 1);

	if (atomic_inc_return(&accept->half_open) > backlog)
		goto listener_full;
	if (atomic_inc_return(&vn->requests) >
	    READ_ONCE(vn->sysctl.max_requests))
		goto namespace_full;
	return true;

namespace_full:
	atomic_dec(&vn->requests);
listener_full:
	atomic_dec(&accept->half_open);
	vctp_count(vn, RequestOverflow);
	return false;
}

static struct vctp_request *vctp_request_create(struct sock *listener,
						struct sk_buff *skb,
						const struct vctp_tuple *flow,
						const struct vctp_options *syn)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	struct vctp_net *vn = vctp_net(sock_net(listener));
	struct vctp_request *req;

	req = kmem_cache_zalloc(vctp_request_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!req)
		return NULL;
	if (!refcount_inc_not_zero(&listener->sk_refcnt)) {
		kmem_cache_free(vctp_request_cache, req);
		return NULL;
	}
	req->listener = listener;
	req->entry.tuple = *flow;
	req->entry.tuple.peer_id = arrival->id;
	req->entry.bound_dev = vctp_net_reply_dev(listener, skb);
	req->entry.kind = VCTP_KIND_REQUEST;
	vctp_state_begin(&req->entry, VCTP_S_CLOSED);
	spin_lock_init(&req->lock);
	INIT_LIST_HEAD(&req->node);
	timer_setup(&req->timer, vctp_request_expired, TIMER_PINNED);
	req->opening = (struct vctp_opening) {
		.iss = VCTP_SEQ_BASE + (vctp_random_u64(vn) & VCTP_SEQ_MASK),
		.irs = VCTP_SEQ_BASE + (arrival->seq & VCTP_SEQ_MASK),
		.peer_id = arrival->id,
		.peer_window = arrival->window,
		.mss = syn->mss,
		.capabilities = syn->capabilities,
		.echo = arrival->epoch,
	};
	req->sent_us = vctp_now_us();
	req->window = vctp_open_window(listener);
	req->mark = inet_request_mark(listener, skb);
	req->tos = vctp_syn_tos(listener, skb);
	return req;
}

/* Where segments and the listener's end find it. */
static int vctp_request_enter(struct vctp_net *vn, struct vctp_request *req)
{
	struct vctp_accept_queue *accept = &vctp_sk(req->listener)->accept;
	int err;

	spin_lock(&req->lock);
	err = vctp_enter_id(vn, &req->entry);
	if (!err)
		err = vctp_enter_tuple(vn, &req->entry);
	if (!err) {
		spin_lock(&accept->lock);
		if (inet_sk_state_load(req->listener) == TCP_LISTEN)
			list_add(&req->node, &accept->requests);
		else
			err = -ENOENT;
		spin_unlock(&accept->lock);
	}
	if (err) {
		req->dead = true;
		vctp_leave(vn, &req->entry);
	} else {
		req->opening.id = req->entry.id;
		vctp_transition(vn, &req->entry, VCTP_E_SYN);
		vctp_request_arm(req);
	}
	vctp_oracle_request(req);
	spin_unlock(&req->lock);
	return err;
}

/* Not even half of a circuit: what is to be done with this SYN? */
static bool vctp_request_wanted(struct vctp_net *vn, struct sock *listener,
				struct sk_buff *skb,
				const struct vctp_tuple *flow,
				const struct vctp_options *options)
{
	int cookies = READ_ONCE(vn->sysctl.cookies);

	if (vctp_accept_full(listener)) {
		vctp_count(vn, ListenOverflow);
		vctp_drop(vn, skb, VCTP_C_DropBacklogFull);
		return false;
	}
	if (cookies < 2 && vctp_request_admit(vn, listener))
		return true;
	if (cookies)
		vctp_cookie_answer(vn, listener, skb, flow, options);
	else
		vctp_drop(vn, skb, VCTP_C_DropBacklogFull);
	return false;
}

/**
 * vctp_request_syn() - a SYN for a listener, like none that it holds already
 * @vn: the namespace
 * @listener: RCU, not locked
 * @skb: header at skb->data, parsed into its cb; taken
 * @flow: its 4-tuple, local is ours
 *
 * RFC 9293, 3.10.7.2. Past the backlog (RequestOverflow) a cookie holds the
 * request; with the accept queue full there is no use in one (RFC 4987, 3).
 */
void vctp_request_syn(struct vctp_net *vn, struct sock *listener,
		      struct sk_buff *skb, const struct vctp_tuple *flow)
{
	struct vctp_options options;
	struct vctp_request *req;

	if (!vctp_syn_options(skb, &options)) {
		vctp_drop(vn, skb, VCTP_C_DropNoOpen);
		return;
	}
	if (!vctp_request_wanted(vn, listener, skb, flow, &options))
		return;
	req = vctp_request_create(listener, skb, flow, &options);
	if (!req) {
		atomic_dec(&vctp_sk(listener)->accept.half_open);
		atomic_dec(&vn->requests);
		vctp_drop(vn, skb, VCTP_C_DropRequestMemory);
		return;
	}
	switch (vctp_request_enter(vn, req)) {
	case 0:
		vctp_request_synack(req);
		consume_skb(skb);
		return;
	case -EEXIST:
		/* The same SYN on another CPU: that one is answered. */
		vctp_count(vn, RequestsDuplicate);
		consume_skb(skb);
		break;
	case -ENOENT:
		vctp_drop(vn, skb, VCTP_C_DropNoListener);
		break;
	default:
		vctp_drop(vn, skb, VCTP_C_DropRequestMemory);
	}
	vctp_request_bury(req);
}

/* --- other ends --- */

/* False: somebody else was first. */
static bool vctp_request_kill(struct vctp_net *vn, struct vctp_request *req,
			      enum vctp_event event)
{
	bool mine;

	spin_lock_bh(&req->lock);
	mine = !req->dead;
	if (mine) {
		vctp_transition(vn, &req->entry, event);
		vctp_request_end(req);
	}
	spin_unlock_bh(&req->lock);
	return mine;
}

/**
 * vctp_request_icmp() - an ICMP error about our SYN+ACK
 * @vn: the namespace
 * @entry: the request; RCU, BH
 * @icmp: what it said
 *
 * A hard error that quotes our very number ends the request. A soft one does not
 * (RFC 1122, 4.2.3.9): the SYN+ACK may have come through all the same, as past a
 * tunnel that reports an earlier loss, and its ACK would meet a RST.
 */
void vctp_request_icmp(struct vctp_net *vn, struct vctp_entry *entry,
		       const struct vctp_icmp *icmp)
{
	struct vctp_request *req = vctp_request(entry);

	if (icmp->kind != VCTP_ICMP_HARD && icmp->kind != VCTP_ICMP_SOFT)
		return;
	if (!icmp->has_seq ||
	    ((icmp->quoted_seq ^ req->opening.iss) & VCTP_SEQ_MASK)) {
		vctp_count(vn, DropIcmpOutOfWindow);
		return;
	}
	if (icmp->kind == VCTP_ICMP_SOFT) {
		vctp_count(vn, IcmpSoft);
		return;
	}
	vctp_count(vn, IcmpHard);
	if (vctp_request_kill(vn, req, VCTP_E_GIVE_UP))
		vctp_request_bury(req);
}

/**
 * vctp_request_listener() - whose options count for a request
 * @entry: the request; RCU
 */
struct sock *vctp_request_listener(const struct vctp_entry *entry)
{
	return container_of(entry, struct vctp_request, entry)->listener;
}

/**
 * vctp_request_listener_gone() - a listener's requests end with it
 * @vn: the namespace
 * @listener: locked; no longer in LISTEN, so that none is added
 *
 * Their peers get a RST, so many a second.
 */
void vctp_request_listener_gone(struct vctp_net *vn, struct sock *listener)
{
	struct vctp_accept_queue *accept = &vctp_sk(listener)->accept;
	struct vctp_request *req;

	for (;;) {
		/* Once off the list, only RCU keeps it. */
		rcu_read_lock();
		spin_lock_bh(&accept->lock);
		req = list_first_entry_or_null(&accept->requests,
					       struct vctp_request, node);
		if (req)
			list_del_init(&req->node);
		spin_unlock_bh(&accept->lock);
		if (req && vctp_request_kill(vn, req, VCTP_E_ABORT)) {
			vctp_reset_peer(vn, &req->entry.tuple, listener,
					req->entry.bound_dev,
					req->opening.peer_id,
					req->opening.iss + 1,
					req->opening.irs + 1);
			vctp_request_bury(req);
		}
		rcu_read_unlock();
		if (!req)
			return;
		cond_resched();
	}
}

/**
 * vctp_request_module_init() - the slab of requests
 *
 * Return: 0 or -ENOMEM.
 */
int vctp_request_module_init(void)
{
	vctp_request_cache = KMEM_CACHE(vctp_request, SLAB_ACCOUNT);
	return vctp_request_cache ? 0 : -ENOMEM;
}

/**
 * vctp_request_module_exit() - the slab goes, after the last grace period
 */
void vctp_request_module_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(vctp_request_cache);
}
