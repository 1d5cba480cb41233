#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --clock virtual
"""RSTs, those that count and those that do not, in every state: rows S2 and S5."""
import socket
import time

from sides import (ACK, FIN, RST, SYN, Counts, accepted, equal, left, main, port, right,
                   test, until)
from stranger import MASK, OPEN, RFL, Accepted, Connecting, Stranger

ECONNRESET, EPIPE = 104, 32


def established(_):
    return 1


def fin_wait_1(c):
    c.far.shutdown(socket.SHUT_WR)
    return 1


def fin_wait_2(c):
    fin_wait_1(c)
    until(lambda: c.heard(FIN), "left's FIN")
    c.send(acked=2)
    return 1


def closing(c):
    fin_wait_1(c)
    c.send(flags=FIN | ACK)
    return 2


def close_wait(c):
    c.send(flags=FIN | ACK)
    return 2


def last_ack(c):
    close_wait(c)
    c.becomes("CLOSE_WAIT")
    c.far.shutdown(socket.SHUT_WR)
    return 2


# How left gets there, and what its program is told. Each gives the number that
# left expects next, counted from the stranger's first.
STATES = {
    "ESTABLISHED": (established, ECONNRESET), "FIN_WAIT_1": (fin_wait_1, ECONNRESET),
    "FIN_WAIT_2": (fin_wait_2, ECONNRESET), "CLOSING": (closing, ECONNRESET),
    "CLOSE_WAIT": (close_wait, EPIPE), "LAST_ACK": (last_ack, ECONNRESET),
}

for _state, (_reach, _error) in STATES.items():
    @test(f"S5 {_state}: a RST counts at exactly the expected number, else it is asked about")
    def reset(state=_state, reach=_reach, error=_error):
        c = Accepted()
        exact = reach(c)
        c.becomes(state)
        counts, before = Counts(left), len(c.heard(ACK))
        c.send(flags=RST, ahead=exact + 1)
        c.send(flags=RST, ahead=exact - 1)
        c.send(flags=RST | ACK, ahead=exact + (1 << 40))
        counts.wait("DropRstInexact", 3)
        equal(counts["ChallengeAcks"], 1, "challenge ACKs, for what is in the window")
        challenge = c.heard(ACK)[before:]
        equal([(s.flags, s.ack) for s in challenge],
              [(ACK, (c.half.seq + exact) & MASK)], "the challenge ACK")
        c.becomes(state)
        c.send(flags=RST, ahead=exact)
        c.becomes()
        equal(counts["InRsts"], 1, "InRsts")
        equal(counts["EstabResets"], int(state in ("ESTABLISHED", "CLOSE_WAIT")),
              "EstabResets")
        equal(c.far.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), error, "SO_ERROR")
        equal(c.heard(RST), [], "never a RST for a RST")

    @test(f"S5 {_state}: a reflected RST ends it, with the number that left sent")
    def reflected(state=_state, reach=_reach, error=_error):
        c = Accepted()
        exact = reach(c)
        c.becomes(state)
        ident = c.half.ident        # left sends under this one
        counts = Counts(left)
        c.stranger.send(c.half.source, ident, RST | RFL, c.half.seq + exact + 1)
        counts.wait("DropRstInexact", 1)
        c.becomes(state)
        c.stranger.send(c.half.source, ident, RST | RFL, (c.half.seq + exact) & MASK)
        c.becomes()
        equal(counts["InRsts"], 1, "InRsts")
        equal(c.far.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), error, "SO_ERROR")


@test("S5 a RST ends what no program holds, in FIN_WAIT_1, FIN_WAIT_2, CLOSING and LAST_ACK")
def orphans():
    for state in ("FIN_WAIT_1", "FIN_WAIT_2", "CLOSING", "LAST_ACK"):
        c = Accepted()
        exact = STATES[state][0](c)
        c.far.close()
        c.becomes(state)
        c.send(flags=RST, ahead=exact)
        c.becomes()


