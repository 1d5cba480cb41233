#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --clock virtual
"""The life of a circuit, state by state: rows S2, S3, S4 and S5."""
import select
import socket
import struct
import time

from sides import (ACK, FIN, RST, SOL_VCTP, SYN, TCP, TIME_WAIT, TIME_WAIT_MS, Counts,
                   abort, equal, expect, left, main, outcome, pair, port, proto, right,
                   test, until, vctp_only)

MS = 1000


def connecting(client, server, at):
    """A socket that has sent its SYN."""
    sock = client.stream()
    sock.setblocking(False)
    equal(sock.connect_ex((server.v4, at)), 115, "connect")    # EINPROGRESS
    return sock


def gaps(segments):
    return [b.when - a.when for a, b in zip(segments, segments[1:])]


def doubling(times, first, what):
    """Each gap is twice the one before, within a tenth."""
    for i, gap in enumerate(times):
        want = first * 2 ** i
        expect(0.9 * want < gap < 1.1 * want + 0.1, f"{what}: {times}")


def lasted(start, seconds, tcp):
    """Since @start @seconds have gone by: never less, and later than that only
    as far as the timer wheel rounds up. TCP has its own ways, within @tcp."""
    took = time.monotonic() - start
    least, most = tcp if proto == TCP else (seconds - 0.01, seconds * 1.04 + 0.15)
    expect(least < took < most, f"it took {took:.2f} s, not {seconds}")


# --- S2: opening ---

@test("S2 the handshake: SYN, SYN+ACK of ISN + 1, ACK, each ISN its own")
def handshake():
    tap = left.tap()
    near, far, at = pair(right, left)
    syn, syn_ack, ack = until(lambda: tap.segments(at)[:3]
                              if len(tap.segments(at)) >= 3 else None,
                              "three segments")
    equal(syn.flags & (SYN | ACK | RST | FIN), SYN, "flags of the first")
    equal(syn_ack.flags & (SYN | ACK | RST | FIN), SYN | ACK, "flags of the second")
    equal(ack.flags & (SYN | ACK | RST | FIN), ACK, "flags of the third")
    equal(syn_ack.ack, syn.seq + 1, "the SYN+ACK's acknowledgement")
    equal(ack.seq, syn.seq + 1, "the ACK's number")
    equal(ack.ack, syn_ack.seq + 1, "the ACK's acknowledgement")
    expect(syn.seq != syn_ack.seq, "both chose the same ISN")
    near.sendall(b"hello")
    equal(far.recv(10), b"hello", "data")


@test("S2 ISNs and identifiers differ between connections and do not follow each other")
def isns():
    vctp_only()
    tap = left.tap()
    at = port()
    listener = left.listen(at)
    for _ in range(32):
        sock = right.stream()
        sock.connect((left.v4, at))
        abort(listener.accept()[0])
        sock.close()
    syns = [s for s in tap.segments(at) if s.flags & SYN and not s.flags & ACK]
    numbers = [s.seq for s in syns]
    equal(len(numbers), 32, "SYNs")
    equal(len(set(numbers)), 32, "distinct ISNs")
    equal(len({s.id for s in syns}), 32, "distinct identifiers")
    rising = sum(a < b for a, b in zip(numbers, numbers[1:]))
    expect(3 < rising < 28, f"{rising} of 31 ISNs are above the one before")
    equal(len({s & 0xFFFF for s in numbers}) > 24, True, "low bits vary")


@test("S2 LISTEN and SYN_SENT are seen, and ESTABLISHED at both ends")
def established():
    at = port()
    listener = left.listen(at)
    expect((at, 0, "LISTEN") in left.circuits(at), "no LISTEN")
    left.cut()
    sock = connecting(right, left, at)
    equal(right.states(at), ["SYN_SENT"], "right")
    left.heal()
    until(lambda: right.states(at) == ["ESTABLISHED"], "right ESTABLISHED")
    until(lambda: left.states(at) == ["ESTABLISHED"], "left ESTABLISHED")
    sock.close()
    listener.close()


