// SPDX-License-Identifier: GPL-2.0
/*
 * Who is found by what: three resizable hash tables for each namespace.
 *
 *	ids		our identifier: every segment but a bare SYN
 *	tuples		4-tuple and the peer's identifier: what comes without
 *			ours (ICMP quotes, reflected RSTs, duplicate SYNs)
 *	reservations	4-tuple alone: what connect() has opened, and TIME_WAIT
 *
 * Look-ups run under RCU. A socket in a table holds a reference on itself,
 * and its memory stays for a grace period (SOCK_RCU_FREE); requests and
 * TIME_WAIT objects are freed by call_rcu().
 */
#include <linux/rhashtable.h>
#include <linux/siphash.h>

#include "../protocol/cookie.h"
#include "internal.h"
#include "time_wait.h"

/* Draws of an identifier before we give up: 2^31 of them are never in use. */
#define VCTP_DRAWS	64

static hsiphash_key_t vctp_tuple_key __read_mostly;

/* Remote addresses and ports are a stranger's choice: a keyed hash. */
static u32 vctp_tuple_hash(const void *data, u32 len, u32 seed)
{
	hsiphash_key_t key = vctp_tuple_key;

	key.key[0] ^= seed;
	return hsiphash(data, len, &key);
}

/* Our identifiers are random already: the default hash of one word will do. */
static const struct rhashtable_params vctp_ids_params = {
	.key_len	= sizeof_field(struct vctp_entry, id),
	.key_offset	= offsetof(struct vctp_entry, id),
	.head_offset	= offsetof(struct vctp_entry, by_id),
	.min_size = 256,
	.automatic_shrinking = true,
};

static const struct rhashtable_params vctp_tuples_params = {
	.key_len	= sizeof(struct vctp_tuple),
	.key_offset	= offsetof(struct vctp_entry, tuple),
	.head_offset	= offsetof(struct vctp_entry, by_tuple),
	.hashfn		= vctp_tuple_hash,
	.min_size = 256,
	.automatic_shrinking = true,
};

static const struct rhashtable_params vctp_reservations_params = {
	.key_len	= offsetof(struct vctp_tuple, peer_id),
	.key_offset	= offsetof(struct vctp_entry, tuple),
	.head_offset	= offsetof(struct vctp_entry, by_reservation),
	.hashfn		= vctp_tuple_hash,
	.min_size = 256,
	.automatic_shrinking = true,
};

/**
 * vctp_tables_init() - the tables of one namespace
 * @vn: the namespace
 *
 * Process context. Return: 0 or -ENOMEM.
 */
int vctp_tables_init(struct vctp_net *vn)
{
	int err;

	/* A key is compared as bytes: it must have no holes. */
	BUILD_BUG_ON(sizeof(struct vctp_tuple) != 40);

	err = rhashtable_init(&vn->ids, &vctp_ids_params);
	if (err)
		return err;
	err = rhashtable_init(&vn->tuples, &vctp_tuples_params);
	if (err)
		goto no_tuples;
	err = rhashtable_init(&vn->reservations, &vctp_reservations_params);
	if (err)
		goto no_reservations;
	return 0;

no_reservations:
	rhashtable_destroy(&vn->tuples);
no_tuples:
	rhashtable_destroy(&vn->ids);
	return err;
}

/**
 * vctp_tables_exit() - the tables go; nothing is left in them
 * @vn: the namespace
 */
void vctp_tables_exit(struct vctp_net *vn)
{
	rhashtable_destroy(&vn->reservations);
	rhashtable_destroy(&vn->tuples);
	rhashtable_destroy(&vn->ids);
}

/**
 * vctp_tables_module_init() - the key of the tables' hashes
 */
void vctp_tables_module_init(void)
{
	vctp_tuple_key.key[0] = (unsigned long)vctp_random_u64(NULL);
	vctp_tuple_key.key[1] = (unsigned long)vctp_random_u64(NULL);
}

/**
 * vctp_tuple_hash32() - a keyed hash of a 4-tuple, identifiers left out
 * @tuple: the 4-tuple
 *
 * Return: 32 bits that a stranger cannot foresee, the same until unloading.
 */
u32 vctp_tuple_hash32(const struct vctp_tuple *tuple)
{
	return vctp_tuple_hash(tuple, offsetof(struct vctp_tuple, peer_id), 0);
}

