// SPDX-License-Identifier: GPL-2.0
/*
 * What circuit/ keeps for a namespace, and for the module: tables, ports,
 * counts; the clock, and how often a stranger is answered.
 */
#include <linux/ktime.h>

#include "internal.h"

/**
 * vctp_now_us() - all time comes from here
 *
 * Return: µs since an arbitrary moment, never backwards.
 */
u64 vctp_now_us(void)
{
	return ktime_to_us(ktime_get()) + vctp_simulate_shift_us();
}

/**
 * vctp_ratelimit() - may one more go out this second?
 * @limit: what has gone out so far
 * @per_second: how many may
 *
 * Any context but hard IRQ. Return: true, and it is counted; false: keep silent.
 */
bool vctp_ratelimit(struct vctp_ratelimit *limit, u32 per_second)
{
	unsigned long now = jiffies;
	bool allowed;

	spin_lock_bh(&limit->lock);
	if (time_after_eq(now, limit->second + HZ)) {
		limit->second = now;
		limit->left = per_second;
	}
	allowed = limit->left;
	if (allowed)
		limit->left--;
	spin_unlock_bh(&limit->lock);
	return allowed;
}

/**
 * vctp_may_challenge() - may this namespace answer one more doubtful segment?
 * @vn: the namespace
 *
 * RFC 5961, 7. Any context but hard IRQ; counts what becomes of it. How many
 * go in a second, half as many or half as many more, cannot be foreseen: who
 * could count them would learn which of its guesses about others were right.
 */
bool vctp_may_challenge(struct vctp_net *vn)
{
	u32 most = READ_ONCE(vn->sysctl.challenge_ack_limit);

	if (vctp_ratelimit(&vn->challenge_acks, most / 2 +
			   reciprocal_scale(vctp_random_u32(vn), most + 1))) {
		vctp_count(vn, ChallengeAcks);
		return true;
	}
	vctp_count(vn, ChallengeAcksSkipped);
	return false;
}

static void vctp_ratelimit_init(struct vctp_ratelimit *limit)
{
	spin_lock_init(&limit->lock);
	limit->second = jiffies - HZ;
	limit->left = 0;
}

/**
 * vctp_cookie_key_draw() - a new secret: cookies sent so far are void
 * @vn: the namespace
 */
void vctp_cookie_key_draw(struct vctp_net *vn)
{
	vn->cookie_key.key[0] = vctp_random_u64(vn);
	vn->cookie_key.key[1] = vctp_random_u64(vn);
}

/**
 * vctp_circuit_net_init() - a namespace in which nothing has happened yet
 * @vn: the namespace; counters and sysctls are there
 *
 * Process context. Return: 0 or -ENOMEM.
 */
int vctp_circuit_net_init(struct vctp_net *vn)
{
	int err;

	vctp_ratelimit_init(&vn->challenge_acks);
	vctp_ratelimit_init(&vn->resets);
	vctp_cookie_key_draw(vn);

	err = vctp_tables_init(vn);
	if (err)
		return err;
	err = vctp_ports_init(vn);
	if (err)
		goto no_ports;
	err = vctp_tombstones_init(vn);
	if (err)
		goto no_tombstones;
	err = percpu_counter_init(&vn->orphans, 0, GFP_KERNEL);
	if (err)
		goto no_orphans;
	return 0;

no_orphans:
	vctp_tombstones_exit(vn);
no_tombstones:
	vctp_ports_exit(vn);
no_ports:
	vctp_tables_exit(vn);
	return err;
}

/**
 * vctp_circuit_net_exit() - what no program holds ends with its namespace
 * @vn: the namespace; its sockets are gone, and with them all requests
 */
void vctp_circuit_net_exit(struct vctp_net *vn)
{
	vctp_time_wait_net_exit(vn);
	vctp_oracle_net_exit(vn);
	percpu_counter_destroy(&vn->orphans);
	vctp_tombstones_exit(vn);
	vctp_ports_exit(vn);
	vctp_tables_exit(vn);
}

/* The slabs. */
static const struct vctp_slab {
	int (*init)(void);
	void (*exit)(void);
} vctp_slabs[] = {
	{ vctp_port_module_init,	vctp_port_module_exit },
	{ vctp_request_module_init,	vctp_request_module_exit },
	{ vctp_time_wait_module_init,	vctp_time_wait_module_exit },
	{ vctp_tombstone_module_init,	vctp_tombstone_module_exit },
};

static void vctp_slabs_undo(int slabs)
{
	while (slabs--)
		vctp_slabs[slabs].exit();
}

/**
 * vctp_circuit_module_init() - what circuit/ has for all namespaces
 *
 * Process context. Return: 0 or -ENOMEM.
 */
int vctp_circuit_module_init(void)
{
	int i, err;

	vctp_tables_module_init();
	for (i = 0; i < ARRAY_SIZE(vctp_slabs); i++) {
		err = vctp_slabs[i].init();
		if (err) {
			vctp_slabs_undo(i);
			return err;
		}
	}
	return 0;
}

/**
 * vctp_circuit_module_exit() - the reverse; all namespaces are gone
 */
void vctp_circuit_module_exit(void)
{
	vctp_slabs_undo(ARRAY_SIZE(vctp_slabs));
}
