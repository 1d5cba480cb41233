#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --clock virtual
"""ICMP errors that somebody has made up: row S6, docs/PROTOCOL.md 8.

What is quoted is in flight in each test: left is cut, so that right's data
comes to the tap and no further. Each test ends with the same error about the
true segment, which has to work: the lie alone made the difference.
"""
import socket
import struct

from sides import (ACK, SYN, VCTP, Counts, equal, info, left, main, pair, port,
                   right, test, until, vctp_only)
from stranger import Stranger, checksum

V4, V6 = socket.AF_INET, socket.AF_INET6
UNREACHABLE, REDIRECT, EXCEEDED, PARAMETER = 3, 5, 11, 12
TOO_BIG = (UNREACHABLE, 4)
UNREACHABLE_V6, TOO_BIG_V6 = 1, (2, 0)

# Places in our header.
PORT, IDENTIFIER, NUMBER = 0, 4, 16


def quote(segment, changes, length):
    """The packet that @segment came in, the first @length bytes of ours in it."""
    transport = bytearray(segment.transport[:length])
    for at, value in changes.items():
        transport[at:at + len(value)] = value
    return segment.frame[14:54 if segment.v6 else 34] + bytes(transport)


def error(kind, code, rest, segment, changes=None, length=28, to=right):
    """An ICMP error to @to about a segment of its own."""
    other = right if to is left else left
    message = struct.pack("!BBHI", kind, code, 0, rest) + \
        quote(segment, changes or {}, length)
    family, number = (V6, socket.IPPROTO_ICMPV6) if segment.v6 else \
        (V4, socket.IPPROTO_ICMP)
    if family == V4:
        message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
    with other:
        raw = socket.socket(family, socket.SOCK_RAW, number)
    with raw:
        raw.sendto(message, (to.address(family), 0))


class Flight:
    """A circuit from right, with a segment on its way that has not arrived."""

    def __init__(self, family=V4):
        vctp_only()
        self.family = family

    def __enter__(self):
        self.near, self.far, self.at = pair(right, left, self.family)
        self.near.sendall(b"x" * 500)
        equal(self.far.recv(1000), b"x" * 500, "what comes before")
        tap = left.tap()
        left.cut()
        self.near.sendall(b"y" * 1200)
        self.segment = until(lambda: [s for s in tap.segments(self.at) if s.payload],
                             "the segment")[0]
        self.counts = Counts(right)
        self.mtu = info(self.near, "pmtu")
        return self

    def __exit__(self, *_):
        """The route forgets what it has learnt."""
        right.ip("-6" if self.family == V6 else "-4", "route", "flush", "cache")

    def number(self, shift):
        """The quote's number, by so much another."""
        return {NUMBER: struct.pack("!I", self.segment.seq + shift & 0xFFFFFFFF)}

    def unharmed(self, drops):
        """Right has counted @drops, and nothing else has come of it."""
        for name, number in drops.items():
            self.counts.wait(name, number)
        equal(self.counts.drops(), drops, "drops")
        for name in ("PmtuReductions", "IcmpHard", "IcmpSoft"):
            equal(self.counts[name], 0, name)
        equal(info(self.near, "pmtu"), self.mtu, "path MTU")
        equal(right.states(self.at), ["ESTABLISHED"], "right")

    def lowered(self, mtu):
        self.counts.wait("PmtuReductions", 1)
        equal(info(self.near, "pmtu"), mtu, "path MTU by the true quote")

    def arrives(self):
        left.heal()
        data = b""
        while len(data) < 1200:
            data += self.far.recv(1200)
        equal(data, b"y" * 1200, "data in the end")


FAMILIES = ((V4, "IPv4", TOO_BIG, 600), (V6, "IPv6", TOO_BIG_V6, 1290))

for _family, _name, _kind, _mtu in FAMILIES:
    @test(f"S6 forged 'too big' of another identifier or port does no harm, {_name}")
    def identifier(family=_family, kind=_kind, mtu=_mtu):
        with Flight(family) as flight:
            for changes in ({IDENTIFIER: b"\xde\xad\xbe\xef"}, {PORT: b"\1\1"},
                            {PORT + 2: b"\1\1"}):
                error(*kind, mtu, flight.segment, changes)
            flight.unharmed({"DropIcmpNoCircuit": 3})
            error(*kind, mtu, flight.segment)
            flight.lowered(mtu)
            flight.arrives()

    @test(f"S6 forged 'too big' of a number not in flight does no harm, {_name}")
    def number(family=_family, kind=_kind, mtu=_mtu):
        with Flight(family) as flight:
            # acknowledged, not sent yet, and far away
            for shift in (-1, -500, 1201, 1 << 31):
                error(*kind, mtu, flight.segment, flight.number(shift))
            error(*kind, mtu, flight.segment, {24: b"\x55\x55"})    # its high bits
            flight.unharmed({"DropIcmpOutOfWindow": 5})
            error(*kind, mtu, flight.segment, flight.number(1200))
            flight.lowered(mtu)
            flight.arrives()


