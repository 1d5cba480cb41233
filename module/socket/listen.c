// SPDX-License-Identifier: GPL-2.0
/*
 * listen() and accept(): the kernel's own want an inet_connection_sock, which
 * ours is not.
 */
#include <linux/sched/signal.h>
#include <net/inet_common.h>

#include "internal.h"

/**
 * vctp_listen() - proto_ops.listen
 * @sock: the socket
 * @backlog: connections that may wait; the kernel kept it to somaxconn
 *
 * A listener takes a new backlog and stays what it is.
 *
 * Return: 0, -EINVAL for a socket that has another life, -EADDRINUSE.
 */
int vctp_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED || sock->type != SOCK_STREAM)
		goto out;
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		goto out;

	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	err = 0;
	if (sk->sk_state != TCP_LISTEN) {
		if (!inet_sk(sk)->inet_num) {
			err = vctp_port_get(sk, 0);
			if (err)
				goto out;
			inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
		}
		sk_dst_reset(sk);
		/* A former life may have spoken IPv4 alone. */
		if (sk->sk_family == AF_INET6)
			WRITE_ONCE(vctp_sk(sk)->af, &vctp_ipv6_ops);
		err = vctp_circuit_listen(sk, backlog);
	}
out:
	release_sock(sk);
	return err;
}

/**
 * vctp_accept_ready() - does a circuit wait to be accepted?
 * @sk: a listener; any context
 */
bool vctp_accept_ready(const struct sock *sk)
{
	return READ_ONCE(vctp_sk(sk)->accept.count);
}

/* Sleep until a circuit waits: 0; or why it is no use to sleep on. */
static int vctp_accept_wait(struct sock *sk, long timeo)
{
	DEFINE_WAIT(wait);
	int err;

	for (;;) {
		/* One circuit wakes one program. */
		prepare_to_wait_exclusive(sk_sleep(sk), &wait,
					  TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (!vctp_accept_ready(sk))
			timeo = schedule_timeout(timeo);
		sched_annotate_sleep();
		lock_sock(sk);
		err = 0;
		if (vctp_accept_ready(sk))
			break;
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = sock_intr_errno(timeo);
		if (signal_pending(current))
			break;
		err = -EAGAIN;
		if (!timeo)
			break;
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/**
 * vctp_accept() - proto.accept
 * @sk: a listener; not locked
 * @flags: O_NONBLOCK
 * @err: why there is none: -EINVAL where @sk does not listen, -EAGAIN where
 *	 nobody waits or SO_RCVTIMEO is over, -EINTR, -ERESTARTSYS
 *
 * Return: the next circuit, or NULL.
 */
struct sock *vctp_accept(struct sock *sk, int flags, int *err)
{
	struct sock *child = NULL;
	long timeo;

	lock_sock(sk);
	timeo = sock_rcvtimeo(sk, flags & O_NONBLOCK);
	*err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto out;
	while (!(child = vctp_circuit_accept(sk))) {
		*err = -EAGAIN;
		if (!timeo)
			break;
		*err = vctp_accept_wait(sk, timeo);
		if (*err)
			break;
	}
out:
	release_sock(sk);
	if (child)
		vctp_memcg_accept(child);
	return child;
}
