#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The ways in which a link goes wrong, and the programs that cross it.

    transfer_pairs.py            write a table in which each value of each
                                 column meets each value of each other column
    transfer_pairs.py --verify   read such a table, name the pairs it lacks
    transfer_pairs.py --all [I/N]
                                 the full product, with the number of the
                                 link in the card's place; part I of N

transfer_pairs.txt is the table that the tests use.
"""
import itertools
import sys

COLUMNS = {
    "loss": ("0", "1", "5"),                # percent
    "delay": ("0", "20", "100"),            # ms
    "reorder": ("0", "10"),                 # percent
    "duplicate": ("0", "5"),                # percent
    "corrupt": ("0", "1"),                  # percent
    "family": ("4", "6"),
    "offloads": ("on", "off"),
    "kind": ("poll", "blocking", "sendfile", "splice", "uring"),
    "card": ("e1000e", "vmxnet3", "virtio", "veth"),
}


def pairs_of(row):
    return set(itertools.combinations(enumerate(row), 2))


def wanted():
    pairs = set()
    for a, b in itertools.combinations(range(len(COLUMNS)), 2):
        columns = list(COLUMNS.values())
        pairs |= {((a, x), (b, y)) for x in columns[a] for y in columns[b]}
    return pairs


def cover():
    """Greedy: at each step the row that brings the most new pairs."""
    missing, rows = wanted(), []
    product = [(row, pairs_of(row)) for row in itertools.product(*COLUMNS.values())]
    while missing:
        best = max(product, key=lambda candidate: len(candidate[1] & missing))
        rows.append(best[0])
        missing -= best[1]
    return rows


def verify(lines):
    missing = wanted()
    rows = [tuple(line.split()) for line in lines if line.strip() and line[0] != "#"]
    for row in rows:
        missing -= pairs_of(row)
    names = list(COLUMNS)
    for (a, x), (b, y) in sorted(missing):
        print(f"# no row has {names[a]} {x} with {names[b]} {y}")
    print(f"# {len(rows)} rows, {len(wanted())} pairs, {len(missing)} missing")
    return 1 if missing else 0


def full(part="1/1"):
    """Rows that share a link follow each other and are in the same part."""
    number, parts = map(int, part.split("/"))
    columns = {name: COLUMNS[name] for name in COLUMNS if name != "card"}
    users = ["family", "kind"]
    links = [name for name in columns if name not in users]
    # turning offloads on and off takes a card the longest
    links.sort(key=lambda name: name != "offloads")
    product = list(itertools.product(*(columns[name] for name in links)))
    for nth, link in enumerate(product, 1):
        # runs of links: every other one would have the same value in a column of two
        if (nth - 1) * parts // len(product) != number - 1:
            continue
        for user in itertools.product(*(columns[name] for name in users)):
            value = dict(zip(links + users, link + user))
            yield *(value[name] for name in columns), nth


def main():
    if sys.argv[1:] == ["--verify"]:
        return verify(sys.stdin)
    if sys.argv[1:2] == ["--all"]:
        rows = full(*sys.argv[2:])
    elif not sys.argv[1:]:
        print("# by transfer_pairs.py:", *COLUMNS)
        rows = cover()
    else:
        print(__doc__, file=sys.stderr)
        return 2
    for row in rows:
        print(*row)
    return 0


if __name__ == "__main__":
    sys.exit(main())
