// SPDX-License-Identifier: GPL-2.0
/*
 * The face to programs: what a socket of ours is made of, and the tables of
 * calls that the kernel reaches it by. Each group of calls has a file.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/swap.h>
#include <net/inet_common.h>
#include <net/protocol.h>
#include <net/transp_v6.h>

#include <linux/vctp.h>

#include "internal.h"

/*
 * Room for all headers in front of a segment: with the largest of ours that
 * data carries and IPv6's it is what TCP takes too, so that the kernel has
 * heads of this size in a cache.
 */
#define VCTP_MAX_HEADER		L1_CACHE_ALIGN(128 + MAX_HEADER)

/* Memory of all sockets together, in pages; as TCP's tcp_mem. */
static atomic_long_t vctp_memory_allocated ____cacheline_aligned_in_smp;
static DEFINE_PER_CPU(int, vctp_memory_per_cpu_fw_alloc);
static struct percpu_counter vctp_sockets_allocated;
static unsigned long vctp_memory_pressure;
long vctp_mem[3];

/* Bytes that a socket may hold in each direction however short memory is. */
static int vctp_buffer_least = 4096;

static void vctp_enter_memory_pressure(struct sock *sk)
{
	if (!READ_ONCE(vctp_memory_pressure))
		WRITE_ONCE(vctp_memory_pressure, 1);
}

static void vctp_leave_memory_pressure(struct sock *sk)
{
	if (READ_ONCE(vctp_memory_pressure))
		WRITE_ONCE(vctp_memory_pressure, 0);
}

static void vctp_init(struct sock *sk, const struct vctp_af_ops *af)
{
	/* The tables give sockets to readers under RCU. */
	sock_set_flag(sk, SOCK_RCU_FREE);
	sk->sk_write_space = vctp_write_space;
	if (sk->sk_socket) {
		set_bit(SOCK_SUPPORT_ZC, &sk->sk_socket->flags);
		vctp_take_sol_socket(sk->sk_socket);
	}
	sk_sockets_allocated_inc(sk);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);

	vctp_sk(sk)->af = af;
	vctp_circuit_init(sk);
}

static int vctp_v4_init(struct sock *sk)
{
	vctp_init(sk, &vctp_ipv4_ops);
	return 0;
}

static int vctp_v6_init(struct sock *sk)
{
	vctp_init(sk, &vctp_ipv6_ops);
	return 0;
}

static void vctp_destroy(struct sock *sk)
{
	vctp_circuit_destroy(sk);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
	sk_sockets_allocated_dec(sk);
}

/* The bits of sk_shutdown are set already: the FIN is left to do. */
static void vctp_shutdown(struct sock *sk, int how)
{
	if (!(how & SEND_SHUTDOWN))
		return;
	if ((1 << sk->sk_state) &
	    (TCPF_ESTABLISHED | TCPF_SYN_RECV | TCPF_CLOSE_WAIT))
		vctp_circuit_close_send(sk);
}

/* A circuit enters the tables when it opens, and leaves them in destroy(). */
static int vctp_hash(struct sock *sk)
{
	return 0;
}

static void vctp_unhash(struct sock *sk)
{
}

/* What inet_accept() does not know to set on the new socket. */
static void vctp_accepted(struct socket *sock)
{
	vctp_take_sol_socket(sock);
}

VCTP_DEFINE_ACCEPT(vctp_accept_call, vctp_accept)
VCTP_DEFINE_STREAM_ACCEPT(vctp_stream_accept, vctp_accepted)
VCTP_DEFINE_IOCTL(vctp_ioctl_call, vctp_ioctl)
VCTP_DEFINE_RECVMSG(vctp_recvmsg_call, vctp_recvmsg)

