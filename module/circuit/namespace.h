/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that VCTP keeps for one network namespace.
 */
#ifndef _VCTP_CIRCUIT_NAMESPACE_H
#define _VCTP_CIRCUIT_NAMESPACE_H

#include <linux/percpu_counter.h>
#include <linux/random.h>
#include <linux/rhashtable-types.h>
#include <linux/siphash.h>
#include <linux/timer.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "../watch/counters.h"
#include "../watch/simulate.h"
#include "oracle.h"

struct ctl_table_header;
struct vctp_port;

#define VCTP_PORT_BUCKETS	4096

struct vctp_port_bucket {
	spinlock_t	lock;		/* its list and what hangs on it */
	struct hlist_head ports;	/* struct vctp_port */
};

/* net.vctp.*; docs/SYSCTL.md tells each. Read with READ_ONCE(). */
struct vctp_sysctl {
	int	port_min, port_max;	/* ephemeral ports (ip_local_port_range) */
	int	syn_retries;		/* SYNs repeated by connect() */
	int	synack_retries;
	int	retries;		/* of data or FIN, before ETIMEDOUT */
	int	orphan_retries;		/* the same, once no program holds it */
	int	max_orphans;
	int	max_time_wait;
	int	max_requests;		/* half-open ones in the namespace */
	int	max_tombstones;
	int	cookies;		/* 0 never, 1 past the backlog, 2 always */
	int	time_wait_ms;
	int	time_wait_mode;		/* enum vctp_time_wait_mode */
	int	fin_timeout_ms;		/* of an orphan in FIN_WAIT_2 */
	int	keepalive_time_s;
	int	keepalive_intvl_s;
	int	keepalive_probes;
	int	rto_initial_ms, rto_min_ms, rto_max_ms;
	int	delack_ms;		/* longest delay of an ACK */
	int	challenge_ack_limit;	/* a second */
	int	rst_limit;		/* RSTs for no circuit, a second */
	int	invalid_ratelimit_ms;	/* between ACKs for what is out of window */
	int	wmem[2], rmem[2];	/* bytes: of a new socket, and at most */
	int	moderate_rcvbuf;
	int	mtu_probing_floor;	/* bytes: least path MTU believed of ICMP */
	int	checksum_offload;	/* 1: trust a card's word (off) */
	char	congestion[16];		/* the default */
	char	recovery[16];
};

/* A token bucket of so many a second. */
struct vctp_ratelimit {
	spinlock_t	lock;		/* both below */
	unsigned long	second;		/* jiffies when it was filled */
	u32		left;
};

struct vctp_net {
	struct net		*net;
	struct rhashtable	ids;		/* entries by own identifier */
	struct rhashtable	tuples;		/* by 4-tuple and peer's identifier */
	struct rhashtable	reservations;	/* by 4-tuple: opened by connect() */
	struct rhashtable	tombstones;	/* circuits born of cookies, by identifier */
	struct vctp_port_bucket	*ports;		/* VCTP_PORT_BUCKETS of them */
	struct vctp_mib __percpu *mib;
	struct vctp_sysctl	sysctl;
	struct ctl_table_header	*sysctl_header;

	atomic_t		requests;	/* how many there are */
	atomic_t		time_waits;
	atomic_t		tombstone_count;
	struct percpu_counter	orphans;

	struct vctp_ratelimit	challenge_acks;
	struct vctp_ratelimit	resets;
	siphash_key_t		cookie_key;

	spinlock_t		tombstone_lock;	/* the list */
	struct list_head	tombstone_list;	/* the oldest first */
	struct timer_list	tombstone_timer;

	struct vctp_simulation	simulation;
	struct vctp_oracle_net	oracle;
};

extern unsigned int vctp_net_id;

static inline struct vctp_net *vctp_net(const struct net *net)
{
	return net_generic(net, vctp_net_id);
}

int vctp_circuit_net_init(struct vctp_net *vn);
void vctp_circuit_net_exit(struct vctp_net *vn);

/* True where one more may go out this second; else the caller keeps silent. */
bool vctp_ratelimit(struct vctp_ratelimit *limit, u32 per_second);
/* The same for challenge ACKs of whatever kind of entry; counted. */
bool vctp_may_challenge(struct vctp_net *vn);

/*
 * All chance comes from these two: bits that nobody can foresee, but for who
 * seeded a simulation build. @vn: for whom; NULL: the module.
 */
static inline u32 vctp_random_u32(struct vctp_net *vn)
{
	return vctp_simulated(vn) ? vctp_simulate_u32(vn) : get_random_u32();
}

static inline u64 vctp_random_u64(struct vctp_net *vn)
{
	return vctp_simulated(vn) ? vctp_simulate_u64(vn) : get_random_u64();
}

void vctp_cookie_key_draw(struct vctp_net *vn);
/* All time: µs since an arbitrary moment, never backwards. */
u64 vctp_now_us(void);

#endif /* _VCTP_CIRCUIT_NAMESPACE_H */
