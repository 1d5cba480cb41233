// SPDX-License-Identifier: GPL-2.0
/*
 * close(), abort, and what needs a process of its own: to be killed, and to
 * wait for SO_LINGER.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ending.h"

#define LINGER_S	10

static void set_linger(int fd, int seconds)
{
	struct linger linger = { .l_onoff = 1, .l_linger = seconds };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		warn("SO_LINGER");
}

/* The last to hold the socket is killed: nothing of the program's is run. */
static void crash(int fd)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		for (;;)
			pause();
	}
	close(fd);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Only this socket is left to the child, so that none is held for others. */
static void linger_child(int fd, int ready, int go)
{
	char byte = 0;

	dup2(ready, 3);
	dup2(go, 4);
	dup2(fd, 5);
	close_range(6, ~0U, 0);
	if (write(3, &byte, 1) != 1 || read(4, &byte, 1) != 1)
		_exit(1);
	close(5);
	_exit(0);
}

/* Out of the way of the numbers that the child gives. */
static int raised(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, 100);

	if (high < 0)
		err(1, "dup");
	close(fd);
	return high;
}

/* A child waits in close(), while the rest of the scenario goes on. */
static void linger(int fd)
{
	int ready[2], go[2], i;
	char byte = 0;
	pid_t pid;

	set_linger(fd, LINGER_S);
	if (pipe2(ready, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		err(1, "pipe");
	fd = raised(fd);
	for (i = 0; i < 2; i++) {
		ready[i] = raised(ready[i]);
		go[i] = raised(go[i]);
	}
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid)
		linger_child(fd, ready[1], go[0]);
	/* It holds this socket and no other: now ours may go. */
	if (read(ready[0], &byte, 1) != 1)
		err(1, "who lingers");
	close(fd);
	if (write(go[1], &byte, 1) != 1)
		err(1, "who lingers");
	for (i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
}

/**
 * ending_socket() - let go of it
 * @fd: the socket; no epoll watches it
 * @how: enum actor_end
 */
void ending_socket(int fd, enum actor_end how)
{
	switch (how) {
	case END_ABORT:
		set_linger(fd, 0);
		close(fd);
		break;
	case END_CRASH:
		crash(fd);
		break;
	case END_LINGER:
		linger(fd);
		break;
	default:
		close(fd);
	}
}
