// SPDX-License-Identifier: GPL-2.0
/*
 * From the receive queue to the program.
 *
 * The queue holds sk_buffs in the order of their numbers, without holes; the
 * byte for number n lies n - seq into its sk_buff. vs->copied is the next
 * that the program gets. Urgent data is TCP's: reading stops at the mark, and
 * the byte there is skipped, unless SO_OOBINLINE is set.
 */
#include <linux/sched/signal.h>
#include <net/busy_poll.h>
#include <net/inet_common.h>

#include <linux/vctp.h>
#include <linux/tcp.h>

#include "internal.h"

/* One call on its way. */
struct vctp_reading {
	struct msghdr *msg;
	size_t	len;		/* bytes of room left */
	u64	*next;		/* the next byte: vs->copied, or @peek */
	u64	peek;
	u32	peek_offset;	/* SO_PEEK_OFF */
	u32	hole;		/* urgent bytes skipped */
	long	timeo;		/* jiffies that are left to wait */
	int	flags;		/* MSG_* */
	int	target;		/* bytes to wait for */
	int	copied;		/* bytes; or -errno where there are none */
	int	told;		/* of them, those that the circuit knows of */
	bool	stamped;
	struct vctp_stamps stamps;
};

/**
 * vctp_receive_eat() - all of an sk_buff has been read
 * @sk: the socket; locked
 * @skb: in its receive queue
 */
void vctp_receive_eat(struct sock *sk, struct sk_buff *skb)
{
	__skb_unlink(skb, &sk->sk_receive_queue);
	__kfree_skb(skb);
}

/**
 * vctp_receive_skb() - where the byte of a number lies
 * @sk: the socket; locked
 * @seq: the number; what comes before it in the queue is eaten
 * @offset: of the byte in the sk_buff's payload
 *
 * Return: the sk_buff, perhaps with nothing but a FIN at @seq; NULL: not here.
 */
struct sk_buff *vctp_receive_skb(struct sock *sk, u64 seq, u32 *offset)
{
	struct sk_buff *skb;

	while ((skb = skb_peek(&sk->sk_receive_queue))) {
		if (seq < vctp_fragment(skb)->end) {
			*offset = seq - vctp_fragment(skb)->seq;
			return skb;
		}
		vctp_receive_eat(sk, skb);
	}
	return NULL;
}

/**
 * vctp_receive_inq() - bytes to read, as SIOCINQ counts them
 * @sk: the socket; locked
 */
int vctp_receive_inq(const struct sock *sk)
{
	const struct vctp_sock *vs = vctp_sk(sk);
	u64 end = vs->rwnd.next;

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return 0;
	if (vs->urgent_valid != VCTP_URGENT_NONE &&
	    !sock_flag(sk, SOCK_URGINLINE) &&
	    vs->urgent_in >= vs->copied && vs->urgent_in < end)
		return vs->urgent_in - vs->copied;
	/* A FIN is a number, but no byte. */
	if (end > vs->copied && sock_flag(sk, SOCK_DONE))
		end--;
	return end > vs->copied ? end - vs->copied : 0;
}

/* recv(MSG_OOB): never waits; the strange errors are BSD's. */
static int vctp_receive_urgent(struct sock *sk, struct msghdr *msg, size_t len,
			       int flags)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u8 byte = vs->urgent_byte;

	if (sock_flag(sk, SOCK_URGINLINE) ||
	    vs->urgent_valid == VCTP_URGENT_NONE ||
	    vs->urgent_valid == VCTP_URGENT_READ)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (vs->urgent_valid != VCTP_URGENT_VALID) {
		if (sk->sk_state == TCP_CLOSE || sk->sk_shutdown & RCV_SHUTDOWN)
			return 0;
		return -EAGAIN;
	}
	if (!(flags & MSG_PEEK))
		WRITE_ONCE(vs->urgent_valid, VCTP_URGENT_READ);
	msg->msg_flags |= MSG_OOB;
	if (!len) {
		msg->msg_flags |= MSG_TRUNC;
		return 0;
	}
	if (!(flags & MSG_TRUNC) && memcpy_to_msg(msg, &byte, 1))
		return -EFAULT;
	return 1;
}

/* The sk_buff of the next byte; @last: the last looked at, to wait behind. */
static struct sk_buff *vctp_reading_skb(struct sock *sk,
					const struct vctp_reading *r,
					struct sk_buff **last)
{
	struct sk_buff *skb;

