#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e --clock virtual
"""Bytes that a card sees one segment at a time: urgent ones, changing ones."""
import mmap
import os
import socket

from sides import VCTP, equal, expect, left, main, pair, proto, right, test

URG = 32


def pattern(count, seed):
    return bytes((i * 7 + i // 251 + seed) & 255 for i in range(count))


def alone():
    """Nothing is merged on the way in: each segment is looked at."""
    right.run("ethtool", "-K", "eth0", "gro", "off")


def read(sock, count):
    got = b""
    while len(got) < count:
        piece = sock.recv(count - len(got))
        expect(piece, f"the end after {len(got)} bytes")
        got += piece
    return got


def urgent(family):
    alone()
    near, far, at = pair(left, right, family)
    tap = left.tap()
    first, last = pattern(10000, 1), pattern(20000, 2)
    near.send(first, socket.MSG_OOB)
    equal(read(far, 9999), first[:-1], "before the urgent byte")
    far.settimeout(None)        # Python would wait for what is not urgent
    equal(far.recv(1, socket.MSG_OOB), first[-1:], "the urgent byte")
    far.settimeout(30)
    near.sendall(last)
    equal(read(far, len(last)), last, "after the urgent byte")
    sent = [s for s in tap.segments(at) if s.dest == at and s.payload]
    told = [s for s in sent if s.flags & URG]
    begin = sent[0].seq
    expect(told, "no segment with URG")
    expect(all(s.seq < begin + 10000 for s in told),
           f"URG behind the urgent byte: {told[-1]}")
    if proto == VCTP:
        marks = {s.seq + int.from_bytes(s.transport[36:40], "big") for s in told}
        equal(len(marks), 1, f"places of the urgent byte: {marks}")


@test("S13 10,000 bytes with MSG_OOB: one byte is urgent, none is lost, IPv4")
def urgent_v4():
    urgent(socket.AF_INET)


@test("S13 10,000 bytes with MSG_OOB: one byte is urgent, none is lost, IPv6")
def urgent_v6():
    urgent(socket.AF_INET6)


@test("S12 sendfile of pages that are being written: each sum is right")
def changing():
    near, far, _ = pair(left, right)
    left.impair("delay", "20ms")
    near.settimeout(None)       # sendfile() waits where the buffer is full
    before = right.counter("DropChecksum")
    file = os.memfd_create("pages")
    size = 8 * mmap.PAGESIZE
    os.ftruncate(file, size)
    with mmap.mmap(file, size) as pages:
        for turn in range(20):
            sent = 0
            while sent < size:
                sent += os.sendfile(near.fileno(), file, sent, size - sent)
            # what was sent waits in the queue: now its pages change
            pages[:] = pattern(size, turn)
            read(far, size)
    equal(right.counter("DropChecksum") - before, 0, "wrong sums")


if __name__ == "__main__":
    main()
