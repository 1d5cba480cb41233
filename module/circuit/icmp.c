// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors about a circuit's segments (RFC 9293, 3.9.2.2; RFC 5927).
 *
 * Who forges one has to know the peer's identifier, and where the quote
 * reaches that far, a number in flight: else it is counted and dropped.
 */
#include "internal.h"
#include "../net/net.h"

/* A quoted number that we sent and that is not acknowledged yet. */
static bool vctp_icmp_plausible(const struct vctp_sock *vs,
				const struct vctp_icmp *icmp)
{
	u64 seq;

	if (!icmp->has_seq)
		return true;
	seq = vctp_seq_widen(icmp->quoted_seq, vs->snd.una);
	return seq >= vs->snd.una && seq <= vs->snd.next;
}

/**
 * vctp_pmtu_changed() - the path takes smaller packets than we sent
 * @sk: the socket; locked
 * @mtu: bytes, that the router named
 *
 * RFC 1191 and 8201: what is in the network was too large for it, so it is
 * sent again at once in smaller pieces; the congestion window stays.
 */
void vctp_pmtu_changed(struct sock *sk, u32 mtu)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	u32 mss = vs->mss;

	if (sk->sk_state == TCP_LISTEN || sk->sk_state == TCP_CLOSE)
		return;
	/* No real path is this narrow: somebody wants us slow. */
	mtu = max_t(u32, mtu, READ_ONCE(vn->sysctl.mtu_probing_floor));
	if (mtu >= vs->pmtu)
		return;
	mtu = vs->af->update_pmtu(sk, mtu);
	if (!mtu || mtu >= vs->pmtu)
		return;
	vctp_count(vn, PmtuReductions);
	vctp_mss_sync(sk, mtu);
	if (vs->mss >= mss || sk->sk_state == TCP_SYN_SENT)
		return;
	vctp_sender_lose_larger(&vs->snd, vs->mss);
	vctp_retransmit(sk);
}

static void vctp_icmp_mtu(struct sock *sk, u32 mtu)
{
	struct vctp_sock *vs = vctp_sk(sk);

	if (!sock_owned_by_user(sk)) {
		vctp_pmtu_changed(sk, mtu);
		return;
	}
	WRITE_ONCE(vs->deferred_mtu, mtu);
	if (!test_and_set_bit(VCTP_DEFER_PMTU, &vs->deferred))
		sock_hold(sk);
}

/* While opening, a hard error ends it; afterwards it is only remembered. */
static void vctp_icmp_error(struct sock *sk, struct sk_buff *skb,
			    const struct vctp_icmp *icmp)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	bool told = vctp_net_recverr(sk, skb);

	if (sk->sk_state == TCP_SYN_SENT) {
		if (told)
			vctp_net_queue_error(sk, skb, icmp->err, icmp->info);
		if (sock_owned_by_user(sk)) {
			WRITE_ONCE(sk->sk_err_soft, icmp->err);
			return;
		}
		WRITE_ONCE(sk->sk_err, icmp->err);
		vctp_transition(vn, &vs->entry, VCTP_E_GIVE_UP);
		vctp_fail(sk);
		return;
	}
	if (!sock_owned_by_user(sk) && told) {
		WRITE_ONCE(sk->sk_err, icmp->err);
		sk_error_report(sk);
	} else {
		WRITE_ONCE(sk->sk_err_soft, icmp->err);
	}
}

/**
 * vctp_icmp_rcv() - an ICMP error about a circuit that has a socket
 * @sk: the socket; spinlock held, perhaps owned by a program
 * @skb: the error; not taken
 * @icmp: what it said
 */
void vctp_icmp_rcv(struct sock *sk, struct sk_buff *skb,
		   const struct vctp_icmp *icmp)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));

	if (sk->sk_state == TCP_CLOSE)
		return;
	if (!vctp_icmp_plausible(vctp_sk(sk), icmp)) {
		vctp_count(vn, DropIcmpOutOfWindow);
		return;
	}
	switch (icmp->kind) {
	case VCTP_ICMP_MTU:
		vctp_icmp_mtu(sk, icmp->info);
		break;
	case VCTP_ICMP_HARD:
		vctp_count(vn, IcmpHard);
		vctp_icmp_error(sk, skb, icmp);
		break;
	case VCTP_ICMP_SOFT:
		vctp_count(vn, IcmpSoft);
		vctp_icmp_error(sk, skb, icmp);
		break;
	case VCTP_ICMP_REDIRECT:
		if (!sock_owned_by_user(sk))
			vctp_net_redirect(sk, skb);
		break;
	}
}
