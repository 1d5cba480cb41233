// SPDX-License-Identifier: GPL-2.0
/*
 * Stateless requests: a SYN+ACK whose cookie holds all that a request would,
 * and the segment that brings the cookie back (RFC 4987, 3.6; no option is
 * lost, since the cookie is an option and not a sequence number).
 *
 * The identifier that a cookie settles has VCTP_ID_COOKIE_BIT, so that a
 * segment for one that is in no table is known by it. A cookie opens one
 * circuit: that one leaves a tombstone, as long as the cookie lives.
 */
#include "../net/net.h"
#include "../protocol/cookie.h"
#include "internal.h"

#define VCTP_COOKIE_LIFE_MAX_S	600

/**
 * vctp_cookie_life() - how long a cookie lives
 * @vn: the namespace
 *
 * Twice the time that a request would have waited for its ACK, all its
 * time-outs together.
 *
 * Return: seconds.
 */
u32 vctp_cookie_life(const struct vctp_net *vn)
{
	u64 timeout_ms = READ_ONCE(vn->sysctl.rto_initial_ms);
	u64 most_ms = READ_ONCE(vn->sysctl.rto_max_ms);
	int retries = READ_ONCE(vn->sysctl.synack_retries);
	u64 ms = 0;
	int i;

	for (i = 0; i <= retries && ms < VCTP_COOKIE_LIFE_MAX_S * 500ULL; i++) {
		ms += min(timeout_ms, most_ms);
		timeout_ms *= 2;
	}
	return min_t(u32, DIV_ROUND_UP((u32)ms, 500), VCTP_COOKIE_LIFE_MAX_S);
}

static u32 vctp_cookie_clock(void)
{
	return (u32)div_u64(vctp_now_us(), USEC_PER_SEC);
}

static void vctp_cookie_flow_of(struct vctp_cookie_flow *flow,
				const struct vctp_tuple *tuple)
{
	memcpy(flow->local, &tuple->local, sizeof(flow->local));
	memcpy(flow->remote, &tuple->remote, sizeof(flow->remote));
	flow->local_port = ntohs(tuple->local_port);
	flow->remote_port = ntohs(tuple->remote_port);
}

/**
 * vctp_cookie_worth() - may a segment for an unknown identifier bring a cookie?
 * @arrival: its header
 */
bool vctp_cookie_worth(const struct vctp_arrival *arrival)
{
	return arrival->id & VCTP_ID_COOKIE_BIT &&
	       (arrival->flags & (VCTP_ACK | VCTP_SYN | VCTP_RST)) == VCTP_ACK &&
	       arrival->header_len > VCTP_HEADER_LEN;
}

/**
 * vctp_cookie_answer() - answer a SYN and keep nothing of it
 * @vn: the namespace
 * @listener: RCU, not locked
 * @skb: the SYN, header at skb->data, parsed into its cb; taken
 * @tuple: its 4-tuple, local is ours
 * @syn: its options
 */
void vctp_cookie_answer(struct vctp_net *vn, struct sock *listener,
			struct sk_buff *skb, const struct vctp_tuple *tuple,
			const struct vctp_options *syn)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	struct vctp_opening opening = {
		.iss = VCTP_SEQ_BASE + (vctp_random_u64(vn) & VCTP_SEQ_MASK),
		.irs = VCTP_SEQ_BASE + (arrival->seq & VCTP_SEQ_MASK),
		.id = vctp_random_u32(vn) | VCTP_ID_COOKIE_BIT,
		.peer_id = arrival->id,
		.echo = arrival->epoch,
	};
	struct vctp_cookie cookie = {
		.irs = opening.irs & VCTP_SEQ_MASK,
		.iss = opening.iss & VCTP_SEQ_MASK,
		.id = opening.id,
		.peer_id = opening.peer_id,
		.made_s = vctp_cookie_clock(),
		.mss = syn->mss,
		.capabilities = syn->capabilities,
	};
	u8 sealed[VCTP_COOKIE_LEN];
	struct vctp_synack synack = {
		.tuple = tuple,
		.opening = &opening,
		.listener = listener,
		.cookie = sealed,
		.bound_dev = vctp_net_reply_dev(listener, skb),
		.mark = inet_request_mark(listener, skb),
		.tos = vctp_syn_tos(listener, skb),
	};
	struct vctp_cookie_flow flow;

	vctp_cookie_flow_of(&flow, tuple);
	vctp_cookie_seal(&cookie, &flow, &vn->cookie_key, sealed);
	vctp_count(vn, CookiesSent);
	vctp_synack_send(vn, &synack);
	consume_skb(skb);
}

