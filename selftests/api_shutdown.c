// SPDX-License-Identifier: GPL-2.0
/* shutdown() and close(): the ends of a connection, one direction at a time. */
#include <linux/sockios.h>
#include "api.h"

static char out[300000], in[300000];

CASE(shutdown_bad, "S13", "an unknown direction is EINVAL")
{
	int fd[2];

	api_pair(env, fd);
	WANT(shutdown(fd[0], 3), -EINVAL);
	WANT(shutdown(fd[0], -1), -EINVAL);
	WANT(send(fd[0], "x", 1, 0), 1);
}

CASE(shutdown_wr, "S3", "SHUT_WR: the peer reads the end, we can still read")
{
	int fd[2];

	api_pair(env, fd);
	NEED(send(fd[0], "last", 4, 0));
	WANT(shutdown(fd[0], SHUT_WR), 0);
	WANT(api_recv_all(fd[1], in, 100), 4);
	WANT(send(fd[1], "answer", 6, 0), 6);
	WANT(recv(fd[0], in, 6, MSG_WAITALL), 6);
	WANT(send(fd[0], "x", 1, 0), -EPIPE);
}

CASE(shutdown_rd, "S13", "SHUT_RD: we read the end, but data still arrives")
{
	int fd[2];

	api_pair(env, fd);
	WANT(shutdown(fd[0], SHUT_RD), 0);
	WANT(recv(fd[0], in, 9, 0), 0);
	WANT(send(fd[0], "x", 1, 0), 1);
	WANT(recv(fd[1], in, 9, 0), 1);
	/* Nobody tells the peer; what it sends can be read. */
	WANT(send(fd[1], "late", 4, 0), 4);
	WANT(api_wait_queued(fd[0], SIOCINQ, 4), 4);
	WANT(recv(fd[0], in, 9, 0), 4);
	WANT(recv(fd[0], in, 9, 0), 0);
}

CASE(shutdown_rd_queued, "S13", "SHUT_RD leaves what is queued")
{
	int fd[2];

	api_pair(env, fd);
	NEED(send(fd[1], "abc", 3, 0));
	WANT(api_wait_queued(fd[0], SIOCINQ, 3), 3);
	WANT(shutdown(fd[0], SHUT_RD), 0);
	WANT(recv(fd[0], in, 9, 0), 3);
	WANT(recv(fd[0], in, 9, 0), 0);
}

CASE(shutdown_rdwr, "S3", "SHUT_RDWR")
{
	int fd[2];

	api_pair(env, fd);
	WANT(shutdown(fd[0], SHUT_RDWR), 0);
	WANT(recv(fd[0], in, 9, 0), 0);
	WANT(send(fd[0], "x", 1, 0), -EPIPE);
	WANT(recv(fd[1], in, 9, 0), 0);
	WANT(api_wait_state(env, fd[0], VCTP_FIN_WAIT_2), VCTP_FIN_WAIT_2);
	WANT(api_state(env, fd[1]), VCTP_CLOSE_WAIT);
}

CASE(shutdown_twice, "S13", "a second shutdown changes nothing")
{
	int fd[2];

	api_pair(env, fd);
	WANT(shutdown(fd[0], SHUT_WR), 0);
	WANT(shutdown(fd[0], SHUT_WR), 0);
	WANT(shutdown(fd[0], SHUT_RDWR), 0);
	WANT(api_wait_state(env, fd[0], VCTP_FIN_WAIT_2), VCTP_FIN_WAIT_2);
	WANT(shutdown(fd[0], SHUT_WR), 0);
}

CASE(shutdown_closed, "S13", "shutdown of a connection that has ended")
{
	int fd[2];

	api_pair(env, fd);
	NEED(shutdown(fd[0], SHUT_WR));
	NEED(shutdown(fd[1], SHUT_WR));
	WANT(api_wait_state(env, fd[1], VCTP_CLOSED), VCTP_CLOSED);
	WANT(api_wait_state(env, fd[0], VCTP_CLOSED), VCTP_CLOSED);
	WANT(shutdown(fd[1], SHUT_WR), -ENOTCONN);
	WANT(shutdown(fd[0], SHUT_RD), -ENOTCONN);
}

CASE(shutdown_states, "S3", "the states of an orderly close")
{
	int fd[2];

	api_pair(env, fd);
	WANT(api_wait_state(env, fd[1], VCTP_ESTABLISHED), VCTP_ESTABLISHED);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_wait_state(env, fd[0], VCTP_FIN_WAIT_2), VCTP_FIN_WAIT_2);
	WANT(api_wait_state(env, fd[1], VCTP_CLOSE_WAIT), VCTP_CLOSE_WAIT);
	NEED(shutdown(fd[1], SHUT_WR));
	WANT(api_wait_state(env, fd[0], VCTP_CLOSED), VCTP_CLOSED);
	WANT(api_wait_state(env, fd[1], VCTP_CLOSED), VCTP_CLOSED);
	WANT(api_error(fd[0]), 0);
	WANT(api_error(fd[1]), 0);
}