	*last = skb_peek_tail(&sk->sk_receive_queue);
	skb_queue_walk(&sk->sk_receive_queue, skb) {
		*last = skb;
		if (*r->next < vctp_fragment(skb)->end)
			return skb;
	}
	return NULL;
}

/* Stop at the mark if anything was read, or SIGURG waits to be seen. */
static bool vctp_reading_at_mark(struct vctp_sock *vs, struct vctp_reading *r)
{
	if (likely(!vctp_at_mark(vs, *r->next)))
		return false;
	if (r->copied)
		return true;
	if (!signal_pending(current))
		return false;
	r->copied = r->timeo ? sock_intr_errno(r->timeo) : -EAGAIN;
	return true;
}

/* The queue is empty: is it any use to wait? Errors in TCP's order. */
static bool vctp_reading_ends(struct sock *sk, struct vctp_reading *r)
{
	if (r->copied >= r->target && !READ_ONCE(sk->sk_backlog.tail))
		return true;
	if (r->copied)
		return !r->timeo || sk->sk_err || sk->sk_state == TCP_CLOSE ||
		       sk->sk_shutdown & RCV_SHUTDOWN || signal_pending(current);
	if (sock_flag(sk, SOCK_DONE))
		return true;
	if (sk->sk_err)
		r->copied = sock_error(sk);
	else if (sk->sk_shutdown & RCV_SHUTDOWN)
		return true;
	else if (sk->sk_state == TCP_CLOSE)
		r->copied = -ENOTCONN;	/* it never was connected */
	else if (!r->timeo)
		r->copied = -EAGAIN;
	else if (signal_pending(current))
		r->copied = sock_intr_errno(r->timeo);
	else
		return false;
	return true;
}

/* There may be room for the peer to hear of. */
static void vctp_reading_took(struct sock *sk, struct vctp_reading *r)
{
	if (r->flags & MSG_PEEK || r->copied < r->told)
		return;
	vctp_circuit_took(sk, r->copied - r->told);
	r->told = r->copied;
}

/* Let the backlog in, or sleep until something comes. 0 or -errno. */
static int vctp_reading_wait(struct sock *sk, struct vctp_reading *r,
			     struct sk_buff *last)
{
	struct vctp_sock *vs = vctp_sk(sk);
	int err = 0;

	if (r->copied >= r->target) {
		__sk_flush_backlog(sk);
	} else {
		vctp_reading_took(sk, r);
		err = sk_wait_data(sk, &r->timeo, last);
		if (err < 0)
			return err;
	}
	/* Somebody else read what this call was looking at. */
	if (r->flags & MSG_PEEK &&
	    r->peek - r->peek_offset - r->copied - r->hole != vs->copied)
		r->peek = vs->copied + r->peek_offset;
	return 0;
}

/*
 * Bytes of @skb from @offset that go to the program in one piece: up to the
 * mark. Steps over an urgent byte that stands right here.
 */
static u32 vctp_reading_usable(struct sock *sk, struct vctp_reading *r,
			       struct sk_buff *skb, u32 *offset)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u32 used = min_t(size_t, skb->len - *offset, r->len);

	if (likely(vs->urgent_valid == VCTP_URGENT_NONE) ||
	    vs->urgent_in < *r->next || vs->urgent_in - *r->next >= used)
		return used;
	if (vs->urgent_in > *r->next)
		return vs->urgent_in - *r->next;
	if (!sock_flag(sk, SOCK_URGINLINE)) {
		WRITE_ONCE(*r->next, *r->next + 1);
		r->hole++;
		++*offset;
		--used;
	}
	return used;
}

