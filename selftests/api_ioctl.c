// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl() and fcntl(): what is queued, and how the socket behaves.
 * A probe of a full socket may not come between two steps:
 * lab: --clock virtual
 */
#include <linux/sockios.h>
#include <net/if.h>
#include "api.h"

static char in[100];

CASE(ioctl_inq, "S13", "SIOCINQ counts what can be read")
{
	int fd[2];

	api_pair(env, fd);
	WANT(api_queued(fd[1], SIOCINQ), 0);
	NEED(send(fd[0], "abcde", 5, 0));
	WANT(api_wait_queued(fd[1], SIOCINQ, 5), 5);
	NEED(recv(fd[1], in, 2, 0));
	WANT(api_queued(fd[1], FIONREAD), 3);
}

CASE(ioctl_inq_fin, "S13", "SIOCINQ does not count the FIN")
{
	int fd[2];

	api_pair(env, fd);
	NEED(send(fd[0], "abc", 3, 0));
	NEED(shutdown(fd[0], SHUT_WR));
	api_wait(fd[1], POLLRDHUP, POLLRDHUP);
	WANT(api_queued(fd[1], SIOCINQ), 3);
	NEED(recv(fd[1], in, 3, 0));
	WANT(api_queued(fd[1], SIOCINQ), 0);
	NEED(recv(fd[1], in, 3, 0));
	WANT(api_queued(fd[1], SIOCINQ), 0);
}

CASE(ioctl_outq, "S13", "SIOCOUTQ counts what is not acknowledged")
{
	int fd[2];

	api_pair(env, fd);
	WANT(api_queued(fd[0], SIOCOUTQ), 0);
	NEED(set_deaf(fd[1], true));
	NEED(send(fd[0], "abcde", 5, 0));
	WANT(api_queued(fd[0], SIOCOUTQ), 5);
	WANT(api_queued(fd[0], SIOCOUTQNSD), 0);
	NEED(set_deaf(fd[1], false));
	WANT(api_wait_queued(fd[0], SIOCOUTQ, 0), 0);
}

CASE(ioctl_outqnsd, "S13", "SIOCOUTQNSD counts what is not sent")
{
	int fd[2], unsent;
	long stuffed;

	api_pair(env, fd);
	stuffed = api_stuff(fd[0]);
	unsent = api_queued(fd[0], SIOCOUTQNSD);
	WANT(unsent > 0 && unsent <= api_queued(fd[0], SIOCOUTQ), 1);
	NEED(shutdown(fd[0], SHUT_WR));
	WANT(api_drain(fd[1]) == stuffed, 1);
	WANT(api_wait_queued(fd[0], SIOCOUTQ, 0), 0);
	WANT(api_queued(fd[0], SIOCOUTQNSD), 0);
}

CASE(ioctl_outq_fin, "S13", "SIOCOUTQ and a FIN that is not acknowledged")
{
	int fd[2];

	api_pair(env, fd);
	NEED(set_deaf(fd[1], true));
	NEED(send(fd[0], "abc", 3, 0));
	NEED(shutdown(fd[0], SHUT_WR));
	/* TCP counts it. */
	NOTE(api_queued(fd[0], SIOCOUTQ));
}

CASE(ioctl_fresh, "S13", "the queues of a fresh socket, and while connecting")
{
	int port, fd = api_socket(env), listener = api_listener(env, 1, &port);

	WANT(api_queued(fd, SIOCINQ), 0);
	WANT(api_queued(fd, SIOCOUTQ), 0);
	WANT(api_queued(fd, SIOCOUTQNSD), 0);
	NOTE(api_queued(fd, SIOCATMARK));
	NEED(set_deaf(listener, true));
	NEED(api_nonblock(fd));
	WANT(api_connect(env, fd, LOOP, port), -EINPROGRESS);
	WANT(api_queued(fd, SIOCINQ), 0);
	WANT(api_queued(fd, SIOCOUTQ), 0);
	WANT(api_queued(listener, SIOCINQ), -EINVAL);
	WANT(api_queued(listener, SIOCOUTQ), -EINVAL);
	WANT(api_queued(listener, SIOCOUTQNSD), -EINVAL);
}

