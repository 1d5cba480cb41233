// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data, as TCP has it: one byte out of band, the last of what the
 * urgent option points after (RFC 9293, 3.8.5; RFC 6093).
 */
#include "internal.h"

/* An urgent pointer that was not known: tell the program where the mark is. */
static void vctp_urgent_mark(struct sock *sk, u64 seq)
{
	struct vctp_sock *vs = vctp_sk(sk);

	/* Read or passed already, or the mark that we have. */
	if (seq < vs->copied || seq < vs->rwnd.next ||
	    (vs->urgent_valid != VCTP_URGENT_NONE && seq <= vs->urgent_in))
		return;
	sk_send_sigurg(sk);

	/*
	 * A second urgent byte while the first, at the very place where the
	 * program reads, was not taken: the first is dropped, as TCP does.
	 */
	if (vs->urgent_in == vs->copied &&
	    vs->urgent_valid != VCTP_URGENT_NONE &&
	    !sock_flag(sk, SOCK_URGINLINE) && vs->copied != vs->rwnd.next) {
		struct sk_buff *skb = skb_peek(&sk->sk_receive_queue);

		vs->copied++;
		if (skb && vctp_fragment(skb)->end <= vs->copied) {
			__skb_unlink(skb, &sk->sk_receive_queue);
			__kfree_skb(skb);
		}
	}
	WRITE_ONCE(vs->urgent_valid, VCTP_URGENT_NOT_YET);
	WRITE_ONCE(vs->urgent_in, seq);
}

/**
 * vctp_urgent_rcv() - a segment that carries the urgent option
 * @sk: the socket; locked
 * @seq: of the segment's first byte
 * @offset: bytes from there to the one after the urgent byte
 * @skb: the segment, its payload at skb->data
 */
void vctp_urgent_rcv(struct sock *sk, u64 seq, u32 offset, struct sk_buff *skb)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u8 byte;

	if (offset)
		vctp_urgent_mark(sk, seq + offset - 1);
	if (vs->urgent_valid != VCTP_URGENT_NOT_YET || vs->urgent_in < seq ||
	    vs->urgent_in - seq >= skb->len)
		return;
	if (skb_copy_bits(skb, vs->urgent_in - seq, &byte, 1))
		return;
	vs->urgent_byte = byte;
	WRITE_ONCE(vs->urgent_valid, VCTP_URGENT_VALID);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}