@test("S2 SYN_RECEIVED is seen while the third segment is missing")
def syn_received():
    at = port()
    left.listen(at)
    right.cut()
    connecting(right, left, at)
    until(lambda: left.states(at) == ["SYN_RECEIVED"], "left SYN_RECEIVED")
    equal(right.states(at), ["SYN_SENT"], "right")
    right.heal()
    until(lambda: left.states(at) == ["ESTABLISHED"], "left ESTABLISHED")


@test("S2 simultaneous open: one circuit, data both ways")
def simultaneous_open():
    a, b = port(), port()
    counts = [Counts(side) for side in (left, right)]
    for side in (left, right):
        side.impair("delay", "50ms")
    one, two = left.stream(bind=a), right.stream(bind=b)
    for sock in (one, two):
        sock.setblocking(False)
    equal(one.connect_ex((right.v4, b)), 115, "connect")
    equal(two.connect_ex((left.v4, a)), 115, "connect")
    equal(left.states(a) + right.states(b), ["SYN_SENT", "SYN_SENT"], "first")
    if proto == TCP:    # we answer a bare SYN, but commit to nobody by it
        until(lambda: "SYN_RECEIVED" in left.states(a), "SYN_RECEIVED", step=0.002)
    for sock in (one, two):
        until(lambda s=sock: select.select([], [s], [], 0)[1], "writable")
        equal(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0, "SO_ERROR")
        sock.settimeout(30)
    equal(left.states(a), ["ESTABLISHED"], "left")
    equal(right.states(b), ["ESTABLISHED"], "right")
    one.sendall(b"from left")
    two.sendall(b"from right")
    equal(one.recv(20), b"from right", "at left")
    equal(two.recv(20), b"from left", "at right")
    if proto != TCP:
        equal([c["SimultaneousOpens"] for c in counts], [1, 1], "SimultaneousOpens")


@test("S2 a socket may connect to itself")
def self_connect():
    at = port()
    sock = left.stream(bind=at)
    equal(outcome(sock.connect, (left.v4, at)), None, "connect")
    sock.sendall(b"me")
    equal(sock.recv(5), b"me", "data")


@test("S2 SYNs are repeated at 1, 2, 4, ... s, then ETIMEDOUT")
def syn_backoff():
    at = port()
    left.listen(at)
    left.cut()
    tap = left.tap()
    sock = right.stream(wait=300)
    sock.setsockopt(proto, 7, 4)                               # SYNCNT
    start = time.monotonic()
    equal(outcome(sock.connect, (left.v4, at)), "ETIMEDOUT", "connect")
    took = time.monotonic() - start
    syns = tap.segments(at)
    if proto != TCP:        # whose first ones are linear from 6.5 on
        equal(len(syns), 5, "SYNs")
        doubling(gaps(syns), 1.0, "gaps between SYNs")
        expect(30 < took < 33, f"it took {took:.1f} s, not 31")
    equal(len({(s.seq, s.id) for s in syns}), 1, "the same SYN each time")


@test("S2 SYN+ACKs are repeated with back-off, and the request is forgotten")
def syn_ack_backoff():
    at = port()
    left.listen(at)
    tap = left.tap()
    right.cut()
    sock = connecting(right, left, at)
    until(lambda: left.states(at) == ["SYN_RECEIVED"], "left SYN_RECEIVED")
    left.cut()                          # only the first SYN came in
    sock.close()
    start = tap.segments(at)[0].when - time.time() + time.monotonic()
    until(lambda: left.states(at) == [], "the request is gone", 300, 0.01)
    lasted(start, 63, (20, 300))
    answers = [s for s in tap.segments(at) if s.flags & (SYN | ACK) == SYN | ACK]
    expect(len(answers) == 6 or proto == TCP and len(answers) >= 4,
           f"{len(answers)} SYN+ACKs, not synack_retries + 1")
    # 0.2 s of grace, a request's timer may share its tick
    doubling(gaps(answers), 1.0, "gaps between SYN+ACKs")


