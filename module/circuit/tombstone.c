// SPDX-License-Identifier: GPL-2.0
/*
 * Tombstones: the identifiers of cookies that were taken. A circuit born of a
 * cookie may be over while a copy of its first segment still travels; until the
 * cookie is too old, its tombstone says that it has lived.
 *
 * All live equally long, so the oldest are always at the head of one list, and
 * one timer for a namespace clears them away.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "internal.h"

struct vctp_tombstone {
	struct rhash_head by_id;
	struct list_head node;
	unsigned long	set;		/* jiffies */
	unsigned long	expires;	/* jiffies */
	u32		id;
	struct rcu_head	rcu;
};

static struct kmem_cache *vctp_tombstone_cache;

static const struct rhashtable_params vctp_tombstone_params = {
	.key_len	= sizeof_field(struct vctp_tombstone, id),
	.key_offset	= offsetof(struct vctp_tombstone, id),
	.head_offset	= offsetof(struct vctp_tombstone, by_id),
	.automatic_shrinking = true,
};

static void vctp_tombstone_free(struct rcu_head *rcu)
{
	kmem_cache_free(vctp_tombstone_cache,
			container_of(rcu, struct vctp_tombstone, rcu));
}

/* tombstone_lock. */
static void vctp_tombstone_remove(struct vctp_net *vn,
				  struct vctp_tombstone *stone)
{
	list_del(&stone->node);
	rhashtable_remove_fast(&vn->tombstones, &stone->by_id,
			       vctp_tombstone_params);
	atomic_dec(&vn->tombstone_count);
	call_rcu(&stone->rcu, vctp_tombstone_free);
}

/* As many in one go as the timer may clear; the rest a moment later. */
#define VCTP_TOMBSTONES_AT_ONCE	1024

static void vctp_tombstones_expired(struct timer_list *timer)
{
	struct vctp_net *vn = timer_container_of(vn, timer, tombstone_timer);
	struct vctp_tombstone *stone;
	int left = VCTP_TOMBSTONES_AT_ONCE;

	spin_lock(&vn->tombstone_lock);
	while ((stone = list_first_entry_or_null(&vn->tombstone_list,
						 struct vctp_tombstone, node))) {
		bool due = time_before_eq(stone->expires, jiffies);

		if (!due || !left--) {
			mod_timer(&vn->tombstone_timer,
				  due ? jiffies + 1 : stone->expires);
			break;
		}
		vctp_tombstone_remove(vn, stone);
	}
	spin_unlock(&vn->tombstone_lock);
}

/**
 * vctp_tombstones_init() - no cookie has been taken in this namespace
 * @vn: the namespace
 *
 * Process context. Return: 0 or -ENOMEM.
 */
int vctp_tombstones_init(struct vctp_net *vn)
{
	spin_lock_init(&vn->tombstone_lock);
	INIT_LIST_HEAD(&vn->tombstone_list);
	timer_setup(&vn->tombstone_timer, vctp_tombstones_expired, 0);
	return rhashtable_init(&vn->tombstones, &vctp_tombstone_params);
}

/**
 * vctp_tombstones_exit() - all of them go with their namespace
 * @vn: the namespace; no segment comes any more
 */
void vctp_tombstones_exit(struct vctp_net *vn)
{
	struct vctp_tombstone *stone, *next;

	timer_shutdown_sync(&vn->tombstone_timer);
	spin_lock_bh(&vn->tombstone_lock);
	list_for_each_entry_safe(stone, next, &vn->tombstone_list, node)
		vctp_tombstone_remove(vn, stone);
	spin_unlock_bh(&vn->tombstone_lock);
	rhashtable_destroy(&vn->tombstones);
}

/* Taken this very moment: its circuit may be on its way into the tables. */
static int vctp_tombstone_hit(struct vctp_net *vn,
			      const struct vctp_tombstone *stone)
{
	if (time_before(jiffies, stone->set + HZ))
		return -EALREADY;
	vctp_count(vn, TombstoneHits);
	return -EEXIST;
}

/**
 * vctp_tombstone_set() - the cookie of this identifier is taken, once
 * @vn: the namespace
 * @id: the identifier that the cookie settled
 *
 * RCU, BH. Return: 0; -EEXIST: it was taken long ago (TombstoneHits); -EALREADY:
 * less than a second ago; -ENOSPC: there is no room (TombstoneOverflow);
 * -ENOMEM, -EBUSY.
 */
int vctp_tombstone_set(struct vctp_net *vn, u32 id)
{
	struct vctp_tombstone *stone, *other;

	other = rhashtable_lookup(&vn->tombstones, &id, vctp_tombstone_params);
	if (other)
		return vctp_tombstone_hit(vn, other);
	if (atomic_read(&vn->tombstone_count) >=
	    READ_ONCE(vn->sysctl.max_tombstones)) {
		vctp_count(vn, TombstoneOverflow);
		return -ENOSPC;
	}
	stone = kmem_cache_alloc(vctp_tombstone_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!stone)
		return -ENOMEM;
	stone->id = id;
	stone->set = jiffies;
	/* A cookie counts whole seconds: it may live almost one longer. */
	stone->expires = stone->set + (vctp_cookie_life(vn) + 1) * HZ;

	/* Under one lock, so that the list is in the order of its ends. */
	spin_lock(&vn->tombstone_lock);
	other = rhashtable_lookup_get_insert_fast(&vn->tombstones, &stone->by_id,
						  vctp_tombstone_params);
	if (!other) {
		list_add_tail(&stone->node, &vn->tombstone_list);
		atomic_inc(&vn->tombstone_count);
		if (!timer_pending(&vn->tombstone_timer))
			mod_timer(&vn->tombstone_timer, stone->expires);
	}
	spin_unlock(&vn->tombstone_lock);

	if (!other) {
		vctp_count(vn, Tombstones);
		return 0;
	}
	kmem_cache_free(vctp_tombstone_cache, stone);
	return IS_ERR(other) ? PTR_ERR(other) : vctp_tombstone_hit(vn, other);
}

/**
 * vctp_tombstone_lift() - the cookie was not taken after all
 * @vn: the namespace
 * @id: as given to vctp_tombstone_set()
 */
void vctp_tombstone_lift(struct vctp_net *vn, u32 id)
{
	struct vctp_tombstone *stone;

	spin_lock_bh(&vn->tombstone_lock);
	stone = rhashtable_lookup_fast(&vn->tombstones, &id,
				       vctp_tombstone_params);
	if (stone)
		vctp_tombstone_remove(vn, stone);
	spin_unlock_bh(&vn->tombstone_lock);
}

/**
 * vctp_tombstone_module_init() - the slab of tombstones
 *
 * Return: 0 or -ENOMEM.
 */
int vctp_tombstone_module_init(void)
{
	vctp_tombstone_cache = KMEM_CACHE(vctp_tombstone, SLAB_ACCOUNT);
	return vctp_tombstone_cache ? 0 : -ENOMEM;
}

/**
 * vctp_tombstone_module_exit() - the slab goes, after the last grace period
 */
void vctp_tombstone_module_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(vctp_tombstone_cache);
}
