// SPDX-License-Identifier: GPL-2.0
/* The storm: the calls that a program makes, all on STORM_FD. */
#include <fcntl.h>
#include <poll.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include "storm.h"

#define PIECE		3000
#define WAIT_MS		50	/* of a poll that sees nothing */
#define FIXED_PORTS	4
#define FIXED_PORT	20000

static char bytes[64 * 1024];

/* -- A name, and a peer -- */

static void play_bind(struct storm_thread *me)
{
	int port = storm_pick(me, FIXED_PORTS + 1);
	union storm_sa sa;
	socklen_t len;

	len = storm_addr(&sa, storm_round.family, port ? FIXED_PORT + port : 0);
	storm_rc(me, bind(STORM_FD, &sa.sa, len));
}

static void play_listen(struct storm_thread *me)
{
	storm_rc(me, listen(STORM_FD, storm_pick(me, 4)));
}

static void connect_to(struct storm_thread *me, int port)
{
	union storm_sa sa;
	socklen_t len = storm_addr(&sa, storm_round.family, port);

	storm_rc(me, connect(STORM_FD, &sa.sa, len));
}

static void play_connect(struct storm_thread *me)
{
	connect_to(me, storm_port(storm_round.family, false));
}

static void play_connect_deaf(struct storm_thread *me)
{
	connect_to(me, storm_port(storm_round.family, true));
}

/* To its own port, or to one that nobody has. */
static void play_connect_self(struct storm_thread *me)
{
	int port = storm_port_of(STORM_FD);

	connect_to(me, port ? port : 1);
}

static void play_connect_nonblock(struct storm_thread *me)
{
	fcntl(STORM_FD, F_SETFL, O_NONBLOCK);
	connect_to(me, storm_port(storm_round.family, storm_pick(me, 2)));
	fcntl(STORM_FD, F_SETFL, 0);
}

static void play_disconnect(struct storm_thread *me)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	storm_rc(me, connect(STORM_FD, &none, sizeof(none)));
}

static void take(struct storm_thread *me, int flags)
{
	long fd = storm_rc(me, accept4(STORM_FD, NULL, NULL, flags));

	if (fd >= 0)
		close(fd);
}

static void play_accept(struct storm_thread *me)
{
	take(me, SOCK_CLOEXEC);
}

static void play_accept_nonblock(struct storm_thread *me)
{
	fcntl(STORM_FD, F_SETFL, O_NONBLOCK);
	take(me, SOCK_NONBLOCK);
	fcntl(STORM_FD, F_SETFL, 0);
}

static void play_names(struct storm_thread *me)
{
	union storm_sa sa;
	socklen_t len = sizeof(sa);

	storm_rc(me, getsockname(STORM_FD, &sa.sa, &len));
	len = sizeof(sa);
	storm_rc(me, getpeername(STORM_FD, &sa.sa, &len));
}

/* -- Sending -- */

static void send_some(struct storm_thread *me, size_t len, int flags)
{
	storm_rc(me, send(STORM_FD, bytes, len, flags | MSG_NOSIGNAL));
}

static void play_send(struct storm_thread *me)
{
	send_some(me, 1 + storm_pick(me, sizeof(bytes)), 0);
}

static void play_send_nowait(struct storm_thread *me)
{
	send_some(me, 1 + storm_pick(me, PIECE), MSG_DONTWAIT);
}

static void play_send_oob(struct storm_thread *me)
{
	send_some(me, 1 + storm_pick(me, 10), MSG_OOB);
}

static void play_send_more(struct storm_thread *me)
{
	send_some(me, 1 + storm_pick(me, PIECE), MSG_MORE);
}

static void play_send_zerocopy(struct storm_thread *me)
{
	storm_set(STORM_FD, SOL_SOCKET, SO_ZEROCOPY, 1);
	send_some(me, PIECE, MSG_ZEROCOPY | MSG_DONTWAIT);
}

static void play_writev(struct storm_thread *me)
{
	struct iovec iov[] = {
		{ .iov_base = bytes, .iov_len = 1 + storm_pick(me, PIECE) },
		{ .iov_base = bytes, .iov_len = storm_pick(me, PIECE) },
	};

	storm_rc(me, writev(STORM_FD, iov, ARRAY_SIZE(iov)));
}

