// SPDX-License-Identifier: GPL-2.0
/*
 * A segment for a half-open circuit (RFC 9293, 3.10.7.4, SYN-RECEIVED): the
 * SYN again, a RST, or the one that completes the handshake.
 */
#include "../net/net.h"
#include "../watch/trace.h"
#include "internal.h"
#include "request.h"

enum vctp_request_todo {
	VCTP_REQUEST_DROP,
	VCTP_REQUEST_KEEP,	/* taken in, nothing to do */
	VCTP_REQUEST_ANSWER,	/* the SYN+ACK again */
	VCTP_REQUEST_CHALLENGE,	/* an ACK that says where we are, and drop */
	VCTP_REQUEST_RESET,	/* a RST for a wrong acknowledgement, and drop */
	VCTP_REQUEST_END,	/* reset by the peer */
	VCTP_REQUEST_OPEN,
};

static bool vctp_request_may_answer(struct vctp_request *req)
{
	u32 pause = READ_ONCE(vctp_request_net(req)->sysctl.invalid_ratelimit_ms) *
		    USEC_PER_MSEC;
	u32 now = (u32)vctp_now_us();

	if (req->answered_us && now - req->answered_us < pause)
		return false;
	req->answered_us = now ? now : 1;
	return true;
}

static enum vctp_request_todo vctp_request_challenge(struct vctp_request *req)
{
	return vctp_request_may_answer(req) ? VCTP_REQUEST_CHALLENGE :
					      VCTP_REQUEST_DROP;
}

/* The SYN again, by its numbers: answered again, never a second request. */
static enum vctp_request_todo
vctp_request_syn_again(struct vctp_request *req,
		       const struct vctp_arrival *arrival, enum vctp_counter *why)
{
	if (arrival->seq != req->opening.irs) {
		*why = VCTP_C_DropWindow;
		return VCTP_REQUEST_DROP;
	}
	vctp_count(vctp_request_net(req), RequestsDuplicate);
	if (!vctp_request_may_answer(req))
		return VCTP_REQUEST_KEEP;
	req->opening.echo = arrival->epoch;
	req->sent_us = 0;
	return VCTP_REQUEST_ANSWER;
}

/* It acknowledges our SYN: a circuit, unless nobody can take it yet. */
static enum vctp_request_todo
vctp_request_completed(struct vctp_request *req,
		       const struct vctp_arrival *arrival, enum vctp_counter *why)
{
	req->acked = true;
	if (vctp_accept_full(req->listener)) {
		vctp_count(vctp_request_net(req), ListenOverflow);
		*why = VCTP_C_DropBacklogFull;
		return VCTP_REQUEST_DROP;
	}
	if (arrival->end_seq == req->opening.irs + 1 &&
	    req->timeouts < vctp_request_defer(req))
		return VCTP_REQUEST_KEEP;
	return VCTP_REQUEST_OPEN;
}

/* RFC 9293, 3.10.7.4, in its order; RFC 5961. Lock. */
static enum vctp_request_todo
vctp_request_check(struct vctp_request *req, const struct vctp_arrival *arrival,
		   enum vctp_counter *why)
{
	const struct vctp_opening *opening = &req->opening;
	struct vctp_receive_window window = {
		.next = opening->irs + 1,
		.edge = opening->irs + 1 + req->window,
	};

	if ((arrival->flags & (VCTP_SYN | VCTP_ACK)) == VCTP_SYN)
		return vctp_request_syn_again(req, arrival, why);

	if (arrival->flags & VCTP_RST) {
		*why = VCTP_C_DropRstInexact;
		if (arrival->seq == window.next)
			return VCTP_REQUEST_END;
		if (vctp_window_acceptable(&window, arrival->seq, arrival->seq))
			return vctp_request_challenge(req);
		return VCTP_REQUEST_DROP;
	}
	*why = VCTP_C_DropWindow;
	if (arrival->flags & VCTP_SYN ||
	    !vctp_window_acceptable(&window, arrival->seq, arrival->end_seq))
		return vctp_request_challenge(req);
	if (arrival->ack != opening->iss + 1) {
		*why = VCTP_C_DropBadAckOfSyn;
		return VCTP_REQUEST_RESET;
	}
	return vctp_request_completed(req, arrival, why);
}

