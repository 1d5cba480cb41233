// SPDX-License-Identifier: GPL-2.0
/*
 * Copied as it comes: it has to be there when the kernel stops in the middle.
 * Its clock is the kernel's, not the scenario's.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "trace.h"
#include "types.h"

#define TRACING		"/sys/kernel/tracing"

static int from = -1, to = -1;

static void tell(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), TRACING "/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		warn("%s", path);
	close(fd);
}

/**
 * trace_open() - events go there from now on
 * @path: a file; written anew
 */
void trace_open(const char *path)
{
	if (access(TRACING "/trace", R_OK) &&
	    mount("tracefs", TRACING, "tracefs", 0, NULL)) {
		warn("no tracepoints: tracefs");
		return;
	}
	tell("trace", "");
	tell("trace_clock", "mono");
	tell("events/vctp/enable", "1");
	from = open(TRACING "/trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (from < 0 || to < 0)
		err(1, "%s", path);
}

/**
 * trace_take() - copy what has come
 */
void trace_take(void)
{
	char text[4096];
	ssize_t len;

	while (from >= 0 && (len = read(from, text, sizeof(text))) > 0) {
		if (write(to, text, len) != len)
			err(1, "trace");
	}
}