struct proto vctp_prot = {
	.name			= "VCTP",
	.owner			= THIS_MODULE,
	.close			= vctp_circuit_close,
	.pre_connect		= vctp_v4_pre_connect,
	.connect		= vctp_v4_connect,
	.disconnect		= vctp_circuit_disconnect,
	.accept			= vctp_accept_call,
	.ioctl			= vctp_ioctl_call,
	.init			= vctp_v4_init,
	.destroy		= vctp_destroy,
	.shutdown		= vctp_shutdown,
	.setsockopt		= vctp_setsockopt,
	.getsockopt		= vctp_getsockopt,
	.keepalive		= vctp_circuit_set_keepalive,
	.sendmsg		= vctp_sendmsg,
	VCTP_SENDPAGE(vctp_sendpage)
	.recvmsg		= vctp_recvmsg_call,
	.backlog_rcv		= vctp_circuit_backlog_rcv,
	.release_cb		= vctp_circuit_release_cb,
	.hash			= vctp_hash,
	.unhash			= vctp_unhash,
	.get_port		= vctp_port_get,
	.put_port		= vctp_port_put,
	.stream_memory_free	= vctp_stream_memory_free,
	.enter_memory_pressure	= vctp_enter_memory_pressure,
	.leave_memory_pressure	= vctp_leave_memory_pressure,
	.memory_allocated	= &vctp_memory_allocated,
	.per_cpu_fw_alloc	= &vctp_memory_per_cpu_fw_alloc,
	.sockets_allocated	= &vctp_sockets_allocated,
	.memory_pressure	= &vctp_memory_pressure,
	.sysctl_mem		= vctp_mem,
	.sysctl_wmem		= &vctp_buffer_least,
	.sysctl_rmem		= &vctp_buffer_least,
	.max_header		= VCTP_MAX_HEADER,
	.obj_size		= sizeof(struct vctp_sock),
	.slab_flags		= SLAB_ACCOUNT,
	.no_autobind		= true,
};

struct proto vctp6_prot = {
	.name			= "VCTPv6",
	.owner			= THIS_MODULE,
	.close			= vctp_circuit_close,
	.pre_connect		= vctp_v6_pre_connect,
	.connect		= vctp_v6_connect,
	.disconnect		= vctp_circuit_disconnect,
	.accept			= vctp_accept_call,
	.ioctl			= vctp_ioctl_call,
	.init			= vctp_v6_init,
	.destroy		= vctp_destroy,
	.shutdown		= vctp_shutdown,
	.setsockopt		= vctp_setsockopt,
	.getsockopt		= vctp_getsockopt,
	.keepalive		= vctp_circuit_set_keepalive,
	.sendmsg		= vctp_sendmsg,
	VCTP_SENDPAGE(vctp_sendpage)
	.recvmsg		= vctp_recvmsg_call,
	.backlog_rcv		= vctp_circuit_backlog_rcv,
	.release_cb		= vctp_circuit_release_cb,
	.hash			= vctp_hash,
	.unhash			= vctp_unhash,
	.get_port		= vctp_port_get,
	.put_port		= vctp_port_put,
	.stream_memory_free	= vctp_stream_memory_free,
	.enter_memory_pressure	= vctp_enter_memory_pressure,
	.leave_memory_pressure	= vctp_leave_memory_pressure,
	.memory_allocated	= &vctp_memory_allocated,
	.per_cpu_fw_alloc	= &vctp_memory_per_cpu_fw_alloc,
	.sockets_allocated	= &vctp_sockets_allocated,
	.memory_pressure	= &vctp_memory_pressure,
	.sysctl_mem		= vctp_mem,
	.sysctl_wmem		= &vctp_buffer_least,
	.sysctl_rmem		= &vctp_buffer_least,
	.max_header		= VCTP_MAX_HEADER,
	.obj_size		= sizeof(struct vctp6_sock),
	VCTP_IPV6_PINFO(struct vctp6_sock, inet6)
	.slab_flags		= SLAB_ACCOUNT,
	.no_autobind		= true,
};

const struct proto_ops vctp_stream_ops = {
	.family		= PF_INET,
	.owner		= THIS_MODULE,
	.release	= inet_release,
	.bind		= vctp_bind,
	.connect	= inet_stream_connect,
	.socketpair	= sock_no_socketpair,
	.accept		= vctp_stream_accept,
	.getname	= inet_getname,
	.poll		= vctp_poll,
	.ioctl		= inet_ioctl,
	.gettstamp	= sock_gettstamp,
	.listen		= vctp_listen,
	.shutdown	= inet_shutdown,
	.setsockopt	= vctp_sock_setsockopt,
	.getsockopt	= sock_common_getsockopt,
	.sendmsg	= inet_sendmsg,
	VCTP_SENDPAGE(inet_sendpage)
	.recvmsg	= inet_recvmsg,
	.mmap		= sock_no_mmap,
	.splice_eof	= vctp_splice_eof,
	.splice_read	= vctp_splice_read,
	.set_peek_off	= sk_set_peek_off,
	.set_rcvlowat	= vctp_set_rcvlowat,
};