CASE(shutdown_fin_wait_1, "S3", "FIN_WAIT_1 and LAST_ACK, while nobody hears")
{
	int fd[2];

	api_pair(env, fd);
	NEED(set_deaf(fd[1], true));
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_state(env, fd[0]), VCTP_FIN_WAIT_1);
	WANT(api_state(env, fd[1]), VCTP_ESTABLISHED);
	NEED(set_deaf(fd[1], false));
	WANT(api_wait_state(env, fd[0], VCTP_FIN_WAIT_2), VCTP_FIN_WAIT_2);
	NEED(set_deaf(fd[0], true));
	NEED(shutdown(fd[1], SHUT_WR));
	WANT(api_state(env, fd[1]), VCTP_LAST_ACK);
	NEED(set_deaf(fd[0], false));
	WANT(api_wait_state(env, fd[1], VCTP_CLOSED), VCTP_CLOSED);
}

CASE(shutdown_closing, "S3", "both close at once: CLOSING")
{
	int fd[2];

	api_pair(env, fd);
	/* The first FIN is lost; the second crosses it. */
	NEED(set_deaf(fd[1], true));
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_state(env, fd[0]), VCTP_FIN_WAIT_1);
	NEED(shutdown(fd[1], SHUT_WR));
	WANT(api_wait_state(env, fd[0], VCTP_CLOSING), VCTP_CLOSING);
	NEED(set_deaf(fd[1], false));
	WANT(api_wait_state(env, fd[0], VCTP_CLOSED), VCTP_CLOSED);
	WANT(api_wait_state(env, fd[1], VCTP_CLOSED), VCTP_CLOSED);
	WANT(recv(fd[0], in, 9, 0), 0);
	WANT(recv(fd[1], in, 9, 0), 0);
}

CASE(shutdown_half_close, "S3", "half-closed, a lot still comes the other way")
{
	struct api_call call = {
		.fn = api_call_send, .buf = out, .len = sizeof(out),
	};
	int fd[2];

	api_pair(env, fd);
	api_fill(out, sizeof(out), 5);
	NEED(shutdown(fd[0], SHUT_WR));
	call.fd = fd[1];
	api_call_start(&call);
	WANT(api_recv_all(fd[0], in, sizeof(in)), sizeof(in));
	WANT(api_call_join(&call), sizeof(out));
	WANT(memcmp(in, out, sizeof(in)), 0);
}

CASE(shutdown_half_close_passive, "S3", "the same, closed by the server")
{
	struct api_call call = {
		.fn = api_call_send, .buf = out, .len = sizeof(out),
	};
	int fd[2];

	api_pair(env, fd);
	api_fill(out, sizeof(out), 6);
	NEED(shutdown(fd[1], SHUT_WR));
	call.fd = fd[0];
	api_call_start(&call);
	WANT(api_recv_all(fd[1], in, sizeof(in)), sizeof(in));
	WANT(api_call_join(&call), sizeof(out));
	WANT(memcmp(in, out, sizeof(in)), 0);
}

CASE(shutdown_flushes, "S7", "close sends what is still queued")
{
	int fd[2];

	api_pair(env, fd);
	api_fill(out, 200000, 8);
	NEED(api_nonblock(fd[0]));
	{
		long n = NEED(send(fd[0], out, 200000, 0));

		close(fd[0]);
		WANT(api_recv_all(fd[1], in, sizeof(in)) == n, 1);
		WANT(memcmp(in, out, n), 0);
	}
}

CASE(close_unread, "S5", "closing with data unread resets the peer")
{
	int fd[2];

	api_pair(env, fd);
	NEED(send(fd[0], "unread", 6, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 6), 6);
	close(fd[1]);
	WANT(recv(fd[0], in, 9, 0), -ECONNRESET);
	WANT(recv(fd[0], in, 9, 0), 0);
	WANT(send(fd[0], "x", 1, 0), -EPIPE);
	WANT(api_state(env, fd[0]), VCTP_CLOSED);
}

CASE(close_unread_after, "S5", "a reset throws away what we had not read")
{
	int fd[2];

	api_pair(env, fd);
	NEED(send(fd[1], "for you", 7, 0));
	NEED(send(fd[0], "unread", 6, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 6), 6);
	WANT(api_wait_queued(fd[0], SIOCINQ, 7), 7);
	close(fd[1]);
	api_wait(fd[0], POLLIN, POLLHUP);
	NOTE(recv(fd[0], in, 9, 0));
	NOTE(recv(fd[0], in, 9, 0));
	NOTE(recv(fd[0], in, 9, 0));
}

