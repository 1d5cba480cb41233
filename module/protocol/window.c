// SPDX-License-Identifier: GPL-2.0
/*
 * Flow control, both ends: RFC 9293, 3.8.6 and 3.10.7.4; RFC 896.
 */
#include "window.h"

/*
 * The step by which the right edge moves: a segment, or half of what can ever
 * be offered where that is less (RFC 9293, 3.8.6.2.2).
 */
static u32 window_step(const struct vctp_receive_window *w, u32 buffer,
		       u32 segment)
{
	return max(min(min(buffer, w->clamp) / 2, segment), 1U);
}

/* How far the right edge could move now. */
static u32 window_gain(const struct vctp_receive_window *w, u32 room)
{
	u32 left = vctp_window_left(w), open = min(room, w->clamp);

	return open > left ? open - left : 0;
}

/**
 * vctp_window_offer() - the window for a segment that goes out now
 * @w: the receive window; what is offered is promised from here on
 * @room: bytes of the buffer that are free
 * @buffer: bytes of the whole buffer
 * @mss: bytes of the peer's full segments
 *
 * The right edge never moves back, and forward only in steps worth a segment
 * (receiver's silly-window avoidance, RFC 9293, 3.8.6.2.2).
 *
 * Return: bytes from RCV.NXT, for the wire.
 */
u32 vctp_window_offer(struct vctp_receive_window *w, u32 room, u32 buffer,
		      u32 mss)
{
	u32 gain = window_gain(w, room);

	if (gain >= window_step(w, buffer, mss))
		w->edge = w->next + vctp_window_left(w) + gain;
	return vctp_window_left(w);
}

/**
 * vctp_window_worth_update() - has the program made enough room?
 * @w: the receive window
 * @room: bytes of the buffer that are free
 * @buffer: bytes of the whole buffer
 * @mss: bytes of the peer's full segments
 *
 * True where the edge would move by two segments or half the buffer, and where
 * the peer could not send one full segment before and now can do better.
 *
 * Return: whether a window update is worth an ACK of its own.
 */
bool vctp_window_worth_update(const struct vctp_receive_window *w, u32 room,
			      u32 buffer, u32 mss)
{
	u32 gain = window_gain(w, room);

	if (vctp_window_left(w) < mss && gain >= window_step(w, buffer, mss))
		return true;
	return gain >= window_step(w, buffer, mss > U32_MAX / 2 ? mss : 2 * mss);
}

/**
 * vctp_window_acceptable() - may anything of a segment be taken?
 * @w: the receive window
 * @seq: its first number
 * @end: the number after its last; @seq if it is empty
 *
 * RFC 9293, 3.10.7.4, first check. Two cells of its table are read generously:
 * a segment that begins below the window and ends beyond it has new bytes and
 * is taken; an empty one may stand on the right edge, where a peer is that has
 * used up its window and whose data was lost.
 *
 * Return: false where the segment is to be answered with an ACK and dropped.
 */
bool vctp_window_acceptable(const struct vctp_receive_window *w, u64 seq,
			    u64 end)
{
	u64 edge = max(w->edge, w->next);

	if (end <= seq)
		return seq >= w->next && seq <= edge;
	return edge > w->next && seq < edge && end > w->next;
}

/**
 * vctp_window_update() - take in the peer's window
 * @w: the send window
 * @seq: sequence number of the segment that brought it
 * @ack: its acknowledgment, not beyond SND.NXT
 * @una: SND.UNA
 * @size: the window in bytes from @ack
 *
 * RFC 9293, 3.10.7.4, fifth: an older segment never changes it. Newer is a
 * larger @ack (also with an old @seq: the peer may have sent that again), then
 * a larger @seq. Between two that are alike the larger window is the newer one,
 * since a right edge is never taken back.
 *
 * Return: whether the size is another one than before; a segment that leaves
 * it as it was counts as a duplicate ACK by RFC 5681.
 */
bool vctp_window_update(struct vctp_send_window *w, u64 seq, u64 ack, u64 una,
			u32 size)
{
	bool changed = size != w->size;

	if (ack < una || ack < w->wl2)
		return false;
	if (ack == w->wl2 && (seq < w->wl1 || (seq == w->wl1 && size <= w->size)))
		return false;
	w->wl1 = max(seq, w->wl1);
	w->wl2 = ack;
	w->size = size;
	if (size > w->largest)
		w->largest = size;
	return changed;
}

/**
 * vctp_window_send_now() - does a segment go, or wait to grow?
 * @q: the segment and what surrounds it
 *
 * RFC 896 with Minshall's change: a partial segment waits only while another
 * partial one is unacknowledged. A cork holds it back altogether, FIN never.
 *
 * Return: whether it goes.
 */
bool vctp_window_send_now(const struct vctp_send_question *q)
{
	if (q->ready >= q->mss || q->fin || !q->last)
		return true;
	if (q->cork)
		return false;
	return q->nodelay || !q->unacked || !q->partial_out;
}
