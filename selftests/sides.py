# SPDX-License-Identifier: GPL-2.0
"""Both sides of a link in one program, for tests that go step by step.

A socket belongs to the namespace that it was made in, so one thread can hold
a socket on each side and look at both between any two steps. Nothing here
waits for luck: until() asks for a condition, and its time-out means failure.
"""
import contextlib
import ctypes
import errno
import os
import socket
import struct
import subprocess
import sys
import time
import traceback

VCTP, TCP = 253, socket.IPPROTO_TCP
SOL_VCTP = 253
INFO, TIME_WAIT, TIME_WAIT_MS = 11, 64, 65

# Where struct vctp_info, and TCP's, have their u32s.
_FIELDS = {"peer_id": 12, "rto": 16, "snd_mss": 24, "pmtu": 36, "cwnd": 52,
           "snd_wnd": 72, "rcv_wnd": 76, "notsent": 84}
_TCP_FIELDS = {"pmtu": 60}

STATES = {1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RECEIVED", 4: "FIN_WAIT_1",
          5: "FIN_WAIT_2", 6: "TIME_WAIT", 7: "CLOSED", 8: "CLOSE_WAIT",
          9: "LAST_ACK", 10: "LISTEN", 11: "CLOSING", 12: "SYN_RECEIVED"}

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

# What a test runs over: PROTO=tcp proves the test itself.
proto = TCP if os.environ.get("PROTO") == "tcp" else VCTP
proto_name = "tcp" if proto == TCP else "vctp"

_libc = ctypes.CDLL(None, use_errno=True)
_ports = iter(range(20000, 40000))
CLONE_NEWNET = 0x40000000
SO_TIMESTAMPNS = 35

# The kernel begins to stamp a moment after the first socket that asks for it:
# this one does, long before any tap.
_stamps = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
_stamps.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


class Failure(Exception):
    """A condition did not hold."""


class Skip(Exception):
    """It cannot be tested here."""


def expect(condition, text):
    if not condition:
        raise Failure(text)


def equal(got, want, what):
    expect(got == want, f"{what}: {got!r}, not {want!r}")


