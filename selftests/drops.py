#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --clock virtual
"""Why a segment goes no further: each reason has its counter (row S15).

Each test sends what has to be dropped for one reason, and looks at all of
them: that one has counted it, no other has, and the circuit beside it lives.
"""
import ctypes
import fcntl
import json
import mmap
import os
import select
import socket
import struct
import threading

from sides import (ACK, FIN, PSH, RST, SYN, equal, expect, left, main, port, right,
                   test, until)
from stranger import MASK, OPEN, RFL, Accepted, Connecting, Stranger

IP_MINTTL, SO_ATTACH_FILTER = 21, 26
WIRE = ("DropShort", "DropVersion", "DropHeaderLength", "DropFlags", "DropOptions",
        "DropChecksum")


def drop(name, text, begin=Accepted):
    """A test of one counter: the function gets a circuit, and gives how many."""
    def add(function):
        @test(f"S15 {name}: {text}")
        def run_it():
            circuit = begin()
            number = function(circuit)
            circuit.counts.wait(name, number)
            equal(circuit.counts.drops(), {name: number}, "all drops")
            # what is broken in itself; options are looked at by the circuit
            if name in WIRE:
                equal(circuit.counts["InErrs"], number, "InErrs")
            if begin is Accepted and name not in ("DropAfterClose", "DropState"):
                equal(left.states(circuit.at), ["ESTABLISHED"], "left")
        return function
    return add


# --- the wire ---

@drop("DropShort", "less than a header, or than the header says of itself")
def short(c):
    whole = c.stranger.segment(c.half.source, c.half.server(), ACK, length=5)
    for size in (0, 1, 31, 32):
        c.stranger.put(whole[:size])
    return 4


@drop("DropVersion", "another version than 0")
def version(c):
    for number in (1, 2, 3):
        c.send(version=number)
    return 3


@drop("DropHeaderLength", "a header of less than 32 bytes")
def header_length(c):
    for length in range(4):
        c.send(length=length)
    return 4


@drop("DropFlags", "flags that no segment has")
def flags(c):
    for absurd in (0, PSH, FIN, SYN | FIN, SYN | RST, FIN | RST, SYN | FIN | RST | ACK,
                   RFL | ACK, RFL | SYN):
        c.send(flags=absurd)
    return 9


@drop("DropChecksum", "one bit is another, in header or payload")
def wrong_checksum(c):
    whole = bytearray(c.stranger.segment(c.half.source, c.half.server(), ACK,
                                         payload=b"payload"))
    for place in (0, 4, 11, 16, 31, 38):
        whole[place] ^= 4
        c.stranger.put(bytes(whole))
        whole[place] ^= 4
    return 6


@drop("DropOptions", "an option that does not fit, or comes twice")
def bad_options(c):
    for options in (b"\x04\x03\x00", b"\x04\x0b" + bytes(9), b"\x01\x00", b"\x09\x01",
                    b"\x09\x20\x00", b"\x05\x07" + bytes(5), OPEN + OPEN,
                    b"\x03\x02"):
        c.send(options=options)
    return 8


@drop("DropMulticast", "to a group, or to all")
def multicast(c):
    whole = c.stranger.segment(c.half.source, c.half.server(), ACK, payload=b"all")
    for to in ("224.0.0.1", "10.0.0.255", "255.255.255.255"):
        c.stranger.put(whole, to=to)
    return 3


# --- whose it is ---

@drop("DropNoCircuit", "an identifier that nobody has")
def no_circuit(c):
    c.stranger.send(c.half.source, c.half.server() ^ 1, ACK)
    return 1


@drop("DropNoListener", "a SYN for a port where nobody listens")
def no_listener(c):
    Stranger(port()).syn()
    return 1


@drop("DropTuple", "the right identifier over another 4-tuple")
def wrong_tuple(c):
    c.stranger.send(c.half.source + 1, c.half.server(), RST | ACK)
    c.send(host="10.0.0.77", payload=b"evil")
    return 2


@drop("DropReflected", "a reflected RST for what was never sent")
def reflected(c):
    c.stranger.send(c.half.source, c.half.ident ^ 1, RST | RFL)
    return 1


@drop("DropPolicy", "an IPsec policy forbids it")
def policy(c):
    rule = ("src", right.v4, "dst", left.v4, "proto", "253", "dir", "in")
    left.ip("xfrm", "policy", "add", *rule, "action", "block")
    c.send(payload=b"forbidden")
    c.counts.wait("DropPolicy", 1)
    left.ip("xfrm", "policy", "del", *rule)
    return 1


@drop("DropFilter", "the program's filter forbids it")
def socket_filter(c):
    nothing = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))  # ret 0
    c.far.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                     struct.pack("HxxxxxxP", 1, ctypes.addressof(nothing)))
    c.send(payload=b"forbidden")
    return 1


