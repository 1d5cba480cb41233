// SPDX-License-Identifier: GPL-2.0
/*
 * setsockopt() and getsockopt(): the options that are TCP's at SOL_TCP and
 * SOL_VCTP alike, under the same numbers, with TCP's bounds and errors; and
 * our own at SOL_VCTP. Those of a mechanism that is a circuit's are passed on
 * to circuit/.
 */
#include <net/tcp.h>

#include <linux/vctp.h>

#include "internal.h"

#define VCTP_MAXSEG_MOST	32767	/* bytes, as TCP's */
#define VCTP_LINGER2_MOST	120	/* s */
#define VCTP_TIME_WAIT_MS_MOST	240000	/* twice an MSL of two minutes */

/* The twins are twins; TCP_INQ is answered too, under its number. */
static_assert(VCTP_NOTSENT_LOWAT == TCP_NOTSENT_LOWAT);
static_assert(VCTP_USER_TIMEOUT == TCP_USER_TIMEOUT);
static_assert(VCTP_CONGESTION == TCP_CONGESTION);

/*
 * TCP counts VCTP_DEFER_ACCEPT in repeats of the SYN+ACK: the time is the
 * first at or after @seconds that one of them is sent at: 1, 3, 7, ... s.
 */
static u8 vctp_defer_seconds(int seconds)
{
	int sum = 0, next = 1;

	while (sum < seconds && sum + next <= U8_MAX) {
		sum += next;
		next = min(next * 2, 120);
	}
	return sum;
}

