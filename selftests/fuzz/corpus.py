#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes the seed corpus: corpus/wire and corpus/book, beside this file.

What it writes is committed; run it again after a change of the format.
"""

import pathlib
import struct

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
RFL = 0x200

OPEN = bytes([1, 12, 1, 0]) + b"VCTP" + struct.pack("!HH", 1448, 0)
IDENT = bytes([2, 8, 0, 0]) + struct.pack("!I", 0x12345678)
COOKIE = bytes([3, 40]) + bytes(range(38))
URGENT = bytes([5, 8, 0, 0]) + struct.pack("!I", 17)


def sack(*edges):
    return bytes([4, 2 + 4 * len(edges)]) + struct.pack(f"!{len(edges)}i", *edges)


def segment(flags, seq=0x0123456789AB, ack=0, options=b"", payload=b"", **more):
    options += bytes(-len(options) % 8)
    units = (32 + len(options)) // 8
    epochs = more.get("epoch", 0) << 20 | more.get("echo", 0) << 8 | more.get("held", 0)
    return (
        struct.pack(
            "!HHIHHIIIHHI",
            49152, 80, more.get("id", 0x11223344), units << 10 | flags, 0,
            more.get("window", 65536), seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
            seq >> 32, ack >> 32, epochs,
        )
        + options
        + payload
    )


WIRE = {
    "syn": segment(SYN, options=OPEN),
    "syn_ack": segment(SYN | ACK, ack=1, options=OPEN + IDENT),
    "syn_ack_cookie": segment(SYN | ACK, ack=1, options=OPEN + IDENT + COOKIE),
    "ack_cookie": segment(ACK, ack=7, options=COOKIE, payload=b"hello"),
    "ack_sack": segment(ACK, ack=1 << 40, options=sack(1448, 2896, 5000, 6000)),
    "ack_four_sacks": segment(ACK, options=sack(1, 2, 3, 4, 5, 6, 7, 8), held=0x4A),
    "ack_d_sack": segment(ACK, ack=9000, options=sack(-1448, 0)),
    "data": segment(ACK | PSH, ack=5, payload=bytes(100), epoch=0xABC, echo=0x123),
    "urgent": segment(ACK | URG, ack=5, options=URGENT, payload=bytes(40)),
    "fin": segment(ACK | FIN, ack=(1 << 48) - 1, seq=(1 << 48) - 1),
    "rst": segment(RST | ACK, ack=5),
    "reflected": segment(RST | RFL),
    "everything": segment(SYN | ACK, options=OPEN + IDENT + URGENT + COOKIE + sack(1, 9)),
    "unknown_option": segment(ACK, options=bytes([99, 6, 1, 2, 3, 4]) + IDENT),
    "no_flags": segment(0),
    "short": segment(ACK)[:20],
}


def send(length):
    return struct.pack("!BH", 0, length - 1)


def ack(flags, *rest):
    return bytes([3, flags]) + b"".join(rest)


def block(start, length):
    return struct.pack("!HB", start, length)


def fragment(start, length):
    return struct.pack("!BHB", 10, start, length)


TEN = b"\x02" * 10
BOOK = {
    "in_order": TEN + ack(9, struct.pack("!H", 500)) + ack(9, struct.pack("!H", 500)),
    "fast_retransmit": TEN + ack(8 | 2, block(1, 4)) + b"\x06\xff" * 3
    + ack(9, struct.pack("!H", 1000)),
    "duplicates": TEN + ack(24) * 4 + b"\x06\xff" + ack(9, struct.pack("!H", 300)),
    "large": send(2000) + ack(8 | 2, block(2, 3)) + ack(8 | 4, block(6, 9), block(2, 4))
    + ack(9, struct.pack("!H", 150)) + b"\x07" + b"\x06\x50" * 8,
    "timeout": TEN + ack(8 | 2, block(3, 2)) + b"\x07" + b"\x06\xff" * 8
    + ack(9, struct.pack("!H", 1000)),
    "renege": TEN + ack(8 | 2, block(1, 2)) + ack(9, struct.pack("!H", 100)) + b"\x07",
    "crumbs": send(2000) + b"".join(ack(8 | 2 | 32, block(n, 3)) for n in range(1, 99, 7)),
    "narrower": TEN + send(1500) + b"\x08\x01\x00\x40" + b"\x06\x3f" * 30,
    "no_memory": send(2000) + ack(0xFF, struct.pack("!H", 0), b"\x64",
                                  (block(150, 120) + b"\x00") * 3),
    "fragments": fragment(10, 20) + fragment(40, 20) + fragment(5, 60) + fragment(70, 9)
    + fragment(79, 1) + b"\x09\x01" + b"\x09\x00\x08" * 3,
    "overlaps": fragment(10, 10) + fragment(20, 10) + fragment(15, 10) + fragment(12, 3)
    + fragment(0, 255),
}


def main():
    here = pathlib.Path(__file__).resolve().parent / "corpus"
    for kind, seeds in (("wire", WIRE), ("book", BOOK)):
        (here / kind).mkdir(parents=True, exist_ok=True)
        for name, data in seeds.items():
            (here / kind / name).write_bytes(data)


if __name__ == "__main__":
    main()