@test("S2 a duplicate SYN is answered again and makes no second request")
def duplicate_syn():
    at = port()
    left.listen(at)
    tap, out = left.tap(), right.tap()
    right.cut()
    connecting(right, left, at)
    until(lambda: left.states(at) == ["SYN_RECEIVED"], "left SYN_RECEIVED")
    syn = out.segments(at)[0]
    time.sleep(0.6)                     # answers to one peer are rationed
    before = len([s for s in tap.segments(at) if s.flags & ACK])
    out.replay(syn)
    until(lambda: len([s for s in tap.segments(at) if s.flags & ACK]) > before,
          "another SYN+ACK", 0.2)
    equal(left.states(at), ["SYN_RECEIVED"], "left")


# --- S3: closing ---

@test("S3 four-way close: FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, LAST_ACK, TIME_WAIT")
def four_way():
    near, far, at = pair(right, left)
    left.cut()
    near.shutdown(socket.SHUT_WR)
    equal(right.states(at), ["FIN_WAIT_1"], "its FIN is under way")
    left.heal()
    until(lambda: right.states(at) == ["FIN_WAIT_2"], "FIN_WAIT_2")
    equal(left.states(at), ["CLOSE_WAIT"], "left")
    equal(far.recv(1), b"", "end of file")
    right.cut()
    far.close()
    equal(left.states(at), ["LAST_ACK"], "left's FIN is under way")
    right.heal()
    until(lambda: right.states(at) == ["TIME_WAIT"], "TIME_WAIT")
    until(lambda: left.states(at) == [], "left CLOSED")
    equal(near.recv(1), b"", "end of file at right")


@test("S3 half-close: the side that has not closed goes on sending")
def half_close():
    near, far, at = pair(right, left)
    near.sendall(b"question")
    near.shutdown(socket.SHUT_WR)
    equal(far.recv(20), b"question", "at left")
    equal(far.recv(20), b"", "end of file at left")
    answer = bytes(range(256)) * 2000
    far.settimeout(None)
    far.setblocking(False)
    sent, got = 0, b""
    while sent < len(answer) or len(got) < len(answer):
        readable, writable, _ = select.select(
            [near], [far] if sent < len(answer) else [], [], 30)
        expect(readable or writable, "nothing moves")
        if writable:
            sent += far.send(answer[sent:sent + 65536])
        if readable:
            got += near.recv(1 << 20)
    equal(got == answer, True, "the answer is whole")
    equal(right.states(at), ["FIN_WAIT_2"], "right")
    equal(left.states(at), ["CLOSE_WAIT"], "left")


@test("S3 simultaneous close: CLOSING at both ends, then TIME_WAIT")
def simultaneous_close():
    near, far, at = pair(right, left)
    for side in (left, right):
        side.impair("delay", "100ms")
    near.shutdown(socket.SHUT_WR)
    far.shutdown(socket.SHUT_WR)
    equal(left.states(at) + right.states(at), ["FIN_WAIT_1"] * 2, "both closed")
    until(lambda: right.states(at) == ["CLOSING"], "right CLOSING", step=0.005)
    until(lambda: left.states(at) == ["CLOSING"], "left CLOSING", step=0.005)
    until(lambda: right.states(at) == ["TIME_WAIT"], "right TIME_WAIT", step=0.005)
    until(lambda: left.states(at) == ["TIME_WAIT"], "left TIME_WAIT", step=0.005)


@test("S3 a FIN that overtakes data waits for it")
def early_fin():
    near, far, at = pair(right, left)
    near.sendall(b"one")
    equal(far.recv(10), b"one", "first")
    left.cut()
    near.sendall(b"two")
    time.sleep(0.01)
    left.heal()
    near.shutdown(socket.SHUT_WR)
    until(lambda: far.recv(10, socket.MSG_PEEK) == b"two", "two")
    equal(far.recv(10), b"two", "data before the FIN")
    equal(far.recv(10), b"", "end of file")
    equal(left.states(at), ["CLOSE_WAIT"], "left")


# --- S4: TIME_WAIT ---

def ended(at=None, source=None, option=None):
    """A circuit in TIME_WAIT at right."""
    near, far, at = pair(right, left, at=at, source=source)
    if option:
        near.setsockopt(SOL_VCTP, *option)
    source = near.getsockname()[1]
    near.sendall(b"old data")
    equal(far.recv(20), b"old data", "data")
    near.close()
    equal(far.recv(1), b"", "end of file")
    far.close()
    until(lambda: right.states(at) == ["TIME_WAIT"], "TIME_WAIT", step=0.002)
    return at, source


