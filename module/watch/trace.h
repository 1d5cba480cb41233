/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: what happens to circuits, as it happens.
 *
 *	echo 1 > /sys/kernel/tracing/events/vctp/enable
 *	perf trace -e 'vctp:*'
 *
 * Addresses are IPv6, IPv4 as v4-mapped.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vctp

#if !defined(_VCTP_WATCH_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _VCTP_WATCH_TRACE_H

#include <linux/tracepoint.h>

#include "../circuit/circuit.h"

#ifndef VCTP_TRACE_ENTRY_ONCE
#define VCTP_TRACE_ENTRY_ONCE
/* What every event says of its circuit. */
#define VCTP_TRACE_CIRCUIT						\
	__field(u32, id)						\
	__field(u32, peer_id)						\
	__field(u16, local_port)					\
	__field(u16, remote_port)					\
	__array(u8, local, 16)						\
	__array(u8, remote, 16)

#define VCTP_TRACE_CIRCUIT_ASSIGN(e) do {				\
	__entry->id = (e)->id;						\
	__entry->peer_id = (e)->tuple.peer_id;				\
	__entry->local_port = ntohs((e)->tuple.local_port);		\
	__entry->remote_port = ntohs((e)->tuple.remote_port);		\
	memcpy(__entry->local, &(e)->tuple.local, 16);			\
	memcpy(__entry->remote, &(e)->tuple.remote, 16);		\
} while (0)

#define VCTP_TRACE_CIRCUIT_FMT						\
	"id=%08x peer_id=%08x local=[%pI6c]:%u remote=[%pI6c]:%u"
#define VCTP_TRACE_CIRCUIT_ARGS						\
	__entry->id, __entry->peer_id, __entry->local,			\
	__entry->local_port, __entry->remote, __entry->remote_port
#endif

/* A state of the table has been left for another. */
TRACE_EVENT(vctp_state,
	TP_PROTO(const struct vctp_entry *circuit, u8 from, u8 to, u8 event),
	TP_ARGS(circuit, from, to, event),
	TP_STRUCT__entry(
		VCTP_TRACE_CIRCUIT
		__field(u8, kind)
		__field(u8, from)
		__field(u8, to)
		__field(u8, event)
		__string(from_name, vctp_state_name(from))
		__string(to_name, vctp_state_name(to))
		__string(event_name, vctp_event_name(event))
	),
	TP_fast_assign(
		VCTP_TRACE_CIRCUIT_ASSIGN(circuit);
		__entry->kind = circuit->kind;
		__entry->from = from;
		__entry->to = to;
		__entry->event = event;
		VCTP_ASSIGN_STR(from_name, vctp_state_name(from));
		VCTP_ASSIGN_STR(to_name, vctp_state_name(to));
		VCTP_ASSIGN_STR(event_name, vctp_event_name(event));
	),
	TP_printk("%s -> %s (%s) " VCTP_TRACE_CIRCUIT_FMT,
		  __get_str(from_name), __get_str(to_name),
		  __get_str(event_name), VCTP_TRACE_CIRCUIT_ARGS)
);

/* A segment goes out again. */
TRACE_EVENT(vctp_retransmit,
	TP_PROTO(const struct vctp_sock *vs, const struct vctp_segment *segment),
	TP_ARGS(vs, segment),
	TP_STRUCT__entry(
		VCTP_TRACE_CIRCUIT
		__field(u64, seq)
		__field(u32, len)
		__field(u16, flags)
		__field(u16, epoch)
		__field(u8, phase)
	),
	TP_fast_assign(
		VCTP_TRACE_CIRCUIT_ASSIGN(&vs->entry);
		__entry->seq = segment->seq;
		__entry->len = segment->len;
		__entry->flags = segment->flags;
		__entry->epoch = vs->snd.epoch;
		__entry->phase = vs->snd.phase;
	),
	TP_printk("seq=%llu len=%u flags=%03x epoch=%u phase=%u "
		  VCTP_TRACE_CIRCUIT_FMT,
		  __entry->seq, __entry->len, __entry->flags, __entry->epoch,
		  __entry->phase, VCTP_TRACE_CIRCUIT_ARGS)
);

