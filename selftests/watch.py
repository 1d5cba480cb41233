#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e
"""The windows: /proc, counters as nstat reads them, settings, tracepoints."""

import errno
import os
import socket
import subprocess
import sys
import time
import traceback

VCTP = 253
SETTINGS = '/proc/sys/net/vctp/'
TRACING = '/sys/kernel/tracing/'
STATES = {'ESTABLISHED', 'SYN_SENT', 'SYN_RECEIVED', 'FIN_WAIT_1', 'FIN_WAIT_2',
          'TIME_WAIT', 'CLOSED', 'CLOSE_WAIT', 'LAST_ACK', 'LISTEN', 'CLOSING'}
TESTS = []


def test(name):
    def add(function):
        TESTS.append((name, function))
        return function
    return add


class Skip(Exception):
    pass


def read(path):
    with open(path, encoding='ascii') as file:
        return file.read()


def write(path, text):
    with open(path, 'w', encoding='ascii') as file:
        file.write(text)


def counters():
    names, values = read('/proc/net/vctp_snmp').splitlines()
    assert names.startswith('Vctp: ') and values.startswith('Vctp: ')
    return dict(zip(names.split()[1:], map(int, values.split()[1:])))


def sockstat():
    words = read('/proc/net/vctp_sockstat').split()
    assert words[0] == 'VCTP:'
    return dict(zip(words[1::2], map(int, words[2::2])))


def rows(family):
    """The lines of /proc/net/vctp or vctp6, as dictionaries."""
    text = read('/proc/net/vctp' + ('6' if family == socket.AF_INET6 else ''))
    found = []
    for line in text.splitlines()[1:]:
        words = line.split()
        found.append({
            'local': int(words[1].split(':')[1], 16),
            'remote': int(words[2].split(':')[1], 16),
            'number': int(words[3], 16),
            'tx': int(words[4].split(':')[0], 16),
            'rx': int(words[4].split(':')[1], 16),
            'timer': int(words[5].split(':')[0], 16),
            'uid': int(words[7]),
            'inode': int(words[9]),
            'state': words[10],
            'id': words[11],
            'peer_id': words[12],
            'timer_name': words[13],
        })
    return found


def loopback(family):
    return '127.0.0.1' if family == socket.AF_INET else '::1'


def listener(family):
    sock = socket.socket(family, socket.SOCK_STREAM, VCTP)
    sock.bind((loopback(family), 0))
    sock.listen(8)
    return sock


def pair(family):
    with listener(family) as waiting:
        near = socket.socket(family, socket.SOCK_STREAM, VCTP)
        near.connect(waiting.getsockname()[:2])
        far, _ = waiting.accept()
    return near, far


def refused(path, text):
    """The errno that writing TEXT to a setting ends with."""
    try:
        write(path, text)
    except OSError as error:
        return error.errno
    return 0


def until(value, condition):
    """A value for which the condition holds, or the last one after 10 s."""
    end = time.monotonic() + 10
    while True:
        found = value()
        if condition(found) or time.monotonic() > end:
            assert condition(found), found
            return found
        time.sleep(0.01)


def listed(family):
    def of(port):
        return [r for r in rows(family) if port in (r['local'], r['remote'])]

    with listener(family) as waiting:
        port = waiting.getsockname()[1]
        row = [r for r in rows(family) if r['local'] == port]
        assert len(row) == 1, row
        assert row[0]['state'] == 'LISTEN' and row[0]['number'] == 10
        assert row[0]['inode'] == os.fstat(waiting.fileno()).st_ino
        assert row[0]['uid'] == os.getuid()
        near = socket.socket(family, socket.SOCK_STREAM, VCTP)
        near.connect(waiting.getsockname()[:2])
        far, _ = waiting.accept()
    near.sendall(b'x' * 1000)
    mine = near.getsockname()[1]
    by_local = until(lambda: {r['local']: r for r in of(mine)}, lambda r: r[port]['rx'])
    assert by_local[mine]['state'] == 'ESTABLISHED'
    assert by_local[port]['rx'] == 1000, by_local
    assert by_local[port]['id'] == by_local[mine]['peer_id']
    assert by_local[port]['inode'] == os.fstat(far.fileno()).st_ino
    assert far.recv(2000) == b'x' * 1000
    near.close()
    until(lambda: of(mine), lambda left: {r['state'] for r in left} ==
          {'FIN_WAIT_2', 'CLOSE_WAIT'})
    assert far.recv(1) == b''
    far.close()
    left = until(lambda: of(mine), lambda left: len(left) == 1)
    assert left[0]['state'] == 'TIME_WAIT' and left[0]['number'] == 6, left
    assert left[0]['local'] == mine and left[0]['remote'] == port, left
    assert left[0]['timer_name'] == 'timewait' and left[0]['inode'] == 0, left


