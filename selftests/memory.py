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
CIRCUITS = 80


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


def waits(sock):
    """Bytes of memory that wait to be read, by SO_MEMINFO."""
    return struct.unpack_from("I", sock.getsockopt(socket.SOL_SOCKET, 55, 36))[0]


def receiver(rcvbuf):
    """A circuit that receives with this buffer, each send() a segment of its own."""
    near, far, _ = pair(left, right)
    far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    near.setsockopt(socket.IPPROTO_TCP, 1, 1)
    return near, far


def read(sock, total):
    got = bytearray()
    while len(got) < total:
        got.extend(sock.recv(total - len(got)))
    return bytes(got)


@contextlib.contextmanager
def packed():
    """In the meantime bytes move together, and none is thrown away."""
    before = {name: right.counter(name) for name in ("Collapsed", "DropMemory")} \
        if proto == VCTP else {}
    yield
    if before:
        expect(right.counter("Collapsed") > before["Collapsed"], "nothing moved together")
        equal(right.counter("DropMemory"), before["DropMemory"], "DropMemory")


STREAM = bytes(i % 251 for i in range(1 << 18))


@test("S8 memory: what the window promised has room, in small segments too")
def promise_kept():
    with packed():
        for rcvbuf, size, total in ((4096, 1, 1000), (4096, 100, 4000), (4096, 300, 3900),
                                    (65536, 200, 60000)):
            near, far = receiver(rcvbuf)
            for i in range(0, total, size):
                near.send(STREAM[i:i + size])
            until(lambda: unacknowledged(near) == 0,
                  f"all is taken before any is read, by {size} bytes")
            equal(read(far, total), STREAM[:total], "the stream")


@test("S8 memory: what was read before the rest moved together gives its room back")
def read_before():
    near, far = receiver(65536)
    with packed():
        for i in range(0, 21000, 700):
            near.send(STREAM[i:i + 700])
        equal(read(far, 10000), STREAM[:10000], "what is read first")
        for i in range(21000, 65000, 100):
            near.send(STREAM[i:i + 100])
        until(lambda: unacknowledged(near) == 0, "all is taken")
    near.shutdown(socket.SHUT_WR)
    equal(read(far, 55000), STREAM[10000:65000], "the rest")
    equal(far.recv(1), b"", "after that")
    equal(waits(far), 0, "bytes of memory that wait")


@test("S8 memory: more than moves at once, between what lies tight, and a FIN behind it")
def many_moved():
    near, far = receiver(1 << 18)
    with packed():
        total = 0
        for size, count in (64, 1000), (1400, 20), (64, 1600):
            for _ in range(count):
                near.send(STREAM[total:total + size])
                total += size
        near.shutdown(socket.SHUT_WR)
        until(lambda: unacknowledged(near) == 0, "all is taken")
    equal(read(far, total), STREAM[:total], "the stream")
    equal(far.recv(1), b"", "after that")
    equal(waits(far), 0, "bytes of memory that wait")


if __name__ == "__main__":
    main()
