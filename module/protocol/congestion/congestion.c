// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control: the list, and what all of them share. To add one: one
 * file, and one line in the list.
 */
#include "congestion.h"
#include "../names.h"

static_assert(sizeof(struct vctp_congestion) <= 64);

static const struct vctp_congestion_ops * const list[] = {
	&vctp_reno,
};

/**
 * vctp_congestion_find() - a congestion control by its name
 * @name: as VCTP_CONGESTION has it
 *
 * Return: NULL where there is none of that name.
 */
const struct vctp_congestion_ops *vctp_congestion_find(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		if (!strcmp(list[i]->name, name))
			return list[i];
	}
	return NULL;
}

/**
 * vctp_congestion_names() - all names, separated by blanks
 * @buffer: to be filled, ends with a NUL
 * @size: bytes of it; names that do not fit are left out
 *
 * Return: bytes written, without the NUL.
 */
int vctp_congestion_names(char *buffer, u32 size)
{
	u32 i, used = 0;

	if (size)
		buffer[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(list); i++)
		used = vctp_names_add(buffer, size, used, list[i]->name);
	return used;
}

/**
 * vctp_congestion_initial_window() - IW
 * @mss: payload of a full segment, bytes
 *
 * RFC 6928, 2: ten segments, but no more than 14600 bytes of large ones.
 *
 * Return: bytes.
 */
u32 vctp_congestion_initial_window(u32 mss)
{
	return min_t(u64, 10ULL * mss, max_t(u64, 2ULL * mss, 14600));
}

/**
 * vctp_congestion_init() - a circuit begins, or changes its control
 * @c: to be set; the socket lock, as for all that follows
 * @ops: which one
 * @mss: payload of a full segment, bytes
 */
void vctp_congestion_init(struct vctp_congestion *c,
			  const struct vctp_congestion_ops *ops, u32 mss)
{
	*c = (struct vctp_congestion) {
		.ops = ops,
		.cwnd = vctp_congestion_initial_window(mss),
		.ssthresh = VCTP_CWND_INFINITE,
		.mss = mss,
	};
	if (ops->init)
		ops->init(c);
}

/**
 * vctp_congestion_set_mss() - full segments have another size now
 * @c: the control
 * @mss: payload of a full segment, bytes
 *
 * The window is in bytes and stays, but for two: one that nothing has moved
 * yet is the new size's initial one, and none is smaller than a segment.
 */
void vctp_congestion_set_mss(struct vctp_congestion *c, u32 mss)
{
	bool untouched = c->ssthresh == VCTP_CWND_INFINITE && !c->acked &&
			 c->cwnd == vctp_congestion_initial_window(c->mss);

	c->mss = mss;
	if (untouched)
		c->cwnd = vctp_congestion_initial_window(mss);
	else
		c->cwnd = max(c->cwnd, mss);
}

/**
 * vctp_congestion_on_loss() - fast recovery begins
 * @c: the control
 * @in_flight: FlightSize when the loss was found, bytes sent and not acked
 *
 * RFC 6675, 5, (4.2): cwnd = ssthresh.
 */
void vctp_congestion_on_loss(struct vctp_congestion *c, u32 in_flight)
{
	c->ssthresh = c->ops->ssthresh(c, in_flight);
	c->cwnd = c->ssthresh;
	c->acked = 0;
}

/**
 * vctp_congestion_on_timeout() - the RTO went off
 * @c: the control
 * @in_flight: FlightSize then, bytes sent and not acked
 * @first: it is not a repeat: only then ssthresh changes (RFC 5681, 3.1)
 */
void vctp_congestion_on_timeout(struct vctp_congestion *c, u32 in_flight,
				bool first)
{
	if (first)
		c->ssthresh = c->ops->ssthresh(c, in_flight);
	c->cwnd = c->mss;
	c->acked = 0;
}

/**
 * vctp_congestion_on_idle() - nothing was sent for some time
 * @c: the control
 * @rtos: for how many RTOs, at least 1
 *
 * RFC 5681, 4.1 asks for no more than IW after one RTO. Here as in RFC 2861
 * the window is halved for each, down to IW, and ssthresh remembers three
 * quarters of it, so that slow start soon leads back.
 */
void vctp_congestion_on_idle(struct vctp_congestion *c, u32 rtos)
{
	u32 least = vctp_congestion_initial_window(c->mss);

	if (!rtos || c->cwnd <= least)
		return;
	c->ssthresh = max(c->ssthresh, c->cwnd - c->cwnd / 4);
	c->cwnd = max(c->cwnd >> min(rtos, 31U), least);
	c->acked = 0;
}
