// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl(): how much is waiting, either way.
 */
#include <linux/sockios.h>
#include <asm/ioctls.h>

#include "internal.h"

static u64 vctp_unsent_from(const struct sock *sk, u64 from)
{
	/* The SYN is no byte of the program's. */
	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		return 0;
	return READ_ONCE(vctp_sk(sk)->write_seq) - from;
}

/**
 * vctp_ioctl() - proto.ioctl
 * @sk: the socket; not locked
 * @cmd: SIOCINQ, SIOCATMARK, SIOCOUTQ, SIOCOUTQNSD
 * @answer: bytes, or whether the next byte is the urgent one
 *
 * Return: 0, -EINVAL for a listener, -ENOIOCTLCMD.
 */
int vctp_ioctl(struct sock *sk, int cmd, int *answer)
{
	const struct vctp_sock *vs = vctp_sk(sk);

	if (cmd == SIOCATMARK) {
		*answer = vctp_at_mark(vs, READ_ONCE(vs->copied));
		return 0;
	}
	if (cmd != SIOCINQ && cmd != SIOCOUTQ && cmd != SIOCOUTQNSD)
		return -ENOIOCTLCMD;
	if (sk->sk_state == TCP_LISTEN)
		return -EINVAL;
	lock_sock(sk);
	if (cmd == SIOCINQ)
		*answer = vctp_receive_inq(sk);
	else if (cmd == SIOCOUTQ)
		*answer = vctp_unsent_from(sk, vs->snd.una);
	else
		*answer = vctp_unsent_from(sk, vs->snd.next);
	release_sock(sk);
	return 0;
}
