#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every allocation of the module fails, one after another.

For the simulation build of vctp.ko (make VCTP_SIM=1) on the sanitizer kernel,
as root, with the namespaces left and right joined by eth0. Each scenario is
played with its first allocation failing, then with its second, and so on until
no more are asked for. Always: nothing hangs, the stream goes on or an error
arrives that no memory explains, all objects are gone afterwards; at the end the
module can be unloaded and kmemleak has nothing to say.

	faults.py [--only SCENARIO] [--from N] [--to N] [MODULE]
"""
import argparse
import ctypes
import errno
import functools
import os
import select
import socket
import subprocess
import sys
import time

VCTP = 253
SOL_VCTP = 253
FAULT = "/sys/module/vctp/parameters/sim_fault"
LEAKS = "/sys/kernel/debug/kmemleak"
CLONE_NEWNET = 0x40000000
MOST_POLLS = 20000	# that a scenario takes, many times over
LONGEST_S = 4000	# no circuit lives so long without an answer
EXPLAINED = {errno.ENOMEM, errno.ENOBUFS, errno.ECONNRESET, errno.EPIPE,
	     errno.ECONNREFUSED, errno.ETIMEDOUT}
libc = ctypes.CDLL(None, use_errno=True)


class Wrong(Exception):
    """What must not be."""


def enter(name):
    """Go into a network namespace."""
    with open("/run/netns/" + name) as ns:
        if libc.setns(ns.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


def write(path, value):
    with open(path, "w") as file:
        file.write(str(value))


def setting(name, value):
    for side in ("left", "right"):
        enter(side)
        write("/proc/sys/net/vctp/" + name, value)


def run(*command):
    subprocess.run(command, check=True)


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

    def __init__(self, family, size, options=(), circuits=1):
        self.family, self.size, self.options = family, size, options
        self.circuits = circuits
        self.patience = Patience()
        self.ends, self.errors = [], []
        self.host = "10.0.0.1" if family == socket.AF_INET else "fd00::1"

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


def plain():
    Play(socket.AF_INET, 60000).play()


def lossy():
    Play(socket.AF_INET6, 150000, [(SOL_VCTP, 2, 500)]).play()


def cookies():
    Play(socket.AF_INET, 20000).play()


def several():
    Play(socket.AF_INET6, 3000, [
        (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.SOL_SOCKET, 37, 0x2 | 0x8 | 0x80 | 0x200),	# SO_TIMESTAMPING
    ], circuits=4).play()


def calls():
    """Calls that the others do not make."""
    errors, socks = [], []

    def call(function, *args):
        try:
            return function(*args)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno not in EXPLAINED | {errno.ENOTCONN, errno.EINVAL}:
                raise Wrong(os.strerror(error.errno)) from error
            errors.append(error.errno)
            return None

    def make(side):
        enter(side)
        sock = call(socket.socket, socket.AF_INET, socket.SOCK_STREAM, VCTP)
        if sock:
            sock.settimeout(200)
            socks.append(sock)
        return sock

    listener, client = make("left"), make("right")
    try:
        if not listener or not client:
            return
        call(listener.bind, ("10.0.0.1", 4001))
        call(listener.listen, 1)
        if call(client.connect, ("10.0.0.1", 4001)) is None and errors:
            return
        server, _ = call(listener.accept) or (None, None)
        if not server:
            return
        socks.append(server)
        server.settimeout(200)
        call(client.send, b"urgent", socket.MSG_OOB)
        time.sleep(1)
        call(server.recv, 1, socket.MSG_OOB)
        call(server.recv, 100, socket.MSG_PEEK)
        call(client.sendmsg, [b"more"], [], socket.MSG_MORE)
        call(client.send, b"now")
        with open("/proc/self/exe", "rb") as file:
            call(client.sendfile, file, 0, 100000)
        time.sleep(1)
        read, written = os.pipe()
        call(os.splice, server.fileno(), written, 4096)
        os.close(read)
        os.close(written)
        call(lambda: libc.connect(client.fileno(), bytes(16), 16))
    finally:
        for sock in socks:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            b"\1\0\0\0\0\0\0\0")
            sock.close()


def namespace():
    """A namespace more; where it cannot be made, nothing is left of it."""
    pid = os.fork()
    if not pid:
        failed = libc.unshare(CLONE_NEWNET)
        os._exit(ctypes.get_errno() if failed else 0)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status and status not in EXPLAINED:
        raise Wrong("unshare: " + os.strerror(status))


def emptied():
    """All that a scenario made is gone, soon enough."""
    until = time.monotonic() + LONGEST_S
    while True:
        left = []
        for side in ("left", "right"):
            enter(side)
            with open("/proc/net/vctp_sockstat") as file:
                words = file.read().split()[1:13]
            left += [w for w in words[1::2] if w != "0"]
        with open("/sys/module/vctp/refcnt") as file:
            sockets = file.read().strip()
        left += [sockets] if sockets != "0" else []
        if not left:
            return
        if time.monotonic() > until:
            raise Wrong("something is left: %s, %s references" %
                        (" ".join(words), sockets))
        time.sleep(20)


def impossible():
    for side in ("left", "right"):
        enter(side)
        with open("/proc/net/vctp_snmp") as file:
            names, values = [line.split() for line in file.read().splitlines()]
        if int(values[names.index("Impossible")]):
            raise Wrong("an impossible cell of the state table")


def impair(on):
    for side in ("left", "right"):
        if on:
            run("tc", "-n", side, "qdisc", "add", "dev", "eth0", "root", "netem",
                "delay", "20ms", "4ms", "loss", "5%", "limit", "1000")
        else:
            run("tc", "-n", side, "qdisc", "del", "dev", "eth0", "root")


# name: how it is prepared and undone, and what is played
def quiet(on):
    setting("time_wait_mode", 1 if on else 0)


def with_cookies(on):
    setting("cookies", 2 if on else 1)


def nothing(on):
    pass


SCENARIOS = {
    "namespace": (nothing, namespace),
    "plain": (quiet, plain),
    "lossy": (impair, lossy),
    "cookies": (with_cookies, cookies),
    "several": (nothing, several),
    "calls": (nothing, calls),
}


class Results:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def tell(self, what, wrong=None):
        if wrong:
            self.failed += 1
            print("not ok %d %s: %s" % (self.passed + self.failed, what, wrong))
        else:
            self.passed += 1
            print("ok %d %s" % (self.passed + self.failed, what))
        sys.stdout.flush()


def module_setup(args, results):
    """The module itself: loads whole, or not at all."""
    subprocess.run(["rmmod", "vctp"], check=False, stderr=subprocess.DEVNULL)
    for n in range(1, 1000):
        done = subprocess.run(["insmod", args.module, "sim_fault=%d" % n],
                              capture_output=True, check=False)
        if not done.returncode:
            break
        wrong = None
        if os.path.exists("/sys/module/vctp"):
            wrong = "half of it is there"
        results.tell("insmod, allocation %d" % n, wrong)
    with open(FAULT) as file:
        if file.read().strip() == "0":
            results.tell("insmod", "loaded in spite of a failure")
    write(FAULT, 0)
    print("# insmod: %d allocations" % (n - 1))
    if n == 1:
        results.tell("insmod", "it asked for no memory: nothing was tried")


def one(function, n, results, name):
    """The scenario with its allocation @n failing. False: it asks for fewer."""
    for side, seed in (("left", 1), ("right", 2)):
        enter(side)
        write("/proc/sys/net/vctp/sim_seed", seed)
    wrong = None
    try:
        write(FAULT, n)
        function()
        with open(FAULT) as file:
            reached = file.read().strip() == "0"
        write(FAULT, 0)
        emptied()
        impossible()
    except Wrong as error:
        wrong = error
        reached = True
    if reached or wrong:
        results.tell("%s, allocation %d" % (name, n), wrong)
    return reached


def scenario(name, args, results):
    prepare, function = SCENARIOS[name]
    prepare(True)
    n = args.first
    while n <= args.last and one(function, n, results, name):
        n += 1
    prepare(False)
    print("# %s: %d allocations" % (name, n - args.first))
    if n == args.first:
        results.tell(name, "it asked for no memory: nothing was tried")


def leaks(looks):
    """What kmemleak finds that it has not found before."""
    if not os.path.exists(LEAKS):
        return "there is no kmemleak to ask"
    for _ in range(looks):
        write(LEAKS, "scan")
        time.sleep(6)
    with open(LEAKS) as file:
        found = file.read()
    write(LEAKS, "clear")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("module", nargs="?", default="/vctp/vctp.ko")
    parser.add_argument("--only", choices=[*SCENARIOS, "module"])
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--to", dest="last", type=int, default=100000)
    args = parser.parse_args()
    results = Results()

    print("TAP version 13")
    leaks(3)		# the kernel's own
    if args.only in (None, "module"):
        module_setup(args, results)
    if not os.path.exists(FAULT):
        print("1..0 # SKIP vctp.ko is no simulation build (make VCTP_SIM=1)")
        return 4
    for name in SCENARIOS:
        if args.only in (None, name):
            scenario(name, args, results)
    time.sleep(10)	# a grace period
    unloaded = subprocess.run(["rmmod", "vctp"], capture_output=True, text=True,
                              check=False)
    results.tell("rmmod", unloaded.stderr)
    results.tell("kmemleak", leaks(6))
    print("1..%d" % (results.passed + results.failed))
    print("%d passed, %d failed" % (results.passed, results.failed))
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
