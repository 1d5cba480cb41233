// SPDX-License-Identifier: GPL-2.0
/*
 * From the program into the send queue: bytes are copied into page fragments
 * of large sk_buffs, or pages are taken as they are (sendfile), and whole
 * sk_buffs leave as soon as they are full.
 *
 * No checksum is made here: net/ does that when it knows the segments.
 */
#include <linux/bvec.h>
#include <linux/errqueue.h>
#include <linux/uio.h>

#include "internal.h"

/* sk_buffs that one call begins before it looks at the backlog again. */
#define VCTP_SEND_BATCH		16

/* One call on its way. */
struct vctp_sending {
	struct msghdr *msg;
	long	timeo;		/* jiffies that are left to wait */
	u32	goal;		/* bytes that one sk_buff should hold */
	int	copied;		/* bytes in the send queue by this call */
	int	begun;		/* sk_buffs since the backlog was looked at */
	bool	splice;		/* take the pages as they are */
};

static bool vctp_send_nothing_left(const struct sock *sk)
{
	return skb_queue_empty(&sk->sk_write_queue) &&
	       RB_EMPTY_ROOT(&vctp_sk(sk)->snd.sent);
}

/* An sk_buff that nothing came into would wait for bytes for ever. */
static void vctp_send_drop_empty(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);

	if (skb && !vctp_segment(skb)->len) {
		__skb_unlink(skb, &sk->sk_write_queue);
		vctp_sendq_free(sk, skb);
	}
}

/* A new last sk_buff of the send queue; NULL: wait for memory. */
static struct sk_buff *vctp_send_begin(struct sock *sk, struct vctp_sending *s)
{
	struct sk_buff *skb;

	if (!sk_stream_memory_free(sk))
		return NULL;
	skb = vctp_circuit_new_skb(sk, sk->sk_allocation);
	if (!skb)
		return NULL;
	vctp_circuit_queue_skb(sk, skb);
	s->begun++;
	return skb;
}

/* Of @bytes, those that may be charged to the socket now; 0: none. */
static int vctp_send_schedule(struct sock *sk, int bytes)
{
	if (likely(sk_wmem_schedule(sk, bytes)))
		return bytes;
	return clamp(sk->sk_forward_alloc, 0, bytes);
}

/* Copy up to @bytes; those copied, -ENOMEM, -EMSGSIZE (@skb is full), -EFAULT. */
static int vctp_send_copy(struct sock *sk, struct sk_buff *skb,
			  struct msghdr *msg, int bytes)
{
	struct page_frag *frag = sk_page_frag(sk);
	int i = skb_shinfo(skb)->nr_frags;
	bool merge;
	int err;

	if (!sk_page_frag_refill(sk, frag))
		return -ENOMEM;
	merge = skb_can_coalesce(skb, i, frag->page, frag->offset);
	if (!merge && i >= MAX_SKB_FRAGS)
		return -EMSGSIZE;
	bytes = min_t(int, bytes, frag->size - frag->offset);
	bytes = vctp_send_schedule(sk, bytes);
	if (!bytes)
		return -ENOMEM;
	/* This keeps the copy from summing what net/ will sum again. */
	skb->ip_summed = CHECKSUM_PARTIAL;
	err = skb_copy_to_page_nocache(sk, &msg->msg_iter, skb, frag->page,
				       frag->offset, bytes);
	if (err)
		return err;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], bytes);
	} else {
		skb_fill_page_desc(skb, i, frag->page, frag->offset, bytes);
		page_ref_inc(frag->page);
	}
	frag->offset += bytes;
	return bytes;
}

/* Take the pages of up to @bytes; as vctp_send_copy() otherwise. */
static int vctp_send_splice(struct sock *sk, struct sk_buff *skb,
			    struct msghdr *msg, int bytes)
{
	int spliced;

	bytes = vctp_send_schedule(sk, bytes);
	if (!bytes)
		return -ENOMEM;
	skb->ip_summed = CHECKSUM_PARTIAL;
	spliced = vctp_skb_splice(skb, &msg->msg_iter, bytes, sk->sk_allocation);
	if (spliced < 0)
		return spliced;
	/* Somebody may write to the page while it is on its way. */
	if (!(msg->msg_flags & MSG_NO_SHARED_FRAGS))
		skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	sk_wmem_queued_add(sk, spliced);
	sk_mem_charge(sk, spliced);
	return spliced;
}

