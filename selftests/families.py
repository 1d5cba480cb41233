#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e --clock virtual
"""One socket, both families, one after the other."""
import socket

from sides import Skip, equal, left, main, outcome, port, proto, TCP, right, test


def heard(listener, family, at):
    """A client of a family calls: a byte each way."""
    near = left.stream(family)
    near.connect((right.address(family), at))
    far, peer = listener.accept()
    far.settimeout(30)
    equal(peer[0], left.address(family) if family == socket.AF_INET6
          else "::ffff:" + left.address(family), "the client")
    near.sendall(b"n")
    equal(far.recv(1), b"n", "from the client")
    far.sendall(b"f")
    equal(near.recv(1), b"f", "from the server")
    far.close()
    near.close()


@test("S11 a listener that once called over IPv4 hears both families")
def listener_with_a_past():
    if proto == TCP:
        raise Skip("TCP's child speaks IPv4 to an IPv6 client")
    at = port()
    listener = right.stream(socket.AF_INET6)
    listener.settimeout(None)
    equal(outcome(listener.connect, ("::ffff:" + left.v4, port())), "ECONNREFUSED",
          "a call over IPv4")
    listener.bind(("::", at))
    listener.listen(4)
    heard(listener, socket.AF_INET6, at)
    heard(listener, socket.AF_INET, at)


@test("S11 a socket that called over IPv4 calls over IPv6")
def caller_with_a_past():
    at = port()
    listener = right.listen(at, family=socket.AF_INET6)
    near = left.stream(socket.AF_INET6)
    near.settimeout(None)
    equal(outcome(near.connect, ("::ffff:" + right.v4, port())), "ECONNREFUSED",
          "a call over IPv4")
    near.connect((right.v6, at))
    far, _ = listener.accept()
    far.settimeout(30)
    near.sendall(b"n")
    equal(far.recv(1), b"n", "over IPv6")


if __name__ == "__main__":
    main()
