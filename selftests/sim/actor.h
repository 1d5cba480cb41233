/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs: each circuit of a scenario has two, who opens and who accepts.
 */
#ifndef _SIM_ACTOR_H
#define _SIM_ACTOR_H

#include "scenario.h"

enum actor_phase {
	ACTOR_WAITING = 0,	/* not begun, or nobody has called yet */
	ACTOR_OPENING,		/* connect() is under way */
	ACTOR_OPEN,
	ACTOR_ENDED,
};

struct actor {
	const struct scenario_actor *plan;
	const struct scenario_circuit *circuit;
	const struct scenario_actor *options;	/* whose its socket has */
	struct actor *peer;
	enum host host;
	u64 stream;		/* what it writes; its peer's is stream ^ 1 */
	enum actor_phase phase;
	int fd;
	u16 local_port, remote_port;

	u64 written, received;	/* bytes that the kernel took, and gave */
	s64 write_after, read_after;	/* µs: it pauses until then */
	bool write_full, read_empty;	/* EAGAIN, and no event since */
	bool write_stalled, read_stalled;	/* the stall is behind it */
	bool write_done, read_done;
	bool ending;		/* the end is on the agenda */

	bool fin;		/* the peer may see an end of file */
	bool eof;		/* it has seen one */
	bool early;		/* it ended before its peer could expect it */
	bool stuck;		/* it was ended, since nothing moved */
	int error;		/* the first errno that it saw, 0: none */
	const char *call;	/* that gave it */
};

#define ACTORS	(2 * SCENARIO_CIRCUITS)

extern struct actor actors[ACTORS];

void actors_make(const struct scenario *scenario, int protocol);
bool actors_run(void);
bool actors_busy(void);
void actors_stop(void);
int actors_poll_fd(void);
void actor_accepted(struct actor *actor, int fd);
void actor_failed(struct actor *actor, const char *call);
struct actor *actor_at(enum host host, u16 local_port, u16 remote_port);

#endif /* _SIM_ACTOR_H */
