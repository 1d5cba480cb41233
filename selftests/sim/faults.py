#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every allocation of the module fails, one after another.

For the simulation build of vctp.ko (make VCTP_SIM=1) on the sanitizer kernel,
as root, with the namespaces left and right joined by eth0. Each scenario is
played with its first allocation failing, then with its second, and so on until
no more are asked for. Always: nothing hangs, the stream goes on or an error
arrives that want of memory explains, all objects are gone afterwards. What the
kernel asks for before it asks the module, the socket itself, fails by the
kernel's own fault injection: fault_core.py. At the end each function of
module/watch/faults.c has failed, the module can be unloaded, and kmemleak has
nothing to say.

	faults.py [--only SCENARIO] [--from N] [--to N] [MODULE]
"""
import argparse
import os
import subprocess
import sys
import time

from fault_core import core
from fault_hosts import Wrong, emptied, enter, impossible, write
from fault_scenarios import SCENARIOS

FAULT = "/sys/module/vctp/parameters/sim_fault"
LEAKS = "/sys/kernel/debug/kmemleak"
AGAIN = "tools/lab/vm --suite uml -- /vctp/selftests/sim/faults.py"
# What faults.c leads to itself and nothing here can make fail, and why.
OUT_OF_REACH = {
    "iov_iter_get_pages2": "6.1 splices by it, which has no such kernel here",
    "__kmalloc_noprof": "all that the module allocates has a constant size",
    "rht_bucket_nested_insert": "only in a table that grew without memory: the "
                                "second failure",
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
