#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --clock virtual
"""What a stranger can make us hold, and say: rows S2, S4, S5, B1, B2 and B3."""
import socket
import struct
import time

from sides import (ACK, FIN, RST, SOL_VCTP, SYN, TIME_WAIT, VCTP, Counts, abort, accepted,
                   equal, expect, info, left, main, outcome, pair, port, proto, right,
                   test, until, vctp_only)
from stranger import COOKIE, MASK, OPEN, RFL, Stranger

COOKIE_BIT = 1 << 31


def held(what):
    """How many there are now: requests, tw, tombstones, orphan."""
    words = left.read("/proc/thread-self/net/vctp_sockstat").split()
    return int(words[words.index(what) + 1])


def echo(near, far):
    near.sendall(b"there")
    equal(far.recv(10), b"there", "data there")
    far.sendall(b"back")
    equal(near.recv(10), b"back", "data back")


# --- B3: half-open requests ---

@test("B3 a SYN flood holds as many requests as the backlog, the rest is in cookies")
def flood_backlog():
    at = port()
    left.listen(at, 16)
    stranger, counts = Stranger(at), Counts(left)
    stranger.flood(1000)
    counts.wait("CookiesSent", 984)
    equal(counts["RequestOverflow"], 984, "RequestOverflow")
    equal(held("requests"), 16, "requests")
    equal(left.states(at), ["SYN_RECEIVED"] * 16, "states")
    until(lambda: held("requests") == 0, "they are forgotten", 200, 0.5)
    equal(counts["RequestTimeouts"], 16, "RequestTimeouts")


@test("B3 under a SYN flood a client still gets through, with all its options")
def flood_client():
    at = port()
    listener = left.listen(at, 4)
    near, far, _ = pair(right, left)
    mss = info(near, "snd_mss")
    stranger, counts = Stranger(at), Counts(left)
    stranger.flood(100)
    counts.wait("CookiesSent", 96)
    right.heal()
    near = right.stream()
    near.connect((left.v4, at))
    far = accepted(listener)
    echo(near, far)
    counts.wait("CookiesTaken", 1)
    equal(info(near, "snd_mss"), mss, "MSS of the client")
    equal(info(far, "snd_mss"), mss, "MSS of the server")


@test("B3 half-open requests are bounded in a namespace; without cookies SYNs are dropped")
def namespace_bound():
    at = port()
    left.listen(at, 64)
    stranger, counts = Stranger(at), Counts(left)
    with left.sysctl("max_requests", 8), left.sysctl("cookies", 0):
        stranger.flood(50)
        counts.wait("RequestOverflow", 42)
        equal(counts["DropBacklogFull"], 42, "DropBacklogFull")
        equal(held("requests"), 8, "requests")
        equal(counts["CookiesSent"], 0, "CookiesSent")


@test("B3 net.vctp.cookies=2: a flood of 5000 SYNs holds nothing at all")
def cookies_always():
    at = port()
    listener = left.listen(at, 64)
    stranger, counts = Stranger(at), Counts(left)
    with left.sysctl("cookies", 2):
        stranger.flood(5000)
        counts.wait("CookiesSent", 5000)
        equal(held("requests"), 0, "requests")
        right.heal()
        near = right.stream()
        near.connect((left.v4, at))
        echo(near, accepted(listener))
        expect(info(near, "peer_id") & COOKIE_BIT, "the server's identifier says cookie")


# --- B3: cookies and tombstones ---

@test("B3 the cookie opens one circuit, whichever segment brings it first")
def cookie_data():
    at = port()
    listener = left.listen(at)
    stranger, counts = Stranger(at), Counts(left)
    with left.sysctl("cookies", 2):
        half = stranger.syn()
        # the bare ACK was lost; data is the first to come, and comes twice
        for _ in range(2):
            half.send(cookie=half.cookie(), payload=b"data", flags=ACK)
        far = accepted(listener)
        equal(far.recv(10), b"data", "data")
        counts.wait("CookiesTaken", 1)
        equal(left.states(at), ["ESTABLISHED"], "states")
        equal(counts["Tombstones"], 1, "Tombstones")


