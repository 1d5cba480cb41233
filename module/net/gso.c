// SPDX-License-Identifier: GPL-2.0
/*
 * Segmentation: one large sk_buff becomes segments as late as possible, at the
 * first device that does not take it whole.
 *
 * The checksums are computed here, whatever the device says of itself: see
 * output.c. skb_segment() does so in the same pass where it copies.
 */
#include "internal.h"

/* Flags that only the first, or only the last segment keeps. */
#define VCTP_ONLY_FIRST	htons(VCTP_CWR)
#define VCTP_ONLY_LAST	htons(VCTP_FIN | VCTP_PSH)

static struct vctp_header *vctp_transport(const struct sk_buff *skb)
{
	return (struct vctp_header *)skb_transport_header(skb);
}

/* The time stamp that was asked for is of the last byte. */
static void vctp_gso_timestamp(struct sk_buff *segs,
			       const struct skb_shared_info *whole)
{
	struct skb_shared_info *last = skb_shinfo(segs->prev);

	last->tx_flags |= whole->tx_flags & SKBTX_ANY_TSTAMP;
	last->tskey = whole->tskey;
}

/*
 * skb_segment() gives the last segment the socket and charges it for all. Each
 * has to have it, for its own bytes: a queue below or a receiver across veth
 * takes segments of different sockets for different flows, and the last one
 * overtook the others.
 */
static void vctp_gso_own(struct sk_buff *segs, struct sk_buff *whole)
{
	struct sk_buff *last = segs->prev, *seg;
	struct sock *sk = last->sk;
	s64 more = -(s64)last->truesize;

	if (last->destructor != sock_wfree)
		return;
	/* They were exchanged. */
	last->truesize = whole->truesize;
	for (seg = segs; seg; seg = seg->next) {
		seg->sk = sk;
		seg->destructor = sock_wfree;
		more += seg->truesize;
	}
	if (likely(more >= 0))
		refcount_add(more, &sk->sk_wmem_alloc);
	else
		WARN_ON_ONCE(refcount_sub_and_test(-more, &sk->sk_wmem_alloc));
}

/* Numbers, flags and checksum of each segment; the headers are copies. */
static void vctp_gso_headers(struct sk_buff *segs, u64 seq, u32 header_len)
{
	struct sk_buff *seg;

	for (seg = segs; seg; seg = seg->next) {
		struct vctp_header *h = vctp_transport(seg);

		h->seq_low = cpu_to_be32((u32)seq);
		h->seq_high = cpu_to_be16((u16)(seq >> 32));
		if (seg != segs)
			h->control &= ~VCTP_ONLY_FIRST;
		if (seg->next)
			h->control &= ~VCTP_ONLY_LAST;
		h->check = 0;
		/* What a whole segment sums to, for a tunnel around it. */
		h->check = gso_make_checksum(seg, (__force __wsum)~0);
		/*
		 * Not counted by gso_size: sk_buffs that share it may be cut
		 * elsewhere at this moment.
		 */
		seq += seg->len - skb_transport_offset(seg) - header_len;
	}
}

/* Length of the header at skb->data, all of it in the linear part; 0: bad. */
static u32 vctp_gso_header_len(struct sk_buff *skb)
{
	u32 header_len;

	if (!pskb_may_pull(skb, VCTP_HEADER_LEN))
		return 0;
	header_len = vctp_header_len((struct vctp_header *)skb->data);
	if (header_len < VCTP_HEADER_LEN || !pskb_may_pull(skb, header_len))
		return 0;
	return header_len;
}

/**
 * vctp_gso_segment() - net_offload's gso_segment
 * @skb: a GSO sk_buff of ours, transport header at skb->data
 * @features: of the device
 *
 * Return: the list of segments; NULL where @skb may go as it is; or an ERR_PTR.
 */
struct sk_buff *vctp_gso_segment(struct sk_buff *skb, netdev_features_t features)
{
	u32 header_len = vctp_gso_header_len(skb);
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	const struct vctp_header *h = vctp_transport(skb);
	u32 size = shinfo->gso_size;
	struct sk_buff *segs;
	bool ooo_okay;
	u32 mss;
	u64 seq;

	if (unlikely(!header_len || !(shinfo->gso_type & SKB_GSO_SCTP) ||
		     size == GSO_BY_FRAGS ||
		     size <= header_len - VCTP_GSO_HEADER))
		return ERR_PTR(-EINVAL);
	mss = size - (header_len - VCTP_GSO_HEADER);
	seq = (u64)be16_to_cpu(h->seq_high) << 32 | be32_to_cpu(h->seq_low);
	__skb_pull(skb, header_len);
	if (unlikely(skb->len <= mss))
		return ERR_PTR(-EINVAL);
	if (skb_gso_ok(skb, features | NETIF_F_GSO_ROBUST)) {
		shinfo->gso_segs = DIV_ROUND_UP(skb->len, mss);
		return NULL;
	}

	/* Only the first may overtake what waits in another queue. */
	ooo_okay = skb->ooo_okay;
	skb->ooo_okay = 0;
	shinfo->gso_size = mss;
	segs = skb_segment(skb, features & ~(NETIF_F_GSO_MASK |
					     NETIF_F_CSUM_MASK));
	shinfo->gso_size = size;
	if (IS_ERR(segs))
		return segs;
	segs->ooo_okay = ooo_okay;
	vctp_gso_own(segs, skb);
	if (unlikely(shinfo->tx_flags & SKBTX_ANY_TSTAMP))
		vctp_gso_timestamp(segs, shinfo);
	vctp_gso_headers(segs, seq, header_len);
	return segs;
}
