#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --nic veth --clock virtual
"""An hour in which nothing is said: keepalive, and TIME_WAIT sixty times."""
import errno
import socket
import time

from sides import (Counts, equal, expect, left, main, outcome, pair, right, test, until,
                   vctp_only)

MINUTES = 60
KEEPIDLE, KEEPINTVL, KEEPCNT = 4, 5, 6


def keep(sock, idle, interval, count):
    """Keepalive, in seconds."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((KEEPIDLE, idle), (KEEPINTVL, interval), (KEEPCNT, count)):
        sock.setsockopt(socket.SOL_TCP, option, value)


@test("S4 S5 an hour: a probe each minute, and sixty circuits through TIME_WAIT")
def hour():
    vctp_only()
    quiet, far, at = pair(right, left)
    keep(quiet, 60, 60, 3)
    counts = Counts(right)
    for _ in range(MINUTES):
        begun = time.monotonic()
        brief, other, there = pair(right, left)
        brief.close()
        equal(other.recv(1), b"", "its end")
        other.close()
        until(lambda port=there: right.states(port) == ["TIME_WAIT"], "TIME_WAIT")
        time.sleep(begun + 55 - time.monotonic())
        equal(right.states(there), ["TIME_WAIT"], "after 55 s")
        # of 60 s; the kernel's wheel is up to an eighth late
        until(lambda port=there: right.states(port) == [], "its time is over", 13, 1)
        time.sleep(max(0, begun + 60 - time.monotonic()))
    equal(counts["TimeWaits"], MINUTES, "TimeWaits")
    expect(MINUTES - 8 <= counts["KeepaliveProbes"] <= MINUTES + 8,
           f"{counts['KeepaliveProbes']} probes")
    equal(counts["KeepaliveAborts"], 0, "KeepaliveAborts")
    equal(right.states(at), ["ESTABLISHED"], "who was silent")
    quiet.sendall(b"still here")
    equal(far.recv(20), b"still here", "what comes")


@test("S5 an hour behind a dead link: keepalive gives up, without it nobody does")
def dead():
    vctp_only()
    kept, _, at = pair(right, left)
    patient, _, other = pair(right, left)
    keep(kept, 600, 60, 5)
    counts = Counts(right)
    left.cut()
    begun = time.monotonic()
    kept.settimeout(3600)
    equal(outcome(kept.recv, 1), errno.errorcode[errno.ETIMEDOUT], "recv")
    # 600 s, then five probes that nobody answers
    expect(900 <= time.monotonic() - begun <= 900 * 9 / 8,
           f"given up after {time.monotonic() - begun:.0f} s")
    equal(counts["KeepaliveProbes"], 5, "KeepaliveProbes")
    equal(counts["KeepaliveAborts"], 1, "KeepaliveAborts")
    equal(right.states(at), [], "with keepalive")
    time.sleep(begun + 3600 - time.monotonic())
    equal(right.states(other), ["ESTABLISHED"], "without")
    left.heal()
    patient.close()


if __name__ == "__main__":
    main()
