/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way down: what circuit/ and socket/ ask of IPv4 and IPv6.
 */
#ifndef _VCTP_NET_H
#define _VCTP_NET_H

#include <net/flow.h>
#include <net/sock.h>

#include "../circuit/circuit.h"

/* A socket's family: IPv4, IPv6, or IPv6 with a v4-mapped peer. */
struct vctp_af_ops {
	/*
	 * Route, addresses and device for connect() to @addr; fills the
	 * socket's addresses and dst. Errors as tcp_v4_connect() has them.
	 */
	int (*connect_route)(struct sock *sk, struct sockaddr *addr, int len);
	/*
	 * The header of VCTP is in place and skb owned by nobody else. Takes
	 * it. -errno, or a NET_XMIT_ code (net_xmit_eval() makes one of it).
	 */
	int (*transmit)(struct sock *sk, struct sk_buff *skb);
	/* The socket's route, looked up again if it went stale; NULL: none. */
	struct dst_entry *(*route)(struct sock *sk);
	/*
	 * An ICMP error with a smaller MTU: tell the route. The new path MTU;
	 * 0: the socket does not believe such news, or has no route.
	 */
	u32 (*update_pmtu)(struct sock *sk, u32 mtu);
	/*
	 * A child's addresses, ports, device, mark, options and route; also
	 * its af. To be called before anything can fail that frees the child:
	 * see vctp_net_child_detach(). @skb: has its IP header.
	 */
	int (*init_child)(struct sock *listener, struct sock *child,
			  const struct vctp_tuple *tuple, struct sk_buff *skb);
	int (*setsockopt)(struct sock *sk, int level, int name, sockptr_t value,
			  unsigned int len);
	int (*getsockopt)(struct sock *sk, int level, int name,
			  char __user *value, int __user *len);
	u16	network_header_len;	/* bytes, without options */
	u16	sockaddr_len;
};

extern const struct vctp_af_ops vctp_ipv4_ops;
extern const struct vctp_af_ops vctp_ipv6_ops;
extern const struct vctp_af_ops vctp_mapped_ops;	/* v4 through a v6 socket */

/* What a segment that no socket sends needs: RSTs, requests, TIME_WAIT. */
struct vctp_reply {
	const struct vctp_tuple *tuple;	/* from local to remote */
	const struct sock *sk;		/* listener for its options; may be NULL */
	int	bound_dev;		/* ifindex or 0 */
	u32	mark;
	u8	tos;
	struct vctp_departure segment;	/* ports are filled from @tuple */
	const struct vctp_options *options;	/* NULL: none */
};

/* Build and send one segment without payload. BH or process. 0 or -errno. */
int vctp_net_reply(struct net *net, const struct vctp_reply *reply);

/* Largest payload towards @tuple by the route there, for a SYN+ACK's MSS. */
u32 vctp_net_reply_mss(struct net *net, const struct vctp_tuple *tuple,
		       const struct sock *sk, int bound_dev);

/*
 * Put the VCTP header in front of a segment and settle its checksum and GSO
 * fields: the last step before transmit. @payload_mss: bytes in each segment
 * of a GSO sk_buff.
 */
void vctp_net_finish(struct sock *sk, struct sk_buff *skb,
		     const struct vctp_departure *departure,
		     const struct vctp_options *options, u32 payload_mss);

/*
 * What an SCTP-marked sk_buff is thought to have in front of each segment: the
 * kernel adds it to gso_size for a segment's length on the wire. So gso_size
 * holds the payload and the rest of our header.
 */
#define VCTP_GSO_HEADER		12

/* Payload of each full segment that @skb was merged of; 0: it is one. */
static inline u32 vctp_net_merged_mss(const struct sk_buff *skb, u32 header_len)
{
	u32 size = skb_shinfo(skb)->gso_size;

	return size ? size + VCTP_GSO_HEADER - header_len : 0;
}

/* ifindex that replies to @skb, and a child made of it, are bound to; or 0. */
int vctp_net_reply_dev(const struct sock *sk, const struct sk_buff *skb);

/* A clone of a listener lets go of what is the listener's. */
void vctp_net_child_detach(struct sock *child);

/*
 * ICMP errors, @skb as vctp_circuit_icmp() got it: does the program want them
 * at once (IP_RECVERR); put one on its error queue; VCTP_ICMP_REDIRECT.
 */
bool vctp_net_recverr(const struct sock *sk, const struct sk_buff *skb);
void vctp_net_queue_error(struct sock *sk, struct sk_buff *skb, int err, u32 info);
void vctp_net_redirect(struct sock *sk, struct sk_buff *skb);

/* The 4-tuple of a socket, v4 addresses mapped, for the tables. */
void vctp_net_tuple_of(const struct sock *sk, struct vctp_tuple *tuple);

/* Has this socket the given local port, address and device for @flow? Score; -1 no. */
int vctp_net_listener_score(const struct sock *sk, const struct vctp_tuple *flow,
			    int dif, int sdif);

/* Do two bound addresses, families and V6ONLY included, overlap? */
bool vctp_net_address_conflict(const struct sock *a, const struct sock *b,
			       bool match_any);

int vctp_net_module_init(void);		/* protocols, offloads */
void vctp_net_module_exit(void);

#endif /* _VCTP_NET_H */