@test('S15 /proc/net/vctp lists listener, circuit and TIME_WAIT')
def proc_v4():
    listed(socket.AF_INET)


@test('S15 /proc/net/vctp6 lists listener, circuit and TIME_WAIT')
def proc_v6():
    listed(socket.AF_INET6)


@test('S15 /proc/net/vctp in small pieces, from 300 listeners')
def proc_pieces():
    waiting = [listener(socket.AF_INET) for _ in range(300)]
    ports = {sock.getsockname()[1] for sock in waiting}
    seen = []
    file = os.open('/proc/net/vctp', os.O_RDONLY)
    text = b''
    while piece := os.read(file, 100):
        text += piece
    os.close(file)
    for line in text.decode().splitlines()[1:]:
        if line.split()[3] == '0A':
            seen.append(int(line.split()[1].split(':')[1], 16))
    assert len(seen) == len(set(seen)), 'some are shown twice'
    assert ports <= set(seen), 'some are left out'
    for sock in waiting:
        sock.close()


@test('S15 /proc/net/vctp read while circuits come and go')
def proc_churn():
    stays = [listener(socket.AF_INET) for _ in range(50)]
    ports = sorted(sock.getsockname()[1] for sock in stays)
    child = os.fork()
    if not child:
        for _ in range(200):
            for sock in pair(socket.AF_INET):
                sock.close()
        os._exit(0)
    reads, others = 0, set()
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        found = rows(socket.AF_INET)
        # who stays is there each time, and once
        assert sorted(r['local'] for r in found if r['local'] in ports and
                      r['state'] == 'LISTEN') == ports
        assert all(r['state'] in STATES for r in found), found
        others |= {r['state'] for r in found} - {'LISTEN'}
        reads += 1
    for sock in stays:
        sock.close()
    assert reads > 5 and 'TIME_WAIT' in others, (reads, others)


@test('S15 counters: one pair of lines, as nstat reads them')
def snmp():
    before = counters()
    near, far = pair(socket.AF_INET)
    near.sendall(b'x')
    assert far.recv(1) == b'x'
    after = counters()
    assert after['ActiveOpens'] == before['ActiveOpens'] + 1
    assert after['PassiveOpens'] == before['PassiveOpens'] + 1
    assert after['InSegs'] > before['InSegs']
    near.close()
    far.close()
    env = dict(os.environ, PROC_NET_NETSTAT='/proc/net/vctp_snmp',
               PROC_NET_SNMP='/dev/null', PROC_NET_SNMP6='/dev/null')
    try:
        said = subprocess.run(['nstat', '-asz'], env=env, check=True,
                              capture_output=True, text=True).stdout
    except FileNotFoundError:
        raise Skip('no nstat') from None
    shown = dict(line.split()[:2] for line in said.splitlines() if line.startswith('Vctp'))
    assert int(shown['VctpActiveOpens']) >= after['ActiveOpens'], said


@test('S15 /proc/net/vctp_sockstat counts what there is')
def stat():
    before = sockstat()
    near, far = pair(socket.AF_INET)
    now = sockstat()
    assert now['circuits'] == before['circuits'] + 2, (before, now)
    assert now['alloc'] == before['alloc'] + 2, (before, now)
    near.close()
    far.close()


