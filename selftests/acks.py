#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e --clock virtual
"""Acknowledgments: what is out of order is told of, whatever else is sent."""
import socket
import threading

from sides import expect, left, main, pair, right, test

THERE, BACK = 2 << 20, 1 << 20      # bytes to the right, and to the left


def both_ways():
    """Each twentieth segment to the right is lost, and each bare ACK: what the
    right end may send next it learns from data, out of order or not."""
    near, far, _ = pair(left, right)
    # so that the right end always has more than it may send
    near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    for side in (left, right):
        side.impair("delay", "10ms")        # single segments, none merged
    right.cut("meta length > 1000 numgen inc mod 20 == 7")
    right.cut("meta length < 100")

    def read(sock, count):
        while count:
            piece = sock.recv(count)
            expect(piece, "an early end")
            count -= len(piece)
        whole.append(sock)

    whole = []
    threads = [threading.Thread(target=near.sendall, args=(bytes(THERE),)),
               threading.Thread(target=far.sendall, args=(bytes(BACK),)),
               threading.Thread(target=read, args=(far, THERE)),
               threading.Thread(target=read, args=(near, BACK))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(len(whole) == 2, "not all came")


@test("S7 data the other way does not take the place of a SACK")
def told():
    before = right.counter("OfoQueued"), left.counter("SacksReceived")
    both_ways()
    queued = right.counter("OfoQueued") - before[0]
    heard = left.counter("SacksReceived") - before[1]
    print(f"# {queued} out of order, {heard} told of")
    expect(queued > 100, f"only {queued} out of order")
    expect(heard >= queued, f"{queued} out of order, {heard} told of")


if __name__ == "__main__":
    main()