@test("B3 a copied segment never brings a circuit back: its tombstone lasts as long as the cookie")
def tombstone():
    at = port()
    listener = left.listen(at)
    stranger, counts = Stranger(at), Counts(left)
    with left.sysctl("cookies", 2):
        half = stranger.syn()
        half.send(cookie=half.cookie())
        abort(accepted(listener))
        until(lambda: left.states(at) == [], "it is gone")
        time.sleep(5)
        for _ in range(3):
            half.send(cookie=half.cookie())
        counts.wait("TombstoneHits", 3)
        equal(left.states(at), [], "states")
        time.sleep(120)
        half.send(cookie=half.cookie())
        time.sleep(10)
        equal(left.states(at), [], "states when it is too old")
        equal(held("tombstones"), 0, "tombstones afterwards")
        half.send(cookie=half.cookie())
        counts.wait("CookiesBad", 1)
        equal(counts["CookiesTaken"], 1, "CookiesTaken")


@test("B3 tombstones are bounded: with all in use no cookie is taken, circuits go on")
def tombstones_bound():
    at = port()
    listener = left.listen(at)
    stranger, counts = Stranger(at), Counts(left)
    until(lambda: held("tombstones") == 0, "no tombstones of other tests", 300, 1)
    with left.sysctl("cookies", 2), left.sysctl("max_tombstones", 4):
        halves = [stranger.syn() for _ in range(6)]
        for half in halves:
            half.send(cookie=half.cookie())
        counts.wait("TombstoneOverflow", 2)
        equal(counts["CookiesTaken"], 4, "CookiesTaken")
        equal(held("tombstones"), 4, "tombstones")
        equal(len(left.states(at)), 4, "circuits")
        until(lambda: held("tombstones") == 0, "they end", 300, 1)
        halves[5].send(cookie=halves[5].cookie())
        counts.wait("CookiesBad", 1)
    listener.close()


@test("B3 a cookie that was changed, stolen, or shown with wrong numbers is not taken")
def cookie_forged():
    at = port()
    left.listen(at)
    stranger, counts = Stranger(at), Counts(left)
    with left.sysctl("cookies", 2):
        half, bad = stranger.syn(), 0
        cookie = half.cookie()
        for place in range(len(cookie)):
            changed = bytearray(cookie)
            changed[place] ^= 1 << place % 8
            half.send(cookie=bytes(changed))
            bad += 1
        for length in (0, 1, len(cookie) - 1):
            half.send(cookie=cookie[:length] or b"\0")
            bad += 1
        half.send(cookie=cookie, host="10.0.0.77")
        half.send(cookie=cookie, acked=2)
        stranger.send(half.source + 1, half.server(), ACK, half.seq + 1,
                      half.answer().seq + 1, bytes([COOKIE, 40]) + cookie)
        counts.wait("CookiesBad", bad + 3)
        half.send(cookie=cookie, ahead=1 << 40)
        counts.wait("DropWindow", 1)
        equal(left.states(at), [], "states")
        half.send(cookie=cookie)
        counts.wait("CookiesTaken", 1)


# --- S2: a half-open request and what comes for it ---

@test("S2 a SYN without the OPEN option, or of another version, is no SYN of ours")
def no_open():
    at = port()
    left.listen(at)
    stranger, counts = Stranger(at), Counts(left)
    stranger.syn(options=b"")
    stranger.syn(options=struct.pack("!BBBBIHH", 1, 12, 1, 0, 0x56435451, 1400, 0))
    stranger.syn(options=struct.pack("!BBBBIHH", 1, 12, 2, 0, 0x56435450, 1400, 0))
    stranger.syn(options=OPEN + OPEN)
    stranger.syn(options=OPEN[:6])
    counts.wait("DropNoOpen", 5)
    equal(held("requests"), 0, "requests")


@test("S2 a SYN like one that is held is answered again; a new identifier opens beside it")
def syn_twice():
    at = port()
    left.listen(at)
    stranger, counts = Stranger(at), Counts(left)
    half = stranger.syn()
    first = half.answer()
    stranger.syn(half.source, half.ident, half.seq)
    counts.wait("RequestsDuplicate", 1)
    until(lambda: len(stranger.heard(half.source)) == 2, "two answers")
    equal(half.answer().seq, first.seq, "the same ISN again")
    stranger.syn(half.source, half.ident, (half.seq + 9) & MASK)
    counts.wait("DropWindow", 1)
    other = stranger.syn(half.source)
    expect(other.server() != half.server(), "another identifier")
    equal(left.states(at), ["SYN_RECEIVED"] * 2, "states")
    half.send()
    other.send()
    until(lambda: left.states(at) == ["ESTABLISHED"] * 2, "both open")