def lasts(at):
    start = time.monotonic()
    until(lambda: right.states(at) == [], "TIME_WAIT ends", 300, 0.1)
    return time.monotonic() - start


@test("S4 TIME_WAIT lasts 60 s by default")
def time_wait_default():
    took = lasts(ended()[0])
    expect(59 < took < (61 if proto != TCP else 69), f"it took {took:.2f} s")


@test("S4 VCTP_TIME_WAIT_MS sets it for a socket: 1 s, 240 s")
def time_wait_option():
    vctp_only()
    for ms in (1000, 240000):
        took = lasts(ended(option=(TIME_WAIT_MS, ms))[0])
        expect(ms / MS * 0.98 < took < ms / MS * 1.02 + 0.2, f"{ms} ms took {took} s")


@test("S4 VCTP_TIME_WAIT_MS of 0 leaves nothing behind, beyond 240 s is EINVAL")
def time_wait_zero():
    vctp_only()
    near, far, at = pair(right, left)
    near.setsockopt(SOL_VCTP, TIME_WAIT_MS, 0)
    equal(outcome(near.setsockopt, SOL_VCTP, TIME_WAIT_MS, 240001), "EINVAL", "240001")
    near.close()
    equal(far.recv(1), b"", "end of file")
    far.close()
    until(lambda: right.states(at) == [], "nothing left", 1)


@test("S4 net.vctp.time_wait_ms sets it for a namespace")
def time_wait_sysctl():
    with right.sysctl("time_wait_ms", 5000):
        took = lasts(ended()[0])
    expect(4.9 < took < 5.3, f"it took {took:.2f} s")


@test("S4 a lost last ACK is answered again")
def last_ack():
    tap = left.tap()
    near, far, at = pair(right, left)
    near.close()
    equal(far.recv(1), b"", "end of file")
    counts = Counts(right)
    left.cut()
    far.close()
    until(lambda: right.states(at) == ["TIME_WAIT"], "right TIME_WAIT")
    equal(left.states(at), ["LAST_ACK"], "left")
    left.heal()
    until(lambda: left.states(at) == [], "left CLOSED", 10)
    equal(right.states(at), ["TIME_WAIT"], "right")
    if proto != TCP:
        expect(counts["TimeWaitReAcks"] >= 1, "not counted")
    equal([s for s in tap.segments(at) if s.flags & RST], [], "RSTs")


@test("S4 a late segment of the old circuit never reaches a new one on the same 4-tuple")
def late_segment():
    vctp_only()
    tap = left.tap()
    out = right.tap()
    at, source = ended()
    old = [s for s in out.segments(at) if s.payload][0]
    equal(old.payload, b"old data", "the old segment")
    old_back = [s for s in tap.segments(at) if s.source == at]
    near, far, _ = pair(right, left, at=at, source=source)
    equal(right.states(at), ["ESTABLISHED", "TIME_WAIT"], "beside the old one")
    out.replay(old)
    for segment in old_back:
        tap.replay(segment)
    near.sendall(b"new data")
    equal(far.recv(50), b"new data", "what the new one gets")
    far.sendall(b"answer")
    equal(near.recv(50), b"answer", "what comes back")
    equal(right.states(at), ["ESTABLISHED", "TIME_WAIT"], "at the end")


@test("S4 a 4-tuple in TIME_WAIT is used again at once, 200 times")
def reuse():
    vctp_only()
    at, source = ended()
    listener = left.listen(at)
    for _ in range(199):
        near = right.stream(bind=source)
        near.connect((left.v4, at))
        far, _ = listener.accept()
        near.close()
        equal(far.recv(1), b"", "end of file")
        far.close()
    until(lambda: right.states(at).count("TIME_WAIT") == 200, "200 in TIME_WAIT")


@test("S4 VCTP_TIME_WAIT=classic blocks the 4-tuple as TCP does")
def classic():
    vctp_only()
    at, source = ended(option=(TIME_WAIT, 1))
    left.listen(at)
    near = right.stream(bind=source)
    equal(outcome(near.connect, (left.v4, at)), "EADDRNOTAVAIL", "connect")


