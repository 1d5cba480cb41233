// SPDX-License-Identifier: GPL-2.0
/*
 * Whose is a segment? By what it says of itself:
 *
 *	RFL		by 4-tuple and the identifier that we sent; a RST only
 *	SYN, no ACK	by 4-tuple and the sender's identifier: one that we have
 *			already; else who opens towards it; else a listener
 *	all others	by our identifier; then 4-tuple and device must fit too
 *
 * IP's notes in skb->cb are needed for policy and filters; after that the cb
 * holds the parsed header.
 */
#include <linux/filter.h>
#include <net/busy_poll.h>
#include <net/inet6_hashtables.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/xfrm.h>

#include <linux/vctp.h>

#include "../net/net.h"
#include "internal.h"
#include "time_wait.h"

/* Look-ups, where what was found has just become something else. */
#define VCTP_LOOKUPS	4

/* One segment on its way. */
struct vctp_incoming {
	struct sk_buff *skb;
	const struct vctp_tuple *flow;
	struct vctp_arrival arrival;
	struct vctp_device in;
	bool permitted;		/* policy and filters said yes; cb is ours */
};

static const enum vctp_counter vctp_wire_drops[] = {
	[VCTP_WIRE_SHORT]	= VCTP_C_DropShort,
	[VCTP_WIRE_VERSION]	= VCTP_C_DropVersion,
	[VCTP_WIRE_LENGTH]	= VCTP_C_DropHeaderLength,
	[VCTP_WIRE_FLAGS]	= VCTP_C_DropFlags,
	[VCTP_WIRE_OPTIONS]	= VCTP_C_DropOptions,
};

static void vctp_device_of(const struct sk_buff *skb,
			   const struct vctp_tuple *flow, struct vctp_device *in)
{
	if (vctp_tuple_is_v4(flow)) {
		in->dif = inet_iif(skb);
		in->sdif = inet_sdif((struct sk_buff *)skb);
	} else {
		in->dif = inet6_iif(skb);
		in->sdif = inet6_sdif(skb);
	}
}

static bool vctp_device_match(struct net *net, const struct vctp_entry *entry,
			      const struct vctp_device *in)
{
	int bound = entry->bound_dev;

	if (entry->kind == VCTP_KIND_SOCKET)
		bound = READ_ONCE(container_of(entry, struct vctp_sock,
					       entry)->inet.sk.sk_bound_dev_if);
	return inet_sk_bound_dev_eq(net, bound, in->dif, in->sdif);
}

static bool vctp_hops_enough(const struct sock *sk, u8 hops, bool v4)
{
	return hops >= (v4 ? READ_ONCE(inet_sk(sk)->min_ttl) :
			     READ_ONCE(inet6_sk(sk)->min_hopcount));
}

static bool vctp_ttl_enough(const struct sock *sk, const struct sk_buff *skb,
			    bool v4)
{
	return vctp_hops_enough(sk, v4 ? ip_hdr(skb)->ttl :
					 ipv6_hdr(skb)->hop_limit, v4);
}

/* A filter may have cut the payload: the numbers follow. */
static void vctp_incoming_measure(struct vctp_incoming *seg)
{
	struct vctp_arrival *arrival = &seg->arrival;

	arrival->end_seq = arrival->seq + seg->skb->len - arrival->header_len +
			   !!(arrival->flags & VCTP_SYN) +
			   !!(arrival->flags & VCTP_FIN);
}

/*
 * What the administrator and the program of @sk (or NULL) let in. False: the
 * segment has been dropped.
 */
static bool vctp_incoming_permit(struct vctp_net *vn, struct vctp_incoming *seg,
				 struct sock *sk)
{
	bool v4 = vctp_tuple_is_v4(seg->flow);
	struct sk_buff *skb = seg->skb;

	if (seg->permitted)
		return true;
	if (sk && unlikely(!vctp_ttl_enough(sk, skb, v4))) {
		vctp_drop(vn, skb, VCTP_C_DropTtl);
		return false;
	}
	if (!xfrm_policy_check(sk, XFRM_POLICY_IN, skb,
			       v4 ? AF_INET : AF_INET6)) {
		vctp_drop(vn, skb, VCTP_C_DropPolicy);
		return false;
	}
	nf_reset_ct(skb);
	if (sk) {
		u32 len = skb->len;

		if (sk_filter_trim_cap(sk, skb, seg->arrival.header_len)) {
			vctp_drop(vn, skb, VCTP_C_DropFilter);
			return false;
		}
		if (unlikely(skb->len != len))
			vctp_incoming_measure(seg);
	}
	/* Behind a VRF skb->dev is not the link; who replies wants that. */
	if (!v4)
		skb->skb_iif = IP6CB(skb)->iif;
	*vctp_arrival(skb) = seg->arrival;
	seg->permitted = true;
	return true;
}