CASE(ioctl_fionbio, "S13", "FIONBIO, on and off")
{
	int on = 1, off = 0, fd[2];

	api_pair(env, fd);
	WANT(ioctl(fd[0], FIONBIO, &on), 0);
	WANT(fcntl(fd[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	WANT(recv(fd[0], in, 1, 0), -EAGAIN);
	WANT(ioctl(fd[0], FIONBIO, &off), 0);
	WANT(fcntl(fd[0], F_GETFL) & O_NONBLOCK, 0);
}

CASE(ioctl_sigio, "S13", "O_ASYNC: SIGIO when data comes")
{
	long end = api_ms() + 10000;
	int fd[2];

	api_pair(env, fd);
	api_catch(SIGIO, SA_RESTART);
	WANT(fcntl(fd[1], F_SETOWN, getpid()), 0);
	WANT(fcntl(fd[1], F_SETFL, O_ASYNC), 0);
	api_caught = 0;
	NEED(send(fd[0], "x", 1, 0));
	while (!api_caught && api_ms() < end)
		api_nap();
	WANT(api_caught > 0, 1);
	WANT(fcntl(fd[1], F_SETFL, 0), 0);
}

CASE(ioctl_sigio_end, "S13", "O_ASYNC: SIGIO when the peer closes")
{
	long end = api_ms() + 10000;
	int on = 1, fd[2];

	api_pair(env, fd);
	api_catch(SIGIO, SA_RESTART);
	NEED(fcntl(fd[1], F_SETOWN, getpid()));
	WANT(ioctl(fd[1], FIOASYNC, &on), 0);
	api_caught = 0;
	NEED(shutdown(fd[0], SHUT_WR));
	while (!api_caught && api_ms() < end)
		api_nap();
	WANT(api_caught > 0, 1);
}

CASE(ioctl_owner, "S13", "SIOCSPGRP, SIOCGPGRP, F_GETOWN agree")
{
	int pid = getpid(), fd = api_socket(env);

	WANT(api_queued(fd, SIOCGPGRP), 0);
	WANT(ioctl(fd, SIOCSPGRP, &pid), 0);
	WANT(api_queued(fd, SIOCGPGRP) == pid, 1);
	WANT(fcntl(fd, F_GETOWN) == pid, 1);
}

CASE(ioctl_unknown, "S13", "an unknown request is ENOTTY")
{
	int value = 0, fd[2];

	api_pair(env, fd);
	NOTE(ioctl(fd[0], 0x12345678, &value));
	NOTE(ioctl(fd[0], SIOCPROTOPRIVATE, &value));
	NOTE(ioctl(fd[0], 0x5401, &value));
	NOTE(ioctl(fd[0], SIOCGSTAMP_NEW, &value));
	NOTE(ioctl(fd[0], SIOCSHWTSTAMP, &value));
}

CASE(ioctl_fault, "S13", "a result that cannot be written is EFAULT")
{
	int *nowhere = api_nowhere();
	int fd[2];

	api_pair(env, fd);
	WANT(ioctl(fd[0], SIOCINQ, nowhere), -EFAULT);
	WANT(ioctl(fd[0], SIOCOUTQ, nowhere), -EFAULT);
}

CASE(ioctl_devices, "S13", "device requests are passed on")
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = api_socket(env);

	WANT(ioctl(fd, SIOCGIFINDEX, &ifr), 0);
	WANT(ifr.ifr_ifindex, 1);
	WANT(ioctl(fd, SIOCGIFMTU, &ifr), 0);
	WANT(ifr.ifr_mtu, 65536);
	strcpy(ifr.ifr_name, "nodev");
	WANT(ioctl(fd, SIOCGIFFLAGS, &ifr), -ENODEV);
}
