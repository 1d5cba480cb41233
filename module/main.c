// SPDX-License-Identifier: GPL-2.0
/*
 * Load, unload, network namespaces.
 *
 * Two tables say what is set up, in order: one for the module, one for each
 * namespace. What failed half-way, unloading, and the end of a namespace undo
 * them in reverse. A socket holds the module through its struct proto, so
 * that unloading finds none; objects that no program holds (TIME_WAIT,
 * tombstones) end with their namespace.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/net_namespace.h>

#include <linux/vctp.h>

#include "circuit/circuit.h"
#include "circuit/namespace.h"
#include "net/net.h"
#include "socket/socket.h"
#include "watch/watch.h"

unsigned int vctp_net_id __read_mostly;

/* What one namespace is made of. */
static const struct vctp_net_part {
	int (*init)(struct vctp_net *vn);
	void (*exit)(struct vctp_net *vn);
} vctp_net_parts[] = {
	{ vctp_counters_net_init, vctp_counters_net_exit },
	{ vctp_sysctl_net_init,	  vctp_sysctl_net_exit },
	{ vctp_circuit_net_init,  vctp_circuit_net_exit },
	{ vctp_proc_net_init,	  vctp_proc_net_exit },
#ifdef VCTP_SIM
	{ vctp_simulate_net_init, vctp_simulate_net_exit },
#endif
};

static void vctp_net_undo(struct vctp_net *vn, int parts)
{
	while (parts--)
		vctp_net_parts[parts].exit(vn);
}

static int __net_init vctp_net_init(struct net *net)
{
	struct vctp_net *vn = vctp_net(net);
	int i, err;

	vn->net = net;
	for (i = 0; i < ARRAY_SIZE(vctp_net_parts); i++) {
		err = vctp_net_parts[i].init(vn);
		if (err) {
			vctp_net_undo(vn, i);
			return err;
		}
	}
	return 0;
}

static void __net_exit vctp_net_exit(struct net *net)
{
	vctp_net_undo(vctp_net(net), ARRAY_SIZE(vctp_net_parts));
}

static struct pernet_operations vctp_net_ops = {
	.init	= vctp_net_init,
	.exit	= vctp_net_exit,
	.id	= &vctp_net_id,
	.size	= sizeof(struct vctp_net),
};

static int vctp_namespaces_init(void)
{
	return register_pernet_subsys(&vctp_net_ops);
}

static void vctp_namespaces_exit(void)
{
	unregister_pernet_subsys(&vctp_net_ops);
}

/* What the module registers with the kernel; from the bottom up. */
static const struct vctp_part {
	const char *name;
	int (*init)(void);
	void (*exit)(void);
} vctp_parts[] = {
	{ "circuit",	vctp_circuit_module_init, vctp_circuit_module_exit },
	{ "namespaces",	vctp_namespaces_init,	  vctp_namespaces_exit },
	{ "socket",	vctp_socket_module_init,  vctp_socket_module_exit },
	{ "net",	vctp_net_module_init,	  vctp_net_module_exit },
	{ "protosw",	vctp_protosw_init,	  vctp_protosw_exit },
};

static void vctp_undo(int parts)
{
	while (parts--) {
		vctp_parts[parts].exit();
		/* What it freed after a grace period may use what is below it. */
		rcu_barrier();
	}
}

static int __init vctp_init(void)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(vctp_parts); i++) {
		err = vctp_parts[i].init();
		if (err) {
			pr_err("vctp: %s: error %d\n", vctp_parts[i].name, err);
			vctp_undo(i);
			return err;
		}
	}
	return 0;
}

static void __exit vctp_exit(void)
{
	vctp_undo(ARRAY_SIZE(vctp_parts));
}

module_init(vctp_init);
module_exit(vctp_exit);

MODULE_DESCRIPTION("Virtual Circuit Transport Protocol");
MODULE_LICENSE("GPL");
