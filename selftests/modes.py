#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e --clock virtual
"""The modes of recovery, per socket: what each sends, and that all arrives."""
import errno
import hashlib
import socket
import threading

from sides import (ACK, SOL_VCTP, VCTP, Skip, equal, expect, left, main, outcome,
                   pair, port, proto, right, test, until)

RECOVERY = 66
MODES = ("selective", "go-back-n", "stop-and-wait")
DATA = bytes((i * i >> 8 ^ i * 7) & 255 for i in range(1 << 16)) * 16


def mode_of(sock):
    return sock.getsockopt(SOL_VCTP, RECOVERY, 16).rstrip(b"\0").decode()


def joined(mode, family=socket.AF_INET):
    """A circuit whose both ends use a mode: the sending and the reading end."""
    if proto != VCTP:
        raise Skip("TCP has no such option")
    at = port()
    listener = right.listen(at, family=family)
    listener.setsockopt(SOL_VCTP, RECOVERY, mode.encode())
    near = left.stream(family)
    near.setsockopt(SOL_VCTP, RECOVERY, mode.encode())
    near.connect((right.address(family), at))
    far, _ = listener.accept()
    far.settimeout(600)
    near.settimeout(600)
    listener.close()
    equal((mode_of(near), mode_of(far)), (mode, mode), "mode of both ends")
    return near, far, at


def carried(near, far, data):
    """Send all of it and close; expect it at the other end."""
    def send():
        near.sendall(data)
        near.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    got = hashlib.sha256()
    count = 0
    while True:
        piece = far.recv(1 << 16)
        if not piece:
            break
        got.update(piece)
        count += len(piece)
    sender.join()
    equal(count, len(data), "bytes")
    expect(got.digest() == hashlib.sha256(data).digest(), "other bytes")


def settings(family):
    sock = left.stream(family)
    if proto != VCTP:
        raise Skip("TCP has no such option")
    for mode in MODES:
        sock.setsockopt(SOL_VCTP, RECOVERY, mode.encode())
        equal(mode_of(sock), mode, "mode")
    equal(outcome(sock.setsockopt, SOL_VCTP, RECOVERY, b"hope"), "ENOENT", "unknown")
    near, far, _ = pair(left, right, family)
    equal(outcome(near.setsockopt, SOL_VCTP, RECOVERY, b"go-back-n"), "EISCONN",
          "a mode for a running circuit")
    equal(mode_of(far), "selective", "the default")


@test("S8 VCTP_RECOVERY: each mode by its name, until the circuit runs")
def settings_v4():
    settings(socket.AF_INET)


@test("S8 VCTP_RECOVERY: the same over IPv6")
def settings_v6():
    settings(socket.AF_INET6)


@test("S8 net.vctp.recovery is the mode of new sockets")
def default():
    with left.sysctl("recovery", "stop-and-wait"):
        equal(mode_of(left.stream()), "stop-and-wait", "mode")
    equal(mode_of(left.stream()), "selective", "mode")
    try:
        left.write("/proc/sys/net/vctp/recovery", "hope")
        expect(False, "an unknown mode was taken")
    except OSError as err:
        equal(err.errno, errno.ENOENT, "errno")


@test("S8 stop-and-wait: a segment goes when the last one is acknowledged")
def one_at_a_time():
    near, far, at = joined("stop-and-wait")
    tap = left.tap()
    carried(near, far, DATA[:100000])
    data = sent = acked = None
    count = 0
    for segment in until(lambda: tap.segments(at), "segments"):
        if segment.dest != at:
            if segment.flags & ACK and data is not None:
                acked = segment.ack
            continue
        if not segment.payload:
            continue
        count += 1
        if data is not None and segment.seq > data:
            expect(acked is not None and acked >= sent,
                   f"{segment} before the ACK of {sent}: {acked}")
        data, sent = segment.seq, segment.seq + len(segment.payload)
    expect(count >= 100000 // 1448, f"{count} segments seen")


def every_fiftieth(mode):
    """1 MiB with each fiftieth segment lost: dropped, repeated, kept, refused."""
    near, far, _ = joined(mode)
    left.impair("delay", "10ms")
    right.impair("delay", "0ms")        # no merging either: single losses
    right.cut("meta length > 1000 numgen inc mod 50 == 7 counter")
    before = (left.counter("RetransSegs"), right.counter("OfoQueued"),
              right.counter("DropOutOfOrder"))
    carried(near, far, DATA)
    rules = right.run("nft", "list", "table", "inet", "cut").stdout
    lost = int(rules.split("packets ")[1].split()[0])
    after = (left.counter("RetransSegs"), right.counter("OfoQueued"),
             right.counter("DropOutOfOrder"))
    expect(lost >= 10, f"only {lost} lost")
    return (lost, *(b - a for a, b in zip(before, after)))


@test("S8 selective repeat: what is lost goes again, and only that")
def selective():
    lost, again, kept, refused = every_fiftieth("selective")
    equal((again, refused), (lost, 0), "sent again, refused")
    expect(kept > lost, f"{kept} kept out of order for {lost} lost")


@test("S8 go-back-N: from what is lost on, all goes again; nothing is kept")
def go_back_n():
    lost, again, kept, refused = every_fiftieth("go-back-n")
    equal(kept, 0, "kept out of order")
    expect(refused > lost, f"{refused} refused for {lost} lost")
    # each segment that came in vain was sent again
    expect(again >= refused, f"{again} sent again, {refused} refused")


def bad_link(mode, family):
    near, far, _ = joined(mode, family)
    for side in (left, right):
        side.impair("delay", "5ms", "2ms", "loss", "5%", "duplicate", "2%",
                    "reorder", "20%")
    carried(near, far, DATA[:200000])


for _mode in MODES:
    for _family, _name in ((socket.AF_INET, "IPv4"), (socket.AF_INET6, "IPv6")):
        test(f"S7 {_mode}: every byte over a bad link, {_name}")(
            lambda mode=_mode, family=_family: bad_link(mode, family))


if __name__ == "__main__":
    main()