/* False: the socket has just gone. */
static bool vctp_deliver_socket(struct vctp_net *vn, struct vctp_incoming *seg,
				struct sock *sk)
{
	struct sk_buff *skb = seg->skb;

	if (unlikely(!refcount_inc_not_zero(&sk->sk_refcnt)))
		return false;
	if (unlikely(!vctp_incoming_permit(vn, seg, sk)))
		goto put;
	skb->dev = NULL;
	sk_incoming_cpu_update(sk);

	bh_lock_sock_nested(sk);
	if (!sock_owned_by_user(sk)) {
		sock_rps_save_rxhash(sk, skb);
		sk_mark_napi_id(sk, skb);
		vctp_socket_rcv(sk, skb);
		vctp_oracle_rest(sk);
	} else if (!vctp_backlog_add(sk, skb)) {
		vctp_drop(vn, skb, VCTP_C_DropBacklog);
	}
	bh_unlock_sock(sk);
put:
	sock_put(sk);
	return true;
}

/* False: @entry is over, look again. */
static bool vctp_deliver(struct vctp_net *vn, struct vctp_incoming *seg,
			 struct vctp_entry *entry)
{
	if (likely(entry->kind == VCTP_KIND_SOCKET))
		return vctp_deliver_socket(vn, seg, vctp_entry_sk(entry));

	if (entry->kind == VCTP_KIND_REQUEST) {
		if (!vctp_incoming_permit(vn, seg, vctp_request_listener(entry)))
			return true;
		return vctp_request_rcv(vn, entry, seg->skb);
	}
	if (vctp_incoming_permit(vn, seg, NULL))
		vctp_time_wait_rcv(vn, entry, seg->skb);
	return true;
}

/* Our identifier is nobody's. False: it has just become somebody's. */
static bool vctp_unknown_rcv(struct vctp_net *vn, struct vctp_incoming *seg)
{
	struct sock *listener = NULL;
	struct sk_buff *skb = seg->skb;
	bool again = false;

	if (vctp_cookie_worth(&seg->arrival))
		listener = vctp_port_listener(vn, skb, seg->flow, &seg->in);
	if (!vctp_incoming_permit(vn, seg, listener))
		return true;
	if (listener &&
	    vctp_cookie_rcv(vn, listener, skb, seg->flow, &again))
		return true;
	if (again)
		return false;
	vctp_reset_unknown(vn, skb, seg->flow);
	vctp_drop(vn, skb, VCTP_C_DropNoCircuit);
	return true;
}

static void vctp_known_rcv(struct vctp_net *vn, struct vctp_incoming *seg)
{
	int lookups = VCTP_LOOKUPS;
	struct vctp_entry *entry;

	do {
		entry = vctp_find_id(vn, seg->arrival.id);
		if (unlikely(!entry)) {
			if (vctp_unknown_rcv(vn, seg))
				return;
			continue;
		}
		if (unlikely(!vctp_tuple_same_path(&entry->tuple, seg->flow) ||
			     !vctp_device_match(vn->net, entry, &seg->in))) {
			vctp_drop(vn, seg->skb, VCTP_C_DropTuple);
			return;
		}
		if (likely(vctp_deliver(vn, seg, entry)))
			return;
	} while (--lookups);
	vctp_drop(vn, seg->skb, VCTP_C_DropNoCircuit);
}

/* A bare SYN of a circuit that we have. True: taken. */
static bool vctp_syn_known(struct vctp_net *vn, struct vctp_incoming *seg)
{
	struct vctp_tuple key = *seg->flow;
	int lookups = VCTP_LOOKUPS;
	struct vctp_entry *entry;

	key.peer_id = seg->arrival.id;
	do {
		entry = vctp_find_tuple(vn, &key);
		if (!entry)
			return false;
		if (!vctp_device_match(vn->net, entry, &seg->in)) {
			vctp_drop(vn, seg->skb, VCTP_C_DropTuple);
			return true;
		}
		if (vctp_deliver(vn, seg, entry))
			return true;
	} while (--lookups);
	vctp_drop(vn, seg->skb, VCTP_C_DropNoCircuit);
	return true;
}

/* A SYN over a 4-tuple that somebody reserved. True: taken. */
static bool vctp_syn_reserved(struct vctp_net *vn, struct vctp_incoming *seg,
			      struct vctp_entry *entry)
{
	if (!vctp_device_match(vn->net, entry, &seg->in))
		return false;
	if (entry->kind == VCTP_KIND_SOCKET)
		return vctp_entry_state(entry) == VCTP_S_SYN_SENT &&
		       vctp_deliver(vn, seg, entry);
	if (vctp_time_wait(entry)->mode != VCTP_TIME_WAIT_CLASSIC)
		return false;
	vctp_drop(vn, seg->skb, VCTP_C_DropClassicTimeWait);
	return true;
}

