#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --clock virtual
"""Who may have a port, and who gets what comes to it: row S13."""
import socket

from sides import (equal, expect, left, main, outcome, pair, port, proto, right, test,
                   vctp_only)


@test("S13 SO_REUSEPORT: SYNs are spread over a group, and an ended member gets none")
def reuseport():
    at, group = port(), []
    for _ in range(4):
        sock = left.stream()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((left.v4, at))
        sock.listen(64)
        sock.setblocking(False)
        group.append(sock)

    def got(sock):
        number = 0
        while True:
            try:
                sock.accept()[0].close()
            except BlockingIOError:
                return number
            number += 1

    def open_some():
        for _ in range(64):
            sock = right.stream()
            sock.connect((left.v4, at))
            sock.close()

    open_some()
    spread = [got(sock) for sock in group]
    equal(sum(spread), 64, "all")
    expect(min(spread) > 4, f"spread: {spread}")
    group.pop().close()
    open_some()
    spread = [got(sock) for sock in group]
    equal(sum(spread), 64, "all, without the fourth")


@test("S13 bind() sees the ports of connect() and of children, as TCP's does")
def bind_conflicts():
    near, far, at = pair(right, left)
    taken = near.getsockname()[1]
    for side, number in ((right, taken), (left, at)):
        with side:
            plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
        equal(outcome(plain.bind, (side.v4, number)), "EADDRINUSE", "bind")
        plain.close()
    with right:
        plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
    plain.bind(("127.0.0.1", taken))
    plain.close()
    with left:
        plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
    equal(outcome(plain.bind, ("0.0.0.0", at)), "EADDRINUSE", "bind to any")
    plain.close()


@test("S13 a port that bind() has is not chosen for connect(); all in use: EADDRNOTAVAIL")
def exhausted():
    vctp_only()
    at = port()
    listener = left.listen(at, 64)
    with right.sysctl("ip_local_port_range", "50000 50003"):
        bound = right.stream(bind=50002)
        used = []
        for _ in range(3):
            sock = right.stream()
            sock.connect((left.v4, at))
            used.append(sock.getsockname()[1])
        equal(sorted(used), [50000, 50001, 50003], "ports")
        sock = right.stream()
        equal(outcome(sock.connect, (left.v4, at)), "EADDRNOTAVAIL", "connect")
        # another place is another 4-tuple
        other = port()
        left.listen(other)
        sock = right.stream()
        sock.connect((left.v4, other))
        expect(sock.getsockname()[1] in used, "a port shared by two circuits")
        bound.close()
    listener.close()


if __name__ == "__main__":
    main()