/**
 * vctp_find_id() - who has an identifier
 * @vn: the namespace
 * @id: one of ours
 *
 * RCU. Return: the entry, not held, or NULL.
 */
struct vctp_entry *vctp_find_id(struct vctp_net *vn, u32 id)
{
	return rhashtable_lookup(&vn->ids, &id, vctp_ids_params);
}

/**
 * vctp_find_tuple() - the circuit of a 4-tuple and a peer's identifier
 * @vn: the namespace
 * @tuple: all of it counts
 *
 * RCU. Return: the entry, not held, or NULL.
 */
struct vctp_entry *vctp_find_tuple(struct vctp_net *vn,
				   const struct vctp_tuple *tuple)
{
	return rhashtable_lookup(&vn->tuples, tuple, vctp_tuples_params);
}

/**
 * vctp_find_reservation() - who has a 4-tuple to itself
 * @vn: the namespace
 * @tuple: the peer's identifier does not count
 *
 * RCU. Return: the entry, not held, or NULL.
 */
struct vctp_entry *vctp_find_reservation(struct vctp_net *vn,
					 const struct vctp_tuple *tuple)
{
	return rhashtable_lookup(&vn->reservations, tuple,
				 vctp_reservations_params);
}

/**
 * vctp_find_quoted() - who sent a segment that somebody sends back to us
 * @vn: the namespace
 * @tuple: the 4-tuple, local is ours
 * @id: the identifier in its header: the peer's, or in a bare SYN our own
 *
 * RCU. Return: the entry, not held, or NULL.
 */
struct vctp_entry *vctp_find_quoted(struct vctp_net *vn,
				    const struct vctp_tuple *tuple, u32 id)
{
	struct vctp_tuple key = *tuple;
	struct vctp_entry *entry;

	key.peer_id = id;
	entry = vctp_find_tuple(vn, &key);
	if (entry)
		return entry;
	entry = vctp_find_id(vn, id);
	if (entry && vctp_entry_state(entry) == VCTP_S_SYN_SENT &&
	    vctp_tuple_same_path(&entry->tuple, tuple))
		return entry;
	return NULL;
}

/* The first table that an entry is in holds its socket. */
static void vctp_entered(struct vctp_entry *entry, enum vctp_entry_bit bit)
{
	if (!entry->bits && entry->kind == VCTP_KIND_SOCKET) {
		struct sock *sk = vctp_entry_sk(entry);

		sock_set_flag(sk, SOCK_RCU_FREE);
		sock_hold(sk);
	}
	entry->bits |= BIT(bit);
}

/**
 * vctp_enter_id() - draw an identifier, if there is none, and enter it
 * @vn: the namespace
 * @entry: owner's lock; its id is 0, or one that a cookie settled
 *
 * Return: 0; -EEXIST where the given identifier is taken; -ENOMEM, -EBUSY
 * where the table cannot grow now.
 */
int vctp_enter_id(struct vctp_net *vn, struct vctp_entry *entry)
{
	bool draw = !entry->id;
	int draws = VCTP_DRAWS;
	int err;

	do {
		while (draw) {
			entry->id = vctp_random_u32(vn) & ~VCTP_ID_COOKIE_BIT;
			if (entry->id)
				break;
		}
		err = rhashtable_lookup_insert_fast(&vn->ids, &entry->by_id,
						    vctp_ids_params);
		if (!err) {
			vctp_entered(entry, VCTP_IN_IDS);
			return 0;
		}
		if (err == -EEXIST && draw)
			vctp_count(vn, IdentifierRedrawn);
	} while (err == -EEXIST && draw && --draws);
	if (draw)
		entry->id = 0;
	return err;
}

/**
 * vctp_enter_tuple() - enter the 4-tuple with the peer's identifier
 * @vn: the namespace
 * @entry: owner's lock; its peer_id is known, and stays
 *
 * In SYN_SENT, before the peer is known, an entry is found by its reservation
 * and its own identifier instead.
 *
 * Return: 0; -EEXIST where such a circuit is there; -ENOMEM, -EBUSY.
 */
int vctp_enter_tuple(struct vctp_net *vn, struct vctp_entry *entry)
{
	int err = rhashtable_lookup_insert_fast(&vn->tuples, &entry->by_tuple,
						vctp_tuples_params);

	if (!err)
		vctp_entered(entry, VCTP_IN_TUPLES);
	return err;
}