/* RFC 9293, 3.10.7.2 and 3.10.7.3. */
static void vctp_syn_rcv(struct vctp_net *vn, struct vctp_incoming *seg)
{
	struct vctp_entry *reserved;
	struct sock *listener;

	if (vctp_syn_known(vn, seg))
		return;
	reserved = vctp_find_reservation(vn, seg->flow);
	if (reserved && vctp_syn_reserved(vn, seg, reserved))
		return;
	listener = vctp_port_listener(vn, seg->skb, seg->flow, &seg->in);
	if (!vctp_incoming_permit(vn, seg, listener))
		return;
	if (!listener) {
		vctp_reset_unknown(vn, seg->skb, seg->flow);
		vctp_drop(vn, seg->skb, VCTP_C_DropNoListener);
		return;
	}
	if (reserved)
		vctp_time_wait_yield(vn, reserved);
	vctp_request_syn(vn, listener, seg->skb, seg->flow);
}

/* Somebody sends our identifier of it back: only to say that it is unknown. */
static void vctp_reflected_rcv(struct vctp_net *vn, struct vctp_incoming *seg)
{
	struct vctp_entry *entry = NULL;

	if (seg->arrival.flags & VCTP_RST)
		entry = vctp_find_quoted(vn, seg->flow, seg->arrival.id);
	if (!entry || !vctp_device_match(vn->net, entry, &seg->in) ||
	    !vctp_deliver(vn, seg, entry))
		vctp_drop(vn, seg->skb, VCTP_C_DropReflected);
}

/**
 * vctp_circuit_rcv() - one segment
 * @net: the namespace
 * @skb: header and options linear at skb->data, checksum right; taken
 * @flow: its 4-tuple, local is ours
 *
 * BH, RCU.
 */
void vctp_circuit_rcv(struct net *net, struct sk_buff *skb,
		      const struct vctp_tuple *flow)
{
	struct vctp_net *vn = vctp_net(net);
	struct vctp_incoming seg = {
		.skb = skb,
		.flow = flow,
	};
	enum vctp_wire_verdict verdict;

	vctp_count_add(vn, InSegs, max_t(u16, 1, skb_shinfo(skb)->gso_segs));
	verdict = vctp_wire_parse(skb->data, skb->len, &seg.arrival);
	if (unlikely(verdict != VCTP_WIRE_OK)) {
		vctp_drop(vn, skb, vctp_wire_drops[verdict]);
		return;
	}
	vctp_device_of(skb, flow, &seg.in);

	if (unlikely(seg.arrival.flags & VCTP_RFL))
		vctp_reflected_rcv(vn, &seg);
	else if ((seg.arrival.flags & (VCTP_SYN | VCTP_ACK)) == VCTP_SYN)
		vctp_syn_rcv(vn, &seg);
	else
		vctp_known_rcv(vn, &seg);
}

/* IPv4: the quoted packet's, as TCP has it; IPv6: the error's own. */
static bool vctp_icmp_ttl_enough(const struct sock *sk, const struct sk_buff *skb,
				 const struct vctp_tuple *flow)
{
	bool v4 = vctp_tuple_is_v4(flow);

	return vctp_hops_enough(sk, v4 ? ((const struct iphdr *)skb->data)->ttl :
					 ipv6_hdr(skb)->hop_limit, v4);
}

/**
 * vctp_circuit_icmp() - an ICMP error about a segment of ours
 * @net: the namespace
 * @skb: the error, its cb still IP's; not taken
 * @flow: of the quoted segment, local is ours
 * @icmp: what it said
 *
 * BH, RCU. A quote that fits no circuit is counted (RFC 5927, 4.1).
 */
void vctp_circuit_icmp(struct net *net, struct sk_buff *skb,
		       const struct vctp_tuple *flow, const struct vctp_icmp *icmp)
{
	struct vctp_net *vn = vctp_net(net);
	struct vctp_entry *entry;
	struct vctp_device in;
	struct sock *sk;

	entry = vctp_find_quoted(vn, flow, icmp->quoted_id);
	vctp_device_of(skb, flow, &in);
	if (!entry || !vctp_device_match(net, entry, &in)) {
		vctp_count(vn, DropIcmpNoCircuit);
		return;
	}
	switch (entry->kind) {
	case VCTP_KIND_REQUEST:
		vctp_request_icmp(vn, entry, icmp);
		break;
	case VCTP_KIND_SOCKET:
		sk = vctp_entry_sk(entry);
		if (!refcount_inc_not_zero(&sk->sk_refcnt))
			break;
		if (unlikely(!vctp_icmp_ttl_enough(sk, skb, flow))) {
			vctp_count(vn, DropTtl);
		} else {
			bh_lock_sock(sk);
			vctp_icmp_rcv(sk, skb, icmp);
			bh_unlock_sock(sk);
		}
		sock_put(sk);
		break;
	}
}
