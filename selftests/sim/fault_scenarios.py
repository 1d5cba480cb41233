# SPDX-License-Identifier: GPL-2.0
"""What faults.py plays: each scenario is prepared, armed, and looked at."""
import contextlib
import ctypes
import errno
import fcntl
import functools
import os
import socket
import struct
import time

from fault_hosts import (CLONE_NEWNET, EXPLAINED, SOL_VCTP, VCTP, Link, Wrong, enter, libc,
                         run, setting, write)
from fault_play import Play, content

TRACING = "/sys/kernel/tracing/events/vctp/enable"
MARK = 0xa8		# a type of service: what bears it meets a rule of nft
LINK = []


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
