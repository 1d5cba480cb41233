// SPDX-License-Identifier: GPL-2.0
/* S8: flow control at both ends, against RFC 9293, 3.8.6 and 3.10.7.4. */
#include "window.h"
#include "kselftest_harness.h"

#define MSS	1448U
#define BUFFER	65536U
#define NEXT	BIT_ULL(48)

static struct vctp_receive_window receiver(u32 left)
{
	return (struct vctp_receive_window) {
		.next = NEXT, .edge = NEXT + left, .clamp = U32_MAX,
	};
}

TEST(window_S8_offers_the_free_room)
{
	struct vctp_receive_window w = receiver(0);

	EXPECT_EQ(BUFFER, vctp_window_offer(&w, BUFFER, BUFFER, MSS));
	EXPECT_EQ(NEXT + BUFFER, w.edge);
}

TEST(window_S8_edge_is_never_taken_back)
{
	struct vctp_receive_window w = receiver(BUFFER);

	w.next += 1000;
	EXPECT_EQ(BUFFER - 1000, vctp_window_offer(&w, 10, BUFFER, MSS));
	EXPECT_EQ(BUFFER - 1000, vctp_window_offer(&w, 0, BUFFER, MSS));
	EXPECT_EQ(NEXT + BUFFER, w.edge);
}

TEST(window_S8_no_silly_windows)
{
	struct vctp_receive_window w = receiver(0);

	EXPECT_EQ(0, vctp_window_offer(&w, 1, BUFFER, MSS));
	EXPECT_EQ(0, vctp_window_offer(&w, MSS - 1, BUFFER, MSS));
	EXPECT_EQ(MSS, vctp_window_offer(&w, MSS, BUFFER, MSS));
	EXPECT_EQ(MSS, vctp_window_offer(&w, 2 * MSS - 1, BUFFER, MSS));
	EXPECT_EQ(2 * MSS, vctp_window_offer(&w, 2 * MSS, BUFFER, MSS));
}

TEST(window_S8_small_buffer_moves_by_half)
{
	struct vctp_receive_window w = receiver(0);

	EXPECT_EQ(0, vctp_window_offer(&w, 499, 1000, MSS));
	EXPECT_EQ(500, vctp_window_offer(&w, 500, 1000, MSS));
}

TEST(window_S8_clamp)
{
	struct vctp_receive_window w = receiver(0);
	int i;

	w.clamp = 100;
	EXPECT_EQ(100, vctp_window_offer(&w, BUFFER, BUFFER, MSS));
	/* a clamp below a segment must not shut the window for good */
	for (i = 0; i < 10; i++) {
		w.next += 100;
		EXPECT_EQ(100, vctp_window_offer(&w, BUFFER, BUFFER, MSS));
	}
	w.clamp = 1;
	w.next = w.edge;
	EXPECT_EQ(1, vctp_window_offer(&w, BUFFER, BUFFER, MSS));
	w.clamp = 0;
	w.next = w.edge;
	EXPECT_EQ(0, vctp_window_offer(&w, BUFFER, BUFFER, MSS));
}

TEST(window_S8_huge_room)
{
	struct vctp_receive_window w = receiver(0);

	EXPECT_EQ(U32_MAX, vctp_window_offer(&w, U32_MAX, U32_MAX, MSS));
	EXPECT_EQ(false, vctp_window_worth_update(&w, U32_MAX, U32_MAX, U32_MAX));
	w.next = w.edge + 5;
	EXPECT_EQ(0, vctp_window_left(&w));
	EXPECT_EQ(MSS, vctp_window_offer(&w, MSS, BUFFER, MSS));
	EXPECT_EQ(w.next + MSS, w.edge);
}

TEST(window_S8_worth_an_update)
{
	struct vctp_receive_window w = receiver(10000);

	EXPECT_EQ(false, vctp_window_worth_update(&w, 10000, BUFFER, MSS));
	EXPECT_EQ(false, vctp_window_worth_update(&w, 10000 + 2 * MSS - 1, BUFFER, MSS));
	EXPECT_EQ(true, vctp_window_worth_update(&w, 10000 + 2 * MSS, BUFFER, MSS));
	/* shut: as soon as a segment fits */
	w = receiver(0);
	EXPECT_EQ(false, vctp_window_worth_update(&w, MSS - 1, BUFFER, MSS));
	EXPECT_EQ(true, vctp_window_worth_update(&w, MSS, BUFFER, MSS));
	/* less than a segment is left */
	w = receiver(MSS - 1);
	EXPECT_EQ(true, vctp_window_worth_update(&w, 2 * MSS - 1, BUFFER, MSS));
	/* a buffer smaller than two segments: by its half */
	w = receiver(500);
	EXPECT_EQ(false, vctp_window_worth_update(&w, 500 + 999, 2000, MSS));
	EXPECT_EQ(true, vctp_window_worth_update(&w, 500 + 1000, 2000, MSS));
	EXPECT_EQ(false, vctp_window_worth_update(&w, 0, 0, MSS));
}