@test("S2 a wrong acknowledgement in SYN_RECEIVED gets a RST and opens nothing")
def bad_ack():
    at = port()
    left.listen(at)
    stranger, counts = Stranger(at), Counts(left)
    half = stranger.syn()
    half.send(acked=8)
    counts.wait("DropBadAckOfSyn", 1)
    reset = until(lambda: [s for s in stranger.heard(half.source) if s.flags & RST],
                  "a RST")[0]
    equal(reset.seq, (half.answer().seq + 8) & MASK, "its number")
    equal(left.states(at), ["SYN_RECEIVED"], "states")
    half.send()
    until(lambda: left.states(at) == ["ESTABLISHED"], "ESTABLISHED")


@test("S2 a RST ends a half-open request at exactly the expected number only")
def request_reset():
    at = port()
    left.listen(at)
    stranger, counts = Stranger(at), Counts(left)
    half = stranger.syn()
    for ahead in (0, 2, 1000, 1 << 30):
        half.send(flags=RST, ahead=ahead)
    counts.wait("DropRstInexact", 4)
    equal(left.states(at), ["SYN_RECEIVED"], "states")
    half.send(flags=RST)
    until(lambda: left.states(at) == [], "it ends")
    equal(counts["InRsts"], 1, "InRsts")


@test("S2 a reflected RST ends a request only under the identifier that we sent")
def request_reflected():
    at = port()
    left.listen(at)
    stranger, counts = Stranger(at), Counts(left)
    half = stranger.syn()
    half.answer()
    stranger.send(half.source, half.ident ^ 1, RST | RFL, half.seq + 1)
    stranger.send(half.source + 1, half.ident, RST | RFL, half.seq + 1)
    stranger.send(half.source, half.ident, ACK | RFL, half.seq + 1)
    counts.wait("DropReflected", 2)
    counts.wait("DropFlags", 1)
    stranger.send(half.source, half.ident, RST | RFL, half.seq + 5)
    counts.wait("DropRstInexact", 1)
    equal(left.states(at), ["SYN_RECEIVED"], "states")
    stranger.send(half.source, half.ident, RST | RFL, half.seq + 1)
    until(lambda: left.states(at) == [], "it ends")


@test("S2 DEFER_ACCEPT: a bare ACK leaves it half open, data brings it to accept()")
def defer_accept():
    at = port()
    listener = left.listen(at)
    listener.setsockopt(proto, 9, 5)
    listener.setblocking(False)
    stranger = Stranger(at)
    half = stranger.syn()
    half.send()
    time.sleep(0.5)
    equal(left.states(at), ["SYN_RECEIVED"], "states")
    equal(outcome(listener.accept), "EAGAIN", "accept")
    half.send(payload=b"data")
    listener.settimeout(30)
    equal(accepted(listener).recv(10), b"data", "data")


@test("S2 a full accept queue: SYNs and last ACKs are dropped, and come through later")
def accept_queue():
    at = port()
    listener = left.listen(at, 1)
    stranger, counts = Stranger(at), Counts(left)
    late = stranger.syn()
    late.answer()
    right.heal()
    socks = [right.stream() for _ in range(3)]
    for sock in socks[:2]:
        sock.connect((left.v4, at))
    until(lambda: left.states(at).count("ESTABLISHED") == 2, "two wait")
    late.send()
    counts.wait("ListenOverflow", 1)
    equal(left.states(at).count("SYN_RECEIVED"), 1, "the request stays")
    socks[2].setblocking(False)
    socks[2].connect_ex((left.v4, at))
    counts.wait("DropBacklogFull", 2)
    equal(right.states(at).count("SYN_SENT"), 1, "the third in SYN_SENT")
    listener.accept()[0].close()
    listener.accept()[0].close()
    until(lambda: right.states(at).count("SYN_SENT") == 0, "the third is open")


