#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --clock virtual
"""What a setting of net.vctp says is what happens (docs/SYSCTL.md)."""
import socket
import threading
import time

from sides import (ACK, FIN, RST, SYN, Counts, abort, equal, expect, left, main,
                   outcome, pair, port, right, test, until, vctp_only)
from stranger import Accepted, Stranger, checksum

SOL, SNDBUF, RCVBUF = socket.SOL_SOCKET, socket.SO_SNDBUF, socket.SO_RCVBUF


def near(got, want, what):
    """As exact as timers are: the wheel rounds up."""
    expect(len(got) == len(want) and
           all(w - 0.01 <= g < w * 1.126 + 0.05 for g, w in zip(got, want)),
           f"{what}: {[round(g, 3) for g in got]}, not {want}")


def gaps(segments):
    return [b.when - a.when for a, b in zip(segments, segments[1:])]


def opening():
    """Right opens, left is deaf: when SYNs come until it gives up, and the end."""
    at = port()
    left.cut()
    tap = left.tap()
    sock = right.stream(wait=1000)
    equal(outcome(sock.connect, (left.v4, at)), "ETIMEDOUT", "connect")
    syns = tap.segments(at)
    return gaps(syns) + [time.time() - syns[-1].when]


# --- opening ---

@test("S2 syn_retries: SYNs that are repeated")
def syn_retries():
    for retries in (1, 3):
        with right.sysctl("syn_retries", retries):
            near(opening(), [2 ** i for i in range(retries + 1)], f"{retries} retries")


@test("S2 synack_retries: SYN+ACKs that are repeated")
def synack_retries():
    for retries in (0, 2):
        with left.sysctl("synack_retries", retries):
            at = port()
            left.listen(at)
            stranger, counts = Stranger(at), Counts(left)
            half = stranger.syn()
            half.answer()
            until(lambda: left.states(at) == [], "the request ends", 100)
            counts.wait("RequestTimeouts", 1)
            answers = stranger.heard(half.source)
            near(gaps(answers) + [time.time() - answers[-1].when],
                 [2 ** i for i in range(retries + 1)], f"{retries} retries")


@test("S2 rto_initial_ms and rto_max_ms: the first time-out, and the longest")
def rto_initial():
    with right.sysctl("rto_initial_ms", 500), right.sysctl("rto_max_ms", 3000):
        near(opening(), [0.5, 1, 2, 3, 3, 3, 3], "SYNs")


# --- data ---

def into_the_void(sock, at, seconds):
    """When data comes that nobody acknowledges."""
    tap = left.tap()
    left.cut()
    sock.sendall(b"data")
    time.sleep(seconds)
    return gaps([s for s in tap.segments(at) if s.payload])


@test("S3 rto_min_ms: the time-out lies so far above the RTT")
def rto_min():
    for least, want in ((200, [0.2, 0.4, 0.8, 1.6]), (1000, [1, 2, 4])):
        with right.sysctl("rto_min_ms", least):
            sock, _, at = pair(right, left)
            near(into_the_void(sock, at, want[-1] * 2.5), want, f"{least} ms")
            left.heal()


@test("S3 rto_max_ms: no longer than that")
def rto_max():
    with right.sysctl("rto_max_ms", 1000):
        sock, _, at = pair(right, left)
        near(into_the_void(sock, at, 3.8), [0.2, 0.4, 0.8, 1, 1], "1000 ms")


# --- the end ---

@test("S5 orphan_retries: of the FIN, once no program holds the socket")
def orphan_retries():
    with right.sysctl("orphan_retries", 3):
        sock, _, at = pair(right, left)
        left.cut()
        tap = left.tap()
        sock.close()
        until(lambda: right.states(at) == [], "it gives up", 60)
        fins = [s for s in tap.segments(at) if s.flags & FIN]
        near(gaps(fins) + [time.time() - fins[-1].when], [0.2, 0.4, 0.8, 1.6], "FINs")
        equal(len([s for s in tap.segments(at) if s.flags & RST]), 1, "the RST at the end")


@test("S5 fin_timeout_ms: an orphan's time in FIN_WAIT_2")
def fin_timeout():
    for ms in (500, 4000):
        with right.sysctl("fin_timeout_ms", ms):
            sock, _, at = pair(right, left)
            counts = Counts(right)
            sock.close()
            until(lambda: right.states(at) == ["FIN_WAIT_2"], "FIN_WAIT_2", step=0.001)
            start = time.monotonic() - 0.005
            until(lambda: right.states(at) == [], "it ends", 60, 0.005)
            near([time.monotonic() - start], [ms / 1000], f"{ms} ms")
            equal(counts["FinWait2Aborts"], 1, "FinWait2Aborts")


@test("S5 keepalive_time_s, keepalive_intvl_s, keepalive_probes: where no option says it")
def keepalive():
    with right.sysctl("keepalive_time_s", 20), right.sysctl("keepalive_intvl_s", 3), \
            right.sysctl("keepalive_probes", 4):
        sock, _, at = pair(right, left)
        sock.setsockopt(SOL, socket.SO_KEEPALIVE, 1)
        start = time.time()
        left.cut()
        tap = left.tap()
        sock.settimeout(1000)
        equal(outcome(sock.recv, 1), "ETIMEDOUT", "recv")
        probes = [s for s in tap.segments(at) if not s.flags & RST]
        near([probes[0].when - start] + gaps(probes) + [time.time() - probes[-1].when],
             [20, 3, 3, 3, 3], "probes")


