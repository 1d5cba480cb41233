// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/vctp_snmp: all counters, in the format of /proc/net/netstat, so
 * that `PROC_NET_NETSTAT=/proc/net/vctp_snmp nstat -a` reads them.
 * /proc/net/vctp_sockstat: how much there is of what is bounded, now.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "../compat.h"
#include "../socket/socket.h"
#include "watch.h"

#define VCTP_PROC_SNMP		"vctp_snmp"
#define VCTP_PROC_SOCKSTAT	"vctp_sockstat"

static int vctp_snmp_show(struct seq_file *m, void *v)
{
	struct vctp_net *vn = vctp_net(m->private);
	int i;

	seq_puts(m, "Vctp:");
	for (i = 0; i < VCTP_COUNTER_MAX; i++)
		seq_printf(m, " %s", vctp_counter_name(i));
	seq_puts(m, "\nVctp:");
	for (i = 0; i < VCTP_COUNTER_MAX; i++)
		seq_printf(m, " %lu", vctp_counter_read(vn, i));
	seq_putc(m, '\n');
	return 0;
}

static int vctp_sockstat_show(struct seq_file *m, void *v)
{
	struct vctp_net *vn = vctp_net(m->private);

	seq_printf(m,
		   "VCTP: circuits %d orphan %lld tw %d requests %d tombstones %d alloc %d mem %ld\n",
		   atomic_read(&vn->ids.nelems),
		   percpu_counter_sum_positive(&vn->orphans),
		   atomic_read(&vn->time_waits),
		   atomic_read(&vn->requests),
		   atomic_read(&vn->tombstone_count),
		   proto_sockets_allocated_sum_positive(&vctp_prot),
		   proto_memory_allocated(&vctp_prot));
	return 0;
}

/**
 * vctp_proc_net_init() - a namespace's files in /proc/net
 * @vn: the namespace, its tables in place
 *
 * Process context. Return: 0 or -ENOMEM.
 */
int vctp_proc_net_init(struct vctp_net *vn)
{
	struct proc_dir_entry *dir = vn->net->proc_net;

	if (!IS_ENABLED(CONFIG_PROC_FS))
		return 0;
	if (!proc_create_net_single(VCTP_PROC_SNMP, 0444, dir, vctp_snmp_show,
				    NULL))
		return -ENOMEM;
	if (!proc_create_net_single(VCTP_PROC_SOCKSTAT, 0444, dir,
				    vctp_sockstat_show, NULL))
		goto no_sockstat;
	if (vctp_list_net_init(vn))
		goto no_list;
	return 0;

no_list:
	remove_proc_entry(VCTP_PROC_SOCKSTAT, dir);
no_sockstat:
	remove_proc_entry(VCTP_PROC_SNMP, dir);
	return -ENOMEM;
}

/**
 * vctp_proc_net_exit() - the files go; whoever has one open reads no further
 * @vn: the namespace
 */
void vctp_proc_net_exit(struct vctp_net *vn)
{
	if (!IS_ENABLED(CONFIG_PROC_FS))
		return;
	vctp_list_net_exit(vn);
	remove_proc_entry(VCTP_PROC_SOCKSTAT, vn->net->proc_net);
	remove_proc_entry(VCTP_PROC_SNMP, vn->net->proc_net);
}
