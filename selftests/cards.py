#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e
"""What a card can do to a circuit (row S12), beside what lifecycle.sh has."""
import contextlib
import hashlib
import os
import random
import socket
import threading
import time

from sides import (Side, equal, expect, left, main, outcome, pair, port, proto, right,
                   run, test, until)

FAR = "10.9.0.2"
CHUNK = 1 << 16


def digest_of(sock, found):
    """Read to the end; what came, and how much."""
    seen, total = hashlib.sha256(), 0
    while True:
        data = sock.recv(CHUNK)
        if not data:
            break
        seen.update(data)
        total += len(data)
    found.append((total, seen.hexdigest()))


def carry(near, far, size, meanwhile):
    """@size bytes from @near to @far while things happen: not one may change."""
    block, found = random.Random(size).randbytes(CHUNK), []
    want = hashlib.sha256()
    for sock in (near, far):
        sock.settimeout(180)
    reader = threading.Thread(target=digest_of, args=(far, found))
    reader.start()
    happen = threading.Thread(target=meanwhile)
    sent, started = 0, False
    # until both are over: what happens, and the bytes asked for
    while sent < size or happen.is_alive():
        near.sendall(block)
        want.update(block)
        sent += CHUNK
        if not started and sent >= size // 8:
            happen.start()
            started = True
    near.shutdown(socket.SHUT_WR)
    reader.join()
    happen.join()
    expect(found, "the reader failed")
    equal(found[0], (sent, want.hexdigest()), "bytes and digest")


@test("S12 offloads change under traffic: every byte arrives")
def offload_changes():
    near, far, _ = pair(left, right)

    def change():
        for value in ("off", "on") * 4:
            for side in (left, right):
                for what in ("tso", "gso", "gro", "sg", "tx"):
                    side.run("ethtool", "-K", "eth0", what, value, check=False)
            time.sleep(0.2)

    carry(near, far, 4 << 20, change)


@contextlib.contextmanager
def third():
    """A namespace of its own, joined to the right by a veth."""
    run("ip", "netns", "add", "third")
    try:
        run("ip", "-n", "third", "link", "add", "third", "type", "veth", "peer",
            "name", "fourth", "netns", "right")
        for name, dev, number in (("third", "third", 1), ("right", "fourth", 2)):
            run("ip", "-n", name, "addr", "add", f"10.9.0.{number}/24", "dev", dev)
            run("ip", "-n", name, "link", "set", dev, "up")
        side = Side("third", 0)
        yield side
        os.close(side.ns)
    finally:
        run("ip", "netns", "del", "third")


@test("S12 a card that never comes back: the circuit ends with ETIMEDOUT, and nothing stays")
def card_gone():
    with third() as side:
        at = port()
        with right:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
        listener.bind((FAR, at))
        listener.listen(1)
        near = side.stream()
        near.connect((FAR, at))
        far = listener.accept()[0]
        listener.close()
        near.setsockopt(proto, 18, 2000)                        # USER_TIMEOUT
        near.sendall(b"x" * 1000)
        right.ip("link", "del", "fourth")
        near.sendall(b"x" * 1000)
        until(lambda: outcome(near.send, b"x") in ("ETIMEDOUT", "EPIPE"), "the end")
        equal(side.states(at), [], "states")
        far.close()


if __name__ == "__main__":
    main()
