#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --clock virtual
"""What the network says of our segments: row S6."""
import errno
import fcntl
import os
import select
import socket
import struct
import time

from sides import (TCP, Counts, Side, equal, expect, info, left, main, outcome, pair,
                   port, proto, right, run, test, until)

V4, V6 = socket.AF_INET, socket.AF_INET6
IP_RECVERR, IP_TTL = 11, 2

# As the kernel's icmp_err_convert has them.
REJECTS_V4 = {
    "net-unreachable": "ENETUNREACH", "host-unreachable": "EHOSTUNREACH",
    "prot-unreachable": "ENOPROTOOPT", "port-unreachable": "ECONNREFUSED",
    "net-prohibited": "ENETUNREACH", "host-prohibited": "EHOSTUNREACH",
    "admin-prohibited": "EHOSTUNREACH",
}
# By code: netfilter's own reject keeps silent here, since it takes each unknown
# protocol's checksum for one that covers the addresses of IPv6.
CODES_V6 = {
    0: "ENETUNREACH", 1: "EACCES", 2: "EHOSTUNREACH", 3: "EHOSTUNREACH",
    4: "ECONNREFUSED", 5: "EACCES", 6: "EACCES",
}


class Reject:
    """Left's firewall answers what comes to a port with an ICMP error."""

    def __init__(self, at, kind):
        match = "tcp" if proto == TCP else f"meta l4proto {proto} th"
        self.rule = (f"add rule inet say in meta nfproto ipv4 {match} dport {at} "
                     f"reject with icmp type {kind}")

    def __enter__(self):
        left.run("nft", "add table inet say; add chain inet say in "
                 "{ type filter hook input priority 0; }")
        left.run("nft", self.rule)

    def __exit__(self, *_):
        left.run("nft", "delete table inet say")


