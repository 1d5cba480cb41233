#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --clock virtual
"""The peer's window: kept to, shut, asked about, opened again (RFC 9293, 3.8.6)."""
import contextlib
import os
import socket
import threading
import time

from sides import (SYN, Counts, accepted, equal, expect, info, left, main, outcome,
                   port, right, test, until, vctp_only)

FIRST = 0.2             # s: rto_min_ms above an RTT of next to nothing
LONGEST = 120           # s: rto_max_ms


class Stopped:
    """A circuit from right to left, where nobody reads and the window is shut."""

    def __init__(self, rcvbuf=16384):
        vctp_only()
        self.at = port()
        listener = left.listen(self.at)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.tap = left.tap()
        self.near = right.stream()
        self.near.connect((left.v4, self.at))
        self.far = accepted(listener)
        listener.close()
        self.sender, self.receiver = Counts(right), Counts(left)
        self.near.setblocking(False)
        self.sent = bytearray()
        until(self.shut, "the window is shut", step=0.001)

    def fill(self):
        """Send until no more is taken."""
        data = os.urandom(4096)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.sent += data[:self.near.send(data)]
                time.sleep(0.001)

    def shut(self):
        self.fill()
        return info(self.near, "snd_wnd") == 0

    def segments(self, to_left):
        return [s for s in self.tap.segments(self.at) if (s.dest == self.at) == to_left]

    def probes(self):
        """Without payload, one number below what is acknowledged."""
        edge = self.segments(False)[-1].ack
        return [s for s in self.segments(True)
                if not s.payload and not s.flags & SYN and s.seq == edge - 1]

    def read(self):
        """All of it, while the rest is sent."""
        self.near.settimeout(60)
        self.near.shutdown(socket.SHUT_WR)
        got = bytearray()
        while data := self.far.recv(65536):
            got += data
        equal(got == self.sent, True, "every byte")

    def within(self):
        """Nothing was sent that left had not offered before."""
        edge, used = 0, 0
        for s in self.tap.segments(self.at):
            if s.source == self.at:
                expect(s.flags & SYN or s.ack + s.window >= edge or not edge,
                       f"the edge moves back: {s}")
                edge = max(edge, s.ack + s.window)
            elif s.payload:
                expect(s.seq + len(s.payload) <= edge, f"beyond {edge}: {s}")
                used = max(used, s.seq + len(s.payload))
        return edge - used

    def steps(self):
        """By how much left moved the edge of its window, each time."""
        edges = sorted({s.ack + s.window for s in self.segments(False)[1:]})
        return [b - a for a, b in zip(edges, edges[1:])]


def gaps(segments):
    return [b.when - a.when for a, b in zip(segments, segments[1:])]


@test("S3 what is in flight never exceeds the window, and fills it to the last byte")
def kept():
    c = Stopped()
    equal(c.within(), 0, "left of the window")
    equal(c.receiver["ZeroWindows"], 1, "ZeroWindows")
    c.read()
    c.within()


@test("S3 a slow reader: the window is never exceeded, and no segment is silly")
def slow_reader():
    c = Stopped()

    def slowly():
        while len(got) < len(c.sent):
            got.extend(c.far.recv(700))
            time.sleep(0.01)

    got = bytearray()
    reader = threading.Thread(target=slowly)
    reader.start()
    reader.join()
    equal(got == c.sent, True, "every byte")
    c.within()
    expect(min(c.steps()) >= 1448, f"steps: {c.steps()}")
    small = [s for s in c.segments(True) if 0 < len(s.payload) < 1000]
    expect(len(small) <= 3, f"{len(small)} small segments: {small}")


@test("S3 a shut window is probed with back-off up to rto_max_ms, as long as it is answered")
def probed():
    c = Stopped()
    began = c.segments(True)[-1].when
    with left.sysctl("invalid_ratelimit_ms", 0):    # or two close ones get one answer
        time.sleep(600)
    probes = c.probes()
    # 0.2, 0.4 ... 102.4 s, then 120 s each
    wanted = [min(FIRST * 2 ** i, LONGEST) for i in range(13)]
    found = [probes[0].when - began] + gaps(probes)
    equal(len(found), 13, f"probes in 600 s, after {found}")
    for got, want in zip(found, wanted):
        # the timer wheel is late by an eighth at most
        expect(want <= got < want * 1.126 + 0.05, f"{found}, not {wanted}")
    equal(c.sender["WindowProbes"], 13, "WindowProbes")
    equal(c.receiver["ZeroWindows"], 1, "ZeroWindows")
    answers = [s for s in c.segments(False) if s.when >= probes[0].when]
    equal([s.window for s in answers], [0] * 13, "an answer to each")
    equal([c.sender["RetransSegs"], c.sender["RtoTimeouts"]], [0, 0], "repeats")
    c.read()


@test("S3 a window update that is lost: the next probe asks for it")
def update_lost():
    c = Stopped()
    time.sleep(4)               # probes at 0.2, 0.6, 1.4, 3.0 and then 6.2 s
    equal(c.sender["WindowProbes"], 4, "probes so far")
    right.cut()
    got = bytearray(c.far.recv(1 << 20))
    expect(c.segments(False)[-1].window > 0, "no window update")
    equal(info(c.near, "snd_wnd"), 0, "what right knows of it")
    right.heal()
    until(lambda: info(c.near, "snd_wnd"), "the window is open", 4)
    equal(c.sender["WindowProbes"], 5, "probes")
    while len(got) < len(c.sent):
        got += c.far.recv(65536)
    equal(got == c.sent, True, "every byte")
    c.within()


@test("S3 a shut window and a peer that is gone: ETIMEDOUT after net.vctp.retries probes")
def gone():
    with right.sysctl("retries", 4):
        c = Stopped()
        time.sleep(100)         # answered: it lives, however long
        equal(right.states(c.at), ["ESTABLISHED"], "right")
        left.cut()
        before = c.sender["WindowProbes"]
        c.near.settimeout(3000)
        equal(outcome(c.near.recv, 1), "ETIMEDOUT", "recv")
        equal(c.sender["WindowProbes"] - before, 4, "probes without an answer")
        equal(c.sender["TimeoutAborts"], 1, "TimeoutAborts")
        equal(right.states(c.at), [], "right")


@test("S3 USER_TIMEOUT ends a circuit whose window stays shut and unanswered")
def user_timeout():
    c = Stopped()
    c.near.setsockopt(253, 18, 5000)
    left.cut()
    start = time.monotonic()
    c.near.settimeout(600)
    equal(outcome(c.near.recv, 1), "ETIMEDOUT", "recv")
    took = time.monotonic() - start
    expect(4.5 < took < 6, f"it took {took:.1f} s")


@test("S3 a program that takes little: the window opens by a segment at least")
def silly():
    c = Stopped(65536)
    for _ in range(100):
        c.far.recv(100)
    time.sleep(0.01)
    equal(len(c.steps()) > 0, True, "the window has moved")
    expect(min(c.steps()) >= 1448, f"steps: {c.steps()}")



if __name__ == "__main__":
    main()