/* Some bytes into the send queue: how many, or -ENOMEM or -EFAULT. */
static int vctp_send_some(struct sock *sk, struct vctp_sending *s)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct msghdr *msg = s->msg;
	int bytes;

	for (;;) {
		if (!skb || skb->len >= s->goal || vctp_segment(skb)->stamp) {
			skb = vctp_send_begin(sk, s);
			if (!skb)
				return -ENOMEM;
		}
		bytes = min_t(size_t, s->goal - skb->len, msg_data_left(msg));
		if (s->splice)
			bytes = vctp_send_splice(sk, skb, msg, bytes);
		else
			bytes = vctp_send_copy(sk, skb, msg, bytes);
		if (bytes != -EMSGSIZE)
			break;
		/* No room for one more fragment. */
		skb = NULL;
	}
	if (bytes > 0) {
		vctp_circuit_queued(sk, skb, bytes);
		s->copied += bytes;
	}
	return bytes;
}

static void vctp_send_mark_urgent(struct sock *sk, const struct msghdr *msg)
{
	if (msg->msg_flags & MSG_OOB)
		vctp_sk(sk)->urgent_out = vctp_sk(sk)->write_seq;
}

/* A full sk_buff does not wait for those that follow. */
static void vctp_send_full(struct sock *sk, struct vctp_sending *s)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	struct vctp_sock *vs = vctp_sk(sk);

	if (!skb || skb->len < s->goal || s->msg->msg_flags & MSG_OOB)
		return;
	if (vs->write_seq > vs->pushed_seq + vs->swnd.largest / 2)
		vctp_circuit_push(sk, false);
	else if (skb == skb_peek(&sk->sk_write_queue))
		vctp_circuit_push(sk, true);
}

/* The buffer is full: send what can be sent, and sleep. 0 or -errno. */
static int vctp_send_wait(struct sock *sk, struct vctp_sending *s)
{
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	vctp_send_drop_empty(sk);
	if (s->copied) {
		/* Nagle would wait for bytes that have no room to come. */
		vctp_send_mark_urgent(sk, s->msg);
		vctp_circuit_push(sk, false);
		vctp_push(sk, true);
	}
	return sk_stream_wait_memory(sk, &s->timeo);
}

/* All bytes of the message: 0, or why it stopped. */
static int vctp_send_all(struct sock *sk, struct vctp_sending *s)
{
	int err;

	do {
		if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN))
			return -EPIPE;
		if (!msg_data_left(s->msg))
			return 0;
		if (!s->goal)
			s->goal = vctp_circuit_goal(sk);
		if (unlikely(s->begun >= VCTP_SEND_BATCH)) {
			s->begun = 0;
			if (sk_flush_backlog(sk)) {
				s->goal = 0;
				continue;
			}
		}
		err = vctp_send_some(sk, s);
		if (err > 0) {
			if (msg_data_left(s->msg))
				vctp_send_full(sk, s);
		} else if (err == -ENOMEM) {
			err = vctp_send_wait(sk, s);
			s->goal = 0;
		}
	} while (err >= 0);
	return err;
}

/*
 * SO_TIMESTAMPING: what becomes of the last byte of this call. It ends its
 * sk_buff, so that the stamp stays that byte's.
 */
static void vctp_send_stamp(struct sock *sk, const struct sockcm_cookie *cookie,
			    int copied)
{
	struct sk_buff *skb = skb_peek_tail(&sk->sk_write_queue);
	u32 key = 0;

	if (likely(!cookie->tsflags))
		return;
	/* The number of that byte, counted from when the option was set. */
	if (cookie->tsflags & SOF_TIMESTAMPING_OPT_ID)
		key = atomic_add_return(copied, &sk->sk_tskey) - 1;
	if (!skb || !(cookie->tsflags & SOF_TIMESTAMPING_TX_RECORD_MASK))
		return;
	vctp_tx_timestamp(sk, cookie, skb);
	skb_shinfo(skb)->tskey = key;
	vctp_segment(skb)->stamp = VCTP_STAMP_ANY;
	if (cookie->tsflags & SOF_TIMESTAMPING_TX_ACK)
		vctp_segment(skb)->stamp |= VCTP_STAMP_ACK;
}

/*
 * MSG_ZEROCOPY: the bytes are copied all the same, since their sum is made in
 * software; the program is told so, as it is by TCP over lo.
 */
