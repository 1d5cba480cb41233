#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e
# lab: --nic veth --smp 2
"""Things come and go under traffic: cards, namespaces, the module (rows S4, S5,
S7 and S12)."""
import contextlib
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

from sides import (SOL_VCTP, TCP, TIME_WAIT_MS, Failure, Side, Skip, equal, expect,
                   left, main, outcome, pair, port, proto, right, run, test, until)

MODULE = os.environ.get("VCTP_MODULE", "/vctp/vctp.ko")
CHUNK = 1 << 16


def digest_of(sock, size, found):
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
    reader = threading.Thread(target=digest_of, args=(far, size, found))
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


# --- S12: cards ---

@test("S12 a card goes down and up under traffic, again and again: every byte arrives")
def card_down():
    near, far, _ = pair(left, right)

    def flap():
        for _ in range(5):
            left.ip("link", "set", "eth0", "down")
            time.sleep(0.3)
            left.ip("link", "set", "eth0", "up")
            left.ip("addr", "replace", f"{left.v6}/64", "dev", "eth0", "nodad")
            time.sleep(1)

    carry(near, far, 4 << 20, flap)


@test("S12 the MTU changes at both ends under traffic: every byte arrives")
def mtu_changes():
    near, far, _ = pair(left, right)

    def change():
        for mtu in (1280, 1500, 576, 1400, 900, 1500):
            for side in (left, right):
                side.ip("link", "set", "eth0", "mtu", str(mtu))
            time.sleep(0.4)

    try:
        carry(near, far, 4 << 20, change)
    finally:
        for side in (left, right):
            side.ip("link", "set", "eth0", "mtu", "1500")
            # below 1280 there was no IPv6
            side.ip("addr", "replace", f"{side.v6}/64", "dev", "eth0", "nodad")


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


def replug(side, device):
    """A PCI card leaves its machine and comes back."""
    def names():
        return set(os.listdir("/sys/class/net"))

    before = names()
    with open(f"{device}/remove", "w", encoding="ascii") as file:
        file.write("1")
    time.sleep(1)
    with open("/sys/bus/pci/rescan", "w", encoding="ascii") as file:
        file.write("1")
    new = until(lambda: names() - before, "the card is back")
    run("ip", "link", "set", "dev", new.pop(), "netns", side.name, "name", "eth0")
    side.ip("addr", "add", f"{side.v4}/24", "dev", "eth0")
    side.ip("addr", "add", f"{side.v6}/64", "dev", "eth0", "nodad")
    side.ip("link", "set", "eth0", "up")


@test("S12 a card is pulled out under traffic and put back: the circuit goes on")
def card_unplugged():
    device = left.run("readlink", "-f", "/sys/class/net/eth0/device").stdout.strip()
    if not os.path.exists(f"{device}/remove"):
        raise Skip("this card cannot be pulled")
    near, far, _ = pair(left, right)
    carry(near, far, 2 << 20, lambda: replug(left, device))


@test("S12 a card that never comes back: the circuit ends with ETIMEDOUT, and nothing stays")
def card_gone():
    with namespaces(1) as (side,):
        at = port()
        with right:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
        listener.bind((side.peer, at))
        listener.listen(1)
        near = side.stream()
        near.connect((side.peer, at))
        far = listener.accept()[0]
        listener.close()
        near.setsockopt(proto, 18, 2000)                        # USER_TIMEOUT
        near.sendall(b"x" * 1000)
        right.ip("link", "del", f"{side.name}r")
        near.sendall(b"x" * 1000)
        until(lambda: outcome(near.send, b"x") in ("ETIMEDOUT", "EPIPE"), "the end")
        equal(side.states(at), [], "states")
        far.close()


# --- namespaces ---

@contextlib.contextmanager
def namespaces(count):
    """Namespaces of their own, each joined to the right by a veth."""
    sides = []
    for number in range(count):
        name = f"life{number}"
        run("ip", "netns", "add", name)
        run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", name, "link", "add", f"{name}l", "type", "veth", "peer",
            "name", f"{name}r", "netns", "right")
        run("ip", "-n", name, "addr", "add", f"10.9.{number}.1/24", "dev", f"{name}l")
        run("ip", "-n", name, "link", "set", f"{name}l", "up")
        right.ip("addr", "add", f"10.9.{number}.2/24", "dev", f"{name}r")
        right.ip("link", "set", f"{name}r", "up")
        sides.append(Side(name, 0))
        sides[-1].v4, sides[-1].peer = f"10.9.{number}.1", f"10.9.{number}.2"
    try:
        yield sides
    finally:
        for side in sides:
            os.close(side.ns)
            run("ip", "netns", "del", side.name, check=False)