const struct proto_ops vctp6_stream_ops = {
	.family		= PF_INET6,
	.owner		= THIS_MODULE,
	.release	= inet6_release,
	.bind		= vctp6_bind,
	.connect	= inet_stream_connect,
	.socketpair	= sock_no_socketpair,
	.accept		= vctp_stream_accept,
	.getname	= inet6_getname,
	.poll		= vctp_poll,
	.ioctl		= inet6_ioctl,
	.gettstamp	= sock_gettstamp,
	.listen		= vctp_listen,
	.shutdown	= inet_shutdown,
	.setsockopt	= vctp_sock_setsockopt,
	.getsockopt	= sock_common_getsockopt,
	.sendmsg	= inet_sendmsg,
	VCTP_SENDPAGE(inet_sendpage)
	.recvmsg	= inet_recvmsg,
	.mmap		= sock_no_mmap,
	.splice_eof	= vctp_splice_eof,
	.splice_read	= vctp_splice_read,
	.set_peek_off	= sk_set_peek_off,
	.set_rcvlowat	= vctp_set_rcvlowat,
#ifdef CONFIG_COMPAT
	.compat_ioctl	= inet6_compat_ioctl,
#endif
};

static struct inet_protosw vctp_protosw = {
	.type		= SOCK_STREAM,
	.protocol	= IPPROTO_VCTP,
	.prot		= &vctp_prot,
	.ops		= &vctp_stream_ops,
};

static struct inet_protosw vctp6_protosw = {
	.type		= SOCK_STREAM,
	.protocol	= IPPROTO_VCTP,
	.prot		= &vctp6_prot,
	.ops		= &vctp6_stream_ops,
};

/* As much as TCP may take: pressure at 1/16 of memory, the limit at 3/32. */
static void vctp_mem_init(void)
{
	unsigned long limit = max(nr_free_buffer_pages() / 16, 128UL);

	vctp_mem[0] = limit / 4 * 3;
	vctp_mem[1] = limit;
	vctp_mem[2] = vctp_mem[0] * 2;
}

/**
 * vctp_socket_module_init() - make sockets of ours possible, but not yet reachable
 *
 * Return: 0 or -errno.
 */
int vctp_socket_module_init(void)
{
	int err;

	/* struct inet_sock is first, and the v6 part where the kernel looks. */
	BUILD_BUG_ON(offsetof(struct vctp_sock, inet));
	BUILD_BUG_ON(offsetof(struct vctp6_sock, inet6) +
		     sizeof(struct ipv6_pinfo) != sizeof(struct vctp6_sock));

	vctp_mem_init();
	err = percpu_counter_init(&vctp_sockets_allocated, 0, GFP_KERNEL);
	if (err)
		return err;
	err = proto_register(&vctp_prot, 1);
	if (err)
		goto out_counter;
	err = proto_register(&vctp6_prot, 1);
	if (err)
		goto out_v4;
	return 0;

out_v4:
	proto_unregister(&vctp_prot);
out_counter:
	percpu_counter_destroy(&vctp_sockets_allocated);
	return err;
}

/**
 * vctp_socket_module_exit() - no socket is left: it would hold the module
 *
 * Process context.
 */
void vctp_socket_module_exit(void)
{
	proto_unregister(&vctp6_prot);
	proto_unregister(&vctp_prot);
	percpu_counter_destroy(&vctp_sockets_allocated);
}

/**
 * vctp_protosw_init() - let programs make sockets; the last step of loading
 *
 * Return: 0 or -errno.
 */
int vctp_protosw_init(void)
{
	int err = inet6_register_protosw(&vctp6_protosw);

	if (err)
		return err;
	inet_register_protosw(&vctp_protosw);
	return 0;
}

/**
 * vctp_protosw_exit() - no program makes a socket from here on
 *
 * Process context; waits for those that are about to.
 */
void vctp_protosw_exit(void)
{
	inet_unregister_protosw(&vctp_protosw);
	inet6_unregister_protosw(&vctp6_protosw);
}