CASE(close_then_write, "S5", "writing to a peer that has closed")
{
	int fd[2];

	api_pair(env, fd);
	close(fd[1]);
	api_wait(fd[0], POLLRDHUP, POLLRDHUP);
	/* The first write cannot know; its answer is a RST. */
	WANT(send(fd[0], "a", 1, 0), 1);
	WANT_STR(api_wait(fd[0], POLLIN | POLLOUT, POLLHUP),
		 "IN|OUT|ERR|HUP");
	/* In CLOSE_WAIT it is EPIPE that a RST leaves, not ECONNRESET. */
	WANT(api_error(fd[0]), -EPIPE);
	WANT(send(fd[0], "b", 1, 0), -EPIPE);
	WANT(recv(fd[0], in, 9, 0), 0);
}

CASE(close_then_write_recv, "S5", "after that RST, recv reads the end")
{
	int fd[2];

	api_pair(env, fd);
	close(fd[1]);
	api_wait(fd[0], POLLRDHUP, POLLRDHUP);
	WANT(send(fd[0], "a", 1, 0), 1);
	api_wait(fd[0], POLLIN, POLLHUP);
	WANT(recv(fd[0], in, 9, 0), 0);
	WANT(send(fd[0], "b", 1, 0), -EPIPE);
	WANT(api_error(fd[0]), 0);
}

CASE(close_reset_write, "S5", "write after a RST: ECONNRESET, then EPIPE")
{
	struct linger hard = { .l_onoff = 1 };
	int fd[2];

	api_pair(env, fd);
	NEED(setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(fd[1]);
	api_wait(fd[0], POLLIN, POLLHUP);
	api_catch(SIGPIPE, 0);
	WANT(send(fd[0], "a", 1, 0), -ECONNRESET);
	WANT(api_caught, 0);
	WANT(send(fd[0], "a", 1, 0), -EPIPE);
	WANT(api_caught, 1);
	WANT(recv(fd[0], in, 9, 0), 0);
	WANT(api_error(fd[0]), 0);
}

CASE(close_reset_options, "S5", "options and names after a reset")
{
	struct linger hard = { .l_onoff = 1 };
	int fd[2];

	api_pair(env, fd);
	NEED(setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(fd[1]);
	api_wait(fd[0], POLLIN, POLLHUP);
	WANT(shutdown(fd[0], SHUT_RDWR), -ENOTCONN);
	WANT(api_set(fd[0], env->level, TCP_NODELAY, 1), 0);
	NOTE(api_queued(fd[0], SIOCINQ));
	NOTE(api_queued(fd[0], SIOCOUTQ));
	WANT(api_state(env, fd[0]), VCTP_CLOSED);
}

CASE(close_reset_reuse, "S5", "a socket that was reset connects again")
{
	struct linger hard = { .l_onoff = 1 };
	int port, fd[2], listener = api_listener(env, 2, &port);

	api_join_pair(env, api_socket(env), listener, fd);
	NEED(setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	close(fd[1]);
	WANT(recv(fd[0], in, 9, 0), -ECONNRESET);
	NOTE(api_connect(env, fd[0], LOOP, port));
	NOTE(api_connect(env, fd[0], LOOP, port));
	NOTE(api_state(env, fd[0]));
}

CASE(close_orphan_data, "S5", "data for an orphan is answered by a reset")
{
	int fd[2];

	api_pair(env, fd);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(recv(fd[1], in, 9, 0), 0);
	close(fd[0]);
	WANT(send(fd[1], "late", 4, 0), 4);
	WANT_STR(api_wait(fd[1], POLLIN | POLLOUT, POLLHUP), "IN|OUT|ERR|HUP");
	WANT(api_error(fd[1]), -EPIPE);
}

CASE(disconnect_last_ack, "S13", "connect(AF_UNSPEC) while only our FIN is out")
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	int fd[2];

	api_pair(env, fd);
	WANT(shutdown(fd[0], SHUT_WR), 0);
	WANT(api_wait_state(env, fd[1], VCTP_CLOSE_WAIT), VCTP_CLOSE_WAIT);
	NEED(set_deaf(fd[0], true));
	WANT(shutdown(fd[1], SHUT_WR), 0);
	WANT(api_state(env, fd[1]), VCTP_LAST_ACK);
	WANT(connect(fd[1], &unspec, sizeof(unspec)), 0);
	WANT(api_error(fd[1]), 0);
}
