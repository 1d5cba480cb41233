// SPDX-License-Identifier: GPL-2.0
/*
 * net.vctp.sim_seed: chance and time from a seed, so that a run comes back.
 *
 * Who writes a seed to a namespace gives all its chance a new beginning, and
 * sets the module's clock, which is one for all namespaces, to a beginning that
 * the seed says: so write it before the first socket. Half of the clocks begin
 * just before their low 32 bits wrap, and one initial number in eight just
 * before 2^32 or 2^48: what simulations run for a minute to see, others meet
 * after years.
 *
 * A namespace without a seed has the kernel's chance.
 */
#include <linux/slab.h>
#include <linux/sysctl.h>

#include "../circuit/namespace.h"
#include "../compat.h"
#include "simulate.h"

#define VCTP_SIM_GOLDEN		0x9e3779b97f4a7c15ULL
#define VCTP_SIM_WRAP_US	(64 * USEC_PER_SEC)

/* Where the module's own chance (keys of hashes) comes from. */
static atomic64_t vctp_sim_module = ATOMIC64_INIT(0);

/* Added to the kernel's clock. */
static s64 vctp_sim_shift;

/* Steele, Lea, Flood: SplitMix64. No lock: each draw is one addition. */
static u64 vctp_sim_draw(atomic64_t *state)
{
	u64 z = atomic64_add_return(VCTP_SIM_GOLDEN, state);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/**
 * vctp_simulated() - does this namespace's chance come from a seed?
 * @vn: the namespace; NULL: the module
 */
bool vctp_simulated(const struct vctp_net *vn)
{
	return !vn || READ_ONCE(vn->simulation.seeded);
}

/**
 * vctp_simulate_u32() - an identifier or a port from the seed
 * @vn: the namespace; NULL: the module
 */
u32 vctp_simulate_u32(struct vctp_net *vn)
{
	return vctp_sim_draw(vn ? &vn->simulation.state : &vctp_sim_module) >> 32;
}

/**
 * vctp_simulate_u64() - a number or a key from the seed
 * @vn: the namespace; NULL: the module
 *
 * One in sixteen is about to wrap in its low 32 bits, one in its low 48.
 */
u64 vctp_simulate_u64(struct vctp_net *vn)
{
	u64 z = vctp_sim_draw(vn ? &vn->simulation.state : &vctp_sim_module);

	switch (z & 15) {
	case 0:
		return z | 0x00000000fffff000ULL;
	case 1:
		return z | 0x0000fffffffff000ULL;
	default:
		return z;
	}
}

/**
 * vctp_simulate_shift_us() - what to add to the kernel's clock
 *
 * Return: µs, perhaps negative.
 */
s64 vctp_simulate_shift_us(void)
{
	return READ_ONCE(vctp_sim_shift);
}

static void vctp_sim_begin(struct vctp_net *vn, u64 seed)
{
	struct vctp_simulation *sim = &vn->simulation;
	u64 start = USEC_PER_SEC, wrap;

	sim->seed = seed;
	atomic64_set(&sim->state, seed);
	wrap = vctp_sim_draw(&sim->state);
	if (wrap & 1)
		start = (1ULL << 32) - (wrap >> 1) % VCTP_SIM_WRAP_US;
	WRITE_ONCE(vctp_sim_shift, start - ktime_to_us(ktime_get()));
	WRITE_ONCE(sim->seeded, true);
	/* The same seed again gives the same identifiers. */
	memset(&vn->oracle, 0, sizeof(vn->oracle));
	/* What was drawn when the namespace was made. */
	vctp_cookie_key_draw(vn);
}

static int vctp_sysctl_sim_seed(VCTP_CTL_TABLE *table, int write, void *buffer,
				size_t *len, loff_t *pos)
{
	struct vctp_net *vn = table->data;
	unsigned long seed = vn->simulation.seed;
	struct ctl_table copy = { .data = &seed, .maxlen = sizeof(seed) };
	int err = proc_doulongvec_minmax(&copy, write, buffer, len, pos);

	if (!err && write)
		vctp_sim_begin(vn, seed);
	return err;
}

/**
 * vctp_simulate_net_init() - net.vctp.sim_seed of one namespace
 * @vn: the namespace
 *
 * Process context. Return: 0 or -ENOMEM.
 */
int vctp_simulate_net_init(struct vctp_net *vn)
{
	struct ctl_table *table;

	/* One more, empty: see vctp_register_sysctl(). */
	table = kcalloc(2, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	table->procname = "sim_seed";
	table->data = vn;
	table->mode = 0644;
	table->proc_handler = vctp_sysctl_sim_seed;
	vn->simulation.header = vctp_register_sysctl(vn->net, "net/vctp", table, 1);
	if (!vn->simulation.header) {
		kfree(table);
		return -ENOMEM;
	}
	return 0;
}

/**
 * vctp_simulate_net_exit() - nobody seeds this namespace any more
 * @vn: the namespace
 */
void vctp_simulate_net_exit(struct vctp_net *vn)
{
	const struct ctl_table *table = vn->simulation.header->ctl_table_arg;

	unregister_net_sysctl_table(vn->simulation.header);
	kfree(table);
}
