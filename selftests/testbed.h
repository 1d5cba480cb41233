/* SPDX-License-Identifier: GPL-2.0 */
/* What several C tests need of the machine under them. */
#ifndef TESTBED_H
#define TESTBED_H

#include <linux/filter.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* -1 with errno where lo does not come up. */
static inline int lo_up(void)
{
	struct ifreq lo = {
		.ifr_name = "lo",
		.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING,
	};
	int rc, fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return -1;
	rc = ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return rc;
}

/* A namespace of our own, where lo is up and nobody else counts; -1 with errno. */
static inline int own_namespace(void)
{
	return unshare(CLONE_NEWNET) ? -1 : lo_up();
}

/* A filter that drops all that comes: needs no device, and works over lo. */
static inline int set_deaf(int fd, bool deaf)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { .len = 1, .filter = &drop };

	return setsockopt(fd, SOL_SOCKET,
			  deaf ? SO_ATTACH_FILTER : SO_DETACH_FILTER,
			  &prog, sizeof(prog));
}

#endif /* TESTBED_H */
