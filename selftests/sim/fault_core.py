# SPDX-License-Identifier: GPL-2.0
"""The kernel's own allocations fail: what it asks for before it asks the module."""
import ctypes
import errno
import os
import socket
import time

from fault_hosts import VCTP, Wrong, emptied, enter, libc, write

FAILSLAB = "/sys/kernel/debug/failslab/"


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