/* 3.10.7.4, first: the four rows of the table. */
TEST(window_S8_acceptable)
{
	struct vctp_receive_window w = receiver(0);
#define ACCEPT(from, to) \
	vctp_window_acceptable(&w, NEXT + (from), NEXT + (to))

	/* length 0, window 0: exactly RCV.NXT */
	EXPECT_EQ(true, ACCEPT(0, 0));
	EXPECT_EQ(false, ACCEPT(1, 1));
	EXPECT_EQ(false, ACCEPT(-1, -1));
	/* length > 0, window 0: never */
	EXPECT_EQ(false, ACCEPT(0, 1));
	EXPECT_EQ(false, ACCEPT(-1, 1));

	w = receiver(100);
	/* length 0, window > 0; the edge itself is where a peer stands that used it up */
	EXPECT_EQ(true, ACCEPT(0, 0));
	EXPECT_EQ(true, ACCEPT(99, 99));
	EXPECT_EQ(true, ACCEPT(100, 100));
	EXPECT_EQ(false, ACCEPT(101, 101));
	EXPECT_EQ(false, ACCEPT(-1, -1));
	/* length > 0, window > 0 */
	EXPECT_EQ(true, ACCEPT(0, 1));
	EXPECT_EQ(true, ACCEPT(99, 100));
	EXPECT_EQ(true, ACCEPT(99, 500));
	EXPECT_EQ(false, ACCEPT(100, 101));
	EXPECT_EQ(true, ACCEPT(-10, 1));
	EXPECT_EQ(false, ACCEPT(-10, 0));
	EXPECT_EQ(true, ACCEPT(-10, 500));
	EXPECT_EQ(false, ACCEPT(-10, -5));
	/* what is no segment at all */
	EXPECT_EQ(false, ACCEPT(200, 100));
}

TEST(window_S8_update)
{
	struct vctp_send_window w = { 0 };

	EXPECT_EQ(true, vctp_window_update(&w, 10, 100, 100, 5000));
	EXPECT_EQ(5000, w.size);
	EXPECT_EQ(5000, w.largest);
	/* the same again changes nothing: a duplicate ACK */
	EXPECT_EQ(false, vctp_window_update(&w, 10, 100, 100, 5000));
	/* the same numbers: a larger window is a newer one, a smaller older */
	EXPECT_EQ(true, vctp_window_update(&w, 10, 100, 100, 6000));
	EXPECT_EQ(false, vctp_window_update(&w, 10, 100, 100, 5500));
	EXPECT_EQ(6000, w.size);
	/* newer by number */
	EXPECT_EQ(true, vctp_window_update(&w, 11, 100, 100, 100));
	EXPECT_EQ(100, w.size);
	EXPECT_EQ(6000, w.largest);
	/* newer by acknowledgment, though a repeat by its own number */
	EXPECT_EQ(true, vctp_window_update(&w, 5, 150, 100, 50));
	EXPECT_EQ(50, w.size);
	EXPECT_EQ(11, w.wl1);
	/* older: by acknowledgment, by number */
	EXPECT_EQ(false, vctp_window_update(&w, 20, 120, 100, 9000));
	EXPECT_EQ(false, vctp_window_update(&w, 20, 90, 100, 9000));
	EXPECT_EQ(false, vctp_window_update(&w, 10, 150, 150, 9000));
	EXPECT_EQ(50, w.size);
	/* taken, but the size is what it was */
	EXPECT_EQ(false, vctp_window_update(&w, 12, 200, 150, 50));
	EXPECT_EQ(200, w.wl2);
}

/* However ACKs are reordered, the edge is the highest that was promised. */
TEST(window_S8_update_in_any_order)
{
	u64 seed = 7;
	int round, i;

	for (round = 0; round < 2000; round++) {
		struct { u64 ack; u32 size; } acks[16];
		struct vctp_send_window w = { 0 };
		u64 ack = 100, edge = 1000, una = 100;

		for (i = 0; i < 16; i++) {
			seed = seed * 6364136223846793005ULL + 1;
			ack += (seed >> 40) % 50;
			edge += (seed >> 50) % 90;
			acks[i].ack = min(ack, edge);
			acks[i].size = edge - acks[i].ack;
		}
		for (i = 15; i > 0; i--) {
			int k = (seed = seed * 6364136223846793005ULL + 1) >> 33;
			typeof(acks[0]) swap = acks[i];

			k %= i + 1;
			acks[i] = acks[k];
			acks[k] = swap;
		}
		for (i = 0; i < 16; i++) {
			if (acks[i].ack < una)
				continue;
			vctp_window_update(&w, 10, acks[i].ack, una, acks[i].size);
			una = max(una, acks[i].ack);
		}
		ASSERT_EQ(edge, una + w.size);
	}
}

TEST(window_S8_nagle)
{
	struct vctp_send_question full = { .ready = MSS, .mss = MSS, .unacked = 1,
		.last = true, .cork = true, .partial_out = true };
	struct vctp_send_question partial = { .ready = MSS - 1, .mss = MSS,
		.unacked = 1, .last = true, .partial_out = true };
	struct vctp_send_question q;

	EXPECT_EQ(true, vctp_window_send_now(&full));
	EXPECT_EQ(false, vctp_window_send_now(&partial));
	/* Minshall: only another partial one holds it back */
	q = partial;
	q.partial_out = false;
	EXPECT_EQ(true, vctp_window_send_now(&q));
	q = partial;
	q.unacked = 0;
	EXPECT_EQ(true, vctp_window_send_now(&q));
	q = partial;
	q.nodelay = true;
	EXPECT_EQ(true, vctp_window_send_now(&q));
	q = partial;
	q.fin = true;
	EXPECT_EQ(true, vctp_window_send_now(&q));
	q = partial;
	q.last = false;
	EXPECT_EQ(true, vctp_window_send_now(&q));
	/* a cork holds what nodelay would send, but no FIN */
	q = partial;
	q.cork = true;
	q.nodelay = true;
	q.unacked = 0;
	EXPECT_EQ(false, vctp_window_send_now(&q));
	q.fin = true;
	EXPECT_EQ(true, vctp_window_send_now(&q));
}

TEST_HARNESS_MAIN
