// SPDX-License-Identifier: GPL-2.0
/*
 * Merging: segments of one circuit that come one after the other go up as one
 * sk_buff, as the sender could have sent it. Segmenting it again gives the
 * same segments back, but for the held-back time of the later ones: it is of
 * one ACK, and the first segment has told it.
 *
 * The payload's pages are moved into the held sk_buff; where its 17 places are
 * taken, the rest hangs on its frag_list, and pages move on into the last.
 */
#include <net/ip.h>

#include "internal.h"

/* They end what is merged; the first two also say so of the whole. */
#define VCTP_GRO_PASS	htons(VCTP_FIN | VCTP_PSH)
#define VCTP_GRO_LAST	htons(VCTP_FIN | VCTP_PSH | VCTP_URG | VCTP_RST | \
			      VCTP_SYN | VCTP_RFL)
#define VCTP_GRO_EPOCHS	htonl(0xffffff00)	/* all but held back */

static bool vctp_gro_off;	/* the module goes */

static u64 vctp_gro_seq(const struct vctp_header *h)
{
	return (u64)be16_to_cpu(h->seq_high) << 32 | be32_to_cpu(h->seq_low);
}

/* The held packet with these ports and identifier; marks the others as such. */
static struct sk_buff *vctp_gro_lookup(struct list_head *head,
				       const struct vctp_header *h)
{
	const struct vctp_header *held;
	struct sk_buff *p;

	list_for_each_entry(p, head, list) {
		if (!NAPI_GRO_CB(p)->same_flow)
			continue;
		held = (struct vctp_header *)skb_transport_header(p);
		if (held->source == h->source && held->dest == h->dest &&
		    held->id == h->id)
			return p;
		NAPI_GRO_CB(p)->same_flow = 0;
	}
	return NULL;
}

/* Is there anything in @h, but its place in the stream, that @held has not? */
static bool vctp_gro_differs(const struct vctp_header *held,
			     const struct vctp_header *h, u32 header_len)
{
	if ((held->control ^ h->control) & ~VCTP_GRO_PASS)
		return true;
	/* Segments made of the whole again would lose it. */
	if (h->control & htons(VCTP_CWR))
		return true;
	if (held->ack_low != h->ack_low || held->ack_high != h->ack_high ||
	    held->window != h->window ||
	    (held->epochs ^ h->epochs) & VCTP_GRO_EPOCHS)
		return true;
	return header_len > VCTP_HEADER_LEN &&
	       memcmp(held + 1, h + 1, header_len - VCTP_HEADER_LEN);
}

/* All payload lies in pages: they change hands. Gives the truesize moved. */
static u32 vctp_gro_move_frags(struct skb_shared_info *to, struct sk_buff *skb,
			       u32 skip)
{
	struct skb_shared_info *from = skb_shinfo(skb);
	u32 truesize = skb->truesize;
	skb_frag_t *first = &to->frags[to->nr_frags];

	memcpy(first, from->frags, from->nr_frags * sizeof(*first));
	to->nr_frags += from->nr_frags;
	from->nr_frags = 0;
	skb_frag_off_add(first, skip);
	skb_frag_size_sub(first, skip);

	skb->truesize = SKB_TRUESIZE(skb_end_offset(skb));
	skb->len -= skb->data_len;
	skb->data_len = 0;
	NAPI_GRO_CB(skb)->free = NAPI_GRO_FREE;
	return truesize - skb->truesize;
}

/* Payload in a head that is a page fragment: the head becomes a page of @to. */
static u32 vctp_gro_move_head(struct skb_shared_info *to, struct sk_buff *skb,
			      u32 offset)
{
	struct page *page = virt_to_head_page(skb->head);
	skb_frag_t *frag = &to->frags[to->nr_frags];
	struct skb_shared_info *from = skb_shinfo(skb);
	u32 truesize = skb->truesize;

	skb_frag_fill_page_desc(frag, page,
				skb->data - (u8 *)page_address(page) + offset,
				skb_headlen(skb) - offset);
	memcpy(frag + 1, from->frags, from->nr_frags * sizeof(*frag));
	to->nr_frags += 1 + from->nr_frags;

	skb->truesize = SKB_DATA_ALIGN(sizeof(struct sk_buff));
	NAPI_GRO_CB(skb)->free = NAPI_GRO_FREE_STOLEN_HEAD;
	return truesize - skb->truesize;
}

/* No place for its pages: @skb itself joins, without its headers. */
static u32 vctp_gro_chain(struct sk_buff *p, struct sk_buff *skb, u32 offset)
{
	u32 headlen = skb_headlen(skb);

	if (offset > headlen) {
		u32 skip = offset - headlen;

		skb_frag_off_add(&skb_shinfo(skb)->frags[0], skip);
		skb_frag_size_sub(&skb_shinfo(skb)->frags[0], skip);
		skb->data_len -= skip;
		skb->len -= skip;
		offset = headlen;
	}
	__skb_pull(skb, offset);
	/* Its sender's charge becomes @p's: who came by veth has the same. */
	skb->destructor = NULL;
	skb->sk = NULL;
	if (NAPI_GRO_CB(p)->last == p)
		skb_shinfo(p)->frag_list = skb;
	else
		NAPI_GRO_CB(p)->last->next = skb;
	NAPI_GRO_CB(p)->last = skb;
	__skb_header_release(skb);
	return skb->truesize;
}

