#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every allocation of the module fails, one after another.

For the simulation build of vctp.ko (make VCTP_SIM=1) on the sanitizer kernel,
as root, with the namespaces left and right joined by eth0. Each scenario is
played with its first allocation failing, then with its second, and so on until
no more are asked for. Always: nothing hangs, the stream goes on or an error
arrives that want of memory explains, all objects are gone afterwards. What the
kernel asks for before it asks the module, the socket itself, fails by the
kernel's own fault injection: core(). At the end each function of
module/watch/faults.c has failed, the module can be unloaded, and kmemleak has
nothing to say.

	faults.py [--only SCENARIO] [--from N] [--to N] [MODULE]
"""
import argparse
import contextlib
import ctypes
import errno
import fcntl
import functools
import heapq
import os
import select
import socket
import struct
import subprocess
import sys
import time

VCTP = 253
SOL_VCTP = 253
FAULT = "/sys/module/vctp/parameters/sim_fault"
LEAKS = "/sys/kernel/debug/kmemleak"
FAILSLAB = "/sys/kernel/debug/failslab/"
TRACING = "/sys/kernel/tracing/events/vctp/enable"
CLONE_NEWNET = 0x40000000
MOST_POLLS = 20000	# that a scenario takes, many times over
LONGEST_S = 4000	# no circuit lives so long without an answer
EXPLAINED = {errno.ENOMEM, errno.ENOBUFS, errno.ECONNRESET, errno.EPIPE,
	     errno.ECONNREFUSED, errno.ETIMEDOUT}
AGAIN = "tools/lab/vm --suite uml -- /vctp/selftests/sim/faults.py"
MARK = 0xa8		# a type of service: what bears it meets a rule of nft
# What faults.c leads to itself and nothing here can make fail, and why.
OUT_OF_REACH = {
	"iov_iter_get_pages2": "6.1 splices by it, which has no such kernel here",
	"__kmalloc_noprof": "all that the module allocates has a constant size",
	"rht_bucket_nested_insert": "only in a table that grew without memory: the "
				    "second failure",
}
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


class Link:
    """Two TUN devices and the program between them, which loses and delays packets
    by their number: the same ones in each play."""

    DELAY_S, LATE_S = 0.02, 0.012

    def __init__(self):
        self.devices = [self.device(side, number + 1)
                        for number, side in enumerate(("left", "right"))]
        orders, self.orders = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(self.orders)
            try:
                self.carry(orders)
            finally:
                os._exit(0)
        for fd in (*self.devices, orders):
            os.close(fd)

    @staticmethod
    def device(side, number):
        enter(side)
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        # TUNSETIFF: IFF_TUN | IFF_NO_PI
        fcntl.ioctl(fd, 0x400454ca, struct.pack("16sH22x", b"wire", 0x1001))
        run("ip", "-n", side, "addr", "add", "fd01::%d/64" % number, "dev", "wire",
            "nodad")
        run("ip", "-n", side, "link", "set", "wire", "up")
        return fd

    def begin(self):
        """From now on it counts anew."""
        os.write(self.orders, b"0")

    def close(self):
        os.close(self.orders)
        os.waitpid(self.pid, 0)

    def carry(self, orders):
        poll = select.poll()
        for fd in (orders, *self.devices):
            poll.register(fd, select.POLLIN)
        waiting, seen, number = [], [0, 0], 0
        while True:
            wait = (waiting[0][0] - time.monotonic()) * 1000 if waiting else None
            ready = [fd for fd, _ in poll.poll(wait and max(wait, 0))]
            if orders in ready:
                if not os.read(orders, 1):
                    return
                waiting, seen = [], [0, 0]
            for way, fd in enumerate(self.devices):
                while fd in ready:
                    try:
                        packet = os.read(fd, 65536)
                    except BlockingIOError:
                        break
                    number += 1
                    due = self.fate(way, packet, seen)
                    if due:
                        heapq.heappush(waiting, (due, number, way, packet))
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, way, packet = heapq.heappop(waiting)
                os.write(self.devices[1 - way], packet)

    def fate(self, way, packet, seen):
        """When it is to arrive; 0: never. Of others than us nothing is wanted."""
        if packet[6] != VCTP:
            return 0
        seen[way] += 1
        if seen[way] % 19 == 7 + way:
            return 0
        late = self.LATE_S if seen[way] % 11 == 5 else 0
        return time.monotonic() + self.DELAY_S + late


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


def plain(arm):
    arm()
    Play(socket.AF_INET, 60000).play()


def lossy(arm):
    LINK[0].begin()
    arm()
    Play(socket.AF_INET6, 24000, [(SOL_VCTP, 2, 500)], host="fd01::1").play()


def cookies(arm):
    arm()
    Play(socket.AF_INET, 20000).play()


def several(arm):
    arm()
    Play(socket.AF_INET6, 3000, [
        (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (socket.SOL_SOCKET, 37, 0x2 | 0x8 | 0x80 | 0x200),	# SO_TIMESTAMPING
        # six bytes of padding, which each child copies
        (socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, b"\0\0\1\4\0\0\0\0"),
    ], circuits=4).play()


class Calls:
    """Sockets and calls one after the other, each of which may fail."""

    def __init__(self, *besides):
        self.explained = EXPLAINED.union(besides)
        self.errors, self.socks = [], []

    def __call__(self, function, *args):
        try:
            return function(*args)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno not in self.explained:
                raise Wrong("%s: %s" % (function, error)) from error
            self.errors.append(error.errno)
            return None

    def make(self, side, family=socket.AF_INET):
        enter(side)
        sock = self(socket.socket, family, socket.SOCK_STREAM, VCTP)
        if sock:
            sock.settimeout(200)
            self.socks.append(sock)
        return sock

    def pair(self, port):
        """Both ends of a circuit: the client's, and the server's."""
        listener, client = self.make("left"), self.make("right")
        if not listener or not client:
            return None, None
        self(listener.bind, ("10.0.0.1", port))
        self(listener.listen, 1)
        before = len(self.errors)
        self(client.connect, ("10.0.0.1", port))
        if len(self.errors) > before:
            return None, None
        server, _ = self(listener.accept) or (None, None)
        if server:
            server.settimeout(200)
            self.socks.append(server)
        return client, server

    def close(self):
        for sock in self.socks:
            try:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                b"\1\0\0\0\0\0\0\0")
            except OSError:
                pass	# then it says good-bye
            sock.close()


def group(call):
    """Two who listen at one port."""
    for _ in range(2):
        sock = call.make("left")
        if sock:
            call(sock.setsockopt, socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            call(sock.bind, ("10.0.0.1", 4002))
            call(sock.listen, 1)


def administration(call):
    """What is asked of the sockets by name, of /proc, and of the tracepoints."""
    with contextlib.ExitStack() as stack:
        call(lambda: stack.enter_context(open("/proc/thread-self/net/vctp")).read())
    call(write, TRACING, 1)
    call(write, TRACING, 0)
    sock = call.make("right", socket.AF_INET6)
    if sock:
        call(sock.setsockopt, socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 60)
        call(sock.getsockopt, socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS)
        call(fcntl.ioctl, sock, 0x8915, bytes(40))	# SIOCGIFADDR; IPv6 has none
    sock = call.make("right")
    if sock:
        call(sock.getsockopt, socket.IPPROTO_IP, socket.IP_TTL)
        call(fcntl.ioctl, sock, 0x8915, struct.pack("40s", b"eth0"))


def calls(arm):
    """Calls that the others do not make."""
    arm()
    call = Calls(errno.ENOTCONN, errno.EINVAL, errno.EHOSTUNREACH, errno.ENOTTY,
		 errno.EADDRINUSE)
    try:
        group(call)
        administration(call)
        client, server = call.pair(4001)
        if not server:
            return
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
        without_copy(call, client, server)
        call(lambda: libc.connect(client.fileno(), bytes(16), 16))
        unreachable(call)
    finally:
        call.close()


def read_errors(call, sock):
    """Without a time limit, since Python would poll() for what is not there."""
    sock.settimeout(0)
    call(sock.recvmsg, 100, 1000, socket.MSG_ERRQUEUE)
    sock.settimeout(200)


def without_copy(call, client, server):
    call(server.recv, 200000)	# so that nobody polls, with a word in the error queue
    call(client.setsockopt, socket.SOL_SOCKET, 60, 1)	# SO_ZEROCOPY
    call(client.send, bytes(2000), 0x4000000)		# MSG_ZEROCOPY
    time.sleep(1)
    read_errors(call, client)


def unreachable(call):
    """A SYN is answered by an ICMP error, and there is a word of it in the queue."""
    client = call.make("right")
    if not client:
        return
    call(client.setsockopt, socket.IPPROTO_IP, 11, 1)	# IP_RECVERR
    call(client.setsockopt, socket.IPPROTO_IP, socket.IP_TOS, MARK)
    client.settimeout(0)
    call(client.connect, ("10.0.0.1", 4003))
    time.sleep(1)
    read_errors(call, client)


def stalled(arm, size=200000):
    """What is sent again while the peer still has it unread: a large segment, which
    is cut up before; with a small @size, one that goes whole."""
    call = Calls()
    try:
        client, server = call.pair(4004)
        if not server:
            raise Wrong("no circuit, though nothing failed")
        arm()
        call(server.setsockopt, socket.IPPROTO_IP, socket.IP_TOS, MARK)
        client.setblocking(False)
        sent = content(size, 5)
        sent = sent[:call(client.send, sent) or 0]
        time.sleep(4)
        for _ in range(2):	# one of them does not fail
            call(server.setsockopt, socket.IPPROTO_IP, socket.IP_TOS, 0)
        client.settimeout(200)
        call(client.shutdown, socket.SHUT_WR)
        got = b""
        while len(got) < len(sent):
            data = call(server.recv, 65536)
            if not data:
                break
            got += data
        if not sent.startswith(got):
            raise Wrong("wrong bytes")
        if len(got) < len(sent) and not call.errors:
            raise Wrong("the stream ended early, and nobody had an error")
    finally:
        call.close()


def forged_segment(server, client_port, beyond, payload):
    """What the client would send next, or @beyond that."""
    info = server.getsockopt(SOL_VCTP, 11, 168)
    iss, irs = struct.unpack_from("2Q", info, 152)
    acked, received = struct.unpack_from("2Q", info, 112)
    seq = (irs + 1 + received + beyond) & 0xffffffffffff
    ack = (iss + 1 + acked) & 0xffffffffffff
    segment = bytearray(struct.pack(
        "!HHIHHIIIHHI", client_port, server.getsockname()[1],
        struct.unpack_from("I", info, 8)[0], 4 << 10 | 16, 0, 65535,
        seq & 0xffffffff, ack & 0xffffffff, seq >> 32, ack >> 32, 0) + payload)
    total = sum(struct.unpack("!%dH" % (len(segment) // 2), segment))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    segment[10:12] = struct.pack("!H", total ^ 0xffff)
    return bytes(segment)


def forged(arm):
    """Segments in pieces as no sender of ours makes them: the header apart from
    itself, payload that overlaps, and that ends beyond the window."""
    call = Calls()
    enter("right")
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, VCTP) as raw:
        try:
            client, server = call.pair(4005)
            if not server:
                raise Wrong("no circuit, though nothing failed")
            window = struct.unpack_from("I", server.getsockopt(SOL_VCTP, 11, 168),
                                        76)[0]
            arm()
            for beyond, size in ((1000, 200), (900, 200), (1100, 200),
                                 (window - 100, 200)):
                segment = forged_segment(server, client.getsockname()[1], beyond,
                                         bytes(size))
                for begin, end, more in ((0, 8, socket.MSG_MORE), (8, None, 0)):
                    raw.sendto(segment[begin:end], more, ("10.0.0.1", 0))
            call(client.send, bytes(1000))
            call(server.recv, 4000)
        finally:
            call.close()


def many(arm):
    """A table that grows at once, by an entry, since the worker has no turn."""
    call, socks = Calls(), []
    enter("right")
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        for number in range(260):
            if number == 254:
                arm()
            sock = call(socket.socket, socket.AF_INET, socket.SOCK_STREAM, VCTP)
            if not sock:
                continue
            socks.append(sock)
            sock.setblocking(False)
            call(sock.setsockopt, socket.IPPROTO_IP, socket.IP_TOS, MARK)
            call(sock.connect, ("10.0.0.1", 4006))
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        for sock in socks:
            sock.close()
    time.sleep(1)	# then it shrinks


def namespace(arm):
    """A namespace more; where it cannot be made, nothing is left of it."""
    arm()
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


LINK = []


# name: how it is prepared and undone, and what is played
def over_link(on):
    if on:
        LINK.append(Link())
    else:
        LINK.pop().close()


def quiet(on):
    setting("time_wait_mode", 1 if on else 0)


def with_cookies(on):
    setting("cookies", 2 if on else 1)


def marked(side, verdict, on):
    """What comes to @side with MARK."""
    enter(side)
    if not on:
        run("nft", "delete table inet marked")
        return
    run("nft", "add table inet marked; add chain inet marked in "
        "{ type filter hook prerouting priority 0; }; add rule inet marked in "
        "meta l4proto %d ip dscp %d %s" % (VCTP, MARK >> 2, verdict))


def with_errors(on):
    marked("left", "reject with icmp type host-unreachable", on)


def without_acks(on):
    marked("right", "drop", on)


def without_answer(on):
    marked("left", "drop", on)


def nothing(on):
    pass


SCENARIOS = {
    "namespace": (nothing, namespace),
    "plain": (quiet, plain),
    "lossy": (over_link, lossy),
    "cookies": (with_cookies, cookies),
    "several": (nothing, several),
    "calls": (with_errors, calls),
    "stalled": (without_acks, stalled),
    "small": (without_acks, functools.partial(stalled, size=100)),
    "forged": (nothing, forged),
    "many": (without_answer, many),
}


class Results:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def tell(self, what, wrong=None, again=None):
        """@again: the scenario and the allocation that show it once more."""
        if wrong:
            self.failed += 1
            print("not ok %d %s: %s" % (self.passed + self.failed, what, wrong))
            if again:
                print("# again: %s --only %s --from %d --to %d" %
                      (AGAIN, again[0], again[1], again[1]))
        else:
            self.passed += 1
            print("ok %d %s" % (self.passed + self.failed, what))
        sys.stdout.flush()


class Log:
    """What faults.c says has failed, by name."""

    def __init__(self):
        self.failed = set()
        self.kmsg = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.kmsg, 0, os.SEEK_END)

    def read(self):
        while True:
            try:
                record = os.read(self.kmsg, 8192).decode(errors="replace")
            except BlockingIOError:
                return
            except BrokenPipeError:
                continue	# some records were overwritten
            words = record.partition(";")[2].split()
            if words[:2] == ["vctp:", "fault:"]:
                self.failed.add(words[2])

    def tell(self, results):
        """Of what this kernel has, that which the module calls by faults.c."""
        wrapped, exported = set(), set()
        with open("/proc/kallsyms") as file:
            for line in file:
                words = line.split()
                if words[-1] == "[vctp]":
                    if words[2].startswith("__wrap_"):
                        # gcc's unlikely parts are no functions
                        wrapped.add(words[2].removeprefix("__wrap_")
                                    .removesuffix(".cold"))
                else:
                    exported.add(words[2])
        self.read()
        missed = sorted((wrapped & exported) - self.failed)
        for name in missed:
            print("# %s never failed: %s" % (name, OUT_OF_REACH.get(name, "why?")))
        results.tell("each function that may find no memory has failed",
                     " ".join(set(missed) - set(OUT_OF_REACH)))


def module_setup(args, results):
    """The module itself: loads whole, or not at all."""
    subprocess.run(["rmmod", "vctp"], check=False, stderr=subprocess.DEVNULL)
    for n in range(args.first, min(args.last, 1000) + 1):
        done = subprocess.run(["insmod", args.module, "sim_fault=%d" % n],
                              capture_output=True, check=False)
        if not done.returncode:
            break
        wrong = None
        if os.path.exists("/sys/module/vctp"):
            wrong = "half of it is there"
        results.tell("insmod, allocation %d" % n, wrong, ("module", n))
    else:
        subprocess.run(["insmod", args.module], check=True)
        return
    with open(FAULT) as file:
        if file.read().strip() == "0":
            results.tell("insmod", "loaded in spite of a failure", ("module", n))
    write(FAULT, 0)
    print("# insmod: %d allocations" % (n - args.first))
    if n == args.first:
        results.tell("insmod", "it asked for no memory: nothing was tried")


class Nth:
    """The kernel's own fault injection: of what this thread allocates from a slab
    until its next call has come back, one fails. Only what it asks for itself
    counts, so no interrupt makes a difference."""

    def __init__(self):
        self.fd = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
        for name, value in (("ignore-gfp-wait", "N"), ("verbose", 0)):
            write(FAILSLAB + name, value)

    def close(self):
        os.close(self.fd)
        write(FAILSLAB + "ignore-gfp-wait", "Y")

    def call(self, n, function, *args):
        """(what it gives, its errno or 0); None: it asks for fewer."""
        os.pwrite(self.fd, b"%d" % n, 0)
        rc = function(*args)
        error = ctypes.get_errno() if rc < 0 else 0
        left = int(os.pread(self.fd, 20, 0))
        os.pwrite(self.fd, b"0", 0)
        if not left:
            return rc, error
        if rc >= 0:
            os.close(rc)
        return None


def core_socket(nth, n, family, protocol):
    enter("right")
    done = nth.call(n, libc.socket, family, socket.SOCK_STREAM, protocol)
    if done and done[0] >= 0:
        os.close(done[0])
    return done and done[1]


def core_accept(nth, n, family, protocol):
    """A circuit that accept() had no memory for waits for the next one."""
    host = "10.0.0.1" if family == socket.AF_INET else "fd00::1"
    enter("left")
    with socket.socket(family, socket.SOCK_STREAM, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, 4007))
        listener.listen(1)
        listener.settimeout(200)
        enter("right")
        with socket.socket(family, socket.SOCK_STREAM, protocol) as client:
            client.settimeout(200)
            client.connect((host, 4007))
            time.sleep(1)
            done = nth.call(n, libc.accept4, listener.fileno(), None, None, 0)
            if not done:
                return None
            if done[0] >= 0:
                server = socket.socket(fileno=done[0])
            else:
                server, _ = listener.accept()
            with server:
                server.settimeout(200)
                client.send(b"whole")
                if server.recv(100) != b"whole":
                    raise Wrong("the circuit has lost its bytes")
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  b"\1\0\0\0\0\0\0\0")
    return done[1]


CORE = {
    "socket(), IPv4": (core_socket, socket.AF_INET),
    "socket(), IPv6": (core_socket, socket.AF_INET6),
    "accept(), IPv4": (core_accept, socket.AF_INET),
    "accept(), IPv6": (core_accept, socket.AF_INET6),
}


def core(args, results):
    """What the kernel allocates on its own before it asks the module, and so no
    function of faults.c: inode, file, and the socket itself."""
    if not os.path.exists(FAILSLAB):
        results.tell("core", "the kernel cannot inject faults")
        return
    nth = Nth()
    for what, (function, family) in CORE.items():
        function(nth, 100000, family, VCTP)	# what happens only once
        told = []	# by TCP, of the same core
        while (error := function(nth, len(told) + 1, family,
                                 socket.IPPROTO_TCP)) is not None:
            told.append(error)
        for n in range(args.first, args.last + 1):
            wrong = None
            try:
                error = function(nth, n, family, VCTP)
                if error is None:
                    break
                emptied()
                if error not in told:
                    wrong = "%s, which TCP does not give" % os.strerror(error)
            except Wrong as said:
                wrong = said
            results.tell("%s, allocation %d: %s" % (
                what, n, errno.errorcode.get(error, "no harm")), wrong, ("core", n))
        print("# %s: TCP gave %s" % (what, " ".join(
            errno.errorcode.get(error, "0") for error in told)))
        if not any(told):
            results.tell(what, "nothing of TCP's failed: nothing was tried")
    nth.close()


def one(function, n, results, name):
    """The scenario with its allocation @n failing. False: it asks for fewer."""
    for side, seed in (("left", 1), ("right", 2)):
        enter(side)
        write("/proc/sys/net/vctp/sim_seed", seed)
    wrong = None
    try:
        function(lambda: write(FAULT, n))
        with open(FAULT) as file:
            reached = file.read().strip() == "0"
        write(FAULT, 0)
        emptied()
        impossible()
    except Wrong as error:
        wrong = error
        reached = True
    if reached or wrong:
        results.tell("%s, allocation %d" % (name, n), wrong, (name, n))
    return reached


def scenario(name, args, results, log):
    prepare, function = SCENARIOS[name]
    prepare(True)
    n = args.first
    while n <= args.last and one(function, n, results, name):
        log.read()
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
    parser.add_argument("--only", choices=["module", "core", *SCENARIOS])
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--to", dest="last", type=int, default=100000)
    args = parser.parse_args()
    results, log = Results(), Log()

    print("TAP version 13")
    leaks(3)		# the kernel's own
    if args.only in (None, "module"):
        module_setup(args, results)
    if not os.path.exists(FAULT):
        print("1..0 # SKIP vctp.ko is no simulation build (make VCTP_SIM=1)")
        return 4
    if args.only in (None, "core"):
        core(args, results)
    for name in SCENARIOS:
        if args.only in (None, name):
            scenario(name, args, results, log)
    if not args.only:
        log.tell(results)
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
