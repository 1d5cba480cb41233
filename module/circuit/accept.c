// SPDX-License-Identifier: GPL-2.0
/*
 * A listener, its queue of circuits that wait for accept(), and how a child is
 * made. The listener itself is never locked for a segment: accept.lock guards
 * the queue, and what is added to it only while the state is LISTEN.
 */
#include <linux/security.h>
#include <net/inet_connection_sock.h>

#include "../net/net.h"
#include "internal.h"

/**
 * vctp_accept_init() - the queue of a socket that has just been made
 * @sk: nobody else's yet
 */
void vctp_accept_init(struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);

	spin_lock_init(&vs->accept.lock);
	INIT_LIST_HEAD(&vs->accept.ready);
	INIT_LIST_HEAD(&vs->accept.requests);
	vs->accept.count = 0;
	atomic_set(&vs->accept.half_open, 0);
	INIT_LIST_HEAD(&vs->accept_node);
}

/**
 * vctp_accept_full() - may no more circuits wait for accept()?
 * @listener: RCU, not locked
 */
bool vctp_accept_full(const struct sock *listener)
{
	return sk_acceptq_is_full(listener);
}

/* False: it listens no more. */
static bool vctp_accept_add(struct sock *listener, struct sock *child)
{
	struct vctp_accept_queue *accept = &vctp_sk(listener)->accept;
	bool listens;

	spin_lock(&accept->lock);
	listens = inet_sk_state_load(listener) == TCP_LISTEN;
	if (listens) {
		list_add_tail(&vctp_sk(child)->accept_node, &accept->ready);
		WRITE_ONCE(accept->count, accept->count + 1);
		sk_acceptq_added(listener);
	}
	spin_unlock(&accept->lock);
	return listens;
}

/* The oldest, or NULL. */
static struct sock *vctp_accept_take(struct sock *sk)
{
	struct vctp_accept_queue *accept = &vctp_sk(sk)->accept;
	struct vctp_sock *child;

	spin_lock_bh(&accept->lock);
	child = list_first_entry_or_null(&accept->ready, struct vctp_sock,
					 accept_node);
	if (child) {
		list_del_init(&child->accept_node);
		WRITE_ONCE(accept->count, accept->count - 1);
		sk_acceptq_removed(sk);
	}
	spin_unlock_bh(&accept->lock);
	return child ? &child->inet.sk : NULL;
}

/**
 * vctp_circuit_accept() - the next circuit that waits
 * @sk: a listener; locked
 *
 * Return: the circuit, its reference the caller's, or NULL.
 */
struct sock *vctp_circuit_accept(struct sock *sk)
{
	return vctp_accept_take(sk);
}

/**
 * vctp_circuit_listen() - begin to take SYNs
 * @sk: the socket; locked, CLOSED with its port bound, or in LISTEN
 * @backlog: circuits that may wait, and half-open ones
 *
 * Return: 0; -EADDRINUSE where another listener came first; -ENOMEM.
 */
int vctp_circuit_listen(struct sock *sk, int backlog)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_entry *entry = &vctp_sk(sk)->entry;
	struct inet_sock *inet = inet_sk(sk);
	int err;

	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	if (sk->sk_state == TCP_LISTEN)
		return 0;
	sk->sk_ack_backlog = 0;
	/* The rules of bind() are stricter with a listener: look again. */
	vctp_transition(vn, entry, VCTP_E_LISTEN);
	err = vctp_port_get(sk, inet->inet_num);
	if (!err)
		err = vctp_port_listen(sk);
	if (err) {
		vctp_transition(vn, entry, VCTP_E_ABORT);
		return err;
	}
	inet->inet_sport = htons(inet->inet_num);
	return 0;
}

/* Nobody accepted it, and nobody will: RST, and gone. */
static void vctp_child_abort(struct vctp_net *vn, struct sock *child)
{
	sock_hold(child);
	local_bh_disable();
	bh_lock_sock(child);
	WARN_ON_ONCE(sock_owned_by_user(child));
	sock_orphan(child);
	percpu_counter_inc(&vn->orphans);
	if (child->sk_state == TCP_CLOSE)
		vctp_done(child);
	else
		vctp_circuit_abort(child, 0);
	bh_unlock_sock(child);
	local_bh_enable();
	sock_put(child);
}

/**
 * vctp_listen_stop() - abort all that nobody accepted
 * @sk: the socket; locked, no longer in LISTEN
 */
void vctp_listen_stop(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct sock *child;

	vctp_port_unlisten(sk);
	vctp_request_listener_gone(vn, sk);
	while ((child = vctp_accept_take(sk))) {
		vctp_child_abort(vn, child);
		cond_resched();
	}
}