def until(condition, what, seconds=30, step=0.01):
    """Wait for a condition; its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        expect(time.monotonic() < end, f"not within {seconds} s: {what}")
        time.sleep(step)


def vctp_only():
    if proto == TCP:
        raise Skip("TCP has no such thing")


def port():
    """One that no other test of this program uses, nor what an earlier program
    left behind: an orphan may take minutes to give up."""
    busy = {number for side in (left, right) for circuit in side.circuits()
            for number in circuit[:2]}
    return next(number for number in _ports if number not in busy)


def run(*command, check=True):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    expect(not check or done.returncode == 0,
           f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done


class Segment:
    """A segment as it crossed a link, with the time that it did."""

    def __init__(self, frame, when):
        self.frame, self.when = frame, when
        ethertype = struct.unpack("!H", frame[12:14])[0]
        self.v6 = ethertype == 0x86DD
        self.ip = 14
        if self.v6:
            self.proto, self.at = frame[20], 54
            end = 54 + struct.unpack("!H", frame[18:20])[0]
        else:
            self.proto = frame[23]
            self.at = 14 + (frame[14] & 15) * 4
            end = 14 + struct.unpack("!H", frame[16:18])[0]
        self.transport = frame[self.at:end]
        if self.proto == VCTP:
            (self.source, self.dest, self.id, control, _, self.window, seq, ack,
             seq_high, ack_high) = struct.unpack("!HHIHHIIIHH", self.transport[:28])
            self.seq, self.ack = seq | seq_high << 32, ack | ack_high << 32
            self.flags = control & 0x3FF
            header = (control >> 10 & 15) * 8
        else:
            (self.source, self.dest, self.seq, self.ack, offset, flags,
             self.window) = struct.unpack("!HHIIBBH", self.transport[:16])
            self.flags, self.id = flags, None
            header = (offset >> 4) * 4
        self.payload = self.transport[header:]

    def __repr__(self):
        return (f"<{self.when:.6f} {self.source}>{self.dest} flags {self.flags:x} "
                f"seq {self.seq} ack {self.ack} len {len(self.payload)}>")


class Tap:
    """What crosses a card, both ways, of our protocol."""

    def __init__(self, side, dev):
        with side:
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                      socket.htons(3))
        self.sock.bind((dev, 0))
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.seen = []

    def segments(self, local_port=None):
        """All so far, or those from or to a port."""
        while True:
            try:
                frame, extra, _, _ = self.sock.recvmsg(65536, 64)
            except BlockingIOError:
                break
            when = 0.0
            for level, kind, data in extra:
                if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                    seconds, ns = struct.unpack("qq", data)
                    when = seconds + ns / 1e9
            ethertype = frame[12:14]
            if ethertype == b"\x08\x00" and frame[23] == proto or \
               ethertype == b"\x86\xdd" and frame[20] == proto:
                self.seen.append(Segment(frame, when))
        return [s for s in self.seen
                if local_port is None or local_port in (s.source, s.dest)]

    def replay(self, segment):
        """The same frame again, out of this card."""
        self.sock.send(segment.frame)


class Side:
    """A network namespace and its address."""

    def __init__(self, name, number):
        self.name = name
        self.v4, self.v6 = f"10.0.0.{number}", f"fd00::{number}"
        self.ns = os.open(f"/run/netns/{name}", os.O_RDONLY)
        self._back = []
        self._cut, self._impaired = False, set()

    def __enter__(self):
        self._back.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY))
        self._enter(self.ns)
        return self

    def __exit__(self, *_):
        back = self._back.pop()
        self._enter(back)
        os.close(back)

    @staticmethod
    def _enter(ns):
        if _libc.setns(ns, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    def address(self, family=socket.AF_INET):
        return self.v4 if family == socket.AF_INET else self.v6

    def stream(self, family=socket.AF_INET, bind=None, protocol=None, wait=30):
        with self:
            sock = socket.socket(family, socket.SOCK_STREAM, protocol or proto)
        sock.settimeout(wait)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if bind is not None:
            sock.bind((self.address(family), bind))
        _sockets.append(sock)
        return sock

    def listen(self, at, backlog=16, family=socket.AF_INET, protocol=None):
        sock = self.stream(family, at, protocol)
        sock.listen(backlog)
        return sock

    def tap(self, dev="eth0"):
        return Tap(self, dev)

    def ip(self, *command):
        return run("ip", "-n", self.name, *command)

    def run(self, *command, check=True):
        return run("ip", "netns", "exec", self.name, *command, check=check)

    def read(self, path):
        with self, open(path, encoding="ascii") as file:
            return file.read()

    def write(self, path, text):
        with self, open(path, "w", encoding="ascii") as file:
            file.write(str(text))

    @contextlib.contextmanager
    def sysctl(self, name, value):
        """A setting of net.vctp (net.ipv4.tcp_ under PROTO=tcp), for a while."""
        if proto == TCP:
            raise Skip(f"net.vctp.{name} has no meaning for TCP")
        path = f"/proc/sys/net/vctp/{name}"
        before = self.read(path)
        self.write(path, value)
        try:
            yield
        finally:
            self.write(path, before)

    def circuits(self, of_port=None):
        """[(local port, remote port, state)], as /proc/net has them."""
        found = []
        for family in ("", "6"):
            for line in self.read(f"/proc/thread-self/net/{proto_name}{family}") \
                    .splitlines()[1:]:
                words = line.split()
                ports = tuple(int(w.split(":")[1], 16) for w in words[1:3])
                if of_port is None or of_port in ports:
                    found.append((*ports, STATES[int(words[3], 16)]))
        return found

    def states(self, of_port):
        """The states of what has this port, listeners left out."""
        return sorted(c[2] for c in self.circuits(of_port) if c[2] != "LISTEN")

    def counters(self):
        names, values = self.read("/proc/thread-self/net/vctp_snmp").splitlines()[:2]
        return dict(zip(names.split()[1:], map(int, values.split()[1:])))

    def counter(self, name):
        return 0 if proto == TCP else self.counters()[name]

    def cut(self, rule=""):
        """Drop what comes in (of our protocol; @rule narrows it). See heal()."""
        if not self._cut:
            self.run("nft", "add table inet cut; add chain inet cut in "
                     "{ type filter hook prerouting priority 0; }")
            self._cut = True
        self.run("nft", f"add rule inet cut in meta l4proto {proto} {rule} drop")

    def heal(self):
        if self._cut:
            self.run("nft", "delete table inet cut")
            self._cut = False

    def impair(self, *netem, dev="eth0"):
        """What leaves by the card; nothing: no impairment."""
        if not netem:
            if dev in self._impaired:
                self.run("tc", "qdisc", "del", "dev", dev, "root")
                self._impaired.remove(dev)
            return
        self._impaired.add(dev)
        # single segments: netem would lose many at once
        self.run("ethtool", "-K", dev, "tso", "off", "gso", "off", "gro", "off")
        self.ip("link", "set", dev, "gso_max_segs", "1")
        self.run("tc", "qdisc", "replace", "dev", dev, "root", "netem",
                 "limit", "10000", *netem)


class Counts:
    """What a side has counted since."""

    def __init__(self, side):
        self.side = side
        self.before = {} if proto == TCP else side.counters()

    def __getitem__(self, name):
        return self.side.counters()[name] - self.before[name]

    def wait(self, name, want):
        """For @name to become @want, and no more."""
        with contextlib.suppress(Failure):
            until(lambda: self[name] >= want, name, 5)
        equal(self[name], want, name)

    def drops(self):
        """{reason: number} of what went no further."""
        now = self.side.counters()
        return {name: now[name] - old for name, old in self.before.items()
                if name.startswith("Drop") and now[name] != old}


def info(sock, field):
    """A u32 of VCTP_INFO (TCP_INFO), by its name without the prefix."""
    level, at = (TCP, _TCP_FIELDS) if proto == TCP else (SOL_VCTP, _FIELDS)
    return struct.unpack_from("I", sock.getsockopt(level, INFO, 232), at[field])[0]


def outcome(action, *args):
    """What a call gives: its value, or the name of its errno."""
    try:
        return action(*args)
    except OSError as err:
        if err.errno is None:       # Python's own time-out
            raise Failure(f"{action.__name__} did not return") from None
        return errno.errorcode[err.errno]


def abort(sock):
    """Close with a RST."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def accepted(listener):
    sock, _ = listener.accept()
    sock.settimeout(30)
    _sockets.append(sock)
    return sock