/* Add @skb's payload to the held @p. False: it cannot be. */
static bool vctp_gro_merge(struct sk_buff *p, struct sk_buff *skb)
{
	struct sk_buff *last = NAPI_GRO_CB(p)->last;
	struct skb_shared_info *to = skb_shinfo(last);
	u32 shared = skb_shinfo(skb)->flags & SKBFL_SHARED_FRAG;
	u32 frags = skb_shinfo(skb)->nr_frags;
	u32 offset = skb_gro_offset(skb);
	u32 len = skb_gro_len(skb);
	u32 truesize;

	/* Pages of a pool and others are given back in different ways. */
	if (p->pp_recycle != skb->pp_recycle || skb_zcopy(p) || skb_zcopy(skb))
		return false;
	if (p->len + len >= min_t(u32, netif_get_gro_max_size(p->dev, p),
				  GRO_LEGACY_MAX_SIZE))
		return false;

	if (skb_headlen(skb) <= offset &&
	    to->nr_frags + frags <= MAX_SKB_FRAGS) {
		truesize = vctp_gro_move_frags(to, skb,
					       offset - skb_headlen(skb));
	} else if (skb_headlen(skb) > offset && skb->head_frag &&
		   to->nr_frags + 1 + frags <= MAX_SKB_FRAGS) {
		truesize = vctp_gro_move_head(to, skb, offset);
	} else {
		truesize = vctp_gro_chain(p, skb, offset);
		last = p;
	}
	NAPI_GRO_CB(p)->count++;
	p->data_len += len;
	p->truesize += truesize;
	p->len += len;
	skb_shinfo(p)->flags |= shared;
	if (last != p) {
		last->data_len += len;
		last->truesize += truesize;
		last->len += len;
		to->flags |= shared;
	}
	NAPI_GRO_CB(skb)->same_flow = 1;
	return true;
}

/* The header, all of it readable; NULL: not one of ours, or broken. */
static struct vctp_header *vctp_gro_header(struct sk_buff *skb, u32 *header_len)
{
	u32 offset = skb_gro_offset(skb);
	struct vctp_header *h;

	h = skb_gro_header(skb, offset + VCTP_HEADER_LEN, offset);
	if (unlikely(!h))
		return NULL;
	*header_len = vctp_header_len(h);
	if (unlikely(*header_len < VCTP_HEADER_LEN ||
		     *header_len > skb_gro_len(skb)))
		return NULL;
	if (*header_len > VCTP_HEADER_LEN)
		h = skb_gro_header(skb, offset + *header_len, offset);
	return h;
}

/**
 * vctp_gro_receive() - net_offload's gro_receive
 * @head: packets held
 * @skb: a packet of ours; its GRO offset is at the transport header
 *
 * BH, RCU. Return: a held packet that is to go up now, or NULL.
 */
struct sk_buff *vctp_gro_receive(struct list_head *head, struct sk_buff *skb)
{
	struct vctp_header *h, *held;
	u32 header_len, len, mss = 1;
	struct sk_buff *p;
	bool flush;

	h = vctp_gro_header(skb, &header_len);
	if (unlikely(!h))
		goto out_flush;
	/* A clone shares what merging writes to with whoever has the other. */
	if (unlikely(skb_cloned(skb) || READ_ONCE(vctp_gro_off)))
		NAPI_GRO_CB(skb)->flush |= 1;
	if (!NAPI_GRO_CB(skb)->flush &&
	    skb_gro_checksum_simple_validate(skb))
		goto out_flush;
	skb_gro_pull(skb, header_len);
	len = skb_gro_len(skb);

	p = vctp_gro_lookup(head, h);
	if (p) {
		held = (struct vctp_header *)skb_transport_header(p);
		mss = skb_shinfo(p)->gso_size;
		flush = NAPI_GRO_CB(skb)->flush ||
			gro_receive_network_flush(h, held, p) ||
			vctp_gro_differs(held, h, header_len) ||
			!len || len > mss ||
			((vctp_gro_seq(held) + skb_gro_len(p)) &
			 VCTP_SEQ_MASK) != vctp_gro_seq(h);
		if (flush || !vctp_gro_merge(p, skb))
			mss = 1;
		else
			held->control |= h->control & VCTP_GRO_PASS;
	}
	/* A short one is the last of a burst. */
	flush = NAPI_GRO_CB(skb)->flush || len < mss ||
		h->control & VCTP_GRO_LAST;
	NAPI_GRO_CB(skb)->flush |= flush;
	if (p && (!NAPI_GRO_CB(skb)->same_flow || flush))
		return p;
	return NULL;

out_flush:
	NAPI_GRO_CB(skb)->flush |= 1;
	return NULL;
}

/**
 * vctp_gro_complete() - net_offload's gro_complete: @skb is merged of several
 * @skb: on its way up
 * @offset: of the transport header, from skb->data
 *
 * Return: 0.
 */
int vctp_gro_complete(struct sk_buff *skb, int offset)
{
	struct vctp_header *h = (struct vctp_header *)(skb->data + offset);
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	if (skb->encapsulation)
		skb->inner_transport_header = skb->transport_header;
	/* Where it is forwarded, whoever cuts it fills in the sums anew. */
	h->check = 0;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = (u8 *)h - skb->head;
	skb->csum_offset = VCTP_CHECK_OFFSET;
	shinfo->gso_segs = NAPI_GRO_CB(skb)->count;
	shinfo->gso_size += vctp_header_len(h) - VCTP_GSO_HEADER;
	shinfo->gso_type |= SKB_GSO_SCTP;
	return 0;
}

/**
 * vctp_gro_stop() - merge no more
 *
 * The kernel warns where it finds a merged packet of a protocol that is gone.
 * To be followed by synchronize_net(): a poll lets go of all it has merged.
 */
void vctp_gro_stop(void)
{
	WRITE_ONCE(vctp_gro_off, true);
}