@test("S5 TIME_WAIT: no RST ends it, neither exact nor reflected (RFC 1337)")
def time_wait():
    c = Accepted()
    c.far.close()
    c.becomes("FIN_WAIT_1")
    c.send(flags=FIN | ACK, acked=2)
    c.becomes("TIME_WAIT")
    counts = Counts(left)
    c.send(flags=RST, ahead=2)
    c.stranger.send(c.half.source, c.half.ident, RST | RFL, (c.half.seq + 2) & MASK)
    counts.wait("TimeWaitLate", 2)
    c.becomes("TIME_WAIT")


# --- two servers, one SYN ---

@test("S2 a SYN+ACK of another server gets a RST to that one; the first keeps the circuit")
def other_server():
    c = Connecting()
    c.answer(77, 1000)
    until(lambda: left.states(c.at) == ["ESTABLISHED"], "ESTABLISHED")
    c.answer(88, 5000)
    c.counts.wait("DropOtherServer", 1)
    reset = until(lambda: c.heard(RST), "a RST")
    equal([(s.id, s.flags, s.seq, s.ack) for s in reset],
          [(88, RST | ACK, (c.syn.seq + 1) & MASK, 5001)], "the RST")
    equal(c.counts.drops(), {"DropOtherServer": 1}, "all drops")
    c.send(ACK, 1001, payload=b"from the first")
    c.sock.settimeout(30)
    equal(c.sock.recv(50), b"from the first", "data")
    c.sock.send(b"answer")
    answer = until(lambda: [s for s in c.heard() if s.payload], "an answer")[0]
    equal((answer.id, answer.payload), (77, b"answer"), "to the first")


@test("S2 a SYN+ACK that comes again is acknowledged again, and no other server")
def same_server():
    c = Connecting()
    c.answer(77, 1000)
    until(lambda: left.states(c.at) == ["ESTABLISHED"], "ESTABLISHED")
    before = len(c.heard())
    c.answer(77, 1000)
    again = until(lambda: c.heard()[before:], "an ACK")
    equal([(s.id, s.flags, s.ack) for s in again], [(77, ACK, 1001)], "the ACK")
    equal(c.counts["DropOtherServer"], 0, "DropOtherServer")
    # one that does not acknowledge our SYN is nobody's
    time.sleep(0.6)
    c.answer(88, 5000, acked=2)
    c.counts.wait("DropWindow", 2)
    equal(c.heard(RST), [], "RSTs")


@test("S2 a forged bare SYN in SYN_SENT is answered and turns the client to nobody")
def third_party():
    c = Connecting()
    c.stranger.send(c.there, 99, SYN, 9000, options=OPEN)
    answer = until(lambda: c.heard(SYN | ACK), "a SYN+ACK")[0]
    equal((answer.id, answer.seq, answer.ack), (99, c.syn.seq, 9001), "to the forger")
    c.send(ACK, 9001, ident=c.syn.id)           # he goes on, and is not heard
    c.counts.wait("DropSynSent", 1)
    equal(left.states(c.at), ["SYN_SENT"], "left")
    c.answer(77, 1000)
    until(lambda: left.states(c.at) == ["ESTABLISHED"], "ESTABLISHED")
    c.send(ACK, 1001, payload=b"true")
    c.sock.settimeout(30)
    equal(c.sock.recv(50), b"true", "data of the true server")


@test("S2 two clients with one identifier are two: 4-tuples tell them apart")
def same_identifier():
    at = port()
    listener = left.listen(at)
    stranger = Stranger(at)
    halves = [stranger.syn(source, ident=4711) for source in (2001, 2002)]
    equal(len({half.server() for half in halves}), 2, "server identifiers")
    for half in halves:
        half.send(payload=str(half.source).encode())
    got = {accepted(listener).recv(9) for _ in halves}
    equal(got, {b"2001", b"2002"}, "data")
    # a reflected RST names the one that it is for
    stranger.send(2001, 4711, RST | RFL, (halves[0].seq + 5) & MASK)
    until(lambda: left.states(at) == ["ESTABLISHED"], "one is left")
    equal([c[1] for c in left.circuits(at) if c[2] == "ESTABLISHED"], [2002], "which")
    equal(right.states(at), [], "right has none")


if __name__ == "__main__":
    main()