@drop("DropTtl", "it has come further than IP_MINTTL lets it")
def ttl(c):
    c.far.setsockopt(socket.IPPROTO_IP, IP_MINTTL, 64)
    c.send()                    # has 64
    c.far.setsockopt(socket.IPPROTO_IP, IP_MINTTL, 65)
    c.send(payload=b"too far")
    return 1


@test("S15 DropTuple: the right identifier and 4-tuple, by another device")
def wrong_device():
    c = Accepted()
    right.ip("link", "add", "side", "type", "veth", "peer", "name", "side", "netns",
             "left")
    try:
        for side in (left, right):
            side.write("/proc/sys/net/ipv4/conf/all/rp_filter", 0)
            side.write("/proc/sys/net/ipv4/conf/side/rp_filter", 0)
            side.ip("link", "set", "side", "up")
        c.far.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        card = json.loads(left.ip("-j", "link", "show", "side").stdout)[0]["address"]
        out, aside = right.tap(), right.tap("side")
        c.send(payload=b"x")
        segment = until(lambda: out.segments(c.at), "the segment")[0]
        equal(c.far.recv(9), b"x", "by the right device")
        segment.frame = bytes.fromhex(card.replace(":", "")) + segment.frame[6:]
        aside.replay(segment)
        c.counts.wait("DropTuple", 1)
        equal(c.counts.drops(), {"DropTuple": 1}, "all drops")
        c.far.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"")
        aside.replay(segment)
        c.counts.wait("DuplicateBytesSegs", 1)
    finally:
        right.ip("link", "del", "side")


# --- opening ---

@drop("DropSynSent", "in SYN_SENT, what neither opens nor refuses", Connecting)
def syn_sent(c):
    c.send(ACK, 1)
    c.send(ACK, 1, payload=b"data")
    c.send(FIN | ACK, 1)
    c.answer(77, 1, acked=0)
    c.answer(77, 1, acked=2)
    c.answer(0, 1)              # a server without an identifier
    c.send(SYN | ACK, 1, options=OPEN)
    equal(left.states(c.at), ["SYN_SENT"], "left")
    return 7


@drop("DropRstInexact", "in SYN_SENT, a RST that does not acknowledge the SYN", Connecting)
def syn_sent_reset(c):
    c.send(RST, 1)
    for acked in (0, 2, 1 << 40):
        c.send(RST | ACK, 1, acked)
    equal(left.states(c.at), ["SYN_SENT"], "left")
    return 4


@drop("DropNoOpen", "in SYN_SENT, a SYN+ACK that is none of ours", Connecting)
def syn_sent_options(c):
    c.send(SYN | ACK, 1)
    c.send(SYN | ACK, 1, options=OPEN + OPEN)
    equal(left.states(c.at), ["SYN_SENT"], "left")
    return 2


# --- a circuit ---

@drop("DropWindow", "outside the window, old or too far")
def window(c):
    c.send(ahead=0)
    c.send(ahead=-5, payload=b"old")
    c.send(ahead=1 << 20, payload=b"far")
    c.send(ahead=1 << 40)
    return 4


@drop("DropRstInexact", "a RST of another number than the next")
def inexact(c):
    for ahead in (0, 2, 1 << 20, 1 << 40):
        c.send(flags=RST, ahead=ahead)
    return 4


@drop("DropOldAck", "it acknowledges what is older than the largest window")
def old_ack(c):
    c.send(acked=-70000)
    c.send(acked=-65000)        # may just be late
    return 1


@drop("DropFutureAck", "it acknowledges what was never sent")
def future_ack(c):
    c.send(acked=2)
    c.send(acked=1 << 40, payload=b"data")
    return 2


@drop("DropState", "data after the peer's FIN")
def after_fin(c):
    c.send(flags=FIN | ACK)
    c.becomes("CLOSE_WAIT")
    c.send(ahead=2, payload=b"more")
    return 1


@drop("DropAfterClose", "data, and the program has closed: a RST says so")
def after_close(c):
    c.far.close()
    c.becomes("FIN_WAIT_1")
    c.send(payload=b"unheard")
    c.becomes()
    until(lambda: c.heard(RST), "a RST")
    return 1


@drop("DropZeroWindow", "data, and the window is shut", lambda: Accepted(rcvbuf=4096))
def zero_window(c):
    sent, edge = 0, c.half.answer().window
    while sent < edge:
        size, before = min(1400, edge - sent), len(c.heard())
        c.send(ahead=1 + sent, payload=bytes(size))
        sent += size
        ack = until(lambda: c.heard()[before:], "an ACK")[-1]
        edge = (ack.ack - c.half.seq - 1 & MASK) + ack.window
    c.send(ahead=1 + sent, payload=b"x")
    c.send(ahead=1 + sent, payload=bytes(100))
    return 2