def unreachable_v6(code, segment):
    """The same from left by hand, for one segment of right's."""
    with left:
        raw = socket.socket(V6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    with raw:
        raw.sendto(struct.pack("!BBHI", 1, code, 0, 0) + segment.frame[14:],
                   (right.v6, 0))


def from_right(tap, at, payload=False):
    """The last segment that right sent."""
    return until(lambda: [s for s in tap.segments(at)
                          if s.dest == at and (s.payload or not payload)],
                 "a segment from right")[-1]


@test("S6 no listener: ECONNREFUSED, IPv4 and IPv6")
def no_listener():
    for family in (V4, V6):
        sock = right.stream(family)
        equal(outcome(sock.connect, (left.address(family), port())),
              "ECONNREFUSED", "connect")


for _kind, _errno in REJECTS_V4.items():
    @test(f"S6 {_kind} while opening: {_errno}, IPv4")
    def opening_v4(kind=_kind, want=_errno):
        at = port()
        left.listen(at)
        with Reject(at, kind):
            sock = right.stream()
            equal(outcome(sock.connect, (left.v4, at)), want, "connect")
            # where the error met a busy socket, the next SYN's ends it
            until(lambda: right.states(at) == [], "right")


for _code, _errno in CODES_V6.items():
    @test(f"S6 unreachable, code {_code}, while opening: {_errno}, IPv6")
    def opening_v6(code=_code, want=_errno):
        at = port()
        left.cut()
        tap = left.tap()
        sock = right.stream(V6)
        sock.setblocking(False)
        equal(sock.connect_ex((left.v6, at)), 115, "connect")
        unreachable_v6(code, from_right(tap, at))
        until(lambda: select.select([], [sock], [], 0)[1], "an answer", 2)
        err = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        equal(errno.errorcode.get(err), want, "SO_ERROR")
        equal(right.states(at), [], "right")


for _family, _name in ((V4, "IPv4"), (V6, "IPv6")):
    @test(f"S6 no route: ENETUNREACH, {_name}")
    def no_route(family=_family):
        sock = right.stream(family)
        where = "192.0.2.1" if family == V4 else "2001:db8::1"
        equal(outcome(sock.connect, (where, port())), "ENETUNREACH", "connect")

    @test(f"S6 no host: EHOSTUNREACH, {_name}")
    def no_host(family=_family):
        sock = right.stream(family)
        where = "10.0.0.99" if family == V4 else "fd00::99"
        equal(outcome(sock.connect, (where, port())), "EHOSTUNREACH", "connect")


@test("S6 errors on an established circuit are soft: it lives on, IPv4")
def soft_v4():
    near, far, at = pair(right, left)
    for kind, name in (("host-unreachable", "IcmpSoft"), ("port-unreachable", "IcmpHard")):
        counts = Counts(right)
        with Reject(at, kind):
            near.sendall(b"later")
            time.sleep(1)
            equal(right.states(at), ["ESTABLISHED"], f"right, {kind}")
        expect(proto == TCP or counts[name] >= 2, f"{counts[name]} {name}")
        equal(far.recv(10), b"later", "what comes in the end")


@test("S6 errors on an established circuit are soft: it lives on, IPv6")
def soft_v6():
    near, far, at = pair(right, left, V6)
    tap = left.tap()
    left.cut()
    near.sendall(b"later")
    counts = Counts(right)
    for code in CODES_V6:
        unreachable_v6(code, from_right(tap, at, payload=True))
    if proto != TCP:
        counts.wait("IcmpHard", 4)
        counts.wait("IcmpSoft", 3)
    equal(right.states(at), ["ESTABLISHED"], "right")
    left.heal()
    equal(far.recv(10), b"later", "what comes in the end")


@test("S6 an acknowledgement clears a soft error")
def soft_cleared():
    near, far, at = pair(right, left)
    counts = Counts(right)
    with Reject(at, "port-unreachable"):
        near.sendall(b"later")
        time.sleep(1)
    expect(proto == TCP or counts["IcmpHard"], "no error came")
    equal(far.recv(10), b"later", "what comes in the end")
    until(lambda: not sum(queued(near)), "all acknowledged")
    equal(near.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0, "SO_ERROR")


def queued(sock):
    """Bytes not yet acknowledged (SIOCOUTQ)."""
    return struct.unpack("i", fcntl.ioctl(sock, 0x5411, b"\0\0\0\0"))


@test("S6 a time-out reports the ICMP error that came before it, IPv4")
def remembered_v4():
    near, _, at = pair(right, left)
    near.setsockopt(proto, 18, 3000)            # USER_TIMEOUT
    with Reject(at, "host-unreachable"):
        near.sendall(b"never")
        equal(outcome(near.recv, 1), "EHOSTUNREACH", "recv")


@test("S6 a time-out reports the ICMP error that came before it, IPv6")
def remembered_v6():
    near, _, at = pair(right, left, V6)
    near.setsockopt(proto, 18, 3000)
    tap = left.tap()
    left.cut()
    near.sendall(b"never")
    unreachable_v6(3, from_right(tap, at, payload=True))
    equal(outcome(near.recv, 1), "EHOSTUNREACH", "recv")


@test("S6 IP_RECVERR reports the error on an established circuit at once")
def recverr():
    near, _, at = pair(right, left)
    near.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    with Reject(at, "host-unreachable"):
        near.sendall(b"lost")
        equal(outcome(near.recv, 1), "EHOSTUNREACH", "recv")


# --- a router between two links ---

class Router:
    """left - middle - right, where middle's link to right is a narrow one."""

    def __init__(self, mtu=1500):
        self.mtu = mtu

    def __enter__(self):
        run("ip", "netns", "add", "middle")
        self.middle = Side("middle", 0)
        for side, number in ((left, 1), (right, 2)):
            side.ip("link", "add", "eth1", "type", "veth", "peer", "name",
                    side.name, "netns", "middle")
            side.ip("addr", "add", f"10.{number}.0.1/24", "dev", "eth1")
            side.ip("addr", "add", f"fd0{number}::1/64", "dev", "eth1", "nodad")
            side.ip("link", "set", "eth1", "up")
            self.middle.ip("addr", "add", f"10.{number}.0.254/24", "dev", side.name)
            self.middle.ip("addr", "add", f"fd0{number}::fe/64", "dev", side.name,
                           "nodad")
            self.middle.ip("link", "set", side.name, "up")
        self.middle.ip("link", "set", "right", "mtu", str(self.mtu))
        self.middle.write("/proc/sys/net/ipv4/ip_forward", 1)
        self.middle.write("/proc/sys/net/ipv6/conf/all/forwarding", 1)
        left.ip("route", "add", "10.2.0.0/24", "via", "10.1.0.254")
        left.ip("route", "add", "fd02::/64", "via", "fd01::fe")
        right.ip("route", "add", "10.1.0.0/24", "via", "10.2.0.254")
        right.ip("route", "add", "fd01::/64", "via", "fd02::fe")
        for ping, where in (("-4", "10.2.0.1"), ("-6", "fd02::1")):
            until(lambda p=ping, w=where: left.run(
                "ping", p, "-q", "-c", "1", "-W", "1", w,
                check=False).returncode == 0, f"a way to {where}")
        return self

    def __exit__(self, *_):
        left.ip("link", "del", "eth1")
        right.ip("link", "del", "eth1")
        os.close(self.middle.ns)
        run("ip", "netns", "del", "middle")


def across(family, ttl=None):
    """A circuit from left through the router to right."""
    at = port()
    listener = right.stream(family)
    listener.bind(("", at))
    listener.listen(8)
    near = left.stream(family)
    if ttl:
        near.setsockopt(socket.IPPROTO_IP, IP_TTL, ttl)
    to = ("10.2.0.1" if family == V4 else "fd02::1", at)
    got = outcome(near.connect, to)
    if got:
        return got, None
    far, _ = listener.accept()
    return near, far


def push(near, far, size):
    """Send @size bytes, and check what comes."""
    data = os.urandom(size)
    near.setblocking(False)
    sent, got = 0, bytearray()
    while len(got) < size:
        readable, writable, _ = select.select([far], [near] if sent < size else [],
                                              [], 60)
        expect(readable or writable, f"nothing moves after {len(got)} bytes")
        if writable:
            sent += near.send(data[sent:sent + 65536])
        if readable:
            got += far.recv(1 << 20)
    equal(bytes(got) == data, True, "every byte is right")


for _family, _name in ((V4, "IPv4"), (V6, "IPv6")):
    @test(f"S6 path MTU: found through a router with a narrower link, {_name}")
    def path_mtu(family=_family):
        with Router(1300):
            near, far = across(family)
            push(near, far, 200000)
            equal(info(near, "pmtu"), 1300, "path MTU")
            again, far = across(family)     # the route remembers
            push(again, far, 20000)
            equal(info(again, "pmtu"), 1300, "path MTU of the next one")


@test("S6 path MTU: a link becomes narrower while data flows")
def narrower():
    with Router(1500) as router:
        near, far = across(V4)
        push(near, far, 100000)
        equal(info(near, "pmtu"), 1500, "path MTU before")
        router.middle.ip("link", "set", "right", "mtu", "1280")
        push(near, far, 100000)
        equal(info(near, "pmtu"), 1280, "path MTU")


@test("S6 time exceeded while opening: EHOSTUNREACH")
def time_exceeded():
    with Router():
        got, _ = across(V4, ttl=1)
        equal(got, "EHOSTUNREACH", "connect")


if __name__ == "__main__":
    # errors are rationed: not in this test
    left.write("/proc/sys/net/ipv4/icmp_ratelimit", 0)
    left.write("/proc/sys/net/ipv6/icmp/ratelimit", 0)
    main()
