// SPDX-License-Identifier: GPL-2.0
/*
 * Writing and reading until the kernel says EAGAIN, or the plan says pause;
 * each byte that comes is compared.
 */
#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "content.h"
#include "options.h"
#include "result.h"
#include "stream.h"

#define CHUNK_MOST	100000

static u8 buffer[CHUNK_MOST];

/* The same bytes in three pieces, one of them empty. */
static void pieces(struct iovec *vector, size_t len)
{
	vector[0] = (struct iovec){ buffer, len / 3 };
	vector[1] = (struct iovec){ buffer, 0 };
	vector[2] = (struct iovec){ buffer + len / 3, len - len / 3 };
}

static void pause_until(struct actor *a, s64 *until, s64 us, agenda_fn wake)
{
	*until = now_us + us;
	agenda_add(*until, wake, a, 0);
}

/* Where a call has to end, so that the next byte is the urgent one, or is it. */
static size_t urgent_ends(const struct actor *a, size_t len)
{
	u64 urgent = a->plan->urgent;

	if (!urgent || a->written > urgent - 1)
		return len;
	return a->written == urgent - 1 ? 1 : least(len, urgent - 1 - a->written);
}

static ssize_t write_some(struct actor *a, size_t len)
{
	int flags = MSG_NOSIGNAL;
	struct msghdr message = {};
	struct iovec vector[3];

	len = urgent_ends(a, len);
	if (a->plan->urgent && a->written == a->plan->urgent - 1)
		flags |= MSG_OOB;
	content_fill(buffer, a->stream, a->written, len);
	if (a->plan->more && a->written + len < a->plan->write_bytes)
		flags |= MSG_MORE;
	if (!a->plan->vector)
		return send(a->fd, buffer, len, flags);
	pieces(vector, len);
	message.msg_iov = vector;
	message.msg_iovlen = 3;
	return sendmsg(a->fd, &message, flags);
}

/* Everything is written: let go of what waits, and say so if planned. */
static void write_end(struct actor *a)
{
	a->write_done = true;
	if (a->options->cork)
		socket_set(a->fd, SOL_TCP, TCP_CORK, 0);
	if (!a->plan->shut)
		return;
	a->fin = true;
	if (shutdown(a->fd, SHUT_WR))
		actor_failed(a, "shutdown");
}

/* True where it goes to sleep first. */
static bool write_stalls(struct actor *a, agenda_fn wake)
{
	const struct scenario_actor *plan = a->plan;

	if (!plan->write_stall_ms || a->write_stalled ||
	    a->written < plan->write_stall_at)
		return false;
	a->write_stalled = true;
	pause_until(a, &a->write_after, plan->write_stall_ms * USEC_PER_MSEC,
		    wake);
	return true;
}

/**
 * stream_write() - write what can be written now
 * @a: the program
 * @wake: what the agenda calls after a pause
 */
void stream_write(struct actor *a, agenda_fn wake)
{
	const struct scenario_actor *plan = a->plan;
	ssize_t n;

	while (!a->write_done && !a->write_full && now_us >= a->write_after) {
		if (write_stalls(a, wake))
			return;
		if (a->written >= plan->write_bytes) {
			write_end(a);
			return;
		}
		n = write_some(a, least(least(most(plan->write_chunk, 1),
					      CHUNK_MOST),
					plan->write_bytes - a->written));
		if (n < 0 && errno == EAGAIN) {
			a->write_full = true;
			return;
		}
		if (n <= 0) {
			actor_failed(a, "send");
			return;
		}
		a->written += n;
		if (plan->write_pause_us)
			pause_until(a, &a->write_after, plan->write_pause_us,
				    wake);
	}
}

static ssize_t read_some(struct actor *a, size_t len)
{
	struct msghdr message = {};
	struct iovec vector[3];

	if (!a->plan->vector)
		return recv(a->fd, buffer, len, 0);
	pieces(vector, len);
	message.msg_iov = vector;
	message.msg_iovlen = 3;
	return recvmsg(a->fd, &message, 0);
}

static void read_check(struct actor *a, ssize_t n, const char *how)
{
	if (a->received + n > a->peer->written)
		complain("stream %u: %s gave %llu bytes, %llu were written",
			 (u32)a->peer->stream, how,
			 (unsigned long long)(a->received + n),
			 (unsigned long long)a->peer->written);
	if (!content_right(buffer, a->peer->stream, a->received, n))
		complain("stream %u: %s gave wrong bytes among %llu to %llu",
			 (u32)a->peer->stream, how,
			 (unsigned long long)a->received,
			 (unsigned long long)(a->received + n));
}

/* An end of file is the peer's word that this was all. */
static void read_end(struct actor *a)
{
	a->eof = true;
	a->read_done = true;
	if (!a->peer->fin)
		complain("stream %u: an end of file, and the peer sent none",
			 (u32)a->peer->stream);
	else if (a->received != a->peer->written)
		complain("stream %u: an end of file after %llu of %llu bytes",
			 (u32)a->peer->stream, (unsigned long long)a->received,
			 (unsigned long long)a->peer->written);
}

/* It needs no end of file where the peer announces none. */
static bool read_enough(struct actor *a)
{
	const struct scenario_actor *plan = a->plan;

	if (plan->read_stop && a->received >= plan->read_stop - 1)
		return true;
	return !a->peer->plan->shut && !plan->shut &&
	       a->received >= a->peer->plan->write_bytes;
}

static bool read_stalls(struct actor *a, agenda_fn wake)
{
	const struct scenario_actor *plan = a->plan;

	if (!plan->read_stall_ms || a->read_stalled ||
	    a->received < plan->read_stall_at)
		return false;
	a->read_stalled = true;
	pause_until(a, &a->read_after, plan->read_stall_ms * USEC_PER_MSEC,
		    wake);
	return true;
}

static ssize_t read_once(struct actor *a, size_t len)
{
	ssize_t n;

	if (a->plan->peek) {
		n = recv(a->fd, buffer, len, MSG_PEEK);
		/* An error is told once. */
		if (n < 0)
			return n;
		read_check(a, n, "MSG_PEEK");
	}
	n = read_some(a, len);
	if (n > 0)
		read_check(a, n, "recv()");
	return n;
}

/**
 * stream_read() - read what can be read now
 * @a: the program
 * @wake: what the agenda calls after a pause
 */
void stream_read(struct actor *a, agenda_fn wake)
{
	const struct scenario_actor *plan = a->plan;
	ssize_t n;

	while (!a->read_done && !a->read_empty && now_us >= a->read_after) {
		if (read_stalls(a, wake))
			return;
		if (read_enough(a)) {
			a->read_done = true;
			return;
		}
		n = read_once(a, least(most(plan->read_chunk, 1), CHUNK_MOST));
		if (n < 0 && errno == EAGAIN) {
			a->read_empty = true;
		} else if (n < 0) {
			actor_failed(a, "recv");
			return;
		} else if (!n) {
			read_end(a);
		} else {
			a->received += n;
			if (plan->read_pause_us)
				pause_until(a, &a->read_after,
					    plan->read_pause_us, wake);
		}
	}
}
