#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --clock virtual
"""What waits for company: ACKs, small segments, and what GRO merges (S3, S8)."""
import socket
import time

from sides import (ACK, FIN, PSH, SYN, Counts, equal, expect, left, main, pair, right, test,
                   until, vctp_only)

MSS = 1448
TICK = 0.004            # s: a timer is set on a tick of its clock, and rounds up
NODELAY, CORK, QUICKACK = 1, 3, 12


def settled():
    """A circuit from right to left whose receiver answers at leisure."""
    vctp_only()
    near, far, at = pair(right, left)
    tap = left.tap()
    near.sendall(b"first")
    equal(far.recv(9), b"first", "data")
    until(lambda: acks(tap, at), "the first ACK: at once")
    far.setsockopt(253, QUICKACK, 0)
    tap.seen.clear()
    return near, far, at, tap


def acks(tap, at):
    return [s for s in tap.segments(at) if s.source == at and not s.flags & SYN]


def data(tap, at):
    return [s for s in tap.segments(at) if s.dest == at and s.payload]


# --- delayed ACKs ---

@test("S3 a lone segment is acknowledged after 40 ms, and delack_ms makes it less")
def delayed():
    for ms in (200, 20):
        with left.sysctl("delack_ms", ms):
            near, far, at, tap = settled()
            counts = Counts(left)
            near.sendall(b"x")
            equal(far.recv(1), b"x", "data")
            ack = until(lambda: acks(tap, at), "an ACK")[0]
            took, want = ack.when - data(tap, at)[0].when, min(ms, 40) / 1000
            expect(want - TICK <= took <= want + 2 * TICK, f"{took:.4f} s, not {want}")
            equal(counts["DelayedAcks"], 1, "DelayedAcks")
            held = ack.transport[31]
            held = (8 + held % 8) << (held // 8 - 1)            # µs, PROTOCOL.md 1
            expect(0.85 * took < held / 1e6 <= took, f"held back: {held} µs of {took:.4f} s")


@test("S3 every second full segment is acknowledged at once")
def second_segment():
    near, far, at, tap = settled()
    counts = Counts(left)
    for _ in range(10):
        before = len(acks(tap, at))
        near.sendall(bytes(2 * MSS))
        equal(len(far.recv(2 * MSS)) > 0, True, "data")
        until(lambda n=before: len(acks(tap, at)) > n, "an ACK")
        took = acks(tap, at)[before].when - data(tap, at)[-1].when
        expect(took < 0.005, f"after {took:.4f} s")
    equal(counts["DelayedAcks"], 0, "DelayedAcks")


@test("S3 an answer takes the ACK with it")
def with_answer():
    near, far, at, tap = settled()
    for _ in range(5):
        near.sendall(b"question")
        equal(far.recv(9), b"question", "question")
        far.sendall(b"answer")
        equal(near.recv(9), b"answer", "answer")
        time.sleep(0.001)
    equal([s.payload for s in acks(tap, at)], [b"answer"] * 5, "all that left says")


@test("S3 out of order is acknowledged at once, and so is what fills the hole")
def out_of_order():
    near, far, at, tap = settled()
    near.setsockopt(253, NODELAY, 1)
    left.cut()
    near.sendall(b"one")
    until(lambda: data(tap, at), "the segment that is lost")
    left.heal()
    tap.seen.clear()
    near.sendall(b"two")
    until(lambda: data(tap, at), "the next")
    hole = until(lambda: acks(tap, at), "an ACK")[0]
    expect(hole.when - data(tap, at)[0].when < 0.002, "it waited")
    until(lambda: len(acks(tap, at)) > 1, "an ACK of both")
    again = [s for s in data(tap, at) if s.payload.startswith(b"one")][0]
    expect(acks(tap, at)[1].when - again.when < 0.002, "it waited")
    equal(far.recv(9), b"onetwo", "data")


# --- Nagle ---

def writes(near, far, at, tap, number=10):
    """Segments that so many small writes become, 50 ms away."""
    right.impair("delay", "50ms")
    tap.seen.clear()
    for i in range(number):
        near.sendall(bytes([65 + i]))
    got = b""
    while len(got) < number:
        got += far.recv(99)
    right.impair()
    equal(got, bytes(range(65, 65 + number)), "data")
    return [s.payload for s in data(tap, at)]


@test("S3 Nagle: small writes wait for the ACK of the first, and go together")
def nagle():
    equal(writes(*settled()), [b"A", b"BCDEFGHIJ"], "segments")


@test("S3 NODELAY: each write is a segment")
def nodelay():
    near, far, at, tap = settled()
    near.setsockopt(253, NODELAY, 1)
    equal(writes(near, far, at, tap), [bytes([65 + i]) for i in range(10)], "segments")


@test("S3 Minshall: a last small one goes at once behind full ones, one at a time")
def minshall():
    near, far, at, tap = settled()
    right.impair("delay", "50ms")
    left.impair("delay", "0ms")         # nothing is merged before the tap
    tap.seen.clear()
    near.sendall(bytes(3 * MSS + 100))
    near.sendall(b"x" * 10)
    until(lambda: sum(len(s.payload) for s in data(tap, at)) == 3 * MSS + 110, "all of it")
    equal([len(s.payload) for s in data(tap, at)], [MSS] * 3 + [100, 10], "segments")
    sent = [s.when for s in data(tap, at)]
    expect(sent[3] - sent[2] < 0.005, "the small one waited")
    expect(sent[4] - sent[3] > 0.05, "the second small one did not wait")


@test("S3 CORK: nothing but full segments go until it is off")
def cork():
    near, far, at, tap = settled()
    near.setsockopt(253, CORK, 1)
    for _ in range(20):
        near.sendall(bytes(100))
    time.sleep(0.1)
    equal([len(s.payload) for s in data(tap, at)], [MSS], "segments")
    near.setsockopt(253, CORK, 0)
    until(lambda: len(data(tap, at)) == 2, "the rest")
    equal([len(s.payload) for s in data(tap, at)], [MSS, 2000 - MSS], "segments")


# --- GRO ---

def burst(gro):
    """Four full segments, a small one and a FIN in one go, cut before the card: what
    left's stack gets of them, and how many it counts."""
    vctp_only()
    right.run("ethtool", "-K", "eth0", "tso", "off", "gso", "off")
    left.run("ethtool", "-K", "eth0", "gro", gro)
    near, far, at = pair(right, left)
    tap, counts = left.tap(), Counts(left)
    near.setsockopt(253, CORK, 1)
    # the card waits until all of it is there
    right.run("tc", "qdisc", "add", "dev", "eth0", "root", "plug", "limit", "1000000")
    right.run("tc", "qdisc", "change", "dev", "eth0", "root", "plug", "block")
    near.sendall(b"z" * (4 * MSS + 999) + b"!")
    near.shutdown(socket.SHUT_WR)
    right.run("tc", "qdisc", "change", "dev", "eth0", "root", "plug", "release_indefinite")
    got = b""
    while piece := far.recv(1 << 16):
        got += piece
    equal(got, b"z" * (4 * MSS + 999) + b"!", "data")
    right.run("tc", "qdisc", "del", "dev", "eth0", "root")
    equal(left.states(at), ["CLOSE_WAIT"], "left")
    equal(counts.drops(), {}, "drops")
    return data(tap, at), counts["InSegs"]


@test("S8 GRO merges what comes in order, and keeps PSH and FIN of the last")
def merged():
    for gro in ("on", "off"):
        segments, number = burst(gro)
        equal(sum(len(s.payload) for s in segments), 4 * MSS + 1000, "bytes")
        equal(segments[-1].flags & (FIN | PSH | ACK), FIN | PSH | ACK, "the last one's flags")
        equal([s for s in segments[:-1] if s.flags & FIN], [], "FIN before the end")
        if gro == "on":
            equal(len(segments), 1, "segments")
        else:
            equal([len(s.payload) for s in segments], [MSS] * 4 + [1000], "segments")
        equal(number, 5, "InSegs: each counts")


if __name__ == "__main__":
    try:
        main()
    finally:
        left.run("ethtool", "-K", "eth0", "gro", "on")
        right.run("ethtool", "-K", "eth0", "tso", "on", "gso", "on")
        right.ip("link", "set", "eth0", "gso_max_segs", "65535")
