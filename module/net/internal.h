/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of net/ ask of one another, file by file.
 */
#ifndef _VCTP_NET_INTERNAL_H
#define _VCTP_NET_INTERNAL_H

#include "net.h"

/* --- ipv4.c --- */
/* As vctp_af_ops.connect_route and init_child, for both kinds of IPv4 peer. */
int vctp_v4_connect_route(struct sock *sk, struct sockaddr *addr, int len);
int vctp_v4_init_child(struct sock *listener, struct sock *child,
		       const struct vctp_tuple *tuple, struct sk_buff *skb);

/* --- ipv6.c --- */
/* An IPv6 socket's part in a circuit that runs over IPv4. */
void vctp_v6_mapped_child(struct sock *child, struct sk_buff *skb);

/* --- input.c --- */
int vctp_v4_rcv(struct sk_buff *skb);
int vctp_v6_rcv(struct sk_buff *skb);

/* --- icmp.c --- */
struct inet6_skb_parm;
int vctp_v4_err(struct sk_buff *skb, u32 info);
int vctp_v6_err(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type,
		u8 code, int offset, __be32 info);

/* --- gso.c, gro.c --- */
struct sk_buff *vctp_gso_segment(struct sk_buff *skb, netdev_features_t features);
struct sk_buff *vctp_gro_receive(struct list_head *head, struct sk_buff *skb);
int vctp_gro_complete(struct sk_buff *skb, int offset);
void vctp_gro_stop(void);

/* --- output.c --- */
void vctp_gso_always(struct sock *sk, const struct dst_entry *dst);
/* Header and options in front of @skb. Bytes of them; checksum not filled. */
u32 vctp_net_build(struct sk_buff *skb, const struct vctp_departure *departure,
		   const struct vctp_options *options);

/* The header of ours that begins at @data; 32 bytes of it are readable. */
static inline u32 vctp_header_len(const struct vctp_header *h)
{
	return ((be16_to_cpu(h->control) >> 10) & 0xf) * 8;
}

/* Has @skb's segment come over IPv4? */
static inline bool vctp_skb_is_v4(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

#endif /* _VCTP_NET_INTERNAL_H */
