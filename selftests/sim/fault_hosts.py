# SPDX-License-Identifier: GPL-2.0
"""The two hosts of faults.py: their namespaces, settings, and a link between them
that loses and delays. What must be gone when a scenario is over."""
import ctypes
import errno
import fcntl
import heapq
import os
import select
import struct
import subprocess
import time

VCTP = 253
SOL_VCTP = 253
CLONE_NEWNET = 0x40000000
LONGEST_S = 4000	# no circuit lives so long without an answer
EXPLAINED = {errno.ENOMEM, errno.ENOBUFS, errno.ECONNRESET, errno.EPIPE,
             errno.ECONNREFUSED, errno.ETIMEDOUT}
libc = ctypes.CDLL(None, use_errno=True)


class Wrong(Exception):
    """What must not be."""


def enter(name):
    """Go into a network namespace."""
    with open("/run/netns/" + name) as ns:
        if libc.setns(ns.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


def write(path, value):
    with open(path, "w") as file:
        file.write(str(value))


def setting(name, value):
    for side in ("left", "right"):
        enter(side)
        write("/proc/sys/net/vctp/" + name, value)


def run(*command):
    subprocess.run(command, check=True)


def emptied():
    """All that a scenario made is gone, soon enough."""
    until = time.monotonic() + LONGEST_S
    while True:
        left = []
        for side in ("left", "right"):
            enter(side)
            with open("/proc/net/vctp_sockstat") as file:
                words = file.read().split()[1:13]
            left += [w for w in words[1::2] if w != "0"]
        with open("/sys/module/vctp/refcnt") as file:
            sockets = file.read().strip()
        left += [sockets] if sockets != "0" else []
        if not left:
            return
        if time.monotonic() > until:
            raise Wrong("something is left: %s, %s references" %
                        (" ".join(words), sockets))
        time.sleep(20)


def impossible():
    for side in ("left", "right"):
        enter(side)
        with open("/proc/net/vctp_snmp") as file:
            names, values = [line.split() for line in file.read().splitlines()]
        if int(values[names.index("Impossible")]):
            raise Wrong("an impossible cell of the state table")


class Link:
    """Two TUN devices and the program between them, which loses and delays packets
    by their number: the same ones in each play."""

    DELAY_S, LATE_S = 0.02, 0.012

    def __init__(self):
        self.devices = [self.device(side, number + 1)
                        for number, side in enumerate(("left", "right"))]
        orders, self.orders = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(self.orders)
            try:
                self.carry(orders)
            finally:
                os._exit(0)
        for fd in (*self.devices, orders):
            os.close(fd)

    @staticmethod
    def device(side, number):
        enter(side)
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        # TUNSETIFF: IFF_TUN | IFF_NO_PI
        fcntl.ioctl(fd, 0x400454ca, struct.pack("16sH22x", b"wire", 0x1001))
        run("ip", "-n", side, "addr", "add", "fd01::%d/64" % number, "dev", "wire",
            "nodad")
        run("ip", "-n", side, "link", "set", "wire", "up")
        return fd

    def begin(self):
        """From now on it counts anew."""
        os.write(self.orders, b"0")

    def close(self):
        os.close(self.orders)
        os.waitpid(self.pid, 0)

    def carry(self, orders):
        poll = select.poll()
        for fd in (orders, *self.devices):
            poll.register(fd, select.POLLIN)
        waiting, seen, number = [], [0, 0], 0
        while True:
            wait = (waiting[0][0] - time.monotonic()) * 1000 if waiting else None
            ready = [fd for fd, _ in poll.poll(wait and max(wait, 0))]
            if orders in ready:
                if not os.read(orders, 1):
                    return
                waiting, seen = [], [0, 0]
            for way, fd in enumerate(self.devices):
                while fd in ready:
                    try:
                        packet = os.read(fd, 65536)
                    except BlockingIOError:
                        break
                    number += 1
                    due = self.fate(way, packet, seen)
                    if due:
                        heapq.heappush(waiting, (due, number, way, packet))
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, way, packet = heapq.heappop(waiting)
                os.write(self.devices[1 - way], packet)

    def fate(self, way, packet, seen):
        """When it is to arrive; 0: never. Of others than us nothing is wanted."""
        if packet[6] != VCTP:
            return 0
        seen[way] += 1
        if seen[way] % 19 == 7 + way:
            return 0
        late = self.LATE_S if seen[way] % 11 == 5 else 0
        return time.monotonic() + self.DELAY_S + late