static int shared_file(void)
{
	static int fd;

	/* Two threads may make one each: the second is not used. */
	if (!__atomic_load_n(&fd, __ATOMIC_SEQ_CST)) {
		int new = memfd_create("storm", MFD_CLOEXEC), none = 0;

		if (new < 0 || ftruncate(new, sizeof(bytes)))
			storm_die("a file");
		if (!__atomic_compare_exchange_n(&fd, &none, new, false,
						 __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST))
			close(new);
	}
	return fd;
}

static void play_sendfile(struct storm_thread *me)
{
	off_t at = 0;

	storm_rc(me, sendfile(STORM_FD, shared_file(), &at, sizeof(bytes)));
}

/* What is in the pipe of this thread would keep the next one from it. */
static void drain(struct storm_thread *me)
{
	char rest[PIECE];

	fcntl(me->pipe[0], F_SETFL, O_NONBLOCK);
	while (read(me->pipe[0], rest, sizeof(rest)) > 0)
		;
	fcntl(me->pipe[0], F_SETFL, 0);
}

static void play_splice_in(struct storm_thread *me)
{
	if (write(me->pipe[1], bytes, PIECE) != PIECE)
		return;
	storm_rc(me, splice(me->pipe[0], NULL, STORM_FD, NULL, PIECE,
			    storm_pick(me, 2) ? SPLICE_F_MORE : 0));
	drain(me);
}

/* -- Receiving -- */

static void receive(struct storm_thread *me, size_t len, int flags)
{
	static __thread char buf[16 * 1024];

	storm_rc(me, recv(STORM_FD, buf, len, flags));
}

static void play_recv(struct storm_thread *me)
{
	receive(me, 1 + storm_pick(me, PIECE), 0);
}

static void play_recv_nowait(struct storm_thread *me)
{
	receive(me, 16 * 1024, MSG_DONTWAIT);
}

static void play_recv_peek(struct storm_thread *me)
{
	receive(me, PIECE, MSG_PEEK | (storm_pick(me, 2) ? MSG_DONTWAIT : 0));
}

static void play_recv_waitall(struct storm_thread *me)
{
	receive(me, 16 * 1024, MSG_WAITALL);
}

static void play_recv_oob(struct storm_thread *me)
{
	receive(me, 1, MSG_OOB | (storm_pick(me, 2) ? MSG_PEEK : 0));
}

static void play_recv_trunc(struct storm_thread *me)
{
	receive(me, 16 * 1024, MSG_TRUNC | MSG_DONTWAIT);
}

static void play_recv_error(struct storm_thread *me)
{
	char control[512], data[64];
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	storm_rc(me, recvmsg(STORM_FD, &msg, MSG_ERRQUEUE));
}

static void play_splice_out(struct storm_thread *me)
{
	storm_rc(me, splice(STORM_FD, NULL, me->pipe[1], NULL, sizeof(bytes),
			    SPLICE_F_NONBLOCK * storm_pick(me, 2)));
	drain(me);
}

/* -- Events -- */

static void play_poll(struct storm_thread *me)
{
	struct pollfd p = {
		.fd = STORM_FD,
		.events = storm_pick(me, 2) ? POLLIN | POLLPRI : POLLIN | POLLOUT,
	};

	storm_rc(me, poll(&p, 1, storm_pick(me, 2) * WAIT_MS));
}

/* The socket leaves by epoll_ctl(), or with the end of the epoll. */
static void play_epoll(struct storm_thread *me)
{
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP,
	};

	if (storm_pick(me, 2))
		event.events |= EPOLLET;
	if (!storm_rc(me, epoll_ctl(ep, EPOLL_CTL_ADD, STORM_FD, &event))) {
		storm_rc(me, epoll_wait(ep, &event, 1, WAIT_MS));
		event.events = EPOLLIN | EPOLLONESHOT;
		storm_rc(me, epoll_ctl(ep, EPOLL_CTL_MOD, STORM_FD, &event));
		storm_rc(me, epoll_wait(ep, &event, 1, 0));
		if (storm_pick(me, 2))
			storm_rc(me, epoll_ctl(ep, EPOLL_CTL_DEL, STORM_FD, NULL));
	}
	close(ep);
}

static void play_ioctl(struct storm_thread *me)
{
	static const unsigned long all[] = {
		SIOCINQ, SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK, FIONREAD,
	};
	unsigned int i;
	int n;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		storm_rc(me, ioctl(STORM_FD, all[i], &n));
}

/* -- The end -- */

static void play_shutdown_read(struct storm_thread *me)
{
	storm_rc(me, shutdown(STORM_FD, SHUT_RD));
}

static void play_shutdown_write(struct storm_thread *me)
{
	storm_rc(me, shutdown(STORM_FD, SHUT_WR));
}

