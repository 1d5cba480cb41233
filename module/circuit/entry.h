/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tables hold: the head that a circuit's socket, a half-open request
 * and a TIME_WAIT object have in common.
 *
 * An entry is found under RCU by its own identifier, or by its 4-tuple and
 * the peer's identifier; the memory behind it stays for a grace period.
 */
#ifndef _VCTP_CIRCUIT_ENTRY_H
#define _VCTP_CIRCUIT_ENTRY_H

#include <linux/rhashtable-types.h>
#include <linux/refcount.h>
#include <net/ipv6.h>

#include "../protocol/state.h"

enum vctp_kind {
	VCTP_KIND_SOCKET,
	VCTP_KIND_REQUEST,
	VCTP_KIND_TIME_WAIT,
};

/* Where a circuit runs between. IPv4 addresses stand as v4-mapped. */
struct vctp_tuple {
	struct in6_addr	local;
	struct in6_addr	remote;
	__be16		local_port;
	__be16		remote_port;
	/* The end of what the table of reservations looks at. */
	u32		peer_id;	/* 0 while it is not known */
};

/* @bits of struct vctp_entry. */
enum vctp_entry_bit {
	VCTP_IN_IDS,
	VCTP_IN_TUPLES,
	VCTP_IN_RESERVATIONS,
};

struct vctp_entry {
	struct rhash_head by_id;
	struct rhash_head by_tuple;
	struct rhash_head by_reservation;
	struct vctp_tuple tuple;
	u32		id;		/* ours; 0 before it is drawn */
	int		bound_dev;	/* ifindex; 0: any device of its domain */
	unsigned long	bits;		/* enum vctp_entry_bit; the owner's lock */
	u8		kind;		/* enum vctp_kind */
	u8		state;		/* of requests and TIME_WAIT; see vctp_entry_state() */
};

static inline bool vctp_tuple_is_v4(const struct vctp_tuple *tuple)
{
	return ipv6_addr_v4mapped(&tuple->local);
}

/* The same 4-tuple, whatever the identifiers. */
static inline bool vctp_tuple_same_path(const struct vctp_tuple *a,
					const struct vctp_tuple *b)
{
	return a->local_port == b->local_port &&
	       a->remote_port == b->remote_port &&
	       ipv6_addr_equal(&a->remote, &b->remote) &&
	       ipv6_addr_equal(&a->local, &b->local);
}

#endif /* _VCTP_CIRCUIT_ENTRY_H */
