#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e
# `make install' and `make uninstall' do what their names say.
. "$(dirname "$0")/lib.sh"

tree=$HERE/..
ko=/lib/modules/$(uname -r)/updates/vctp.ko
alias=/etc/modprobe.d/vctp.conf
header=/usr/local/include/linux/vctp.h

if ! [ -e "$tree/vctp.ko" ] || ! [ -e "$tree/Kbuild" ]; then
	skip_all 'not in a checkout with a built module'
fi
command -v make >/dev/null || skip_all 'no make'

unload() {
	local tries
	! grep -q '^vctp ' /proc/modules && return
	for ((tries = 0; tries < 100; tries++)); do
		rmmod vctp 2>/dev/null && return
		sleep 0.1
	done
	rmmod vctp
}

ask() {
	python3 -c "import socket; socket.socket(socket.$1, socket.SOCK_STREAM, 253)"
}

# staged: a packager's install touches nothing outside DESTDIR
staged() {
	make -s -C "$tree" install DESTDIR="$WORK/stage" PREFIX=/usr &&
		[ -e "$WORK/stage$ko" ] &&
		[ -e "$WORK/stage/usr/include/linux/vctp.h" ] &&
		! [ -e "$WORK/stage$alias" ] && ! [ -e "$ko" ]
}

plain() {
	make -s -C "$tree" install && [ -e "$ko" ] && [ -e "$header" ] &&
		! [ -e "$alias" ] && unload && ! ask AF_INET 2>/dev/null &&
		! grep -q '^vctp ' /proc/modules && modprobe vctp && ask AF_INET
}

autoload() {
	local family
	make -s -C "$tree" install AUTOLOAD=1 && [ -e "$alias" ] || return
	for family in AF_INET AF_INET6; do
		unload && ask "$family" && grep '^vctp ' /proc/modules || return
	done
}

gone() {
	make -s -C "$tree" uninstall && ! [ -e "$ko" ] && ! [ -e "$header" ] &&
		! [ -e "$alias" ] && unload && ! modprobe vctp 2>/dev/null
}

ktap_begin
check 'S15 make install DESTDIR= stays inside it' staged
check 'S15 make install: modprobe finds the module, socket() does not load it' plain
check 'S15 make install AUTOLOAD=1: socket() loads the module, IPv4 and IPv6' autoload
check 'S15 make uninstall leaves nothing' gone
grep -q '^vctp ' /proc/modules || insmod "$tree/vctp.ko"
ktap_end
