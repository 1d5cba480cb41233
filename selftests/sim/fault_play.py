# SPDX-License-Identifier: GPL-2.0
"""Circuits from right to left that are opened, used and closed, whatever fails."""
import functools
import os
import select
import socket
import time

from fault_hosts import EXPLAINED, LONGEST_S, VCTP, Wrong, enter

MOST_POLLS = 20000	# that a scenario takes, many times over


@functools.lru_cache(maxsize=None)
def content(size, seed):
    return bytes((i * 7 + (i >> 8) * 13 + seed) & 255 for i in range(size))


class End:
    """One end of a circuit: sends all, reads all, as far as it can."""

    def __init__(self, sock, sends, expects):
        self.sock, self.sends, self.expects = sock, sends, expects
        self.got, self.sent, self.error, self.ended = b"", 0, 0, False
        self.shut = False

    def step(self):
        self.told()
        try:
            self.send()
            self.receive()
        except BlockingIOError:
            pass
        except OSError as error:
            self.error = error.errno
        if self.error or (self.ended and self.shut):
            self.sock.close()
            self.sock = None

    def told(self):
        """Time stamps; a poll() would return for them for ever."""
        try:
            while self.sock.recvmsg(1, 1000, socket.MSG_ERRQUEUE):
                pass
        except OSError:
            pass

    def send(self):
        while self.sent < len(self.sends):
            try:
                self.sent += self.sock.send(self.sends[self.sent:self.sent + 20000])
            except BlockingIOError:
                return
        if not self.shut:
            self.sock.shutdown(socket.SHUT_WR)
            self.shut = True

    def receive(self):
        # one at a time, so that both directions are alive at once
        while not self.ended:
            data = self.sock.recv(16384)
            self.got += data
            self.ended = not data

    def wants(self):
        # an end of file can be read again and again
        return (0 if self.ended else select.POLLIN) | (0 if self.shut else select.POLLOUT)


class Patience:
    """Waits for events; who is told of one again and again has nothing to do."""

    def __init__(self):
        self.left = MOST_POLLS

    def poll(self, watched):
        poll = select.poll()
        for sock, events in watched:
            poll.register(sock, events)
        events = poll.poll(10000)
        self.left -= 1
        if self.left < 0:
            raise Wrong("poll() goes round and round: %s of %s" % (events, [
                (sock.fileno(), wanted) for sock, wanted in watched]))


class Play:
    """A listener on the left, circuits from the right, until all is over."""

    def __init__(self, family, size, options=(), circuits=1, host=None):
        self.family, self.size, self.options = family, size, options
        self.circuits = circuits
        self.patience = Patience()
        self.ends, self.errors = [], []
        self.host = host or ("10.0.0.1" if family == socket.AF_INET else "fd00::1")

    def make(self, side):
        enter(side)
        sock = socket.socket(self.family, socket.SOCK_STREAM, VCTP)
        sock.setblocking(False)
        for level, name, value in self.options:
            sock.setsockopt(level, name, value)
        return sock

    def listen(self):
        sock = self.make("left")
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((self.host, 4000))
            sock.listen(8)
        except OSError:
            sock.close()
            raise
        return sock

    def connect(self, seed):
        sock = self.make("right")
        try:
            sock.connect((self.host, 4000))
        except BlockingIOError:
            pass
        except OSError:
            sock.close()
            raise
        self.ends.append(End(sock, content(self.size, seed), None))

    def accept(self, listener):
        try:
            sock, _ = listener.accept()
        except BlockingIOError:
            return
        except OSError as error:
            self.errors.append(error.errno)
            return
        sock.setblocking(False)
        self.ends.append(End(sock, content(self.size, 99), None))

    def loop(self, listener):
        until = time.monotonic() + LONGEST_S
        while time.monotonic() < until:
            open_ends = [end for end in self.ends if end.sock]
            if not any(end.sock for end in self.ends[:self.circuits]):
                listener.close()	# no peer comes any more
                self.finish(until)
                return
            self.patience.poll([(listener, select.POLLIN)] +
                               [(end.sock, end.wants()) for end in open_ends])
            self.accept(listener)
            for end in open_ends:
                end.step()
        raise Wrong("it hangs: %s" % [(e.sent, len(e.got), e.shut, e.ended)
                                      for e in self.ends])

    def finish(self, until):
        while time.monotonic() < until:
            open_ends = [end for end in self.ends if end.sock]
            if not open_ends:
                return
            self.patience.poll([(end.sock, end.wants()) for end in open_ends])
            for end in open_ends:
                end.step()
        raise Wrong("an accepted circuit hangs")

    def play(self):
        listener = None
        try:
            listener = self.listen()
            for seed in range(self.circuits):
                self.connect(seed)
            self.loop(listener)
        except OSError as error:
            self.errors.append(error.errno)
        finally:
            for end in self.ends:
                if end.sock:
                    end.sock.close()
            if listener:
                listener.close()
        self.judge()

    def judge(self):
        errors = [e.error for e in self.ends if e.error] + self.errors
        for error in errors:
            if error not in EXPLAINED:
                raise Wrong("no memory does not explain " + os.strerror(error))
        wanted = [content(self.size, 99)] * self.circuits
        served = {content(self.size, seed) for seed in range(self.circuits)}
        for i, end in enumerate(self.ends):
            whole = [wanted[0]] if i < self.circuits else served
            if end.got in whole:
                continue
            if not any(data.startswith(end.got) for data in whole):
                raise Wrong("wrong bytes")
            if not errors:
                raise Wrong("the stream ended early, and nobody had an error")
