/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * VCTP, the Virtual Circuit Transport Protocol: all that a program needs.
 *
 *	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_VCTP);
 *
 * From there on the socket is used as a TCP socket is. Options of TCP's that
 * have a meaning here are answered at SOL_TCP too, under TCP's numbers; the
 * numbers below 64 at SOL_VCTP are the same as TCP's.
 */
#ifndef _UAPI_LINUX_VCTP_H
#define _UAPI_LINUX_VCTP_H

#include <linux/types.h>

#ifndef IPPROTO_VCTP
#define IPPROTO_VCTP		253	/* RFC 3692, for experiments */
#endif

#ifndef SOL_VCTP
#define SOL_VCTP		253
#endif

/* Options at SOL_VCTP. Up to 63 they are TCP's twins, number and meaning. */
#define VCTP_NODELAY		1	/* int: 1 switches Nagle off */
#define VCTP_MAXSEG		2	/* int, bytes: largest payload sent */
#define VCTP_CORK		3	/* int: 1 holds partial segments back */
#define VCTP_KEEPIDLE		4	/* int, s: idle time before a probe */
#define VCTP_KEEPINTVL		5	/* int, s: between probes */
#define VCTP_KEEPCNT		6	/* int: probes before ETIMEDOUT */
#define VCTP_SYNCNT		7	/* int: SYNs repeated by connect() */
#define VCTP_LINGER2		8	/* int, s: life of an orphan in FIN_WAIT_2 */
#define VCTP_DEFER_ACCEPT	9	/* int, s: accept() waits for data */
#define VCTP_WINDOW_CLAMP	10	/* int, bytes: largest window advertised */
#define VCTP_INFO		11	/* struct vctp_info, read only */
#define VCTP_QUICKACK		12	/* int: 1 acknowledges at once */
#define VCTP_CONGESTION		13	/* string: the congestion control */
#define VCTP_USER_TIMEOUT	18	/* unsigned int, ms */
#define VCTP_NOTSENT_LOWAT	25	/* unsigned int, bytes */

/* VCTP's own. */
#define VCTP_TIME_WAIT		64	/* int: enum vctp_time_wait_mode */
#define VCTP_TIME_WAIT_MS	65	/* int, ms: 0 to 240000; -1 the default */
#define VCTP_RECOVERY		66	/* string: the loss recovery mode */

#define VCTP_NAME_MAX		16	/* names of mechanisms, with the NUL */

/* How TIME_WAIT treats the 4-tuple of a circuit that has ended. */
enum vctp_time_wait_mode {
	VCTP_TIME_WAIT_CIRCUIT	= 0,	/* it can be used again at once */
	VCTP_TIME_WAIT_CLASSIC	= 1,	/* it is blocked, as TCP's is */
};

/* The states of RFC 9293, under the numbers that TCP's tools show. */
enum vctp_state {
	VCTP_ESTABLISHED	= 1,
	VCTP_SYN_SENT		= 2,
	VCTP_SYN_RECEIVED	= 3,
	VCTP_FIN_WAIT_1		= 4,
	VCTP_FIN_WAIT_2		= 5,
	VCTP_TIME_WAIT_STATE	= 6,
	VCTP_CLOSED		= 7,
	VCTP_CLOSE_WAIT		= 8,
	VCTP_LAST_ACK		= 9,
	VCTP_LISTEN		= 10,
	VCTP_CLOSING		= 11,
};

/* VCTP_INFO. It grows at its end only; a shorter buffer gets a shorter copy. */
struct vctp_info {
	__u8	vctpi_state;		/* enum vctp_state */
	__u8	vctpi_phase;		/* of congestion: enum vctp_phase */
	__u8	vctpi_retransmits;	/* of the oldest segment, in a row */
	__u8	vctpi_probes;		/* zero-window or keepalive, unanswered */
	__u8	vctpi_backoff;		/* doublings of the RTO */
	__u8	vctpi_time_wait_mode;	/* enum vctp_time_wait_mode */
	__u16	vctpi_peer_version;

	__u32	vctpi_id;		/* our identifier of the circuit */
	__u32	vctpi_peer_id;		/* the peer's */

	__u32	vctpi_rto;		/* µs */
	__u32	vctpi_ato;		/* µs: delay of an ACK */
	__u32	vctpi_snd_mss;		/* bytes */
	__u32	vctpi_rcv_mss;		/* bytes, estimated */
	__u32	vctpi_advmss;		/* bytes, that we announced */
	__u32	vctpi_pmtu;		/* bytes */

	__u32	vctpi_srtt;		/* µs */
	__u32	vctpi_rttvar;		/* µs */
	__u32	vctpi_min_rtt;		/* µs */
	__u32	vctpi_cwnd;		/* bytes */
	__u32	vctpi_ssthresh;		/* bytes */
	__u32	vctpi_in_flight;	/* bytes */
	__u32	vctpi_sacked;		/* bytes */
	__u32	vctpi_lost;		/* bytes */

	__u32	vctpi_snd_wnd;		/* bytes, the peer's window */
	__u32	vctpi_rcv_wnd;		/* bytes, ours as advertised */
	__u32	vctpi_rcv_space;	/* bytes, goal of the receive buffer */
	__u32	vctpi_notsent;		/* bytes */

	__u32	vctpi_last_data_sent;	/* ms ago */
	__u32	vctpi_last_data_recv;	/* ms ago */
	__u32	vctpi_last_ack_recv;	/* ms ago */
	__u32	vctpi_total_retrans;	/* segments */

	__u64	vctpi_bytes_sent;	/* payload, repeats included */
	__u64	vctpi_bytes_acked;
	__u64	vctpi_bytes_received;	/* in order */
	__u64	vctpi_bytes_retrans;
	__u64	vctpi_segs_out;
	__u64	vctpi_segs_in;
	__u64	vctpi_iss;		/* our first sequence number */
	__u64	vctpi_irs;		/* the peer's */
};

/* Where the sender stands: RFC 5681 and RFC 6675. */
enum vctp_phase {
	VCTP_PHASE_OPEN		= 0,	/* nothing seems lost */
	VCTP_PHASE_DISORDER	= 1,	/* duplicate ACKs or SACKs arrive */
	VCTP_PHASE_RECOVERY	= 2,	/* fast recovery */
	VCTP_PHASE_LOSS		= 3,	/* after a time-out */
};

#endif /* _UAPI_LINUX_VCTP_H */