@test("S15 DropMemory: the program's buffer has become smaller than the window that it "
      "promised; none is lost that was acknowledged")
def memory():
    c = Accepted(rcvbuf=65536)
    c.far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    for i in range(10):
        c.send(ahead=1 + 1000 * i, payload=bytes([i]) * 1000)
    until(lambda: c.counts["InSegs"] == 10, "all have come")
    dropped = c.counts["DropMemory"]
    expect(0 < dropped < 10, f"{dropped} dropped")
    equal(c.counts.drops(), {"DropMemory": dropped}, "all drops")
    acked = (c.heard()[-1].ack - c.half.seq - 1) & MASK
    equal(acked, 1000 * (10 - dropped), "what is acknowledged")
    c.far.setblocking(False)
    equal(c.far.recv(1 << 16), b"".join(bytes([i]) * 1000 for i in range(10 - dropped)),
          "what is there")


@test("S8 no DropMemory for small segments that the window has room for")
def small():
    c = Accepted(rcvbuf=4096)
    for i in range(40):
        c.send(ahead=1 + 100 * i, payload=bytes(j % 251 for j in range(100 * i, 100 * i + 100)))
    until(lambda: c.counts["InSegs"] == 40, "all have come")
    equal(c.counts.drops(), {}, "drops")
    until(lambda: (c.heard()[-1].ack - c.half.seq - 1) & MASK == 4000, "the ACK of all")
    equal(c.far.recv(4096), bytes(j % 251 for j in range(4000)), "what is there")


@test("S8 no DropMemory for segments that begin with what came before")
def overlapping():
    c = Accepted(rcvbuf=4096)
    stream = bytes(i % 251 for i in range(2000))
    for i in range(0, 2000, 2):
        at = max(i - 3, 0)
        c.send(ahead=1 + at, payload=stream[at:i + 2])
    until(lambda: c.counts["InSegs"] == 1000, "all have come")
    equal(c.counts.drops(), {}, "drops")
    until(lambda: (c.heard()[-1].ack - c.half.seq - 1) & MASK == 2000, "the ACK of all")
    equal(c.far.recv(4096), stream, "what is there")


# --- a socket that its program holds ---

class Page:
    """Memory that is not there: who touches it sleeps until fill()."""

    def __init__(self):
        libc = ctypes.CDLL(None, use_errno=True)
        self.map = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.start = ctypes.addressof(ctypes.c_char.from_buffer(self.map))
        self.fault = libc.syscall(323, os.O_CLOEXEC | os.O_NONBLOCK)   # userfaultfd
        if self.fault < 0:
            raise OSError(ctypes.get_errno(), "userfaultfd")
        fcntl.ioctl(self.fault, 0xC018AA3F, struct.pack("QQQ", 0xAA, 0, 0))
        fcntl.ioctl(self.fault, 0xC020AA00, struct.pack("QQQQ", self.start, 4096, 1, 0))

    def touched(self):
        return select.select([self.fault], [], [], 0)[0]

    def fill(self):
        fcntl.ioctl(self.fault, 0xC020AA04, struct.pack("QQQQ", self.start, 4096, 0, 0))
        os.close(self.fault)


class Held:
    """A program that stays in send(), and so holds the socket's lock."""

    def __init__(self, sock):
        self.page = Page()
        self.thread = threading.Thread(target=sock.send, args=(self.page.map,))

    def __enter__(self):
        self.thread.start()
        until(self.page.touched, "send() touches the page")

    def __exit__(self, *_):
        self.page.fill()
        self.thread.join()


@test("S15 DropBacklog: more comes than may wait while the program holds the socket")
def backlog():
    c = Accepted(rcvbuf=4096)
    with Held(c.far):
        for i in range(300):
            c.send(ahead=1 + 2 * i, payload=b"x")       # with holes: none coalesces
        until(lambda: c.counts["InSegs"] == 300, "all have come")
        dropped = c.counts["DropBacklog"]
        expect(0 < dropped < 300, f"{dropped} dropped")
        equal(c.counts.drops(), {"DropBacklog": dropped}, "all drops")
        equal(c.counts["OfoQueued"], 0, "nothing is looked at meanwhile")
    until(lambda: c.counts["OfoQueued"], "what has waited")
    equal(c.far.recv(9), b"x", "data")


@test("S15 BacklogCoalesced: data in order that waits becomes one segment")
def backlog_coalesced():
    c = Accepted()
    with Held(c.far):
        for i in range(100):
            c.send(ahead=1 + i, payload=bytes([i]))
        until(lambda: c.counts["InSegs"] == 100, "all have come")
        expect(c.counts["BacklogCoalesced"] > 50, f"{c.counts['BacklogCoalesced']}")
    equal(c.far.recv(200), bytes(range(100)), "data")
    equal(c.counts.drops(), {}, "drops")


if __name__ == "__main__":
    main()
