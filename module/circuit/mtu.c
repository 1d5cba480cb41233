// SPDX-License-Identifier: GPL-2.0
/*
 * The size of segments: from the path MTU, the peer's MSS and VCTP_MAXSEG.
 */
#include "internal.h"
#include "../net/net.h"

/* Bytes that IP options or extension headers take of every packet. */
static u32 vctp_ip_options_len(const struct sock *sk)
{
	u32 len = 0;

	rcu_read_lock();
	if (vctp_sk(sk)->af == &vctp_ipv6_ops) {
		const struct ipv6_txoptions *opt;

		opt = rcu_dereference(inet6_sk(sk)->opt);
		if (opt)
			len = opt->opt_flen + opt->opt_nflen;
	} else {
		const struct ip_options_rcu *opt;

		opt = rcu_dereference(inet_sk(sk)->inet_opt);
		if (opt)
			len = opt->opt.optlen;
	}
	rcu_read_unlock();
	return len;
}

/**
 * vctp_mss_sync() - the path MTU is known anew: set the size of segments
 * @sk: the socket; locked
 * @pmtu: bytes, as the route has it
 */
void vctp_mss_sync(struct sock *sk, u32 pmtu)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u32 overhead = vs->af->network_header_len + VCTP_HEADER_LEN;
	u32 mss = pmtu > overhead ? pmtu - overhead : 0;

	mss -= min(mss, vctp_ip_options_len(sk));
	mss = min(mss, vs->mss_clamp);
	if (vs->user_mss)
		mss = min_t(u32, mss, vs->user_mss);
	/* No window of the peer's holds two: half of it, as RFC 9293, 3.8.6.2.1. */
	if (vs->swnd.largest)
		mss = min(mss, max(vs->swnd.largest >> 1, (u32)VCTP_MSS_MIN));
	mss = max_t(u32, mss, VCTP_MSS_MIN);

	vs->pmtu = pmtu;
	if (mss == vs->mss)
		return;
	vs->mss = mss;
	vctp_congestion_set_mss(&vs->cc, mss);
}

/**
 * vctp_mss_now() - payload of a full segment at this moment
 * @sk: the socket; locked
 * @options_len: bytes of options that it will carry
 *
 * Return: bytes.
 */
u32 vctp_mss_now(struct sock *sk, u32 options_len)
{
	struct vctp_sock *vs = vctp_sk(sk);
	const struct dst_entry *dst = __sk_dst_get(sk);

	if (dst) {
		u32 mtu = dst_mtu(dst);

		if (unlikely(mtu != vs->pmtu))
			vctp_mss_sync(sk, mtu);
	}
	return vs->mss - options_len;
}

/**
 * vctp_circuit_goal() - payload that one sk_buff of the send queue should hold
 * @sk: the socket; locked
 *
 * Return: bytes; a multiple of the MSS where the path takes GSO.
 */
u32 vctp_circuit_goal(struct sock *sk)
{
	u32 mss = vctp_mss_now(sk, 0);
	u32 most;

	if (!sk_can_gso(sk))
		return mss;
	/* Room for every header below ours, and no packet above 64 KB. */
	most = min_t(u32, sk->sk_gso_max_size, GSO_LEGACY_MAX_SIZE);
	most -= min_t(u32, most, sk->sk_prot->max_header);
	most = min_t(u32, most / mss, sk->sk_gso_max_segs);
	return max(most, 1U) * mss;
}
