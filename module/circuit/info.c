// SPDX-License-Identifier: GPL-2.0
/*
 * What a circuit tells of itself: struct vctp_info.
 */
#include "internal.h"
#include "../../uapi/linux/vctp.h"

static u32 vctp_ms_since(u32 then_us)
{
	return ((u32)vctp_now_us() - then_us) / USEC_PER_MSEC;
}

/**
 * vctp_circuit_state() - the state as programs see it
 * @sk: the socket; any context
 *
 * Return: enum vctp_state.
 */
u8 vctp_circuit_state(const struct sock *sk)
{
	return inet_sk_state_load(sk);
}

static void vctp_info_sender(const struct vctp_sock *vs, struct vctp_info *info)
{
	info->vctpi_phase = vs->snd.phase;
	info->vctpi_retransmits = vs->retransmits;
	info->vctpi_probes = vs->probes + vs->keep_unanswered;
	info->vctpi_backoff = vs->rtt.backoff;
	info->vctpi_rto = vctp_rtt_timeout(&vs->rtt);
	info->vctpi_snd_mss = vs->mss;
	info->vctpi_pmtu = vs->pmtu;
	info->vctpi_srtt = vs->rtt.srtt >> 3;
	info->vctpi_rttvar = vs->rtt.rttvar >> 2;
	info->vctpi_min_rtt = vs->rtt.min_us;
	info->vctpi_cwnd = vs->cc.cwnd;
	info->vctpi_ssthresh = vs->cc.ssthresh;
	info->vctpi_in_flight = vctp_sender_in_flight(&vs->snd);
	info->vctpi_sacked = vs->snd.sacked;
	info->vctpi_lost = vs->snd.lost;
	info->vctpi_snd_wnd = vs->swnd.size;
	info->vctpi_notsent = vs->write_seq - vs->snd.next;
	info->vctpi_last_data_sent = vctp_ms_since(vs->sent_us);
	info->vctpi_total_retrans = vs->total_retrans;
	info->vctpi_bytes_sent = vs->bytes_sent;
	info->vctpi_bytes_acked = vs->bytes_acked;
	info->vctpi_bytes_retrans = vs->bytes_retrans;
	info->vctpi_segs_out = vs->segs_out;
	info->vctpi_iss = vs->iss;
}

static void vctp_info_receiver(const struct vctp_sock *vs, struct vctp_info *info)
{
	info->vctpi_ato = vs->ack.ato_us;
	info->vctpi_rcv_mss = vs->ack.rcv_mss;
	info->vctpi_advmss = vs->advmss;
	info->vctpi_rcv_wnd = vctp_window_left(&vs->rwnd);
	info->vctpi_rcv_space = vs->tune.space;
	info->vctpi_last_data_recv = vctp_ms_since(vs->ack.last_data_us);
	info->vctpi_last_ack_recv = vctp_ms_since((u32)vs->last_in);
	info->vctpi_bytes_received = vs->bytes_received;
	info->vctpi_segs_in = vs->segs_in;
	info->vctpi_irs = vs->irs;
}

/**
 * vctp_circuit_info() - fill VCTP_INFO
 * @sk: the socket; locked
 * @info: filled whole
 */
void vctp_circuit_info(struct sock *sk, struct vctp_info *info)
{
	const struct vctp_sock *vs = vctp_sk(sk);

	memset(info, 0, sizeof(*info));
	info->vctpi_state = vctp_circuit_state(sk);
	if (info->vctpi_state == TCP_LISTEN)
		return;
	info->vctpi_time_wait_mode = vs->time_wait_mode >= 0 ?
		vs->time_wait_mode :
		READ_ONCE(vctp_net(sock_net(sk))->sysctl.time_wait_mode);
	info->vctpi_peer_version = VCTP_OPEN_VERSION;
	info->vctpi_id = vs->entry.id;
	info->vctpi_peer_id = vs->entry.tuple.peer_id;
	vctp_info_sender(vs, info);
	vctp_info_receiver(vs, info);
}