def pair(client, server, family=socket.AF_INET, at=None, source=None):
    """A circuit: (its end at @client, its end at @server, the server's port)."""
    at = at or port()
    listener = server.listen(at, family=family)
    near = client.stream(family, source)
    near.connect((server.address(family), at))
    far = accepted(listener)
    listener.close()
    return near, far, at


_sockets = []
_tests = []


def test(text):
    def add(function):
        _tests.append((text, function))
        return function
    return add


def make_link():
    """The lab's namespaces; without a lab, two of our own."""
    if os.path.exists("/run/netns/left") and os.path.exists("/run/netns/right"):
        return
    for name in ("left", "right"):
        run("ip", "netns", "add", name)
    run("ip", "-n", "left", "link", "add", "eth0", "type", "veth",
        "peer", "name", "eth0", "netns", "right")
    for name, number in (("left", 1), ("right", 2)):
        run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", name, "addr", "add", f"10.0.0.{number}/24", "dev", "eth0")
        run("ip", "-n", name, "addr", "add", f"fd00::{number}/64", "dev", "eth0",
            "nodad")
        run("ip", "-n", name, "link", "set", "eth0", "up")


def main():
    """Run all tests, or those whose text contains an argument; KTAP."""
    chosen = [t for t in _tests
              if not sys.argv[1:] or any(a in t[0] for a in sys.argv[1:])]
    failed = 0
    print("TAP version 13")
    print(f"1..{len(chosen)}", flush=True)
    for number, (text, function) in enumerate(chosen, 1):
        try:
            function()
            for side in (left, right):
                equal(side.counter("Impossible"), 0, f"{side.name}'s Impossible")
            print(f"ok {number} {text}")
        except Skip as why:
            print(f"ok {number} {text} # SKIP {why}")
        except Exception as err:                # pylint: disable=broad-except
            failed += 1
            if not isinstance(err, Failure):
                print("# " + traceback.format_exc().replace("\n", "\n# "))
            else:
                step = traceback.extract_tb(err.__traceback__)[:2][-1]
                print(f"# line {step.lineno}: {err}")
            for side in (left, right):
                print(f"# {side.name}: {side.circuits()[:12]}")
            print(f"not ok {number} {text}")
        sys.stdout.flush()
        while _sockets:
            abort(_sockets.pop())
        for side in (left, right):
            side.heal()
            side.impair()
    print(f"# {len(chosen) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


make_link()
left, right = Side("left", 1), Side("right", 2)