@test("S2 no way back when the last ACK comes: the request stays, and opens later")
def no_route():
    at = port()
    listener = left.listen(at)
    stranger, counts = Stranger(at), Counts(left)
    half = stranger.syn()
    half.answer()
    rule = ("iif", "lo", "to", right.v4, "unreachable")
    left.ip("rule", "add", *rule)
    try:
        for _ in range(3):
            half.send()
        counts.wait("DropRequestMemory", 3)
    finally:
        left.ip("rule", "del", *rule)
    equal(left.states(at), ["SYN_RECEIVED"], "states")
    half.send(payload=b"data")
    equal(accepted(listener).recv(10), b"data", "data")


@test("S2 close() of a listener resets who is half open and who was not accepted")
def listener_close():
    at = port()
    listener = left.listen(at)
    near = right.stream()
    near.connect((left.v4, at))
    stranger = Stranger(at)
    half = stranger.syn()
    half.answer()
    until(lambda: left.states(at) == ["ESTABLISHED", "SYN_RECEIVED"], "both are there")
    right.heal()
    listener.close()
    until(lambda: left.states(at) == [], "both are gone")
    equal(held("requests"), 0, "requests")
    equal(outcome(near.recv, 1), "ECONNRESET", "recv")
    until(lambda: [s for s in stranger.heard(half.source) if s.flags & RST], "a RST")


# --- B2: what a stranger gets to hear, and what not ---

@test("B2 a segment under the right identifier over another 4-tuple is dropped in silence")
def wrong_tuple():
    at = port()
    listener = left.listen(at)
    stranger, counts = Stranger(at), Counts(left)
    half = stranger.syn()
    half.send()
    far = accepted(listener)
    stranger.send(half.source + 1, half.server(), RST | ACK, half.seq + 1)
    half.send(host="10.0.0.77", payload=b"evil")
    counts.wait("DropTuple", 2)
    equal(counts["OutRsts"], 0, "OutRsts")
    half.send(payload=b"good")
    equal(far.recv(10), b"good", "data")


@test("B2 RSTs for unknown circuits are reflections, and so many a second")
def reset_limit():
    at = port()
    stranger, counts = Stranger(at), Counts(left)
    with left.sysctl("rst_limit", 10):
        time.sleep(2)
        for i in range(100):
            stranger.send(2000, 1 + i, ACK, 77, 1000 + i)
        counts.wait("DropNoCircuit", 100)
        expect(10 <= counts["OutRsts"] <= 20, f"OutRsts: {counts['OutRsts']}")
        equal(counts["OutRsts"] + counts["DropRstLimited"], 100, "all counted")
        time.sleep(2)
    for s in stranger.heard(2000):
        equal(s.flags & (RST | RFL | ACK | SYN), RST | RFL, "flags")
        equal(s.seq, 999 + s.id, "its number is the one acknowledged")
    stranger.send(2001, 5, RST, 1)
    stranger.send(2001, 5, RST | RFL, 1)
    syn = stranger.syn(2002)
    reset = until(lambda: stranger.heard(2002), "a RST for the SYN")[0]
    equal((reset.flags & 0x3FF, reset.id), (RST | RFL | ACK, syn.ident), "the RST")
    equal(reset.ack, (syn.seq + 1) & MASK, "what it acknowledges")
    equal(stranger.heard(2001), [], "never a RST for a RST")


# --- S4, B1: TIME_WAIT ---

@test("B1 100 ports, 1000 circuits to one place within their TIME_WAIT: none is refused")
def no_exhaustion():
    vctp_only()
    at = port()
    listener = left.listen(at, 64)
    with right.sysctl("ip_local_port_range", "50000 50099"):
        for _ in range(1000):
            near = right.stream()
            near.connect((left.v4, at))
            far, _ = listener.accept()
            near.close()
            far.close()
    until(lambda: right.states(at) == ["TIME_WAIT"] * 1000, "1000 in TIME_WAIT")
    until(lambda: right.states(at) == [], "they end", 100, 1)