# --- what a stranger can make us do ---

@test("B2 invalid_ratelimit_ms: between two answers of a circuit")
def invalid_ratelimit():
    for ms, answers in ((0, 20), (60000, 1), (1000, 2)):
        with left.sysctl("invalid_ratelimit_ms", ms):
            c = Accepted()
            before = len(c.heard())
            for i in range(20):
                if i == 10:
                    time.sleep(1.1)
                c.send(ahead=1 << 20, payload=b"x")
            c.counts.wait("DropWindow", 20)
            equal(len(c.heard()) - before, answers, f"answers with {ms} ms")
            equal(c.counts["ChallengeAcksSkipped"], 20 - answers, "ChallengeAcksSkipped")
            right.heal()


@test("B2 challenge_ack_limit: about so many a second in the whole namespace; 0: none")
def challenge_limit():
    with left.sysctl("invalid_ratelimit_ms", 0):
        circuits = [Accepted() for _ in range(5)]
        # half as many or half as many more: by chance
        for limit, least, most in ((0, 0, 0), (8, 4, 12)):
            with left.sysctl("challenge_ack_limit", limit):
                time.sleep(1.1)
                counts = Counts(left)
                for c in circuits:
                    for _ in range(6):
                        c.send(flags=RST, ahead=2)
                counts.wait("DropRstInexact", 30)
                sent = counts["ChallengeAcks"]
                expect(least <= sent <= most, f"{sent} with a limit of {limit}")
                equal(counts["ChallengeAcksSkipped"], 30 - sent, "ChallengeAcksSkipped")
        time.sleep(1.1)
        circuits[0].send(flags=RST, ahead=2)
        counts.wait("ChallengeAcks", sent + 1)


# --- buffers ---

def stream(seconds):
    """Right sends as fast as it may, 20 ms away; both buffers after that."""
    sock, far, at = pair(right, left)
    for side in (left, right):
        side.impair("delay", "20ms")
    stop = time.monotonic() + seconds

    def read():
        while far.recv(1 << 20):
            pass

    reader = threading.Thread(target=read)
    reader.start()
    while time.monotonic() < stop:
        sock.sendall(bytes(1 << 16))
    found = sock.getsockopt(SOL, SNDBUF), far.getsockopt(SOL, RCVBUF)
    sock.shutdown(socket.SHUT_WR)
    reader.join()
    for side in (left, right):
        side.impair()
    return found


@test("S8 send and receive buffers grow by themselves, as far as wmem and rmem let them")
def grow():
    vctp_only()
    with right.sysctl("wmem", "16384 4194304"), \
            left.sysctl("rmem", "131072 6291456"):
        sndbuf, rcvbuf = stream(0.5)
        expect(sndbuf > 10 * 16384, f"send buffer: {sndbuf}")
        expect(rcvbuf > 2 * 131072, f"receive buffer: {rcvbuf}")
    with right.sysctl("wmem", "16384 200000"), \
            left.sysctl("rmem", "131072 250000"):
        equal(stream(0.5), (200000, 250000), "at their bounds")


@test("S8 moderate_rcvbuf=0: the receive buffer stays as it is")
def moderate():
    with left.sysctl("moderate_rcvbuf", 0):
        equal(stream(0.5)[1], 131072, "receive buffer")


@test("S8 rmem and wmem: the first buffers, and the first window")
def first_buffers():
    with right.sysctl("rmem", "50000 6291456"), \
            right.sysctl("wmem", "30000 4194304"):
        tap = left.tap()
        with right:
            plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 253)
        equal((plain.getsockopt(SOL, SNDBUF), plain.getsockopt(SOL, RCVBUF)),
              (30000, 50000), "of a new socket")
        plain.close()
        at = pair(right, left)[2]
        syn = [s for s in tap.segments(at) if s.flags & SYN and not s.flags & ACK][0]
        equal(syn.window, 25000, "half of it in the SYN")


# --- checksums ---

@test("S12 checksum_offload: 0 fills them in here, 1 leaves them to a card that offers")
def checksum_offload():
    vctp_only()
    offers = "tx-checksum-ip-generic: on" in right.run("ethtool", "-k", "eth0").stdout
    for value in (0, 1):
        sock, far, at = pair(right, left)
        left.cut()              # a card may offer more than it does
        with right.sysctl("checksum_offload", value):
            out = right.tap()
            sock.sendall(b"data of some length")
            segment = until(lambda: [s for s in out.segments(at) if s.payload],
                            "the segment")[0]
            equal(checksum(segment.transport) == 0, not (value and offers),
                  f"finished before the card, checksum_offload={value}")
        abort(sock)
        far.close()
        left.heal()
    expect(offers, "this card offers nothing")


if __name__ == "__main__":
    main()