static int vctp_set_keep_idle(struct sock *sk, int value)
{
	if (value < 1 || value > MAX_TCP_KEEPIDLE)
		return -EINVAL;
	WRITE_ONCE(vctp_sk(sk)->keep_idle_s, value);
	/* A timer that runs is set anew, from the last segment on. */
	if (sock_flag(sk, SOCK_KEEPOPEN) &&
	    !((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		vctp_circuit_set_keepalive(sk, 1);
	return 0;
}

static int vctp_set_window_clamp(struct sock *sk, int value)
{
	struct vctp_sock *vs = vctp_sk(sk);

	if (!value) {
		if (sk->sk_state != TCP_CLOSE)
			return -EINVAL;
	} else {
		value = max_t(int, value, SOCK_MIN_RCVBUF / 2);
	}
	WRITE_ONCE(vs->window_clamp, value);
	vs->rwnd.clamp = value ? value : U32_MAX;
	return 0;
}

static int vctp_set_linger2(struct vctp_sock *vs, int value)
{
	value = value < 0 ? -1 :
			    min(value, VCTP_LINGER2_MOST) * (int)MSEC_PER_SEC;
	WRITE_ONCE(vs->linger2_ms, value);
	return 0;
}

/* A count that TCP keeps between 1 and @most. */
static int vctp_check_count(int value, int most)
{
	return value >= 1 && value <= most ? 0 : -EINVAL;
}

/* Times and counts that are kept as they are. */
static int vctp_set_count(struct vctp_sock *vs, int name, int value)
{
	int err;

	switch (name) {
	case VCTP_KEEPINTVL:
		err = vctp_check_count(value, MAX_TCP_KEEPINTVL);
		if (!err)
			WRITE_ONCE(vs->keep_intvl_s, value);
		return err;
	case VCTP_KEEPCNT:
		err = vctp_check_count(value, MAX_TCP_KEEPCNT);
		if (!err)
			WRITE_ONCE(vs->keep_probes, value);
		return err;
	default:
		err = vctp_check_count(value, MAX_TCP_SYNCNT);
		if (!err)
			WRITE_ONCE(vs->syn_retries, value);
		return err;
	}
}

/* Options of TCP's; the socket is locked. */
static int vctp_set_twin(struct sock *sk, int name, int value)
{
	struct vctp_sock *vs = vctp_sk(sk);

	switch (name) {
	case VCTP_NODELAY:
		vctp_circuit_set_nodelay(sk, value);
		return 0;
	case VCTP_MAXSEG:
		if (value && (value < VCTP_MSS_MIN || value > VCTP_MAXSEG_MOST))
			return -EINVAL;
		WRITE_ONCE(vs->user_mss, value);
		return 0;
	case VCTP_CORK:
		vctp_circuit_set_cork(sk, value);
		return 0;
	case VCTP_KEEPIDLE:
		return vctp_set_keep_idle(sk, value);
	case VCTP_KEEPINTVL:
	case VCTP_KEEPCNT:
	case VCTP_SYNCNT:
		return vctp_set_count(vs, name, value);
	case VCTP_LINGER2:
		return vctp_set_linger2(vs, value);
	case VCTP_DEFER_ACCEPT:
		WRITE_ONCE(vs->defer_accept_s, vctp_defer_seconds(value));
		return 0;
	case VCTP_WINDOW_CLAMP:
		return vctp_set_window_clamp(sk, value);
	case VCTP_QUICKACK:
		vctp_circuit_set_quickack(sk, value);
		return 0;
	case VCTP_USER_TIMEOUT:
		if (value < 0)
			return -EINVAL;
		WRITE_ONCE(vs->user_timeout_ms, value);
		return 0;
	case VCTP_NOTSENT_LOWAT:
		WRITE_ONCE(vs->notsent_lowat, value);
		sk->sk_write_space(sk);
		return 0;
	case TCP_INQ:
		if (value < 0 || value > 1)
			return -EINVAL;
		vs->tell_inq = value;
		return 0;
	}
	return -ENOPROTOOPT;
}

/* Options of our own; the socket is locked. */
static int vctp_set_own(struct sock *sk, int name, int value)
{
	struct vctp_sock *vs = vctp_sk(sk);

	switch (name) {
	case VCTP_TIME_WAIT:
		if (value != VCTP_TIME_WAIT_CIRCUIT &&
		    value != VCTP_TIME_WAIT_CLASSIC)
			return -EINVAL;
		WRITE_ONCE(vs->time_wait_mode, value);
		return 0;
	case VCTP_TIME_WAIT_MS:
		if (value < -1 || value > VCTP_TIME_WAIT_MS_MOST)
			return -EINVAL;
		WRITE_ONCE(vs->time_wait_ms, value);
		return 0;
	}
	return -ENOPROTOOPT;
}

/* An option that names a mechanism. */
static int vctp_set_name(struct sock *sk, sockptr_t value, unsigned int len,
			 int (*set)(struct sock *sk, const char *name))
{
	char name[VCTP_NAME_MAX];
	int bytes;

	if (len < 1)
		return -EINVAL;
	bytes = strncpy_from_sockptr(name, value,
				     min_t(long, sizeof(name) - 1, len));
	if (bytes < 0)
		return -EFAULT;
	name[bytes] = 0;
	lock_sock(sk);
	bytes = set(sk, name);
	release_sock(sk);
	return bytes;
}

/* As TCP's: an IPv4 circuit on an IPv6 socket stays what it is, though. */
static int vctp_refuse_addrform(const struct sock *sk, sockptr_t value,
				unsigned int len)
{
	int family;

	if (len < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&family, value, sizeof(family)))
		return -EFAULT;
	if (family != PF_INET)
		return -EINVAL;
	if (sk->sk_state != TCP_ESTABLISHED)
		return -ENOTCONN;
	if (ipv6_only_sock(sk) || !ipv6_addr_v4mapped(&sk->sk_v6_daddr))
		return -EADDRNOTAVAIL;
	return -ENOPROTOOPT;
}

/* What the network below knows to refuse TCP only. 0: it is not that. */
static int vctp_refuse_network(const struct sock *sk, int level, int name,
			       sockptr_t value, unsigned int len)
{
	if (level == SOL_IP &&
	    (name == IP_ADD_MEMBERSHIP || name == IP_DROP_MEMBERSHIP))
		return -EPROTO;
	if (level != SOL_IPV6 || sk->sk_family != AF_INET6)
		return 0;
	if (name == IPV6_ADDRFORM)
		return vctp_refuse_addrform(sk, value, len);
	if (name == IPV6_ADD_MEMBERSHIP || name == IPV6_DROP_MEMBERSHIP)
		return len < sizeof(struct ipv6_mreq) ? -EINVAL : -EPROTO;
	return 0;
}

/* Options of IP's. They may change how much of a packet is ours. */
static int vctp_set_network(struct sock *sk, int level, int name,
			    sockptr_t value, unsigned int len)
{
	struct vctp_sock *vs = vctp_sk(sk);
	int err = vctp_refuse_network(sk, level, name, value, len);

	if (!err)
		err = READ_ONCE(vs->af)->setsockopt(sk, level, name, value, len);
	if (err)
		return err;
	lock_sock(sk);
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		vctp_mss_sync(sk, vs->pmtu);
	release_sock(sk);
	return 0;
}

/**
 * vctp_setsockopt() - proto.setsockopt
 * @sk: the socket; not locked
 * @level: SOL_TCP or SOL_VCTP, or the network's
 * @name: the option
 * @value: of the program or the kernel
 * @len: bytes of @value
 *
 * Return: 0 or -errno as TCP's; -ENOPROTOOPT for an option that we have not.
 */
int vctp_setsockopt(struct sock *sk, int level, int name, sockptr_t value,
		    unsigned int len)
{
	int number, err;

	if (level != SOL_TCP && level != SOL_VCTP)
		return vctp_set_network(sk, level, name, value, len);
	if (name == VCTP_CONGESTION)
		return vctp_set_name(sk, value, len, vctp_circuit_set_congestion);
	if (name == VCTP_RECOVERY && level == SOL_VCTP)
		return vctp_set_name(sk, value, len, vctp_circuit_set_recovery);
	if (len < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&number, value, sizeof(number)))
		return -EFAULT;
	lock_sock(sk);
	if (name >= VCTP_TIME_WAIT && level == SOL_VCTP)
		err = vctp_set_own(sk, name, number);
	else
		err = vctp_set_twin(sk, name, number);
	release_sock(sk);
	return err;
}

/* SO_ZEROCOPY is refused by the kernel for protocols that it has no list of. */
static int vctp_set_zerocopy(struct sock *sk, sockptr_t value, unsigned int len)
{
	int on;

	if (len < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&on, value, sizeof(on)))
		return -EFAULT;
	if (on < 0 || on > 1)
		return -EINVAL;
	lock_sock(sk);
	sock_valbool_flag(sk, SOCK_ZEROCOPY, on);
	release_sock(sk);
	return 0;
}