/* A segment went no further; why is an enum vctp_counter. */
TRACE_EVENT(vctp_drop,
	TP_PROTO(const struct sk_buff *skb, u16 why),
	TP_ARGS(skb, why),
	TP_STRUCT__entry(
		__field(const void *, skb)
		__field(u32, len)
		__field(int, ifindex)
		__field(u16, why)
		__string(name, vctp_counter_name(why))
	),
	TP_fast_assign(
		__entry->skb = skb;
		__entry->len = skb->len;
		__entry->ifindex = skb->skb_iif;
		__entry->why = why;
		VCTP_ASSIGN_STR(name, vctp_counter_name(why));
	),
	TP_printk("%s skb=%p len=%u ifindex=%d", __get_str(name),
		  __entry->skb, __entry->len, __entry->ifindex)
);

/* A RST that counts. */
TRACE_EVENT(vctp_receive_reset,
	TP_PROTO(const struct vctp_entry *circuit),
	TP_ARGS(circuit),
	TP_STRUCT__entry(
		VCTP_TRACE_CIRCUIT
	),
	TP_fast_assign(
		VCTP_TRACE_CIRCUIT_ASSIGN(circuit);
	),
	TP_printk(VCTP_TRACE_CIRCUIT_FMT, VCTP_TRACE_CIRCUIT_ARGS)
);

/* A keepalive or zero-window probe goes out. */
TRACE_EVENT(vctp_probe,
	TP_PROTO(const struct vctp_sock *vs, bool keepalive),
	TP_ARGS(vs, keepalive),
	TP_STRUCT__entry(
		VCTP_TRACE_CIRCUIT
		__field(u8, unanswered)
		__field(bool, keepalive)
	),
	TP_fast_assign(
		VCTP_TRACE_CIRCUIT_ASSIGN(&vs->entry);
		__entry->keepalive = keepalive;
		__entry->unanswered = keepalive ? vs->keep_unanswered :
						  vs->probes;
	),
	TP_printk("%s unanswered=%u " VCTP_TRACE_CIRCUIT_FMT,
		  __entry->keepalive ? "keepalive" : "window",
		  __entry->unanswered, VCTP_TRACE_CIRCUIT_ARGS)
);

/* What an ACK left: the sender's view of the path. */
TRACE_EVENT(vctp_cwnd,
	TP_PROTO(const struct vctp_sock *vs),
	TP_ARGS(vs),
	TP_STRUCT__entry(
		VCTP_TRACE_CIRCUIT
		__field(u64, una)
		__field(u64, next)
		__field(u32, cwnd)
		__field(u32, ssthresh)
		__field(u32, in_flight)
		__field(u32, window)
		__field(u32, srtt)
		__field(u8, phase)
	),
	TP_fast_assign(
		VCTP_TRACE_CIRCUIT_ASSIGN(&vs->entry);
		__entry->una = vs->snd.una;
		__entry->next = vs->snd.next;
		__entry->cwnd = vs->cc.cwnd;
		__entry->ssthresh = vs->cc.ssthresh;
		__entry->in_flight = vctp_sender_in_flight(&vs->snd);
		__entry->window = vs->swnd.size;
		__entry->srtt = vs->rtt.srtt >> 3;
		__entry->phase = vs->snd.phase;
	),
	TP_printk("cwnd=%u ssthresh=%u in_flight=%u window=%u srtt_us=%u phase=%u una=%llu next=%llu "
		  VCTP_TRACE_CIRCUIT_FMT,
		  __entry->cwnd, __entry->ssthresh, __entry->in_flight,
		  __entry->window, __entry->srtt, __entry->phase,
		  __entry->una, __entry->next, VCTP_TRACE_CIRCUIT_ARGS)
);

#endif /* _VCTP_WATCH_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