/**
 * vctp_reserve() - have the 4-tuple to oneself
 * @vn: the namespace
 * @entry: owner's lock
 *
 * A TIME_WAIT object of mode `circuit` gives its 4-tuple up to who asks.
 *
 * Return: 0; -EEXIST where somebody has it; -ENOMEM, -EBUSY.
 */
int vctp_reserve(struct vctp_net *vn, struct vctp_entry *entry)
{
	struct vctp_entry *other;
	int err;

	rcu_read_lock();
	do {
		other = rhashtable_lookup_get_insert_fast(&vn->reservations,
							  &entry->by_reservation,
							  vctp_reservations_params);
		err = PTR_ERR_OR_ZERO(other);
		if (other && !err)
			err = -EEXIST;
	} while (err == -EEXIST && vctp_time_wait_yield(vn, other));
	rcu_read_unlock();
	if (!err)
		vctp_entered(entry, VCTP_IN_RESERVATIONS);
	return err;
}

/**
 * vctp_unreserve() - the 4-tuple is anybody's again
 * @vn: the namespace
 * @entry: owner's lock; it stays in the other tables
 */
void vctp_unreserve(struct vctp_net *vn, struct vctp_entry *entry)
{
	if (!(entry->bits & BIT(VCTP_IN_RESERVATIONS)))
		return;
	rhashtable_remove_fast(&vn->reservations, &entry->by_reservation,
			       vctp_reservations_params);
	entry->bits &= ~BIT(VCTP_IN_RESERVATIONS);
	DEBUG_NET_WARN_ON_ONCE(!entry->bits);
}

/* Out of all tables; its socket's reference is the caller's to put. */
static bool vctp_left(struct vctp_entry *entry, unsigned long bits)
{
	entry->bits &= ~bits;
	return bits && !entry->bits && entry->kind == VCTP_KIND_SOCKET;
}

/**
 * vctp_replace() - one entry takes another's place, without a gap
 * @vn: the namespace
 * @old: owner's lock; afterwards in no table
 * @new: owner's lock, in no table; same identifier and tuple
 *
 * A reader meets the old one or the new one, never neither.
 *
 * Return: 0; -ENOENT where @old was not where its bits said (a bug): then
 * @new may be in fewer tables.
 */
int vctp_replace(struct vctp_net *vn, struct vctp_entry *old,
		 struct vctp_entry *new)
{
	unsigned long bits = old->bits;
	int err = 0;

	if (bits & BIT(VCTP_IN_IDS)) {
		err = rhashtable_replace_fast(&vn->ids, &old->by_id,
					      &new->by_id, vctp_ids_params);
		if (!err)
			vctp_entered(new, VCTP_IN_IDS);
	}
	if (!err && bits & BIT(VCTP_IN_TUPLES)) {
		err = rhashtable_replace_fast(&vn->tuples, &old->by_tuple,
					      &new->by_tuple,
					      vctp_tuples_params);
		if (!err)
			vctp_entered(new, VCTP_IN_TUPLES);
	}
	if (!err && bits & BIT(VCTP_IN_RESERVATIONS)) {
		err = rhashtable_replace_fast(&vn->reservations,
					      &old->by_reservation,
					      &new->by_reservation,
					      vctp_reservations_params);
		if (!err)
			vctp_entered(new, VCTP_IN_RESERVATIONS);
	}
	DEBUG_NET_WARN_ON_ONCE(err);
	if (vctp_left(old, new->bits))
		sock_put(vctp_entry_sk(old));
	return err;
}

/**
 * vctp_leave() - out of every table
 * @vn: the namespace
 * @entry: owner's lock; its caller has a reference of his own
 */
void vctp_leave(struct vctp_net *vn, struct vctp_entry *entry)
{
	unsigned long bits = entry->bits;

	if (bits & BIT(VCTP_IN_RESERVATIONS))
		rhashtable_remove_fast(&vn->reservations,
				       &entry->by_reservation,
				       vctp_reservations_params);
	if (bits & BIT(VCTP_IN_TUPLES))
		rhashtable_remove_fast(&vn->tuples, &entry->by_tuple,
				       vctp_tuples_params);
	if (bits & BIT(VCTP_IN_IDS))
		rhashtable_remove_fast(&vn->ids, &entry->by_id,
				       vctp_ids_params);
	if (vctp_left(entry, bits))
		sock_put(vctp_entry_sk(entry));
}