/* Copy from @skb, which has the next byte. True: go on; false: stop here. */
static bool vctp_reading_copy(struct sock *sk, struct vctp_reading *r,
			      struct sk_buff *skb)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u32 offset = *r->next - vctp_fragment(skb)->seq;
	u32 used = 0;

	if (offset < skb->len)
		used = vctp_reading_usable(sk, r, skb, &offset);
	if (used) {
		if (!(r->flags & MSG_TRUNC) &&
		    skb_copy_datagram_msg(skb, offset, r->msg, used)) {
			if (!r->copied)
				r->copied = -EFAULT;
			return false;
		}
		WRITE_ONCE(*r->next, *r->next + used);
		r->copied += used;
		r->len -= used;
		if (r->flags & MSG_PEEK)
			sk_peek_offset_fwd(sk, used);
		else
			sk_peek_offset_bwd(sk, used);
	}
	if (unlikely(vs->urgent_valid != VCTP_URGENT_NONE) &&
	    vs->copied > vs->urgent_in)
		WRITE_ONCE(vs->urgent_valid, VCTP_URGENT_NONE);
	if (unlikely(skb->tstamp || skb_hwtstamps(skb)->hwtstamp)) {
		r->stamps.software = skb->tstamp;
		r->stamps.hardware = skb_hwtstamps(skb)->hwtstamp;
		r->stamped = true;
	}
	if (offset + used < skb->len)
		return true;
	if (vctp_fragment(skb)->flags & VCTP_FIN) {
		WRITE_ONCE(*r->next, *r->next + 1);
		r->len = 0;	/* nothing comes after it */
	}
	if (!(r->flags & MSG_PEEK))
		vctp_receive_eat(sk, skb);
	return true;
}

/* The socket is locked. Bytes, or -errno. */
static int vctp_receive_locked(struct sock *sk, struct vctp_reading *r)
{
	struct vctp_sock *vs = vctp_sk(sk);
	struct sk_buff *skb, *last;
	int err;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	if (r->flags & MSG_OOB)
		return vctp_receive_urgent(sk, r->msg, r->len, r->flags);

	r->timeo = sock_rcvtimeo(sk, r->flags & MSG_DONTWAIT);
	r->next = &vs->copied;
	if (r->flags & MSG_PEEK) {
		r->peek_offset = max(sk_peek_offset(sk, r->flags), 0);
		r->peek = vs->copied + r->peek_offset;
		r->next = &r->peek;
	}
	r->target = sock_rcvlowat(sk, r->flags & MSG_WAITALL, r->len);
	do {
		if (vctp_reading_at_mark(vs, r))
			break;
		skb = vctp_reading_skb(sk, r, &last);
		if (likely(skb)) {
			if (!vctp_reading_copy(sk, r, skb))
				break;
			continue;
		}
		if (vctp_reading_ends(sk, r))
			break;
		err = vctp_reading_wait(sk, r, last);
		if (err < 0) {
			if (!r->copied)
				r->copied = err;
			break;
		}
	} while (r->len);

	if (r->copied > 0 && !(r->flags & MSG_PEEK))
		vctp_circuit_tune_receive(sk);
	vctp_reading_took(sk, r);
	return r->copied;
}

/* TCP_INQ: what is left to read, 1 where only the end is. */
static void vctp_receive_tell_inq(struct sock *sk, struct msghdr *msg)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u64 next, copied;

	lock_sock(sk);
	next = vs->rwnd.next;
	copied = vs->copied;
	release_sock(sk);
	msg->msg_inq = next > copied ? next - copied : 0;
	if (!msg->msg_inq && sock_flag(sk, SOCK_DONE))
		msg->msg_inq = 1;
	if (vs->tell_inq)
		put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(msg->msg_inq),
			 &msg->msg_inq);
}

/**
 * vctp_recvmsg() - proto.recvmsg
 * @sk: the socket; not locked
 * @msg: where to; its name stays empty, as with TCP
 * @len: bytes of room
 * @flags: MSG_*
 *
 * Return: bytes; 0 at the end of the stream; -errno as TCP's.
 */
int vctp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct vctp_reading r = {
		.msg = msg,
		.len = len,
		.flags = flags,
	};
	int done;

	if (unlikely(flags & MSG_ERRQUEUE))
		return vctp_recv_error(sk, msg, len);
	if (sk_can_busy_loop(sk) &&
	    skb_queue_empty_lockless(&sk->sk_receive_queue) &&
	    sk->sk_state == TCP_ESTABLISHED)
		sk_busy_loop(sk, flags & MSG_DONTWAIT);

	lock_sock(sk);
	done = vctp_receive_locked(sk, &r);
	release_sock(sk);
	if (done < 0)
		return done;
	if (r.stamped)
		vctp_stamps_tell(msg, sk, &r.stamps);
	if (unlikely(vctp_sk(sk)->tell_inq || msg->msg_get_inq))
		vctp_receive_tell_inq(sk, msg);
	return done;
}
