# SPDX-License-Identifier: GPL-2.0
"""One who sends segments of his own making, and plays a peer with them.

A raw socket on the right, whose own VCTP hears nothing of the answers (cut),
while a tap does.
"""
import random
import socket
import struct

from sides import (ACK, SYN, VCTP, Counts, accepted, equal, left, port, right, until,
                   vctp_only)

RFL = 0x200
OPEN = struct.pack("!BBBBIHH", 1, 12, 1, 0, 0x56435450, 1400, 0)
IDENT, COOKIE = 2, 3
MASK = (1 << 48) - 1


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def options_of(segment):
    """{kind: value} of a segment's options."""
    control = struct.unpack("!H", segment.transport[8:10])[0]
    data, found = segment.transport[32:(control >> 10 & 15) * 8], {}
    while data:
        if data[0] == 0:
            data = data[1:]
            continue
        found[data[0]] = data[2:data[1]]
        data = data[data[1]:]
    return found


class Stranger:
    """Sends from the right what it likes, and hears what comes for it."""

    def __init__(self, at):
        vctp_only()
        self.at, self.tap = at, right.tap()
        with right:
            self.raw = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                                     socket.IPPROTO_RAW)
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        right.cut()

    def segment(self, source, ident, flags, seq=0, ack=0, options=b"", payload=b"",
                window=65535, version=0, length=None):
        """Its bytes; @version and @length (of the header, in 8 bytes) may lie."""
        options += b"\0" * (-len(options) % 8)
        length = 4 + len(options) // 8 if length is None else length
        whole = bytearray(struct.pack(
            "!HHIHHIIIHHI", source, self.at, ident,
            version << 14 | length << 10 | flags, 0, window,
            seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, seq >> 32 & 0xFFFF,
            ack >> 32 & 0xFFFF, 0)) + options + payload
        struct.pack_into("!H", whole, 10, checksum(bytes(whole)))
        return bytes(whole)

    def put(self, whole, host=None, to=None):
        """A packet with these bytes, from @host or right to @to or left."""
        to = to or left.v4
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(whole), 0, 0, 64, VCTP,
                         0, socket.inet_aton(host or right.v4), socket.inet_aton(to))
        self.raw.sendto(ip + whole, (to, 0))

    def send(self, *what, host=None, **more):
        self.put(self.segment(*what, **more), host)

    def syn(self, source=None, ident=None, seq=None, options=OPEN, host=None):
        source = source or random.randrange(1024, 49152)
        ident = ident or random.randrange(1, 1 << 31)
        seq = random.randrange(1 << 48) if seq is None else seq
        self.send(source, ident, SYN, seq, options=options, host=host)
        return Half(self, source, ident, seq)

    def flood(self, count):
        return [self.syn(source=10000 + i) for i in range(count)]

    def heard(self, source):
        return [s for s in self.tap.segments(self.at) if s.dest == source]


class Half:
    """A handshake that the stranger has begun."""

    def __init__(self, stranger, source, ident, seq):
        self.stranger, self.source, self.ident, self.seq = stranger, source, ident, seq

    def answer(self):
        """The SYN+ACK."""
        heard = until(lambda: [s for s in self.stranger.heard(self.source)
                               if s.id == self.ident and s.flags & SYN], "a SYN+ACK")
        return heard[-1]

    def server(self):
        return struct.unpack("!HI", options_of(self.answer())[IDENT])[1]

    def send(self, flags=ACK, ahead=1, acked=1, cookie=None, payload=b"", options=b"",
             **more):
        """The number is @ahead of our first, @acked that of the server's we have."""
        if cookie:
            options = bytes([COOKIE, 2 + len(cookie)]) + cookie
        self.stranger.send(self.source, self.server(), flags, (self.seq + ahead) & MASK,
                           (self.answer().seq + acked) & MASK, options, payload, **more)

    def cookie(self):
        return options_of(self.answer()).get(COOKIE)


class Accepted:
    """A circuit that left has accepted: its peer is a stranger."""

    def __init__(self, rcvbuf=None):
        vctp_only()
        self.at = port()
        listener = left.listen(self.at)
        if rcvbuf:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.stranger = Stranger(self.at)
        self.half = self.stranger.syn()
        self.half.send()
        self.far = accepted(listener)
        listener.close()
        self.counts = Counts(left)

    def send(self, *what, **more):
        """As the peer: see Half.send()."""
        self.half.send(*what, **more)

    def heard(self, flags=0):
        """What left has said since the SYN+ACK, with these flags."""
        return [s for s in self.stranger.heard(self.half.source)
                if not s.flags & SYN and s.flags & flags == flags]

    def becomes(self, *states):
        until(lambda: left.states(self.at) == list(states), f"left {states}")


class Connecting:
    """A circuit that left opens: to a stranger."""

    def __init__(self):
        vctp_only()
        self.at, self.there = port(), port()
        self.stranger = Stranger(self.at)
        self.sock = left.stream(bind=self.at)
        self.sock.setblocking(False)
        equal(self.sock.connect_ex((right.v4, self.there)), 115, "connect")
        self.syn = until(lambda: self.heard(), "a SYN")[0]
        self.counts = Counts(left)

    def send(self, flags, seq, acked=1, options=b"", ident=None, payload=b""):
        self.stranger.send(self.there, ident or self.syn.id, flags, seq,
                           (self.syn.seq + acked) & MASK, options, payload)

    def answer(self, ident, seq, acked=1):
        """A SYN+ACK from a server that calls itself @ident."""
        self.send(SYN | ACK, seq, acked,
                  OPEN + struct.pack("!BBHI", IDENT, 8, 0, ident))

    def heard(self, flags=0):
        return [s for s in self.stranger.heard(self.there)
                if s.flags & flags == flags]