@test("S6 a quote of 8 bytes has no number, and counts by its identifier")
def short_quote():
    with Flight() as flight:
        error(*TOO_BIG, 600, flight.segment, {IDENTIFIER: b"\xde\xad\xbe\xef"}, 8)
        flight.unharmed({"DropIcmpNoCircuit": 1})
        error(*TOO_BIG, 600, flight.segment, length=8)
        flight.lowered(600)
        flight.arrives()


@test("S6 'too big' below the floor lowers the path MTU to the floor and no further")
def below_floor():
    vctp_only()
    with right.sysctl("mtu_probing_floor", 800):
        with Flight() as flight:
            for mtu in (0, 1, 68, 799):
                error(*TOO_BIG, mtu, flight.segment)
            flight.lowered(800)
            equal(flight.counts.drops(), {}, "drops")
            flight.arrives()


@test("S6 'packet too big' below 1280 is no news, IPv6")
def below_1280():
    with Flight(V6) as flight:
        for mtu in (0, 68, 1279):
            error(*TOO_BIG_V6, mtu, flight.segment)
        flight.unharmed({})
        error(*TOO_BIG_V6, 1280, flight.segment)
        flight.lowered(1280)
        flight.arrives()


# --- errors that would end a circuit ---

# (type, code): as the kernel's icmp_err_convert and icmpv6_err_convert have them
HARD_V4 = [(UNREACHABLE, code) for code in (2, 3, 6, 7, 8, 9, 10, 13, 14, 15)] + \
    [(PARAMETER, 0)]
SOFT_V4 = [(UNREACHABLE, code) for code in (0, 1, 5, 11, 12)] + \
    [(EXCEEDED, 0)]
HARD_V6 = [(UNREACHABLE_V6, code) for code in (1, 4, 5, 6)] + [(4, 0)]
SOFT_V6 = [(UNREACHABLE_V6, code) for code in (0, 2, 3)] + [(3, 0)]

for _family, _name, _hard, _soft in ((V4, "IPv4", HARD_V4, SOFT_V4),
                                     (V6, "IPv6", HARD_V6, SOFT_V6)):
    @test(f"S6 no error ends an established circuit, hard ({len(_hard)} of them) or "
          f"soft ({len(_soft)}), {_name}")
    def hard(family=_family, hards=_hard, softs=_soft):
        with Flight(family) as flight:
            for kind, code in hards + softs:
                error(kind, code, 0, flight.segment, flight.number(-1))
            flight.unharmed({"DropIcmpOutOfWindow": len(hards + softs)})
            for kind, code in hards + softs:
                error(kind, code, 0, flight.segment)
            flight.counts.wait("IcmpHard", len(hards))
            flight.counts.wait("IcmpSoft", len(softs))
            equal(right.states(flight.at), ["ESTABLISHED"], "right")
            flight.arrives()


@test("S6 a source quench, and codes and types that nobody knows, are ignored")
def unknown():
    with Flight() as flight:
        for kind, code in ((4, 0), (UNREACHABLE, 16), (UNREACHABLE, 255)):
            error(kind, code, 600, flight.segment)
        flight.unharmed({})
        error(*TOO_BIG, 600, flight.segment)
        flight.lowered(600)
        flight.arrives()


def quote_wrongly(kind, code, segment, counts, name):
    """Three errors about what a request never sent: it goes on."""
    error(kind, code, 0, segment, {IDENTIFIER: b"\x12\x34\x56\x78"}, to=left)
    error(kind, code, 0, segment, {NUMBER: b"\x12\x34\x56\x78"}, to=left)
    error(kind, code, 0, segment, length=8, to=left)
    counts.wait("DropIcmpOutOfWindow", 2)
    equal(counts["DropIcmpNoCircuit"], 1, "DropIcmpNoCircuit")
    equal(counts[name], 0, name)


@test("S6 a half-open request ends by a hard error about its very SYN+ACK only")
def half_open():
    at = port()
    left.listen(at)
    half = Stranger(at).syn()
    segment = half.answer()
    equal(segment.flags & (SYN | ACK), SYN | ACK, "what is quoted")
    counts = Counts(left)
    quote_wrongly(UNREACHABLE, 3, segment, counts, "IcmpHard")
    equal(left.states(at), ["SYN_RECEIVED"], "left")
    error(UNREACHABLE, 3, 0, segment, to=left)
    until(lambda: left.states(at) == [], "the request ends")
    equal(counts["IcmpHard"], 1, "IcmpHard")


