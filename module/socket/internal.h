/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of socket/ ask of one another, file by file.
 */
#ifndef _VCTP_SOCKET_INTERNAL_H
#define _VCTP_SOCKET_INTERNAL_H

#include "../circuit/internal.h"
#include "../net/net.h"
#include "socket.h"

/* --- bind.c --- */
int vctp_bind(struct socket *sock, struct sockaddr_unsized *addr, int len);
int vctp6_bind(struct socket *sock, struct sockaddr_unsized *addr, int len);

/* --- connect.c --- */
int vctp_v4_pre_connect(struct sock *sk, struct sockaddr_unsized *addr, int len);
int vctp_v6_pre_connect(struct sock *sk, struct sockaddr_unsized *addr, int len);
int vctp_v4_connect(struct sock *sk, struct sockaddr_unsized *addr, int len);
int vctp_v6_connect(struct sock *sk, struct sockaddr_unsized *addr, int len);

/* --- listen.c --- */
int vctp_listen(struct socket *sock, int backlog);
struct sock *vctp_accept(struct sock *sk, int flags, int *err);
/* Some circuit waits to be accepted. Any context. */
bool vctp_accept_ready(const struct sock *sk);

/* --- send.c --- */
int vctp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);
int vctp_sendpage(struct sock *sk, struct page *page, int offset, size_t size,
		  int flags);
void vctp_splice_eof(struct socket *sock);

/* --- receive.c --- */
int vctp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags);
/* The first sk_buff that holds the byte @seq or a FIN there; eats those before. */
struct sk_buff *vctp_receive_skb(struct sock *sk, u64 seq, u32 *offset);
void vctp_receive_eat(struct sock *sk, struct sk_buff *skb);
/* Bytes that a read gets now, up to an urgent byte. Socket lock. */
int vctp_receive_inq(const struct sock *sk);

/* --- splice.c --- */
ssize_t vctp_splice_read(struct socket *sock, loff_t *pos,
			 struct pipe_inode_info *pipe, size_t len,
			 unsigned int flags);

/* --- timestamp.c --- */
struct vctp_stamps {
	ktime_t	software, hardware;	/* of the last sk_buff read; 0: none */
};

void vctp_stamps_tell(struct msghdr *msg, const struct sock *sk,
		      const struct vctp_stamps *stamps);

/* --- poll.c --- */
__poll_t vctp_poll(struct file *file, struct socket *sock,
		   struct poll_table_struct *wait);
bool vctp_stream_memory_free(const struct sock *sk, int wake);
/* sk->sk_write_space of a socket of ours. */
void vctp_write_space(struct sock *sk);
int vctp_set_rcvlowat(struct sock *sk, int bytes);

/* --- options.c --- */
int vctp_sock_setsockopt(struct socket *sock, int level, int name,
			 sockptr_t value, unsigned int len);
int vctp_setsockopt(struct sock *sk, int level, int name, sockptr_t value,
		    unsigned int len);
int vctp_getsockopt(struct sock *sk, int level, int name, char __user *value,
		    int __user *len);

/* --- tcp_info.c --- */
struct tcp_info;
void vctp_tcp_info(struct sock *sk, struct tcp_info *info);

/* --- ioctl.c --- */
int vctp_ioctl(struct sock *sk, int cmd, int *answer);

/* Is the next byte to read the urgent one, not passed yet? */
static inline bool vctp_at_mark(const struct vctp_sock *vs, u64 seq)
{
	return READ_ONCE(vs->urgent_valid) != VCTP_URGENT_NONE &&
	       READ_ONCE(vs->urgent_in) == seq;
}

#endif /* _VCTP_SOCKET_INTERNAL_H */
