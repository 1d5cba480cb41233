#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --nic veth --clock virtual
# lab: --clock virtual
"""Memory: what all sockets together, and one alone, may make us hold."""
import contextlib
import fcntl
import socket
import struct
import termios

from sides import (Skip, VCTP, equal, expect, left, main, outcome, pair, proto,
                   right, test, until)

MEM = "/proc/sys/net/vctp/mem"


@contextlib.contextmanager
def memory(pages):
    """net.vctp.mem of the first namespace, for a while."""
    if proto != VCTP:
        raise Skip("net.vctp.mem has no meaning for TCP")
    with open(MEM, encoding="ascii") as file:
        before = file.read()
    try:
        with open(MEM, "w", encoding="ascii") as file:
            file.write(pages)
        yield
    finally:
        with open(MEM, "w", encoding="ascii") as file:
            file.write(before)


def stuff(sock):
    """Send until nothing more is taken; bytes."""
    sock.setblocking(False)
    total = 0
    while True:
        try:
            total += sock.send(bytes(1 << 16))
        except BlockingIOError:
            return total


def used():
    """Pages that all sockets hold, by /proc/net/protocols."""
    for line in left.read("/proc/thread-self/net/protocols").splitlines():
        words = line.split()
        if words[0] == "VCTP":
            return int(words[3])
    raise Skip("no such line in /proc/net/protocols")


@test("S15 net.vctp.mem: of the machine, so the first namespace's alone")
def of_the_machine():
    with memory("1000 2000 3000"):
        equal(left.read(MEM).split(), ["1000", "2000", "3000"], "seen from left")
        equal(outcome(left.write, MEM, "1 2 3"), "EPERM", "written from left")
        equal(left.read(MEM).split(), ["1000", "2000", "3000"], "after that")


# The kernel settles its account with all sockets a megabyte at a time.
CIRCUITS = 40


@test("S8 memory: beyond the limit, programs get less room, and no byte is lost")
def senders_bounded():
    near, far, _ = pair(left, right)
    free = stuff(near)
    for _ in range(CIRCUITS):
        stuff(pair(left, right)[0])
    near, far, _ = pair(left, right)
    with memory("300 400 500"):
        expect(used() > 500, f"{used()} pages")
        tight = stuff(near)
        expect(tight < free / 4, f"{tight} bytes taken, {free} without a limit")
        got = 0
        while got < tight:
            got += len(far.recv(1 << 16))
    equal(got, tight, "bytes")


@test("S5 memory: an orphan beyond the limit is aborted, and counted")
def orphans_aborted():
    circuits = [pair(left, right) for _ in range(CIRCUITS)]
    right.cut()
    for near, _, _ in circuits:
        stuff(near)
    before = left.counter("MemoryAborts")
    full = used()
    with memory("300 400 500"):
        expect(full > 500, f"{full} pages")
        for near, _, _ in circuits:
            near.close()
        aborted = left.counter("MemoryAborts") - before
        expect(aborted, "no orphan was aborted")
        expect(used() < full, f"{used()} pages of {full}")
    right.heal()


@test("S8 memory: what waits out of order is thrown away first, and comes again")
def ofo_pruned():
    if proto != VCTP:
        raise Skip("TCP counts elsewhere")
    near, far, at = pair(left, right)
    far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
    near.setsockopt(socket.IPPROTO_TCP, 1, 1)       # each send a segment
    before = right.counter("OfoPruned")
    kept = right.counter("OfoQueued")
    sent = bytes(i & 255 for i in range(300))
    right.cut("meta length > 200")
    near.send(sent[:200])
    for i in range(200, 300):
        near.send(sent[i:i + 1])
    until(lambda: right.counter("OfoPruned") > before, "something is thrown away")
    right.heal()
    got = bytearray()
    while len(got) < 300:
        got.extend(far.recv(300))
    equal(bytes(got), sent, f"the stream to {at}")
    expect(right.counter("OfoQueued") > kept, "nothing waited out of order")


def unacknowledged(sock):
    """Bytes, by SIOCOUTQ."""
    return struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4)))[0]


@test("S8 memory: what the window promised has room, in small segments too")
def promise_kept():
    sent = bytes(i % 251 for i in range(60000))
    for rcvbuf, size, total in ((4096, 1, 1000), (4096, 100, 4000), (4096, 300, 3900),
                                (4096, 700, 3500), (65536, 200, 60000)):
        near, far, _ = pair(left, right)
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        near.setsockopt(socket.IPPROTO_TCP, 1, 1)       # each send a segment
        for i in range(0, total, size):
            near.send(sent[i:i + size])
        until(lambda: unacknowledged(near) == 0,
              f"all is taken before any is read, by {size} bytes")
        got = bytearray()
        while len(got) < total:
            got.extend(far.recv(total))
        equal(bytes(got), sent[:total], "the stream")
    if proto == VCTP:
        expect(right.counter("Collapsed"), "nothing moved together")


if __name__ == "__main__":
    main()