static struct sock *vctp_request_open(struct vctp_net *vn,
				      struct vctp_request *req,
				      struct sk_buff *skb)
{
	struct vctp_opening opening = req->opening;
	struct vctp_birth birth = {
		.listener = req->listener,
		.old = &req->entry,
		.tuple = &req->entry.tuple,
		.opening = &opening,
		.tos = req->tos,
	};

	opening.peer_window = vctp_arrival(skb)->window;
	if (req->sent_us)
		opening.rtt_us = max_t(u64, vctp_now_us() - req->sent_us, 1);
	return vctp_child_create(vn, &birth, skb);
}

/* What the lock need not be held for. */
static void vctp_request_reply(struct vctp_net *vn, struct vctp_request *req,
			       const struct vctp_arrival *arrival,
			       enum vctp_request_todo todo)
{
	const struct vctp_opening *opening = &req->opening;
	struct vctp_reply reply = {
		.tuple = &req->entry.tuple,
		.sk = req->listener,
		.bound_dev = req->entry.bound_dev,
		.mark = req->mark,
		.tos = req->tos,
		.segment = {
			.seq = opening->iss + 1,
			.ack = opening->irs + 1,
			.window = req->window,
			.id = opening->peer_id,
			.flags = VCTP_ACK,
			.echo = arrival->epoch,
		},
	};

	if (todo == VCTP_REQUEST_ANSWER)
		vctp_request_synack(req);
	else if (todo == VCTP_REQUEST_RESET)
		vctp_reset_peer(vn, &req->entry.tuple, req->listener,
				req->entry.bound_dev, opening->peer_id,
				arrival->ack, arrival->end_seq);
	else if (todo == VCTP_REQUEST_CHALLENGE && vctp_may_challenge(vn))
		vctp_net_reply(vn->net, &reply);
}

static void vctp_request_widen(const struct vctp_request *req,
			       struct vctp_arrival *arrival)
{
	u64 length = (arrival->end_seq - arrival->seq) & VCTP_SEQ_MASK;

	arrival->seq = vctp_seq_widen(arrival->seq, req->opening.irs);
	arrival->end_seq = arrival->seq + length;
	arrival->ack = vctp_seq_widen(arrival->ack, req->opening.iss);
}

/**
 * vctp_request_rcv() - a segment for a half-open circuit
 * @vn: the namespace
 * @entry: the request; RCU, BH
 * @skb: header at skb->data, parsed into its cb
 *
 * The lock is held while the child is made, so that of two segments one makes
 * it and the other finds it.
 *
 * Return: true: @skb was taken. False: this is no request any more, and what
 * took its place is in the tables.
 */
bool vctp_request_rcv(struct vctp_net *vn, struct vctp_entry *entry,
		      struct sk_buff *skb)
{
	struct vctp_request *req = vctp_request(entry);
	struct vctp_arrival *arrival = vctp_arrival(skb);
	enum vctp_counter why = VCTP_C_DropState;
	enum vctp_request_todo todo;
	struct vctp_options options;
	struct sock *child = NULL;
	struct sock *listener;
	bool over = false;

	spin_lock(&req->lock);
	if (req->dead) {
		spin_unlock(&req->lock);
		return false;
	}
	listener = req->listener;
	vctp_request_widen(req, arrival);
	todo = vctp_request_check(req, arrival, &why);
	/* A void segment opens nothing. */
	if (todo == VCTP_REQUEST_OPEN && !vctp_options_of(skb, &options)) {
		todo = VCTP_REQUEST_DROP;
		why = VCTP_C_DropOptions;
	}
	if (todo == VCTP_REQUEST_OPEN) {
		child = vctp_request_open(vn, req, skb);
		over = child;
		why = VCTP_C_DropRequestMemory;
	} else if (todo == VCTP_REQUEST_END) {
		vctp_count(vn, InRsts);
		trace_vctp_receive_reset(&req->entry);
		vctp_transition(vn, &req->entry, VCTP_E_RST);
		over = true;
	}
	if (over)
		vctp_request_end(req);
	vctp_oracle_request(req);
	spin_unlock(&req->lock);

	vctp_request_reply(vn, req, arrival, todo);
	if (child)
		vctp_child_process(listener, child, skb);
	else if (todo == VCTP_REQUEST_KEEP || todo == VCTP_REQUEST_END ||
		 todo == VCTP_REQUEST_ANSWER)
		consume_skb(skb);
	else
		vctp_drop(vn, skb, why);
	if (over)
		vctp_request_bury(req);
	return true;
}