@test('S15 a new namespace has its own settings, counters and list')
def namespace():
    write(SETTINGS + 'delack_ms', '50\n')
    near, far = pair(socket.AF_INET)
    said = subprocess.run(
        ['unshare', '--net', 'sh', '-c',
         f'cat {SETTINGS}delack_ms /proc/net/vctp /proc/net/vctp_snmp'],
        check=True, capture_output=True, text=True).stdout.splitlines()
    write(SETTINGS + 'delack_ms', '200\n')
    near.close()
    far.close()
    assert said[0] == '200', said
    assert len(said) == 4, said
    assert set(said[3].split()[1:]) == {'0'}, said


@test('S15 settings keep to their bounds')
def bounds():
    for name, bad in (('time_wait_ms', '240001'), ('time_wait_ms', '-1'),
                      ('syn_retries', '0'), ('cookies', '3'),
                      ('max_orphans', '-1'), ('delack_ms', '501'),
                      ('time_wait_mode', '2'), ('wmem', '1 1')):
        before = read(SETTINGS + name)
        assert refused(SETTINGS + name, bad + '\n') == errno.EINVAL, (name, bad)
        assert read(SETTINGS + name) == before, name


@test('S10 ephemeral ports are 49152 to 65535, and settable')
def ports():
    path = SETTINGS + 'ip_local_port_range'
    assert read(path).split() == ['49152', '65535']
    assert refused(path, '60000 50000\n') == errno.EINVAL
    assert refused(path, '0 50000\n') == errno.EINVAL
    write(path, '50000 50003\n')
    try:
        for _ in range(4):
            near, far = pair(socket.AF_INET)
            assert 50000 <= near.getsockname()[1] <= 50003
            far.close()
            near.close()
    finally:
        write(path, '49152 65535\n')


@test('S9 mechanisms are set by name, unknown names refused: ENOENT')
def names():
    for kind in ('congestion', 'recovery'):
        available = read(SETTINGS + 'available_' + kind).split()
        before = read(SETTINGS + kind).strip()
        assert before in available
        assert refused(SETTINGS + kind, 'nonesuch\n') == errno.ENOENT
        for name in available:
            write(SETTINGS + kind, name + '\n')
            assert read(SETTINGS + kind).strip() == name
        write(SETTINGS + kind, before + '\n')


@test('S15 tracepoints tell of states, drops and the window')
def traces():
    if not os.path.isdir(TRACING + 'events/vctp'):
        raise Skip('no tracing')
    write(TRACING + 'trace', '\n')
    write(TRACING + 'events/vctp/enable', '1\n')
    try:
        near, far = pair(socket.AF_INET)
        near.sendall(b'x' * 100000)
        got = 0
        while got < 100000:
            got += len(far.recv(100000))
        near.close()
        far.close()
        time.sleep(0.2)
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, VCTP)
        raw.sendto(b'short', ('127.0.0.1', 0))
        raw.close()
        time.sleep(0.2)
    finally:
        write(TRACING + 'events/vctp/enable', '0\n')
    text = read(TRACING + 'trace')
    for words in ('vctp_state: CLOSED -> SYN_SENT', 'SYN_SENT -> ESTABLISHED',
                  'ESTABLISHED -> FIN_WAIT_1', 'vctp_cwnd: cwnd=',
                  'vctp_drop: DropShort'):
        assert words in text, words


def main():
    if not os.path.exists('/proc/net/vctp'):
        print('1..0 # SKIP vctp.ko is not loaded')
        return 4
    print('TAP version 13')
    print('1..%d' % len(TESTS))
    failed = 0
    for number, (name, function) in enumerate(TESTS, 1):
        sys.stdout.flush()
        try:
            function()
            print('ok %d %s' % (number, name))
        except Skip as why:
            print('ok %d %s # SKIP %s' % (number, name, why))
        except (OSError, AssertionError, ValueError, KeyError, IndexError):
            for line in traceback.format_exc().splitlines():
                print('# ' + line)
            print('not ok %d %s' % (number, name))
            failed = 1
    return failed


sys.exit(main())
