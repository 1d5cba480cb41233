// SPDX-License-Identifier: GPL-2.0
/*
 * What IPv4 and IPv6 call: the protocol's handlers and its offloads.
 */
#include <linux/delay.h>
#include <linux/vctp.h>
#include <net/protocol.h>

#include "internal.h"

/* The IPsec policy is looked at by the circuit, once it is known. */
static const struct net_protocol vctp_v4_protocol = {
	.handler	= vctp_v4_rcv,
	.err_handler	= vctp_v4_err,
	.no_policy	= 1,
	.icmp_strict_tag_validation = 1,
};

static const struct inet6_protocol vctp_v6_protocol = {
	.handler	= vctp_v6_rcv,
	.err_handler	= vctp_v6_err,
	.flags		= INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL,
};

static const struct net_offload vctp_offload = {
	.callbacks = {
		.gso_segment	= vctp_gso_segment,
		.gro_receive	= vctp_gro_receive,
		.gro_complete	= vctp_gro_complete,
	},
};

/* A held packet goes up with the poll that took it; or at the next jiffies. */
#define VCTP_GRO_DRAIN_MS	20

static void vctp_offload_exit(void)
{
	vctp_gro_stop();
	synchronize_net();
	msleep(VCTP_GRO_DRAIN_MS);
	inet6_del_offload(&vctp_offload, IPPROTO_VCTP);
	inet_del_offload(&vctp_offload, IPPROTO_VCTP);
}

static int vctp_offload_init(void)
{
	int err;

	err = inet_add_offload(&vctp_offload, IPPROTO_VCTP);
	if (err)
		return err;
	err = inet6_add_offload(&vctp_offload, IPPROTO_VCTP);
	if (err)
		inet_del_offload(&vctp_offload, IPPROTO_VCTP);
	return err;
}

/**
 * vctp_net_module_init() - take protocol 253 of IPv4 and IPv6
 *
 * Process context; the namespaces stand. From here on segments come in.
 *
 * Return: 0 or -EBUSY: another module has the number.
 */
int vctp_net_module_init(void)
{
	if (vctp_offload_init())
		return -EBUSY;
	if (inet_add_protocol(&vctp_v4_protocol, IPPROTO_VCTP))
		goto out_offload;
	if (inet6_add_protocol(&vctp_v6_protocol, IPPROTO_VCTP))
		goto out_v4;
	return 0;

out_v4:
	inet_del_protocol(&vctp_v4_protocol, IPPROTO_VCTP);
out_offload:
	vctp_offload_exit();
	return -EBUSY;
}

/**
 * vctp_net_module_exit() - give protocol 253 back
 *
 * Process context. After it no handler of ours runs any more.
 */
void vctp_net_module_exit(void)
{
	inet6_del_protocol(&vctp_v6_protocol, IPPROTO_VCTP);
	inet_del_protocol(&vctp_v4_protocol, IPPROTO_VCTP);
	vctp_offload_exit();
}
