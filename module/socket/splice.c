// SPDX-License-Identifier: GPL-2.0
/*
 * splice() from a socket to a pipe: the pages of the receive queue go there
 * without a copy.
 */
#include <linux/fs.h>
#include <linux/pipe_fs_i.h>
#include <linux/sched/signal.h>
#include <linux/splice.h>

#include "internal.h"

/* What is there now, at most @len bytes: how many went, 0 for none, -errno. */
static int vctp_splice_some(struct sock *sk, struct pipe_inode_info *pipe,
			    size_t len, unsigned int flags)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct sk_buff *skb;
	int copied = 0;
	u32 offset;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	while (len && (skb = vctp_receive_skb(sk, vs->copied, &offset))) {
		u32 usable = offset < skb->len ? skb->len - offset : 0;
		int used;

		if (!usable) {
			/* Its FIN is all that is left of it. */
			WRITE_ONCE(vs->copied, vctp_fragment(skb)->end);
			vctp_receive_eat(sk, skb);
			break;
		}
		/* Urgent data is for recv(). */
		if (vs->urgent_valid != VCTP_URGENT_NONE &&
		    vs->urgent_in >= vs->copied)
			usable = min_t(u64, usable, vs->urgent_in - vs->copied);
		usable = min_t(size_t, usable, len);
		if (!usable)
			break;
		used = skb_splice_bits(skb, sk, offset, pipe, usable, flags);
		if (used <= 0) {
			if (!copied)
				copied = used;
			break;
		}
		WRITE_ONCE(vs->copied, vs->copied + used);
		copied += used;
		len -= used;
	}
	if (copied > 0) {
		vctp_receive_skb(sk, vs->copied, &offset);
		vctp_circuit_tune_receive(sk);
		vctp_circuit_took(sk, copied);
	}
	return copied;
}

/* Nothing was there: 1 to try again, 0 at the end, or -errno. TCP's order. */
static int vctp_splice_wait(struct sock *sk, long *timeo)
{
	int err;

	if (sock_flag(sk, SOCK_DONE))
		return 0;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!*timeo)
		return -EAGAIN;
	/* The mark stands in front of what is there: only recv() gets past. */
	if (!skb_queue_empty(&sk->sk_receive_queue))
		return 0;
	err = sk_wait_data(sk, timeo, NULL);
	if (err < 0)
		return err;
	return signal_pending(current) ? sock_intr_errno(*timeo) : 1;
}

/**
 * vctp_splice_read() - proto_ops.splice_read
 * @sock: the socket
 * @pos: 0: a socket has no position
 * @pipe: where to
 * @len: bytes
 * @flags: SPLICE_F_*
 *
 * Return: bytes, 0 at the end of the stream, or -errno.
 */
ssize_t vctp_splice_read(struct socket *sock, loff_t *pos,
			 struct pipe_inode_info *pipe, size_t len,
			 unsigned int flags)
{
	struct sock *sk = sock->sk;
	ssize_t spliced = 0;
	long timeo;
	int err = 0;

	if (unlikely(*pos))
		return -ESPIPE;
	lock_sock(sk);
	timeo = sock_rcvtimeo(sk, sock->file->f_flags & O_NONBLOCK);
	while (len) {
		err = vctp_splice_some(sk, pipe, len, flags);
		if (err < 0)
			break;
		if (!err) {
			if (spliced)
				break;
			err = vctp_splice_wait(sk, &timeo);
			if (err <= 0)
				break;
			continue;
		}
		len -= err;
		spliced += err;
		if (!len || !timeo)
			break;
		release_sock(sk);
		lock_sock(sk);
		if (sk->sk_err || sk->sk_state == TCP_CLOSE ||
		    sk->sk_shutdown & RCV_SHUTDOWN || signal_pending(current))
			break;
	}
	release_sock(sk);
	return spliced ? spliced : err;
}