@test("S4 TIME_WAIT is bounded by net.vctp.max_time_wait, and what is beyond is counted")
def time_wait_bound():
    with right.sysctl("max_time_wait", 8):
        until(lambda: not any(c[2] == "TIME_WAIT" for c in right.circuits()),
              "none of before", 300, 0.5)
        counts = Counts(right)
        at = port()
        listener = left.listen(at)
        for _ in range(20):
            near = right.stream()
            near.connect((left.v4, at))
            far, _ = listener.accept()
            near.close()
            equal(far.recv(1), b"", "end of file")
            far.close()
        until(lambda: not [s for s in right.states(at) if s != "TIME_WAIT"],
              "all closed")
        equal(right.states(at), ["TIME_WAIT"] * 8, "right")
        equal(counts["TimeWaitOverflow"], 12, "TimeWaitOverflow")


# --- S5: abnormal ends ---

@test("S5 an orphan in FIN_WAIT_1 gives up after its retries")
def fin_wait_1():
    near, _, at = pair(right, left)
    left.cut()
    tap = left.tap()
    counts, start = Counts(right), time.monotonic()
    near.close()
    equal(right.states(at), ["FIN_WAIT_1"], "right")
    until(lambda: right.states(at) == [], "it gives up", 1000, 0.05)
    fins = [s for s in tap.segments(at) if s.flags & FIN]
    if proto == TCP:
        expect(len(fins) >= 5, f"{len(fins)} FINs")
    else:
        lasted(start, 0.2 * (2 ** 9 - 1), None)
        equal(len(fins), 9, "FINs: orphan_retries + 1")
        equal(counts["TimeoutAborts"], 1, "TimeoutAborts")
    times = gaps(fins)
    expect(all(b > 1.8 * a for a, b in zip(times[1:], times[2:-1])),
           f"no exponential back-off: {times}")


@test("S5 an orphan in FIN_WAIT_2 ends after its time (60 s)")
def fin_wait_2():
    near, far, at = pair(right, left)
    near.close()
    until(lambda: right.states(at) == ["FIN_WAIT_2"], "FIN_WAIT_2")
    start = time.monotonic() - 0.01
    until(lambda: right.states(at) == [], "it ends", 300, 0.05)
    lasted(start, 60, (55, 65))
    equal(left.states(at), ["CLOSE_WAIT"], "left, whose program never closes")
    equal(far.send(b"late"), 4, "a send into the void")
    until(lambda: left.states(at) == [], "RST ends left")


@test("S5 LINGER2 sets the time of FIN_WAIT_2 for a socket")
def linger2():
    near, _, at = pair(right, left)
    near.setsockopt(proto, 8, 3)
    near.close()
    until(lambda: right.states(at) == ["FIN_WAIT_2"], "FIN_WAIT_2")
    start = time.monotonic() - 0.01
    until(lambda: right.states(at) == [], "it ends", 60, 0.01)
    lasted(start, 3, (2.5, 4.5))


@test("S5 keepalive finds that an idle peer has vanished: ETIMEDOUT")
def keepalive():
    near, _, at = pair(right, left)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((4, 10), (5, 5), (6, 3)):     # IDLE, INTVL, CNT
        near.setsockopt(proto, option, value)
    tap, counts = left.tap(), Counts(right)
    probe = until(lambda: tap.segments(at), "a probe that is answered", 30)[0]
    time.sleep(1)
    equal(right.states(at), ["ESTABLISHED"], "a peer that answers is kept")
    left.cut()
    tap = left.tap()
    near.settimeout(120)
    equal(outcome(near.recv, 1), "ETIMEDOUT", "recv")
    lasted(probe.when - time.time() + time.monotonic(), 10 + 3 * 5, (20, 30))
    if proto != TCP:
        equal(counts["KeepaliveProbes"], 4, "KeepaliveProbes")
        equal(counts["KeepaliveAborts"], 1, "KeepaliveAborts")
    equal(len([s for s in tap.segments(at) if not s.flags & RST]), 3, "probes")


