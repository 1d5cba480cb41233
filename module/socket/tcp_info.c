// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_INFO: what programs that know only TCP learn of a circuit. Its sizes
 * are in segments where ours are in bytes.
 */
#include <net/tcp.h>

#include <linux/vctp.h>

#include "internal.h"

static u32 vctp_segments(u32 bytes, u32 mss)
{
	return DIV_ROUND_UP(bytes, max(mss, 1U));
}

static void vctp_tcp_info_sender(const struct vctp_info *from,
				 struct tcp_info *to)
{
	u32 mss = from->vctpi_snd_mss;

	to->tcpi_ca_state = from->vctpi_phase == VCTP_PHASE_LOSS ? TCP_CA_Loss :
			    from->vctpi_phase == VCTP_PHASE_RECOVERY ?
			    TCP_CA_Recovery :
			    from->vctpi_phase == VCTP_PHASE_DISORDER ?
			    TCP_CA_Disorder : TCP_CA_Open;
	to->tcpi_retransmits = from->vctpi_retransmits;
	to->tcpi_probes = from->vctpi_probes;
	to->tcpi_backoff = from->vctpi_backoff;
	to->tcpi_rto = from->vctpi_rto;
	to->tcpi_snd_mss = mss;
	to->tcpi_unacked = vctp_segments(from->vctpi_in_flight, mss);
	to->tcpi_sacked = vctp_segments(from->vctpi_sacked, mss);
	to->tcpi_lost = vctp_segments(from->vctpi_lost, mss);
	to->tcpi_pmtu = from->vctpi_pmtu;
	to->tcpi_rtt = from->vctpi_srtt;
	to->tcpi_rttvar = from->vctpi_rttvar;
	to->tcpi_min_rtt = from->vctpi_min_rtt;
	to->tcpi_snd_cwnd = vctp_segments(from->vctpi_cwnd, mss);
	/* "Not known yet" is a large number for tools, and stays one. */
	to->tcpi_snd_ssthresh = from->vctpi_ssthresh >= VCTP_CWND_INFINITE ?
				TCP_INFINITE_SSTHRESH :
				vctp_segments(from->vctpi_ssthresh, mss);
	to->tcpi_snd_wnd = from->vctpi_snd_wnd;
	to->tcpi_notsent_bytes = from->vctpi_notsent;
	to->tcpi_last_data_sent = from->vctpi_last_data_sent;
	to->tcpi_total_retrans = from->vctpi_total_retrans;
	to->tcpi_bytes_sent = from->vctpi_bytes_sent;
	to->tcpi_bytes_acked = from->vctpi_bytes_acked;
	to->tcpi_bytes_retrans = from->vctpi_bytes_retrans;
	to->tcpi_segs_out = from->vctpi_segs_out;
}

static void vctp_tcp_info_receiver(const struct vctp_info *from,
				   struct tcp_info *to)
{
	to->tcpi_ato = from->vctpi_ato;
	to->tcpi_rcv_mss = from->vctpi_rcv_mss;
	to->tcpi_advmss = from->vctpi_advmss;
	to->tcpi_rcv_ssthresh = from->vctpi_rcv_wnd;
	to->tcpi_rcv_space = from->vctpi_rcv_space;
	to->tcpi_last_data_recv = from->vctpi_last_data_recv;
	to->tcpi_last_ack_recv = from->vctpi_last_ack_recv;
	to->tcpi_bytes_received = from->vctpi_bytes_received;
	to->tcpi_segs_in = from->vctpi_segs_in;
}

/**
 * vctp_tcp_info() - a struct tcp_info from a circuit
 * @sk: the socket; not locked
 * @info: filled whole
 */
void vctp_tcp_info(struct sock *sk, struct tcp_info *info)
{
	struct vctp_info from;
	unsigned long rate;

	lock_sock(sk);
	vctp_circuit_info(sk, &from);
	release_sock(sk);

	memset(info, 0, sizeof(*info));
	info->tcpi_state = from.vctpi_state;
	rate = READ_ONCE(sk->sk_pacing_rate);
	info->tcpi_pacing_rate = rate != ~0UL ? rate : ~0ULL;
	rate = READ_ONCE(sk->sk_max_pacing_rate);
	info->tcpi_max_pacing_rate = rate != ~0UL ? rate : ~0ULL;
	if (from.vctpi_state == TCP_LISTEN) {
		/* As TCP's: who waits to be accepted, and how many may. */
		info->tcpi_unacked = READ_ONCE(sk->sk_ack_backlog);
		info->tcpi_sacked = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	info->tcpi_options = TCPI_OPT_SACK;
	vctp_tcp_info_sender(&from, info);
	vctp_tcp_info_receiver(&from, info);
}