/**
 * vctp_sock_setsockopt() - proto_ops.setsockopt: SOL_SOCKET comes by here too
 * @sock: the socket
 * @level: of the option
 * @name: the option
 * @value: of the program or the kernel
 * @len: bytes of @value
 *
 * Return: 0 or -errno.
 */
int vctp_sock_setsockopt(struct socket *sock, int level, int name,
			 sockptr_t value, unsigned int len)
{
	if (level != SOL_SOCKET)
		return sock_common_setsockopt(sock, level, name, value, len);
	if (name == SO_ZEROCOPY)
		return vctp_set_zerocopy(sock->sk, value, len);
	return sock_setsockopt(sock, level, name, value, len);
}

static int vctp_get_maxseg(const struct sock *sk)
{
	const struct vctp_sock *vs = vctp_sk(sk);

	if (vs->user_mss && (1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN))
		return vs->user_mss;
	return vs->mss;
}

static int vctp_get_linger2(const struct vctp_sock *vs,
			    const struct vctp_sysctl *sysctl)
{
	int ms = READ_ONCE(vs->linger2_ms);

	if (ms < 0)
		return -1;
	return (ms ? ms : READ_ONCE(sysctl->fin_timeout_ms)) / MSEC_PER_SEC;
}

/* Options of TCP's. */
static int vctp_get_twin(const struct sock *sk, int name, int *value)
{
	const struct vctp_sysctl *sysctl = &vctp_net(sock_net(sk))->sysctl;
	const struct vctp_sock *vs = vctp_sk(sk);

	switch (name) {
	case VCTP_NODELAY:
		*value = vs->nodelay;
		return 0;
	case VCTP_MAXSEG:
		*value = vctp_get_maxseg(sk);
		return 0;
	case VCTP_CORK:
		*value = vs->cork;
		return 0;
	case VCTP_KEEPIDLE:
		*value = vs->keep_idle_s ? : READ_ONCE(sysctl->keepalive_time_s);
		return 0;
	case VCTP_KEEPINTVL:
		*value = vs->keep_intvl_s ? : READ_ONCE(sysctl->keepalive_intvl_s);
		return 0;
	case VCTP_KEEPCNT:
		*value = vs->keep_probes ? : READ_ONCE(sysctl->keepalive_probes);
		return 0;
	case VCTP_SYNCNT:
		*value = vs->syn_retries ? : READ_ONCE(sysctl->syn_retries);
		return 0;
	case VCTP_LINGER2:
		*value = vctp_get_linger2(vs, sysctl);
		return 0;
	case VCTP_DEFER_ACCEPT:
		*value = vs->defer_accept_s;
		return 0;
	case VCTP_WINDOW_CLAMP:
		*value = vs->window_clamp;
		return 0;
	case VCTP_QUICKACK:
		*value = !vs->ack.pingpong;
		return 0;
	case VCTP_USER_TIMEOUT:
		*value = vs->user_timeout_ms;
		return 0;
	case VCTP_NOTSENT_LOWAT:
		*value = vs->notsent_lowat;
		return 0;
	case TCP_INQ:
		*value = vs->tell_inq;
		return 0;
	}
	return -ENOPROTOOPT;
}