static void play_shutdown(struct storm_thread *me)
{
	storm_rc(me, shutdown(STORM_FD, SHUT_RDWR));
}

static void play_close_copy(struct storm_thread *me)
{
	int fd = dup(STORM_FD);

	if (fd >= 0)
		storm_rc(me, close(fd));
}

/* The last one, perhaps while others are in a call: they hold it a bit longer. */
static void play_close(struct storm_thread *me)
{
	storm_rc(me, close(STORM_FD));
}

static void play_close_reset(struct storm_thread *me)
{
	struct linger reset = { .l_onoff = 1 };

	setsockopt(STORM_FD, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	storm_rc(me, close(STORM_FD));
}

static void play_close_wait(struct storm_thread *me)
{
	struct linger wait = { .l_onoff = 1, .l_linger = 1 };

	setsockopt(STORM_FD, SOL_SOCKET, SO_LINGER, &wait, sizeof(wait));
	storm_rc(me, close(STORM_FD));
}

#define CONNECT_ERRNOS	ERRNOS(EINPROGRESS, EALREADY, EISCONN, EINVAL,	\
			       EADDRNOTAVAIL, EADDRINUSE)

const struct storm_call storm_calls[] = {
	CALL("bind", play_bind,
	     .errnos = ERRNOS(EINVAL, EADDRINUSE, EADDRNOTAVAIL)),
	CALL("listen", play_listen, .errnos = ERRNOS(EINVAL, EADDRINUSE)),
	CALL("connect", play_connect, .errnos = CONNECT_ERRNOS, .net = true),
	CALL("connect, deaf", play_connect_deaf,
	     .errnos = CONNECT_ERRNOS, .net = true),
	CALL("connect, self", play_connect_self,
	     .errnos = CONNECT_ERRNOS, .net = true),
	CALL("connect, nonblock", play_connect_nonblock,
	     .errnos = CONNECT_ERRNOS, .net = true),
	CALL("connect, AF_UNSPEC", play_disconnect, .errnos = ERRNOS(EINVAL)),
	CALL("accept", play_accept,
	     .errnos = ERRNOS(EINVAL, EAGAIN), .waits = POLLIN),
	CALL("accept, nonblock", play_accept_nonblock,
	     .errnos = ERRNOS(EINVAL, EAGAIN)),
	CALL("getsockname", play_names, .errnos = ERRNOS(ENOTCONN)),
	CALL("send", play_send, .net = true, .waits = POLLOUT),
	CALL("send, DONTWAIT", play_send_nowait, .net = true),
	CALL("send, OOB", play_send_oob, .net = true),
	CALL("send, MORE", play_send_more, .net = true),
	CALL("send, ZEROCOPY", play_send_zerocopy,
	     .errnos = ERRNOS(ENOBUFS), .net = true),
	CALL("writev", play_writev, .net = true, .waits = POLLOUT),
	CALL("sendfile", play_sendfile, .net = true, .waits = POLLOUT),
	CALL("splice in", play_splice_in, .net = true),
	CALL("recv", play_recv, .net = true, .waits = POLLIN),
	CALL("recv, DONTWAIT", play_recv_nowait, .net = true),
	CALL("recv, PEEK", play_recv_peek, .net = true),
	CALL("recv, WAITALL", play_recv_waitall, .net = true),
	CALL("recv, OOB", play_recv_oob, .errnos = ERRNOS(EINVAL), .net = true),
	CALL("recv, TRUNC", play_recv_trunc, .net = true),
	CALL("recv, ERRQUEUE", play_recv_error, .errnos = ERRNOS(EAGAIN)),
	CALL("splice out", play_splice_out, .net = true),
	CALL("poll", play_poll),
	CALL("epoll", play_epoll, .errnos = ERRNOS(ENOENT)),
	CALL("ioctl", play_ioctl, .errnos = ERRNOS(EINVAL)),
	CALL("shutdown, RD", play_shutdown_read, .errnos = ERRNOS(ENOTCONN)),
	CALL("shutdown, WR", play_shutdown_write, .errnos = ERRNOS(ENOTCONN)),
	CALL("shutdown, RDWR", play_shutdown, .errnos = ERRNOS(ENOTCONN)),
	CALL("close of a copy", play_close_copy),
	CALL("close", play_close),
	CALL("close, reset", play_close_reset),
	CALL("close, wait", play_close_wait),
};

const int storm_calls_count = ARRAY_SIZE(storm_calls);
