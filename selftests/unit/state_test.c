// SPDX-License-Identifier: GPL-2.0
/* The state machine: every cell by its name, and some lives from end to end. */
#include "state.h"
#include "kselftest_harness.h"

FIXTURE(state) {
};

FIXTURE_VARIANT(state) {
	u8 state;
	enum vctp_event event;
	struct vctp_cell cell;
};

FIXTURE_SETUP(state)
{
}

FIXTURE_TEARDOWN(state)
{
}

#define CELL(from, on, ...)						\
	FIXTURE_VARIANT_ADD(state, from##_x_##on) {			\
		.state = VCTP_S_##from,					\
		.event = VCTP_E_##on,					\
		.cell = { __VA_ARGS__ },				\
	}
#define GO(from, on, to, todo) \
	CELL(from, on, VCTP_CELL_GO, VCTP_S_##to, VCTP_A_##todo)
#define IGNORED(from, on)	CELL(from, on, VCTP_CELL_IGNORED)
#define IMPOSSIBLE(from, on)	CELL(from, on, VCTP_CELL_IMPOSSIBLE)
#include "state_cells.h"
#undef GO
#undef IGNORED
#undef IMPOSSIBLE

TEST_F(state, cell)
{
	const struct vctp_cell *cell = vctp_state_cell(variant->state,
						       variant->event);

	EXPECT_EQ(variant->cell.kind, cell->kind);
	if (cell->kind != VCTP_CELL_GO)
		return;
	EXPECT_STREQ(vctp_state_name(variant->cell.next),
		     vctp_state_name(cell->next));
	EXPECT_STREQ(vctp_action_name(variant->cell.action),
		     vctp_action_name(cell->action));
}

/* The list of expectations has each cell once. */
TEST(state_every_cell_is_expected_once)
{
	int seen[VCTP_S_COUNT][VCTP_E_COUNT] = { 0 };
	int state, event;

#define GO(from, on, ...)	(seen[VCTP_S_##from][VCTP_E_##on]++)
#define IGNORED(from, on)	(seen[VCTP_S_##from][VCTP_E_##on]++)
#define IMPOSSIBLE(from, on)	(seen[VCTP_S_##from][VCTP_E_##on]++)
#include "state_cells.h"
	for (state = 1; state < VCTP_S_COUNT; state++) {
		for (event = 0; event < VCTP_E_COUNT; event++)
			EXPECT_EQ(1, seen[state][event]);
	}
}

TEST(state_out_of_range_is_impossible)
{
	int event;

	for (event = 0; event < VCTP_E_COUNT; event++)
		EXPECT_EQ(VCTP_CELL_IMPOSSIBLE, vctp_state_cell(0, event)->kind);
	EXPECT_EQ(VCTP_CELL_IMPOSSIBLE,
		  vctp_state_cell(VCTP_S_COUNT, VCTP_E_SYN)->kind);
	EXPECT_EQ(VCTP_CELL_IMPOSSIBLE, vctp_state_cell(255, VCTP_E_SYN)->kind);
	EXPECT_EQ(VCTP_CELL_IMPOSSIBLE,
		  vctp_state_cell(VCTP_S_CLOSED, VCTP_E_COUNT)->kind);
	EXPECT_EQ(VCTP_CELL_IMPOSSIBLE,
		  vctp_state_cell(VCTP_S_CLOSED, (enum vctp_event)-1)->kind);
}

TEST(state_names)
{
	int i, k;

	EXPECT_STREQ("ESTABLISHED", vctp_state_name(1));
	EXPECT_STREQ("CLOSING", vctp_state_name(11));
	EXPECT_STREQ("?", vctp_state_name(0));
	EXPECT_STREQ("?", vctp_state_name(12));
	EXPECT_STREQ("2MSL", vctp_event_name(VCTP_E_2MSL));
	EXPECT_STREQ("?", vctp_event_name(VCTP_E_COUNT));
	EXPECT_STREQ("TIME_OUT", vctp_action_name(VCTP_A_TIME_OUT));
	EXPECT_STREQ("?", vctp_action_name(VCTP_A_TIME_OUT + 1));
	for (i = 1; i < VCTP_S_COUNT; i++) {
		for (k = 1; k < i; k++)
			EXPECT_STRNE(vctp_state_name(i), vctp_state_name(k));
	}
}

/* Goes through @events from @state; gives the end, or 0 where a cell is no GO. */
static u8 live(u8 state, const int *events, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		const struct vctp_cell *cell = vctp_state_cell(state, events[i]);

		if (cell->kind != VCTP_CELL_GO)
			return 0;
		state = cell->next;
	}
	return state;
}

#define LIFE(from, ...)	\
	live(VCTP_S_##from, (const int[]) { __VA_ARGS__ }, \
	     sizeof((const int[]) { __VA_ARGS__ }) / sizeof(int))

TEST(state_S2_active_open)
{
	EXPECT_EQ(VCTP_S_ESTABLISHED, LIFE(CLOSED, VCTP_E_CONNECT, VCTP_E_SYN_ACK));
}

TEST(state_S2_passive_open)
{
	EXPECT_EQ(VCTP_S_ESTABLISHED, LIFE(CLOSED, VCTP_E_SYN, VCTP_E_ACK_OF_SYN));
}

TEST(state_S2_simultaneous_open)
{
	EXPECT_EQ(VCTP_S_ESTABLISHED,
		  LIFE(CLOSED, VCTP_E_CONNECT, VCTP_E_SYN, VCTP_E_SYN_ACK));
}

TEST(state_S3_active_close)
{
	EXPECT_EQ(VCTP_S_CLOSED,
		  LIFE(ESTABLISHED, VCTP_E_CLOSE, VCTP_E_ACK_OF_FIN, VCTP_E_FIN,
		       VCTP_E_FIN, VCTP_E_2MSL));
}

TEST(state_S3_passive_close)
{
	EXPECT_EQ(VCTP_S_CLOSED,
		  LIFE(ESTABLISHED, VCTP_E_FIN, VCTP_E_CLOSE, VCTP_E_ACK_OF_FIN));
}

TEST(state_S3_simultaneous_close)
{
	EXPECT_EQ(VCTP_S_TIME_WAIT,
		  LIFE(ESTABLISHED, VCTP_E_CLOSE, VCTP_E_FIN, VCTP_E_ACK_OF_FIN));
}

TEST(state_S5_fin_wait_2_ends)
{
	EXPECT_EQ(VCTP_S_CLOSED,
		  LIFE(ESTABLISHED, VCTP_E_CLOSE, VCTP_E_ACK_OF_FIN,
		       VCTP_E_FIN_WAIT_2_END));
}

TEST_HARNESS_MAIN
