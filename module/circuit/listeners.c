// SPDX-License-Identifier: GPL-2.0
/*
 * Listeners: which one a SYN is for. They hang on their port, read under RCU,
 * changed under the port's bucket lock; SO_REUSEPORT groups are the kernel's.
 */
#include <linux/rculist.h>
#include <net/sock_reuseport.h>

#include "../net/net.h"
#include "internal.h"
#include "ports.h"

/**
 * vctp_port_listener() - the listener that a bare SYN is for
 * @vn: the namespace
 * @skb: the SYN, header at skb->data (a group's program may look at it)
 * @flow: its 4-tuple, local is ours
 * @in: the device that it came by
 *
 * The most specific address and device win, then the group decides.
 *
 * RCU. Return: the listener, not held, or NULL.
 */
struct sock *vctp_port_listener(struct vctp_net *vn, struct sk_buff *skb,
				const struct vctp_tuple *flow,
				const struct vctp_device *in)
{
	u16 number = ntohs(flow->local_port);
	struct sock *sk, *best = NULL;
	struct vctp_port *port;
	int score, most = -1;

	hlist_for_each_entry_rcu(port, &vctp_port_bucket(vn, number)->ports,
				 node) {
		if (port->number != number)
			continue;
		sk_for_each_rcu(sk, &port->listeners) {
			score = vctp_net_listener_score(sk, flow, in->dif,
							in->sdif);
			if (score > most) {
				most = score;
				best = sk;
			}
		}
	}
	if (best && best->sk_reuseport) {
		sk = reuseport_select_sock(best, vctp_tuple_hash32(flow), skb,
					   VCTP_HEADER_LEN);
		if (sk)
			best = sk;
	}
	return best;
}

static bool vctp_listener_any(const struct sock *sk)
{
	if (sk->sk_family == AF_INET6)
		return ipv6_addr_any(&sk->sk_v6_rcv_saddr);
	return !sk->sk_rcv_saddr;
}

/* Bucket lock: found or join the group of who listens at the same place. */
static int vctp_listener_group(struct vctp_port *port, struct sock *sk)
{
	bool any = vctp_listener_any(sk);
	struct sock *other;

	sk_for_each(other, &port->listeners) {
		if (other->sk_reuseport &&
		    other->sk_family == sk->sk_family &&
		    ipv6_only_sock(other) == ipv6_only_sock(sk) &&
		    other->sk_bound_dev_if == sk->sk_bound_dev_if &&
		    uid_eq(sk_uid(other), sk_uid(sk)) &&
		    vctp_net_address_conflict(sk, other, false))
			return reuseport_add_sock(sk, other, any);
	}
	return reuseport_alloc(sk, any);
}

/**
 * vctp_port_listen() - SYNs may find this listener
 * @sk: the socket; locked, in LISTEN, its port bound
 *
 * Return: 0 or -ENOMEM.
 */
int vctp_port_listen(struct sock *sk)
{
	struct vctp_port *port = vctp_sk(sk)->port;
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_port_bucket *bucket;
	int err = 0;

	bucket = vctp_port_bucket(vn, port->number);
	sock_set_flag(sk, SOCK_RCU_FREE);
	spin_lock_bh(&bucket->lock);
	if (sk->sk_reuseport)
		err = vctp_listener_group(port, sk);
	if (!err)
		sk_add_node_rcu(sk, &port->listeners);
	spin_unlock_bh(&bucket->lock);
	return err;
}

/**
 * vctp_port_unlisten() - no SYN finds this listener any more
 * @sk: the socket; locked
 */
void vctp_port_unlisten(struct sock *sk)
{
	struct vctp_port *port = vctp_sk(sk)->port;
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_port_bucket *bucket;

	if (!port || sk_unhashed(sk))
		return;
	bucket = vctp_port_bucket(vn, port->number);
	spin_lock_bh(&bucket->lock);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	sk_del_node_init(sk);
	spin_unlock_bh(&bucket->lock);
}

/**
 * vctp_port_walk() - the next listener, for a list of them all
 * @vn: the namespace
 * @bucket: where to look, and where it was found
 * @skip: how many listeners of that bucket to pass over, and were
 *
 * To go on, add 1 to @skip. Listeners that come or go meanwhile in the same
 * bucket may be left out or shown twice.
 *
 * RCU. Return: the listener, not held, or NULL where there are no more.
 */
struct sock *vctp_port_walk(struct vctp_net *vn, u32 *bucket, u32 *skip)
{
	struct vctp_port *port;
	struct sock *sk;
	u32 passed;

	for (; *bucket < VCTP_PORT_BUCKETS; ++*bucket, *skip = 0) {
		passed = 0;
		hlist_for_each_entry_rcu(port, &vn->ports[*bucket].ports, node)
			sk_for_each_rcu(sk, &port->listeners)
				if (passed++ == *skip)
					return sk;
	}
	return NULL;
}