TRAFFIC = """
import socket, sys, threading
P = int(sys.argv[1])
def serve(listener):
    while True:
        sock = listener.accept()[0]
        threading.Thread(target=sink, args=(sock,), daemon=True).start()
def sink(sock):
    while sock.recv(65536):
        pass
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, P)
listener.bind(("", 7000))
listener.listen(16)
threading.Thread(target=serve, args=(listener,), daemon=True).start()
print("ready", flush=True)
def send():
    while True:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, P)
        sock.connect(("127.0.0.1", 7000))
        for _ in range(20):
            sock.sendall(bytes(30000))
        sock.close()
for _ in range(3):
    threading.Thread(target=send, daemon=True).start()
send()
"""


@test("S4 namespaces come and go under traffic, with all that is in TIME_WAIT")
def namespaces_come_and_go():
    for _ in range(4):
        with namespaces(4) as sides:
            programs = []
            for side in sides:
                with side:
                    programs.append(subprocess.Popen(
                        [sys.executable, "-c", TRAFFIC, str(proto)],
                        stdout=subprocess.PIPE))
            for program in programs:
                equal(program.stdout.readline(), b"ready\n", "program")
            time.sleep(1)
            waiting = sum(c[2] == "TIME_WAIT" for side in sides for c in side.circuits())
            for program in programs:
                program.send_signal(signal.SIGKILL)
            for program in programs:
                program.wait()
                program.stdout.close()
    expect(waiting, "there was nothing in TIME_WAIT")


# --- the module ---

def loaded():
    return os.path.isdir("/sys/module/vctp")


def references():
    with open("/sys/module/vctp/refcnt", encoding="ascii") as file:
        return int(file.read())


def idle():
    """No socket lives; TIME_WAIT does not count."""
    if proto == TCP:
        raise Skip("TCP is no module")
    if not os.path.exists(MODULE):
        raise Skip(f"there is no {MODULE} to load again")
    until(lambda: references() == 0, "no socket is left", 200, 0.2)


@test("S4 rmmod says EBUSY while a socket lives, be it only bound or an orphan")
def module_busy():
    idle()
    with left:
        plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
    expect(run("rmmod", "vctp", check=False).returncode, "rmmod with a socket")
    plain.close()
    near, far, at = pair(left, right)
    far.close()
    until(lambda: left.states(at) == ["CLOSE_WAIT"], "CLOSE_WAIT")
    expect(run("rmmod", "vctp", check=False).returncode, "rmmod with a circuit")
    near.close()


@test("S4 rmmod takes what is in TIME_WAIT along and leaves nothing; loaded again, all works")
def module_gone():
    idle()
    for _ in range(3):
        at = port()
        listener = left.listen(at, 64)
        for _ in range(50):
            near = right.stream()
            near.setsockopt(SOL_VCTP, TIME_WAIT_MS, 240000)
            near.connect((left.v4, at))
            far = listener.accept()[0]
            near.close()
            far.close()
        listener.close()
        until(lambda: right.states(at) == ["TIME_WAIT"] * 50, "TIME_WAIT")
        idle()
        run("rmmod", "vctp")
        try:
            expect(not loaded(), "it is still there")
            for side in (left, right):
                with side:
                    names = os.listdir("/proc/thread-self/net")
                    equal([n for n in names if "vctp" in n], [], "in /proc/net")
                    expect(not os.path.exists("/proc/sys/net/vctp"), "in /proc/sys")
                    equal(outcome(socket.socket, socket.AF_INET, socket.SOCK_STREAM,
                                  proto), "EPROTONOSUPPORT", "socket()")
        finally:
            run("insmod", MODULE)
        near, far, _ = pair(right, left)
        near.sendall(b"again")
        equal(far.recv(10), b"again", "data")
        near.close()
        far.close()


@test("S4 the module goes and comes while segments arrive for what is no more")
def module_under_traffic():
    idle()
    with left:
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    stop = threading.Event()
    ip = bytes([0x45, 0, 0, 60, 0, 0, 0, 0, 64, 253, 0, 0]) + \
        socket.inet_aton(left.v4) + socket.inet_aton(right.v4)

    def rain():
        drops = random.Random(1)
        while not stop.is_set():
            with contextlib.suppress(OSError):
                raw.sendto(ip + drops.randbytes(40), (right.v4, 0))

    thread = threading.Thread(target=rain)
    thread.start()
    try:
        for _ in range(10):
            run("rmmod", "vctp")
            time.sleep(0.05)
            run("insmod", MODULE)
            time.sleep(0.05)
    finally:
        stop.set()
        thread.join()
        raw.close()
        if not loaded():
            run("insmod", MODULE)
    expect(loaded(), "the module is not there")
    if not right.counter("DropChecksum"):
        raise Failure("no segment arrived")


if __name__ == "__main__":
    main()