/* Options of our own. */
static int vctp_get_own(const struct sock *sk, int name, int *value)
{
	const struct vctp_sysctl *sysctl = &vctp_net(sock_net(sk))->sysctl;
	const struct vctp_sock *vs = vctp_sk(sk);

	switch (name) {
	case VCTP_TIME_WAIT:
		*value = vs->time_wait_mode;
		if (*value < 0)
			*value = READ_ONCE(sysctl->time_wait_mode);
		return 0;
	case VCTP_TIME_WAIT_MS:
		*value = vs->time_wait_ms;
		if (*value < 0)
			*value = READ_ONCE(sysctl->time_wait_ms);
		return 0;
	}
	return -ENOPROTOOPT;
}

/* Give the program @size bytes of @data, or as many as it has room for. */
static int vctp_get_bytes(const void *data, int size, char __user *value,
			  int __user *len)
{
	int room;

	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	room = min(room, size);
	if (put_user(room, len) || copy_to_user(value, data, room))
		return -EFAULT;
	return 0;
}

static int vctp_get_name(const char *name, char __user *value, int __user *len)
{
	char padded[VCTP_NAME_MAX];

	strscpy_pad(padded, name, sizeof(padded));
	return vctp_get_bytes(padded, sizeof(padded), value, len);
}

static int vctp_get_info(struct sock *sk, char __user *value, int __user *len)
{
	struct vctp_info info;

	lock_sock(sk);
	vctp_circuit_info(sk, &info);
	release_sock(sk);
	return vctp_get_bytes(&info, sizeof(info), value, len);
}

static int vctp_get_tcp_info(struct sock *sk, char __user *value, int __user *len)
{
	struct tcp_info info;

	vctp_tcp_info(sk, &info);
	return vctp_get_bytes(&info, sizeof(info), value, len);
}

static int vctp_get_addrform(const struct sock *sk, char __user *value,
			     int __user *len)
{
	int family = sk->sk_family;

	if (sk->sk_state != TCP_ESTABLISHED)
		return -ENOTCONN;
	return vctp_get_bytes(&family, sizeof(family), value, len);
}

/**
 * vctp_getsockopt() - proto.getsockopt
 * @sk: the socket; not locked
 * @level: SOL_TCP or SOL_VCTP, or the network's
 * @name: the option
 * @value: the program's room
 * @len: bytes of @value; those filled afterwards
 *
 * TCP_INFO at SOL_TCP is a struct tcp_info, so that tools that know nothing of
 * us can read it; VCTP_INFO at SOL_VCTP is a struct vctp_info.
 *
 * Return: 0 or -errno as TCP's.
 */
int vctp_getsockopt(struct sock *sk, int level, int name, char __user *value,
		    int __user *len)
{
	int room, number, err;

	if (level == SOL_IPV6 && name == IPV6_ADDRFORM &&
	    sk->sk_family == AF_INET6)
		return vctp_get_addrform(sk, value, len);
	if (level != SOL_TCP && level != SOL_VCTP)
		return READ_ONCE(vctp_sk(sk)->af)->getsockopt(sk, level, name,
							      value, len);
	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (name == VCTP_INFO)
		return level == SOL_TCP ? vctp_get_tcp_info(sk, value, len) :
					  vctp_get_info(sk, value, len);
	if (name == VCTP_CONGESTION)
		return vctp_get_name(vctp_sk(sk)->cc.ops->name, value, len);
	if (name == VCTP_RECOVERY && level == SOL_VCTP)
		return vctp_get_name(vctp_sk(sk)->snd.ops->name, value, len);
	if (name >= VCTP_TIME_WAIT && level == SOL_VCTP)
		err = vctp_get_own(sk, name, &number);
	else
		err = vctp_get_twin(sk, name, &number);
	if (err)
		return err;
	return vctp_get_bytes(&number, sizeof(number), value, len);
}
