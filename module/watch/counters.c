// SPDX-License-Identifier: GPL-2.0
/*
 * Counters: one array for each CPU and namespace, added up by who reads.
 */
#include <linux/percpu.h>
#include <linux/skbuff.h>

#include "../compat.h"
#include "trace.h"
#include "watch.h"

static const char * const vctp_counter_names[VCTP_COUNTER_MAX] = {
#define VCTP_COUNTER_NAME(name)	[VCTP_C_##name] = #name,
	VCTP_COUNTERS(VCTP_COUNTER_NAME)
#undef VCTP_COUNTER_NAME
};

/*
 * The kernel's own reason nearest to ours, for dropwatch and the skb:kfree_skb
 * tracepoint; only those that all our kernels have. Where none comes near, it
 * is left at NOT_SPECIFIED, and vctp:vctp_drop tells.
 */
#define VCTP_REASON(ours, theirs)	[VCTP_C_Drop##ours] = SKB_DROP_REASON_##theirs

static const u16 vctp_drop_reasons[VCTP_COUNTER_MAX] = {
	VCTP_REASON(Short, PKT_TOO_SMALL),
	VCTP_REASON(Version, UNHANDLED_PROTO),
	VCTP_REASON(HeaderLength, HDR_TRUNC),
	VCTP_REASON(Flags, TCP_FLAGS),
	VCTP_REASON(Options, HDR_TRUNC),
	VCTP_REASON(Checksum, SKB_CSUM),
	VCTP_REASON(Multicast, OTHERHOST),
	VCTP_REASON(NoCircuit, NO_SOCKET),
	VCTP_REASON(NoListener, NO_SOCKET),
	VCTP_REASON(Tuple, NO_SOCKET),
	VCTP_REASON(Reflected, NO_SOCKET),
	VCTP_REASON(RstLimited, NO_SOCKET),
	VCTP_REASON(Policy, XFRM_POLICY),
	VCTP_REASON(Filter, SOCKET_FILTER),
	VCTP_REASON(NoOpen, TCP_INVALID_SYN),
	VCTP_REASON(RequestMemory, NOMEM),
	VCTP_REASON(SynSent, TCP_FLAGS),
	VCTP_REASON(BadAckOfSyn, TCP_ACK_UNSENT_DATA),
	VCTP_REASON(OtherServer, NO_SOCKET),
	VCTP_REASON(Window, TCP_INVALID_SEQUENCE),
	VCTP_REASON(OldAck, TCP_OLD_ACK),
	VCTP_REASON(FutureAck, TCP_ACK_UNSENT_DATA),
	VCTP_REASON(RstInexact, TCP_INVALID_SEQUENCE),
	VCTP_REASON(State, TCP_CLOSE),
	VCTP_REASON(AfterClose, TCP_CLOSE),
	VCTP_REASON(Backlog, SOCKET_BACKLOG),
	VCTP_REASON(Memory, PROTO_MEM),
	VCTP_REASON(ZeroWindow, TCP_ZEROWINDOW),
};

/**
 * vctp_counter_name() - a counter's name, as /proc/net/vctp_snmp shows it
 * @which: the counter
 */
const char *vctp_counter_name(enum vctp_counter which)
{
	return vctp_counter_names[which];
}

/**
 * vctp_counter_read() - a counter's sum over all CPUs
 * @vn: the namespace
 * @which: the counter
 *
 * Any context. CPUs that count meanwhile may or may not be in it.
 */
unsigned long vctp_counter_read(struct vctp_net *vn, enum vctp_counter which)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(vn->mib, cpu)->mibs[which]);
	return sum;
}

/**
 * vctp_drop() - count the reason and free the segment
 * @vn: the namespace that it came to
 * @skb: the segment; NULL only counts
 * @why: a counter whose name begins with Drop
 *
 * Any context. InErrs sums up what was no segment of ours to begin with.
 */
void vctp_drop(struct vctp_net *vn, struct sk_buff *skb, enum vctp_counter why)
{
	u16 reason = vctp_drop_reasons[why];

	this_cpu_inc(vn->mib->mibs[why]);
	if (why >= VCTP_C_DropShort && why <= VCTP_C_DropChecksum)
		vctp_count(vn, InErrs);
	if (!skb)
		return;
	trace_vctp_drop(skb, why);
	kfree_skb_reason(skb, reason ? reason : SKB_DROP_REASON_NOT_SPECIFIED);
}

/**
 * vctp_counters_net_init() - a namespace's counters, all 0
 * @vn: the namespace
 *
 * Process context. Return: 0 or -ENOMEM.
 */
int vctp_counters_net_init(struct vctp_net *vn)
{
	vn->mib = alloc_percpu(struct vctp_mib);
	return vn->mib ? 0 : -ENOMEM;
}

/**
 * vctp_counters_net_exit() - nothing counts in this namespace any more
 * @vn: the namespace
 */
void vctp_counters_net_exit(struct vctp_net *vn)
{
	free_percpu(vn->mib);
	vn->mib = NULL;
}
