// SPDX-License-Identifier: GPL-2.0
/*
 * net.vctp: one list of settings with their bounds and defaults, from which
 * each namespace gets a table of its own. docs/SYSCTL.md tells what each is
 * for; tools/lint compares that document with the list below.
 */
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysctl.h>

#include <linux/vctp.h>

#include "../compat.h"
#include "../protocol/congestion/congestion.h"
#include "../protocol/recovery/recovery.h"
#include "../socket/socket.h"
#include "watch.h"

struct vctp_setting {
	const char *name;
	u16	offset;		/* in struct vctp_sysctl */
	u8	count;		/* ints there */
	int	min, max;
	int	defaults[2];
};

#define VCTP_SETTING(name, min, max, value)				\
	{ #name, offsetof(struct vctp_sysctl, name), 1, min, max, { value } }

static const struct vctp_setting vctp_settings[] = {
	/* opening */
	VCTP_SETTING(syn_retries,	1, 127,		6),
	VCTP_SETTING(synack_retries,	0, 127,		5),
	VCTP_SETTING(max_requests,	0, 1 << 24,	16384),
	VCTP_SETTING(cookies,		0, 2,		1),
	VCTP_SETTING(max_tombstones,	0, 1 << 24,	65536),
	/* the end */
	VCTP_SETTING(retries,		1, 255,		15),
	VCTP_SETTING(orphan_retries,	1, 255,		8),
	VCTP_SETTING(max_orphans,	0, 1 << 24,	16384),
	VCTP_SETTING(max_time_wait,	0, 1 << 24,	131072),
	VCTP_SETTING(time_wait_ms,	0, 240000,	60000),
	VCTP_SETTING(time_wait_mode,	0, 1,		VCTP_TIME_WAIT_CIRCUIT),
	VCTP_SETTING(fin_timeout_ms,	0, 3600000,	60000),
	VCTP_SETTING(keepalive_time_s,	1, 32767,	7200),
	VCTP_SETTING(keepalive_intvl_s,	1, 32767,	75),
	VCTP_SETTING(keepalive_probes,	1, 127,		9),
	/* retransmission and acknowledgement */
	VCTP_SETTING(rto_initial_ms,	1, 120000,	1000),
	VCTP_SETTING(rto_min_ms,	1, 120000,	200),
	VCTP_SETTING(rto_max_ms,	1000, 120000,	120000),
	VCTP_SETTING(delack_ms,		1, 500,		200),
	/* what a stranger can make us send */
	VCTP_SETTING(challenge_ack_limit, 0, INT_MAX,	1000),
	VCTP_SETTING(rst_limit,		0, INT_MAX,	1000),
	VCTP_SETTING(invalid_ratelimit_ms, 0, 60000,	500),
	VCTP_SETTING(mtu_probing_floor,	128, 65535,	552),
	/* buffers and sending */
	{ "wmem", offsetof(struct vctp_sysctl, wmem), 2, 4096, 1 << 30,
	  { 16384, 4 << 20 } },
	{ "rmem", offsetof(struct vctp_sysctl, rmem), 2, 2304, 1 << 30,
	  { 131072, 6 << 20 } },
	VCTP_SETTING(moderate_rcvbuf,	0, 1,		1),
	VCTP_SETTING(checksum_offload,	0, 1,		0),
};

#define VCTP_PORT_MIN	49152	/* RFC 6335, 6: the dynamic ports */
#define VCTP_PORT_MAX	65535

/* net.vctp.ip_local_port_range: two numbers that have to be in order. */
static int vctp_sysctl_ports(VCTP_CTL_TABLE *table, int write, void *buffer,
			     size_t *len, loff_t *pos)
{
	struct vctp_sysctl *s = table->data;
	int range[2] = { READ_ONCE(s->port_min), READ_ONCE(s->port_max) };
	int lowest = 1, highest = U16_MAX;
	struct ctl_table copy = {
		.data	= range,
		.maxlen	= sizeof(range),
		.mode	= table->mode,
		.extra1	= &lowest,
		.extra2	= &highest,
	};
	int err = proc_dointvec_minmax(&copy, write, buffer, len, pos);

	if (err || !write)
		return err;
	if (range[0] > range[1])
		return -EINVAL;
	/* Never a range that is empty to a reader between the two. */
	WRITE_ONCE(s->port_min, min(range[0], s->port_min));
	WRITE_ONCE(s->port_max, range[1]);
	WRITE_ONCE(s->port_min, range[0]);
	return 0;
}

/* A mechanism by its name; -ENOENT where nothing of that name is built in. */
static int vctp_sysctl_name(VCTP_CTL_TABLE *table, int write, void *buffer,
			    size_t *len, loff_t *pos,
			    bool (*known)(const char *name))
{
	char name[VCTP_NAME_MAX] = "";
	struct ctl_table copy = { .data = name, .maxlen = sizeof(name) };
	int err;

	strscpy(name, table->data, sizeof(name));
	err = proc_dostring(&copy, write, buffer, len, pos);
	if (err || !write)
		return err;
	if (!known(name))
		return -ENOENT;
	/* Padded with zeros: no reader runs past the end. */
	strscpy_pad(table->data, name, sizeof(name));
	return 0;
}

static bool vctp_congestion_known(const char *name)
{
	return vctp_congestion_find(name);
}

static bool vctp_recovery_known(const char *name)
{
	return vctp_recovery_find(name);
}

static int vctp_sysctl_congestion(VCTP_CTL_TABLE *table, int write,
				  void *buffer, size_t *len, loff_t *pos)
{
	return vctp_sysctl_name(table, write, buffer, len, pos,
				vctp_congestion_known);
}

static int vctp_sysctl_recovery(VCTP_CTL_TABLE *table, int write,
				void *buffer, size_t *len, loff_t *pos)
{
	return vctp_sysctl_name(table, write, buffer, len, pos,
				vctp_recovery_known);
}

/* The names that can be written to the two above. */
static int vctp_sysctl_available(VCTP_CTL_TABLE *table, int write,
				 void *buffer, size_t *len, loff_t *pos)
{
	char names[256] = "";
	struct ctl_table copy = { .data = names, .maxlen = sizeof(names) };

	if (table->extra1)
		vctp_congestion_names(names, sizeof(names));
	else
		vctp_recovery_names(names, sizeof(names));
	return proc_dostring(&copy, write, buffer, len, pos);
}

/*
 * net.vctp.mem: pages of all sockets on this machine, not of a namespace; so
 * only its first namespace may set it. Below the first number, and above the
 * second, there is no pressure, and there is; the third is not gone beyond.
 */
static int vctp_sysctl_mem(VCTP_CTL_TABLE *table, int write, void *buffer,
			   size_t *len, loff_t *pos)
{
	struct vctp_sysctl *s = table->data;
	struct vctp_net *vn = container_of(s, struct vctp_net, sysctl);
	unsigned long least = 1;
	struct ctl_table copy = {
		.data	= vctp_mem,
		.maxlen	= sizeof(vctp_mem),
		.mode	= table->mode,
		.extra1	= &least,
	};

	if (write && !net_eq(vn->net, &init_net))
		return -EPERM;
	return proc_doulongvec_minmax(&copy, write, buffer, len, pos);
}

/* Those that are not plain numbers. */
static const struct vctp_special {
	const char *name;
	proc_handler *handler;
	u16	offset;
	umode_t	mode;
	bool	congestion;	/* of the two lists of names */
} vctp_specials[] = {
	{ "ip_local_port_range", vctp_sysctl_ports, 0, 0644 },
	{ "mem", vctp_sysctl_mem, 0, 0644 },
	{ "congestion", vctp_sysctl_congestion,
	  offsetof(struct vctp_sysctl, congestion), 0644 },
	{ "recovery", vctp_sysctl_recovery,
	  offsetof(struct vctp_sysctl, recovery), 0644 },
	{ "available_congestion", vctp_sysctl_available, 0, 0444, true },
	{ "available_recovery", vctp_sysctl_available, 0, 0444 },
};

#define VCTP_SYSCTLS	(ARRAY_SIZE(vctp_settings) + ARRAY_SIZE(vctp_specials))

static void vctp_sysctl_defaults(struct vctp_sysctl *s)
{
	const struct vctp_setting *setting = vctp_settings;
	int i;

	for (i = 0; i < ARRAY_SIZE(vctp_settings); i++, setting++)
		memcpy((void *)s + setting->offset, setting->defaults,
		       setting->count * sizeof(int));
	s->port_min = VCTP_PORT_MIN;
	s->port_max = VCTP_PORT_MAX;
	strscpy_pad(s->congestion, vctp_reno.name, sizeof(s->congestion));
	strscpy_pad(s->recovery, vctp_selective_repeat.name,
		    sizeof(s->recovery));
}

static void vctp_sysctl_fill(struct ctl_table *table, struct vctp_sysctl *s)
{
	const struct vctp_setting *setting = vctp_settings;
	const struct vctp_special *special = vctp_specials;
	int i;

	for (i = 0; i < ARRAY_SIZE(vctp_settings); i++, setting++, table++) {
		table->procname = setting->name;
		table->data = (void *)s + setting->offset;
		table->maxlen = setting->count * sizeof(int);
		table->mode = 0644;
		table->proc_handler = proc_dointvec_minmax;
		table->extra1 = (void *)&setting->min;
		table->extra2 = (void *)&setting->max;
	}
	for (i = 0; i < ARRAY_SIZE(vctp_specials); i++, special++, table++) {
		table->procname = special->name;
		table->data = (void *)s + special->offset;
		table->mode = special->mode;
		table->proc_handler = special->handler;
		table->extra1 = special->congestion ? s : NULL;
	}
}

/**
 * vctp_sysctl_net_init() - a namespace's settings, at their defaults
 * @vn: the namespace
 *
 * Process context. Return: 0 or -ENOMEM.
 */
int vctp_sysctl_net_init(struct vctp_net *vn)
{
	struct ctl_table *table;

	vctp_sysctl_defaults(&vn->sysctl);
	if (!IS_ENABLED(CONFIG_SYSCTL))
		return 0;

	/* One more, empty: see vctp_register_sysctl(). */
	table = kcalloc(VCTP_SYSCTLS + 1, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	vctp_sysctl_fill(table, &vn->sysctl);
	vn->sysctl_header = vctp_register_sysctl(vn->net, "net/vctp", table,
						 VCTP_SYSCTLS);
	if (!vn->sysctl_header) {
		kfree(table);
		return -ENOMEM;
	}
	return 0;
}

/**
 * vctp_sysctl_net_exit() - nobody sets anything in this namespace any more
 * @vn: the namespace
 */
void vctp_sysctl_net_exit(struct vctp_net *vn)
{
	const struct ctl_table *table;

	if (!vn->sysctl_header)
		return;
	table = vn->sysctl_header->ctl_table_arg;
	unregister_net_sysctl_table(vn->sysctl_header);
	vn->sysctl_header = NULL;
	kfree(table);
}