/* What the copy of a listener must not have in common with it. */
static void vctp_child_init(struct sock *child, const struct vctp_birth *birth)
{
	struct vctp_sock *vs = vctp_sk(child);

	vctp_net_child_detach(child);
	memset(&vs->entry, 0, sizeof(vs->entry));
	vs->entry.kind = VCTP_KIND_SOCKET;
	vs->entry.tuple = *birth->tuple;
	vs->entry.id = birth->opening->id;
	vctp_state_begin(&vs->entry, VCTP_S_CLOSED);
	vctp_accept_init(child);
	child->sk_ack_backlog = 0;
	vs->port = NULL;
	INIT_HLIST_NODE(&vs->port_node);
	inet_sk(child)->inet_num = 0;
	vs->cookie = NULL;
	vs->deferred = 0;
	vctp_timers_init(child);
	atomic64_set(&child->sk_cookie, 0);
	sock_prot_inuse_add(sock_net(child), child->sk_prot, 1);
	if (!birth->tos)
		return;
	inet_sk(child)->tos = birth->tos;
	if (!vctp_tuple_is_v4(birth->tuple))
		inet6_sk(child)->tclass = birth->tos;
}

/* In the tables by its numbers, in place of its request if there was one. */
static int vctp_child_enter(struct vctp_net *vn, struct sock *child,
			    struct vctp_entry *old)
{
	struct vctp_entry *entry = &vctp_sk(child)->entry;
	int err;

	if (old)
		return vctp_replace(vn, old, entry);
	err = vctp_enter_id(vn, entry);
	return err ? err : vctp_enter_tuple(vn, entry);
}

/* It came to nothing: as if a program had closed it. */
static void vctp_child_discard(struct vctp_net *vn, struct sock *child)
{
	__acquire(&child->sk_lock.slock);	/* sparse missed sk_clone_lock()'s */
	sock_set_flag(child, SOCK_DEAD);
	percpu_counter_inc(&vn->orphans);
	vctp_transition(vn, &vctp_sk(child)->entry, VCTP_E_ABORT);
	vctp_done(child);
	bh_unlock_sock(child);
	sock_put(child);
}

/**
 * vctp_child_create() - a socket for a circuit that a peer has opened
 * @vn: the namespace
 * @birth: whose child, and what was settled
 * @skb: the segment that opens it, with its IP header and device; not taken
 *
 * RCU, BH. In state SYN_RECEIVED, which @skb will move.
 *
 * Return: the child, in the tables and the accept queue, locked by
 * bh_lock_sock(), with a reference for the caller. NULL: the queue is full
 * (ListenOverflow), there is no memory or no route, or nobody listens.
 */
struct sock *vctp_child_create(struct vctp_net *vn,
			       const struct vctp_birth *birth,
			       struct sk_buff *skb)
{
	struct sock *child, *listener = birth->listener;
	struct vctp_sock *vs;

	if (vctp_accept_full(listener)) {
		vctp_count(vn, ListenOverflow);
		return NULL;
	}
	child = sk_clone_lock(listener, GFP_ATOMIC);
	if (!child)
		return NULL;
	vctp_child_init(child, birth);
	vs = vctp_sk(child);
	if (vs->af->init_child(listener, child, birth->tuple, skb) ||
	    vctp_port_inherit(child, listener))
		goto discard;
	vs->entry.bound_dev = child->sk_bound_dev_if;
	vctp_open_child(child, birth->opening);
	security_inet_conn_established(child, skb);
	if (birth->opening->rtt_us)
		vctp_rtt_sample(&vs->rtt, birth->opening->rtt_us);
	vctp_transition(vn, &vs->entry, VCTP_E_SYN);
	if (sock_flag(child, SOCK_KEEPOPEN))
		vctp_circuit_set_keepalive(child, 1);
	if (vctp_child_enter(vn, child, birth->old) ||
	    !vctp_accept_add(listener, child))
		goto discard;
	return child;

discard:
	vctp_child_discard(vn, child);
	return NULL;
}

/**
 * vctp_child_process() - give the child the segment that made it
 * @listener: RCU, or held
 * @child: from vctp_child_create(); unlocked and put
 * @skb: header at skb->data, parsed into its cb; taken
 */
void vctp_child_process(struct sock *listener, struct sock *child,
			struct sk_buff *skb)
	__releases(&child->sk_lock.slock)
{
	skb->dev = NULL;
	vctp_socket_rcv(child, skb);
	vctp_oracle_rest(child);
	listener->sk_data_ready(listener);
	bh_unlock_sock(child);
	sock_put(child);
}
