/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bound port: who has it, and which of them listen.
 */
#ifndef _VCTP_CIRCUIT_PORTS_H
#define _VCTP_CIRCUIT_PORTS_H

#include <linux/list.h>
#include <linux/types.h>

struct vctp_port {
	struct hlist_node node;		/* in its bucket; RCU */
	struct hlist_head listeners;	/* struct sock, sk_node; RCU */
	struct hlist_head owners;	/* struct vctp_sock, port_node */
	struct hlist_head time_waits;	/* struct vctp_time_wait, port_node */
	u32	bound;		/* owners and time_waits not of connect() alone */
	int	l3mdev;		/* ifindex of the VRF, or 0 */
	u16	number;
	bool	all_reuse;	/* every owner had SO_REUSEADDR and no listener */
	struct rcu_head rcu;
};

#endif /* _VCTP_CIRCUIT_PORTS_H */