# What a tunnel says of each packet for a while after a loss: TCP's request ends,
# and the ACK of a SYN+ACK that came through all the same is answered by a RST.
@test("S6 a half-open request opens after soft errors about its SYN+ACK")
def half_open_soft():
    at = port()
    listener = left.listen(at)
    half = Stranger(at).syn()
    segment = half.answer()
    counts = Counts(left)
    quote_wrongly(UNREACHABLE, 1, segment, counts, "IcmpSoft")
    for kind, code in ((UNREACHABLE, 0), (UNREACHABLE, 1), (EXCEEDED, 0)):
        error(kind, code, 0, segment, to=left)
    counts.wait("IcmpSoft", 3)
    equal(left.states(at), ["SYN_RECEIVED"], "left")
    half.send(payload=b"here")
    circuit, _ = listener.accept()
    equal(circuit.recv(10), b"here", "what comes")
    equal(counts["OutRsts"], 0, "OutRsts")


@test("S6 forged errors do not end an opening circuit, the true one does")
def opening():
    vctp_only()
    at = port()
    tap = left.tap()
    left.cut()
    sock = right.stream()
    sock.setblocking(False)
    equal(sock.connect_ex((left.v4, at)), 115, "connect")
    syn = until(lambda: tap.segments(at), "the SYN")[0]
    counts = Counts(right)
    error(UNREACHABLE, 3, 0, syn, {IDENTIFIER: b"\x12\x34\x56\x78"})
    error(UNREACHABLE, 3, 0, syn, {NUMBER: b"\x12\x34\x56\x78"})
    counts.wait("DropIcmpNoCircuit", 1)
    counts.wait("DropIcmpOutOfWindow", 1)
    equal(right.states(at), ["SYN_SENT"], "right")
    error(UNREACHABLE, 3, 0, syn)
    until(lambda: right.states(at) == [], "the end")
    equal(counts["IcmpHard"], 1, "IcmpHard")
    equal(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 111, "SO_ERROR")


# --- redirects ---

class Beyond:
    """192.0.2.1 is left's; right goes there by 10.0.0.1, and 10.0.0.9 is near."""

    where, gateway, card = "192.0.2.1", "10.0.0.9", bytes.fromhex("020000000009")

    def __enter__(self):
        left.ip("addr", "add", self.where, "dev", "lo")
        right.ip("route", "add", self.where, "via", left.v4)
        right.ip("neigh", "add", self.gateway, "lladdr", self.card.hex(":"), "dev",
                 "eth0", "nud", "permanent")
        return self

    def __exit__(self, *_):
        left.ip("addr", "del", self.where, "dev", "lo")
        right.ip("route", "del", self.where)
        right.ip("neigh", "del", self.gateway, "dev", "eth0")


@test("S6 a forged redirect moves nothing, a true one the circuit's route")
def redirect():
    vctp_only()
    with Beyond() as beyond:
        at = port()
        with left:
            listener = socket.socket(V4, socket.SOCK_STREAM, VCTP)
        listener.bind((beyond.where, at))
        listener.listen()
        near = right.stream()
        near.connect((beyond.where, at))
        far = listener.accept()[0]
        out, counts = right.tap(), Counts(right)

        left.cut()
        near.sendall(b"z")
        segment = until(lambda: out.segments(at), "a segment")[0]
        gateway = struct.unpack("!I", socket.inet_aton(beyond.gateway))[0]
        error(REDIRECT, 1, gateway, segment, {IDENTIFIER: b"\x12\x34\x56\x78"})
        error(REDIRECT, 1, gateway, segment, {NUMBER: b"\x12\x34\x56\x78"})
        counts.wait("DropIcmpNoCircuit", 1)
        counts.wait("DropIcmpOutOfWindow", 1)
        until(lambda: out.segments(at)[-1].seq == segment.seq and
              len(out.segments(at)) > 1, "it is repeated")
        equal(out.segments(at)[-1].frame[:6], segment.frame[:6], "its next hop")
        before = len(out.segments(at))
        error(REDIRECT, 1, gateway, segment)
        until(lambda: len(out.segments(at)) > before, "it is repeated once more")
        equal(out.segments(at)[-1].frame[:6], beyond.card, "its next hop by the redirect")
        far.close()
        listener.close()


if __name__ == "__main__":
    # errors are rationed: not in this test
    left.write("/proc/sys/net/ipv4/icmp_ratelimit", 0)
    main()
