// SPDX-License-Identifier: GPL-2.0
/*
 * What poll() says of a socket, and who is woken when it changes. Word for
 * word TCP's answers: programs depend on each of them.
 */
#include <linux/poll.h>

#include "internal.h"

/* Enough to read: SO_RCVLOWAT, or less where more would not fit. */
static bool vctp_readable(const struct sock *sk, int target)
{
	const struct vctp_sock *vs = vctp_sk(sk);
	u64 next = READ_ONCE(vs->rwnd.next), copied = READ_ONCE(vs->copied);
	int rcvbuf = READ_ONCE(sk->sk_rcvbuf);

	if (next <= copied)
		return false;
	return next - copied >= target || sk_under_memory_pressure(sk) ||
	       atomic_read(&sk->sk_rmem_alloc) > rcvbuf - (rcvbuf >> 3) ||
	       vctp_window_left(&vs->rwnd) <= vs->ack.rcv_mss;
}

/**
 * vctp_stream_memory_free() - proto.stream_memory_free: VCTP_NOTSENT_LOWAT
 * @sk: the socket; any context
 * @wake: 1 where a sleeper is to be woken: only from half the mark on
 */
bool vctp_stream_memory_free(const struct sock *sk, int wake)
{
	const struct vctp_sock *vs = vctp_sk(sk);
	u64 unsent = READ_ONCE(vs->write_seq) - READ_ONCE(vs->snd.next);
	u32 lowat = READ_ONCE(vs->notsent_lowat);

	return !lowat || (unsent << wake) < lowat;
}

static __poll_t vctp_poll_write(struct sock *sk)
{
	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN ||
	    __sk_stream_is_writeable(sk, 1))
		return EPOLLOUT | EPOLLWRNORM;

	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	/*
	 * Room that came between the question and the flag would be told to
	 * nobody. Pairs with vctp_socket_writable().
	 */
	smp_mb__after_atomic();
	return __sk_stream_is_writeable(sk, 1) ? EPOLLOUT | EPOLLWRNORM : 0;
}

/**
 * vctp_poll() - proto_ops.poll
 * @file: of the socket
 * @sock: the socket; not locked: what changes meanwhile wakes the poller
 * @wait: the poller
 */
__poll_t vctp_poll(struct file *file, struct socket *sock,
		   struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	const struct vctp_sock *vs = vctp_sk(sk);
	__poll_t mask = 0;
	u8 shutdown;
	int state;

	sock_poll_wait(file, sock, wait);
	state = inet_sk_state_load(sk);
	if (state == TCP_LISTEN)
		return vctp_accept_ready(sk) ? EPOLLIN | EPOLLRDNORM : 0;

	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;

	if (state != TCP_SYN_SENT && state != TCP_SYN_RECV) {
		int target = sock_rcvlowat(sk, 0, INT_MAX);

		/* The urgent byte itself does not count. */
		if (vctp_at_mark(vs, READ_ONCE(vs->copied)) &&
		    !sock_flag(sk, SOCK_URGINLINE))
			target++;
		if (vctp_readable(sk, target))
			mask |= EPOLLIN | EPOLLRDNORM;
		mask |= vctp_poll_write(sk);
		if (READ_ONCE(vs->urgent_valid) == VCTP_URGENT_VALID)
			mask |= EPOLLPRI;
	}
	/* An error is set before the state; see it if the state was seen. */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) ||
	    !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}

/**
 * vctp_socket_readable() - data came in, or an end
 * @sk: the socket; locked
 */
void vctp_socket_readable(struct sock *sk)
{
	vctp_oracle_told(vctp_sk(sk));
	if (vctp_readable(sk, READ_ONCE(sk->sk_rcvlowat)) ||
	    sock_flag(sk, SOCK_DONE))
		sk->sk_data_ready(sk);
}

/**
 * vctp_write_space() - sk->sk_write_space: wake who waits for room
 * @sk: the socket; any context
 *
 * As sk_stream_write_space(), which is the kernel's own.
 */
void vctp_write_space(struct sock *sk)
{
	struct socket *sock = sk->sk_socket;
	struct socket_wq *wq;

	if (!sock || !__sk_stream_is_writeable(sk, 1))
		return;
	clear_bit(SOCK_NOSPACE, &sock->flags);

	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM |
						      EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}

/**
 * vctp_socket_writable() - room in the send buffer may have come
 * @sk: the socket; locked
 *
 * Only where somebody was told that there is none: this is called for every
 * ACK.
 */
void vctp_socket_writable(struct sock *sk)
{
	/* Pairs with vctp_poll_write(). */
	smp_mb();
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		sk->sk_write_space(sk);
}

/**
 * vctp_set_rcvlowat() - proto_ops.set_rcvlowat
 * @sk: the socket; locked
 * @bytes: wake a reader for so many; at most what the buffer can hold
 *
 * Return: 0.
 */
int vctp_set_rcvlowat(struct sock *sk, int bytes)
{
	struct vctp_sysctl *sysctl = &vctp_net(sock_net(sk))->sysctl;
	struct vctp_sock *vs = vctp_sk(sk);
	bool fixed = sk->sk_userlocks & SOCK_RCVBUF_LOCK;

	bytes = min(bytes, (fixed ? sk->sk_rcvbuf :
				    READ_ONCE(sysctl->rmem[1])) >> 1);
	WRITE_ONCE(sk->sk_rcvlowat, bytes ? : 1);
	/* There may be enough by the new mark. */
	vctp_socket_readable(sk);
	if (fixed)
		return 0;
	if (bytes << 1 > sk->sk_rcvbuf) {
		WRITE_ONCE(sk->sk_rcvbuf, bytes << 1);
		if (vs->window_clamp && vs->window_clamp < bytes) {
			WRITE_ONCE(vs->window_clamp, bytes);
			vs->rwnd.clamp = bytes;
		}
	}
	return 0;
}