/* The cookie that a segment brings, if it is one of ours and fits it. */
static bool vctp_cookie_of(struct vctp_net *vn, const struct sk_buff *skb,
			   const struct vctp_tuple *tuple,
			   struct vctp_cookie *cookie)
{
	const struct vctp_arrival *arrival = vctp_arrival(skb);
	struct vctp_cookie_flow flow;
	struct vctp_options options;

	options.present = 0;
	if (vctp_options_parse(skb->data + VCTP_HEADER_LEN,
			       arrival->header_len - VCTP_HEADER_LEN,
			       arrival->ack, &options) != VCTP_WIRE_OK ||
	    !(options.present & VCTP_HAS_COOKIE))
		return false;
	vctp_cookie_flow_of(&flow, tuple);
	if (vctp_cookie_open(options.cookie, options.cookie_len, &flow,
			     &vn->cookie_key, vctp_cookie_clock(),
			     vctp_cookie_life(vn), cookie) &&
	    cookie->id == arrival->id &&
	    arrival->ack == ((cookie->iss + 1) & VCTP_SEQ_MASK))
		return true;
	vctp_count(vn, CookiesBad);
	return false;
}

/* Its numbers, as a request would have them, if the segment lies in the window. */
static bool vctp_cookie_opening(const struct sock *listener,
				const struct vctp_arrival *arrival,
				const struct vctp_cookie *cookie,
				struct vctp_opening *opening)
{
	u64 irs = VCTP_SEQ_BASE + cookie->irs;
	struct vctp_receive_window window = {
		.next = irs + 1,
		.edge = irs + 1 + vctp_open_window(listener),
	};
	u64 seq = vctp_seq_widen(arrival->seq, irs);
	u64 length = (arrival->end_seq - arrival->seq) & VCTP_SEQ_MASK;

	*opening = (struct vctp_opening) {
		.iss = VCTP_SEQ_BASE + cookie->iss,
		.irs = irs,
		.id = cookie->id,
		.peer_id = cookie->peer_id,
		.peer_window = arrival->window,
		.mss = cookie->mss,
		.capabilities = cookie->capabilities,
		.echo = arrival->epoch,
	};
	return vctp_window_acceptable(&window, seq, seq + length);
}

/* Room for a circuit, and this cookie's only turn. 0, or why not. */
static int vctp_cookie_admit(struct vctp_net *vn, struct sock *listener, u32 id)
{
	if (vctp_accept_full(listener)) {
		vctp_count(vn, ListenOverflow);
		return -ENOSPC;
	}
	return vctp_tombstone_set(vn, id);
}

/**
 * vctp_cookie_rcv() - a segment for an identifier that nobody has
 * @vn: the namespace
 * @listener: what listens where it came to; RCU, not locked
 * @skb: header at skb->data, parsed into its cb
 * @flow: its 4-tuple, local is ours
 * @again: set where another segment with the same cookie was first, and the
 *	   circuit is in the tables by now
 *
 * RCU, BH. Return: true where @skb was taken: it opened a circuit, or its
 * cookie was good but there is no room for a circuit now (counted).
 */
bool vctp_cookie_rcv(struct vctp_net *vn, struct sock *listener,
		     struct sk_buff *skb, const struct vctp_tuple *flow,
		     bool *again)
{
	enum vctp_counter why = VCTP_C_DropRequestMemory;
	struct vctp_tuple tuple = *flow;
	struct vctp_opening opening;
	struct vctp_birth birth = {
		.listener = listener,
		.tuple = &tuple,
		.opening = &opening,
	};
	struct vctp_cookie cookie;
	struct sock *child;

	if (!vctp_cookie_of(vn, skb, flow, &cookie))
		return false;
	if (!vctp_cookie_opening(listener, vctp_arrival(skb), &cookie,
				 &opening)) {
		vctp_drop(vn, skb, VCTP_C_DropWindow);
		return true;
	}
	switch (vctp_cookie_admit(vn, listener, cookie.id)) {
	case 0:
		break;
	case -EALREADY:
		*again = vctp_find_id(vn, cookie.id);
		if (*again)
			return false;
		why = VCTP_C_DropNoCircuit;
		goto drop;
	case -EEXIST:
		return false;
	case -ENOSPC:
		why = VCTP_C_DropBacklogFull;
		goto drop;
	default:
		goto drop;
	}
	tuple.peer_id = cookie.peer_id;
	birth.tos = vctp_syn_tos(listener, skb);
	child = vctp_child_create(vn, &birth, skb);
	if (!child) {
		vctp_tombstone_lift(vn, cookie.id);
		goto drop;
	}
	vctp_count(vn, CookiesTaken);
	vctp_oracle_identifier(vn, cookie.id);
	vctp_child_process(listener, child, skb);
	return true;

drop:
	vctp_drop(vn, skb, why);
	return true;
}
