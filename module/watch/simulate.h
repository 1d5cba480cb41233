/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Simulation builds (make VCTP_SIM=1): chance and time from a seed. In any
 * other build all of this is nothing.
 */
#ifndef _VCTP_WATCH_SIMULATE_H
#define _VCTP_WATCH_SIMULATE_H

#include <linux/types.h>

struct vctp_net;
struct ctl_table_header;

#ifdef VCTP_SIM

/* What a namespace's chance comes from. */
struct vctp_simulation {
	atomic64_t	state;		/* of the generator */
	u64		seed;
	bool		seeded;
	struct ctl_table_header *header;
};

int vctp_simulate_net_init(struct vctp_net *vn);
void vctp_simulate_net_exit(struct vctp_net *vn);
bool vctp_simulated(const struct vctp_net *vn);
u64 vctp_simulate_u64(struct vctp_net *vn);
u32 vctp_simulate_u32(struct vctp_net *vn);
s64 vctp_simulate_shift_us(void);

#else

struct vctp_simulation {
};

static inline bool vctp_simulated(const struct vctp_net *vn)
{
	return false;
}

static inline u64 vctp_simulate_u64(struct vctp_net *vn)
{
	return 0;
}

static inline u32 vctp_simulate_u32(struct vctp_net *vn)
{
	return 0;
}

static inline s64 vctp_simulate_shift_us(void)
{
	return 0;
}

#endif /* VCTP_SIM */

#endif /* _VCTP_WATCH_SIMULATE_H */
