#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --nic veth --clock virtual
"""Circuits that go nowhere: each has something that ends it."""
import errno
import socket
import time

from sides import (ACK, PSH, Skip, TCP, equal, expect, left, main, outcome, pair, port,
                   proto, right, test, until)
from stranger import Stranger

USER_TIMEOUT = 18


def full(sock):
    """Send until nothing more is taken."""
    sock.setblocking(False)
    while outcome(sock.send, bytes(1 << 16)) != "EAGAIN":
        pass


def shut():
    """A circuit whose reader reads nothing: its window is shut."""
    near, far, at = pair(left, right)
    before = left.counter("WindowProbes")
    full(near)
    if proto != TCP:
        until(lambda: left.counter("WindowProbes") > before + 1, "window probes")
    return near, far, at


@test("S5 an orphan whose peer keeps its window shut is given up at the longest time-out")
def orphan():
    if proto == TCP:
        raise Skip("other settings")
    with left.sysctl("rto_max_ms", 3000), left.sysctl("orphan_retries", 3):
        near, far, at = shut()
        before = left.counter("TimeoutAborts")
        mine = near.getsockname()[1]
        near.close()
        equal(left.states(mine), ["FIN_WAIT_1"], "state of the orphan")
        until(lambda: left.states(mine) == [], "its end", seconds=60)
        equal(left.counter("TimeoutAborts") - before, 1, "aborts")
        until(lambda: right.states(at) == [], "the peer's end")
        expect(outcome(far.recv, 1) != "ETIMEDOUT", "the reader has data or a reset")


@test("S5 until then it waits for a reader that takes his time, as over TCP")
def late_reader():
    near, far, _ = pair(left, right)
    near.setblocking(False)
    sent = 0
    while (took := outcome(near.send, bytes(1 << 16))) != "EAGAIN":
        sent += took
    near.close()
    time.sleep(150)
    far.settimeout(300)
    got = 0
    while data := far.recv(1 << 20):
        got += len(data)
    equal(got, sent, "bytes until the end of file")


@test("S5 with a program, a shut window that is answered is waited for")
def patient():
    near, far, _ = shut()
    time.sleep(100)
    expect(outcome(near.send, b"x") in ("EAGAIN", 1), "an error after 100 s")
    got = 0
    far.settimeout(60)
    near.settimeout(60)
    while got < 1 << 20:
        got += len(far.recv(1 << 20))
        near.setblocking(False)
        outcome(near.send, bytes(1 << 16))


@test("S5 VCTP_USER_TIMEOUT counts while the window is shut, too")
def user_timeout():
    near, _, _ = shut()
    near.setsockopt(socket.IPPROTO_TCP, USER_TIMEOUT, 5000)
    begin = time.monotonic()
    told = until(lambda: near.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR),
                 "an error", seconds=300)
    equal(errno.errorcode[told], "ETIMEDOUT", "the error")
    expect(time.monotonic() - begin < 60, "long after the time")
    equal(outcome(near.send, b"x"), "EPIPE", "afterwards")


@test("S2 a void third segment opens nothing")
def void_third():
    at = port()
    listener = left.listen(at)
    stranger = Stranger(at)
    before = left.counter("DropOptions")
    half = stranger.syn()
    half.send(ACK | PSH, options=b"\x04\x03\x00", payload=b"void")
    until(lambda: left.counter("DropOptions") > before, "the drop")
    equal(left.states(at), ["SYN_RECEIVED"], "state")
    listener.settimeout(0)
    equal(outcome(listener.accept), "EAGAIN", "accept")
    half.send(ACK | PSH, payload=b"right")
    listener.settimeout(30)
    sock, _ = listener.accept()
    equal(sock.recv(100), b"right", "the payload")


if __name__ == "__main__":
    main()