@test("B1 a 4-tuple used beside its TIME_WAIT is counted: TimeWaitReused")
def reused():
    vctp_only()
    at, source = port(), port()
    listener = left.listen(at, 64)
    counts = Counts(right)
    for _ in range(20):
        near = right.stream(bind=source)
        near.connect((left.v4, at))
        far = accepted(listener)
        near.close()
        equal(far.recv(1), b"", "the end")
        far.close()
        until(lambda: set(right.states(at)) == {"TIME_WAIT"}, "TIME_WAIT", step=0.001)
    equal(counts["TimeWaitReused"], 19, "TimeWaitReused")
    equal(len(right.states(at)), 20, "all are there")


@test("S4 classic mode at the server: a SYN over the same 4-tuple is dropped until 2MSL are over")
def classic_server():
    vctp_only()
    at, source = port(), port()
    listener = left.listen(at)
    counts = Counts(left)
    with left.sysctl("time_wait_mode", 1):
        near = right.stream(bind=source)
        near.connect((left.v4, at))
        far = accepted(listener)
        far.close()
        equal(near.recv(1), b"", "the end")
        near.close()
        until(lambda: left.states(at) == ["TIME_WAIT"], "TIME_WAIT at the server")
    again = right.stream(bind=source, wait=200)
    start = time.monotonic()
    again.connect((left.v4, at))
    took = time.monotonic() - start
    expect(55 < took < 130, f"it took {took:.0f} s")
    expect(counts["DropClassicTimeWait"] >= 5, "DropClassicTimeWait")
    near, far, _ = pair(right, left)
    echo(near, far)


@test("S4 classic mode: the port is not for bind() without SO_REUSEADDR")
def classic_port():
    at, source = port(), port()
    near, far, at = pair(right, left, at=at, source=source)
    if proto == VCTP:
        near.setsockopt(SOL_VCTP, TIME_WAIT, 1)
    near.close()
    equal(far.recv(1), b"", "the end")
    far.close()
    until(lambda: right.states(at) == ["TIME_WAIT"], "TIME_WAIT")
    with right:
        plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
    equal(outcome(plain.bind, (right.v4, source)), "EADDRINUSE", "bind")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    plain.bind((right.v4, source))
    plain.close()
    until(lambda: right.states(at) == [], "TIME_WAIT ends", 100, 0.5)
    with right:
        plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM, proto)
    plain.bind((right.v4, source))
    plain.close()


@test("S4 nothing that is late gets an answer more than now and then, and a RST none")
def time_wait_answers():
    vctp_only()
    at = port()
    listener = left.listen(at)
    stranger = Stranger(at)
    half = stranger.syn()
    half.send()
    far = accepted(listener)
    server = half.server()
    far.close()
    end = until(lambda: [s for s in stranger.heard(half.source) if s.flags & FIN],
                "its FIN")[0]
    acked = (end.seq + 1) & MASK
    stranger.send(half.source, server, FIN | ACK, half.seq + 1, acked)
    until(lambda: left.states(at) == ["TIME_WAIT"], "TIME_WAIT")
    counts, before = Counts(left), len(stranger.heard(half.source))
    for _ in range(50):
        stranger.send(half.source, server, ACK, half.seq + 1, acked, payload=b"late")
        stranger.send(half.source, server, RST, half.seq + 2, acked)
    counts.wait("TimeWaitLate", 100)
    equal(left.states(at), ["TIME_WAIT"], "states")
    answers = len(stranger.heard(half.source)) - before
    expect(1 <= answers <= 3, f"{answers} answers")
    stranger.send(half.source, server, FIN | ACK, half.seq + 1, acked)
    counts.wait("TimeWaitReAcks", 1)


# --- S5: orphans ---

@test("S5 orphans are bounded by net.vctp.max_orphans, and what is beyond is reset")
def orphans():
    vctp_only()
    circuits = [pair(left, right) for _ in range(6)]
    left.cut()
    counts = Counts(left)
    with left.sysctl("max_orphans", 3):
        for near, far, _ in circuits:
            near.sendall(b"never acknowledged")
            near.close()
        counts.wait("OrphanOverflow", 3)
        equal(held("orphan"), 3, "orphans")
    for near, far, _ in circuits:
        far.close()


if __name__ == "__main__":
    main()