static int vctp_send_zerocopy(struct sock *sk, const struct msghdr *msg,
			      size_t size, struct ubuf_info **ubuf)
{
	*ubuf = NULL;
	if (likely(!(msg->msg_flags & MSG_ZEROCOPY)) || !size || msg->msg_ubuf ||
	    !sock_flag(sk, SOCK_ZEROCOPY))
		return 0;
	*ubuf = vctp_zerocopy_begin(sk, size);
	if (!*ubuf)
		return -ENOBUFS;
	uarg_to_msgzc(*ubuf)->zerocopy = 0;
	return 0;
}

/* What a stream may send in: the rest waits for the opening or has ended. */
static int vctp_send_wait_connect(struct sock *sk, struct vctp_sending *s)
{
	if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT))
		return 0;
	return sk_stream_wait_connect(sk, &s->timeo);
}

static int vctp_send_locked(struct sock *sk, struct msghdr *msg, size_t size,
			    bool splice)
{
	struct sockcm_cookie cookie = { .tsflags = READ_ONCE(sk->sk_tsflags) };
	int flags = msg->msg_flags, err;
	struct ubuf_info *ubuf = NULL;
	struct vctp_sending s = {
		.msg = msg,
		.timeo = sock_sndtimeo(sk, flags & MSG_DONTWAIT),
		.splice = splice && sk->sk_route_caps & NETIF_F_SG,
	};

	/* No data goes with a SYN. */
	err = -EOPNOTSUPP;
	if (unlikely(flags & MSG_FASTOPEN))
		goto out_err;
	err = vctp_send_zerocopy(sk, msg, size, &ubuf);
	if (err)
		goto out_err;
	err = vctp_send_wait_connect(sk, &s);
	if (err)
		goto out_err;
	if (unlikely(msg->msg_controllen)) {
		err = sock_cmsg_send(sk, msg, &cookie);
		if (err)
			goto out_err;
	}
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	err = vctp_send_all(sk, &s);
	if (err)
		vctp_send_drop_empty(sk);
	if (err && !s.copied)
		goto out_err;
	if (s.copied) {
		vctp_send_stamp(sk, &cookie, s.copied);
		vctp_send_mark_urgent(sk, msg);
		vctp_circuit_push(sk, flags & (MSG_MORE | MSG_SENDPAGE_NOTLAST));
	}
	net_zcopy_put(ubuf);
	return s.copied;

out_err:
	net_zcopy_put_abort(ubuf, true);
	err = sk_stream_error(sk, flags, err);
	/* An edge-triggered waiter would hear of nothing more. */
	if (unlikely(err == -EAGAIN && vctp_send_nothing_left(sk)))
		sk->sk_write_space(sk);
	return err;
}

/**
 * vctp_sendmsg() - proto.sendmsg
 * @sk: the socket; not locked
 * @msg: its name is ignored, as TCP does
 * @size: bytes
 *
 * Return: bytes that are in the send queue, fewer than @size where waiting
 * ended; or -errno as TCP's, with SIGPIPE for -EPIPE.
 */
int vctp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size)
{
	int done;

	lock_sock(sk);
	done = vctp_send_locked(sk, msg, size,
				msg->msg_flags & MSG_SPLICE_PAGES);
	release_sock(sk);
	return done;
}

/**
 * vctp_sendpage() - proto.sendpage, where the kernel has that
 * @sk: the socket; not locked
 * @page: of sendfile() or splice()
 * @offset: bytes into @page
 * @size: bytes
 * @flags: MSG_*
 *
 * Return: as vctp_sendmsg().
 */
int vctp_sendpage(struct sock *sk, struct page *page, int offset, size_t size,
		  int flags)
{
	struct bio_vec bvec = {
		.bv_page = page,
		.bv_offset = offset,
		.bv_len = size,
	};
	struct msghdr msg = { .msg_flags = flags };
	int done;

	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bvec, 1, size);
	lock_sock(sk);
	done = vctp_send_locked(sk, &msg, size, true);
	release_sock(sk);
	return done;
}

/**
 * vctp_splice_eof() - proto_ops.splice_eof: nothing follows MSG_MORE after all
 * @sock: the socket
 */
void vctp_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (skb_queue_empty_lockless(&sk->sk_write_queue))
		return;
	lock_sock(sk);
	vctp_circuit_push(sk, false);
	release_sock(sk);
}