@test("S5 USER_TIMEOUT limits how long data may stay unacknowledged")
def user_timeout():
    near, _, _ = pair(right, left)
    near.setsockopt(proto, 18, 5000)
    left.cut()
    start = time.monotonic()
    near.sendall(b"into the void")
    equal(outcome(near.recv, 1), "ETIMEDOUT", "recv")
    lasted(start, 5, (4.5, 9))


@test("S5 data that is never acknowledged: back-off, then ETIMEDOUT")
def data_timeout():
    with right.sysctl("retries", 6):
        near, _, at = pair(right, left)
        left.cut()
        tap = left.tap()
        counts, start = Counts(right), time.monotonic()
        near.sendall(b"into the void")
        near.settimeout(1000)
        equal(outcome(near.recv, 1), "ETIMEDOUT", "recv")
        lasted(start, 0.2 * (2 ** 7 - 1), None)
        equal(counts["RtoTimeouts"], 6, "RtoTimeouts")
        sent = [s for s in tap.segments(at) if s.payload]
        equal(len(sent), 7, "times: retries + 1")
        times = gaps(sent)[1:]
        expect(all(1.8 * a < b < 2.2 * a for a, b in zip(times, times[1:])),
               f"no doubling: {times}")


@test("S5 CLOSE_WAIT is seen for as long as a program fails to close")
def close_wait():
    near, far, at = pair(right, left)
    near.setsockopt(proto, 8, 1)
    near.close()
    until(lambda: left.states(at) == ["CLOSE_WAIT"], "CLOSE_WAIT")
    time.sleep(300)
    equal(left.states(at), ["CLOSE_WAIT"], "five minutes later")
    far.close()


@test("S5 RST ends both sides at once: ECONNRESET, then EPIPE")
def reset():
    near, far, at = pair(right, left)
    abort(near)
    until(lambda: left.states(at) == [], "left")
    equal(right.states(at), [], "right")
    equal(outcome(far.recv, 1), "ECONNRESET", "recv")
    equal(outcome(far.recv, 1), b"", "recv again")
    equal(outcome(far.send, b"x"), "EPIPE", "send")


@test("S5 data unread at close: the peer sees ECONNRESET")
def unread():
    near, far, at = pair(right, left)
    near.sendall(b"never read")
    until(lambda: far.recv(20, socket.MSG_PEEK), "data")
    far.close()
    until(lambda: right.states(at) == [], "right")
    equal(outcome(near.recv, 1), "ECONNRESET", "recv")


@test("S5 a RST counts only at exactly the expected number")
def inexact_reset():
    vctp_only()
    near, far, at = pair(right, left)
    out = right.tap()
    near.sendall(b"x" * 100)
    equal(len(far.recv(200)), 100, "data")
    data = until(lambda: [s for s in out.segments(at) if s.payload], "data")[0]
    counts = Counts(left)
    for shift in (1, 1000):
        out.sock.send(forged_reset(data, data.seq + 100 + shift))
    until(lambda: counts["ChallengeAcks"], "a challenge ACK")
    equal(left.states(at), ["ESTABLISHED"], "left")
    out.sock.send(forged_reset(data, data.seq + 100))
    until(lambda: left.states(at) == [], "the exact one ends it")
    equal(outcome(far.recv, 1), "ECONNRESET", "recv")


def forged_reset(data, seq):
    """A RST from the sender of @data."""
    header = bytearray(data.transport[:32])
    struct.pack_into("!HH", header, 8, 4 << 10 | RST | ACK, 0)
    struct.pack_into("!I", header, 16, seq & 0xFFFFFFFF)
    struct.pack_into("!H", header, 24, seq >> 32 & 0xFFFF)
    total = sum(struct.unpack("!16H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    struct.pack_into("!H", header, 10, ~total & 0xFFFF)
    ip = bytearray(data.frame[:34])
    struct.pack_into("!H", ip, 16, 52)
    struct.pack_into("!H", ip, 24, 0)
    total = sum(struct.unpack("!10H", ip[14:34]))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    struct.pack_into("!H", ip, 24, ~total & 0xFFFF)
    return bytes(ip + header)


if __name__ == "__main__":
    main()
