/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, per namespace and CPU: /proc/net/vctp_snmp, as nstat reads it.
 *
 * One list names them all. Those that begin with Drop count segments that
 * went no further, one for every reason.
 */
#ifndef _VCTP_WATCH_COUNTERS_H
#define _VCTP_WATCH_COUNTERS_H

#include <linux/percpu.h>
#include <linux/skbuff.h>

#define VCTP_COUNTERS(X)						\
	/* segments */							\
	X(InSegs)							\
	X(OutSegs)		/* repeats not included */		\
	X(RetransSegs)							\
	X(OutRsts)							\
	X(InRsts)							\
	X(InErrs)		/* sum of the wire's drops */		\
	/* the life of circuits */					\
	X(ActiveOpens)							\
	X(PassiveOpens)							\
	X(SimultaneousOpens)						\
	X(AttemptFails)							\
	X(EstabResets)							\
	X(TimeWaits)							\
	X(TimeWaitReAcks)	/* a lost last ACK answered again */	\
	X(TimeWaitOverflow)						\
	X(TimeWaitReused)	/* a 4-tuple used beside its TIME_WAIT */ \
	X(TimeWaitLate)		/* old segments that TIME_WAIT held off */ \
	X(OrphanOverflow)						\
	X(MemoryAborts)							\
	X(TimeoutAborts)						\
	X(KeepaliveAborts)						\
	X(FinWait2Aborts)						\
	X(LingerAborts)							\
	X(UnreadAborts)		/* closed with data unread */		\
	X(Impossible)		/* an impossible cell of the state table */ \
	/* the listeners */						\
	X(ListenOverflow)						\
	X(RequestOverflow)						\
	X(RequestsDuplicate)						\
	X(RequestTimeouts)						\
	X(CookiesSent)							\
	X(CookiesTaken)							\
	X(CookiesBad)							\
	X(Tombstones)							\
	X(TombstoneHits)						\
	X(TombstoneOverflow)						\
	X(IdentifierRedrawn)						\
	/* recovery */							\
	X(FastRecoveries)						\
	X(FastRetrans)							\
	X(RtoTimeouts)							\
	X(SackReneges)							\
	X(SacksReceived)						\
	X(DupAcks)							\
	X(OfoQueued)							\
	X(OfoMerged)							\
	X(OfoPruned)							\
	X(DuplicateBytesSegs)	/* all of the payload was there */	\
	X(WindowProbes)							\
	X(KeepaliveProbes)						\
	X(ZeroWindows)		/* advertised by us */			\
	X(DelayedAcks)							\
	X(ChallengeAcks)						\
	X(ChallengeAcksSkipped)						\
	X(Coalesced)							\
	X(BacklogCoalesced)						\
	X(Collapsed)		/* full: its bytes moved to others */		\
	X(PmtuReductions)						\
	X(IcmpHard)							\
	X(IcmpSoft)							\
	X(LocalDrops)		/* the device or qdisc refused it */	\
	/* drops: the wire */						\
	X(DropShort)							\
	X(DropVersion)							\
	X(DropHeaderLength)						\
	X(DropFlags)							\
	X(DropOptions)							\
	X(DropChecksum)							\
	X(DropMulticast)						\
	/* drops: the tables */						\
	X(DropNoCircuit)						\
	X(DropNoListener)						\
	X(DropTuple)		/* right identifier, wrong 4-tuple or device */	\
	X(DropReflected)	/* a reflected RST that fits no circuit */ \
	X(DropRstLimited)						\
	X(DropPolicy)		/* IPsec policy */			\
	X(DropFilter)		/* socket filter, LSM */		\
	X(DropTtl)		/* IP_MINTTL */				\
	/* drops: opening */						\
	X(DropNoOpen)		/* a SYN without a right OPEN option */	\
	X(DropBacklogFull)						\
	X(DropRequestMemory)						\
	X(DropSynSent)		/* in SYN_SENT, and nothing that opens */ \
	X(DropBadAckOfSyn)						\
	X(DropOtherServer)	/* SYN+ACK of another server identifier */ \
	X(DropClassicTimeWait)						\
	/* drops: a circuit */						\
	X(DropWindow)		/* outside the window */		\
	X(DropOutOfOrder)	/* in a mode that keeps only what is in order */ \
	X(DropOldAck)							\
	X(DropFutureAck)						\
	X(DropRstInexact)						\
	X(DropState)		/* its state takes none */		\
	X(DropAfterClose)	/* data, and no program to read it */	\
	X(DropBacklog)							\
	X(DropMemory)							\
	X(DropZeroWindow)						\
	/* drops: ICMP */						\
	X(DropIcmpNoCircuit)						\
	X(DropIcmpOutOfWindow)

enum vctp_counter {
#define VCTP_COUNTER_ENUM(name)	VCTP_C_##name,
	VCTP_COUNTERS(VCTP_COUNTER_ENUM)
#undef VCTP_COUNTER_ENUM
	VCTP_COUNTER_MAX,
};

struct vctp_mib {
	unsigned long mibs[VCTP_COUNTER_MAX];
};

/* Called as vctp_count(vn, InSegs). */
#define vctp_count(vn, name)	this_cpu_inc((vn)->mib->mibs[VCTP_C_##name])
#define vctp_count_add(vn, name, n)	\
	this_cpu_add((vn)->mib->mibs[VCTP_C_##name], n)

struct vctp_net;

/* Count the reason and free the segment: the one way to drop one. */
void vctp_drop(struct vctp_net *vn, struct sk_buff *skb, enum vctp_counter why);

unsigned long vctp_counter_read(struct vctp_net *vn, enum vctp_counter which);
const char *vctp_counter_name(enum vctp_counter which);

#endif /* _VCTP_WATCH_COUNTERS_H */
