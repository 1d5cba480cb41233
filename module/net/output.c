// SPDX-License-Identifier: GPL-2.0
/*
 * The last step of a segment before IP: header, options, checksum, and what
 * GSO has to know.
 *
 * A checksum is left to a device only where that is sure to end well: over
 * loopback, or where the administrator trusts the card (net.vctp's
 * checksum_offload). Many cards that say they fill in any checksum do so for
 * TCP and UDP alone, and a bridge may lead to one. A GSO sk_buff leaves it to
 * gso.c, which always fills it in.
 *
 * A checksum that is filled in is sent as CHECKSUM_NONE: over veth a receiver
 * would believe CHECKSUM_UNNECESSARY after the path has spoilt the packet.
 */
#include <net/dst.h>

#include "internal.h"

/* Header and options in front of @skb. Return: bytes of them. */
u32 vctp_net_build(struct sk_buff *skb, const struct vctp_departure *departure,
		   const struct vctp_options *options)
{
	struct vctp_departure d = *departure;
	u32 header_len;
	u8 *header;

	d.options_len = options ? vctp_options_len(options) : 0;
	header_len = VCTP_HEADER_LEN + d.options_len;
	header = skb_push(skb, header_len);
	skb_reset_transport_header(skb);
	vctp_wire_build(header, &d);
	if (d.options_len)
		vctp_options_build(header + VCTP_HEADER_LEN, d.ack, options);
	return header_len;
}

/**
 * vctp_gso_always() - one sk_buff may hold several segments on any device
 * @sk: the socket, whose route has just been set; locked
 * @dst: that route
 *
 * A device that has GSO switched off gets single segments all the same: the
 * stack cuts them just above it, by vctp_gso_segment(), and all that lies
 * before is passed once for all of them. So does TCP. Not under IPsec, and not
 * where the device is given one at a time on purpose (gso_max_segs 1).
 */
void vctp_gso_always(struct sock *sk, const struct dst_entry *dst)
{
	struct net_device *dev;
	u32 segs, size;

	if (likely(sk_can_gso(sk)) || sk->sk_gso_disabled || dst->header_len)
		return;
	rcu_read_lock();
	dev = dst_dev_rcu(dst);
	segs = READ_ONCE(dev->gso_max_segs);
	size = READ_ONCE(dev->gso_max_size);
	rcu_read_unlock();
	if (segs <= 1)
		return;
	sk->sk_route_caps |= NETIF_F_GSO | NETIF_F_GSO_SOFTWARE | NETIF_F_SG |
			     NETIF_F_HW_CSUM;
	sk->sk_gso_max_size = min_t(u32, size, GSO_LEGACY_MAX_SIZE);
	sk->sk_gso_max_segs = min_t(u32, segs, GSO_MAX_SEGS);
}

/* Does @dst lead to a device that certainly fills in what we leave to it? */
static bool vctp_dst_sums(const struct sock *sk, const struct dst_entry *dst)
{
	const struct vctp_net *vn = vctp_net(sock_net(sk));
	const struct net_device *dev;
	bool sums;

	rcu_read_lock();
	dev = dst_dev_rcu(dst);
	sums = dev->flags & IFF_LOOPBACK ||
	       (READ_ONCE(vn->sysctl.checksum_offload) &&
		dev->features & NETIF_F_HW_CSUM);
	rcu_read_unlock();
	return sums;
}

/* May the checksum be left to whoever is the last to see the packet? */
static bool vctp_checksum_later(struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);

	if (!dst || !vctp_dst_sums(sk, dst))
		return false;
	/* A route that is gone names a device that passes for a loopback. */
	dst = vctp_sk(sk)->af->route(sk);
	return dst && vctp_dst_sums(sk, dst);
}

/* The field is 0 now. Nothing of the addresses is summed. */
static void vctp_checksum_partial(struct sk_buff *skb)
{
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = VCTP_CHECK_OFFSET;
}

static void vctp_checksum_fill(struct sk_buff *skb, struct vctp_header *h)
{
	__wsum sum;

	/*
	 * A page of a file may change before the card reads it. Where there is
	 * no memory for a copy the peer drops what changed.
	 */
	if (unlikely(skb_has_shared_frag(skb)) && !__skb_linearize(skb))
		h = (struct vctp_header *)skb->data;
	if (!skb_is_nonlinear(skb))
		sum = csum_partial(h, skb->len, 0);
	else
		sum = skb_checksum(skb, 0, skb->len, 0);
	h->check = csum_fold(sum);
	skb->ip_summed = CHECKSUM_NONE;
}

/**
 * vctp_net_finish() - put the header in front of a segment
 * @sk: the socket; locked
 * @skb: its payload; ours alone but for the pages, with headroom for all
 * @departure: what the header says; @options_len is found from @options
 * @options: or NULL
 * @payload_mss: bytes of payload in each segment of a GSO sk_buff; a longer
 *	@skb becomes one
 *
 * After it @skb is ready for vctp_af_ops.transmit.
 */
void vctp_net_finish(struct sock *sk, struct sk_buff *skb,
		     const struct vctp_departure *departure,
		     const struct vctp_options *options, u32 payload_mss)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	u32 payload = skb->len;
	u32 header_len;

	header_len = vctp_net_build(skb, departure, options);
	/* IP's own notes are going to be where ours were. */
	memset(skb->cb, 0, max(sizeof(struct inet_skb_parm),
			       sizeof(struct inet6_skb_parm)));
	skb_set_hash_from_sk(skb, sk);
	skb_set_dst_pending_confirm(skb, READ_ONCE(sk->sk_dst_pending_confirm));
	/* They may stand for a former sending, of another length. */
	if (payload > payload_mss) {
		shinfo->gso_type = SKB_GSO_SCTP;
		shinfo->gso_size = payload_mss + header_len - VCTP_GSO_HEADER;
		shinfo->gso_segs = DIV_ROUND_UP(payload, payload_mss);
		vctp_checksum_partial(skb);
		return;
	}
	shinfo->gso_type = 0;
	shinfo->gso_size = 0;
	shinfo->gso_segs = 0;
	if (vctp_checksum_later(sk))
		vctp_checksum_partial(skb);
	else
		vctp_checksum_fill(skb, (struct vctp_header *)skb->data);
}
