#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e --smp 2
#
# Programs that others wrote, and that know a protocol by its number only.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

MB=100
number=253
[ "$PROTO" = vctp ] || number=6

# address PORT [IP]: an IPv4 address as socat wants it, without its family
address() {
	local a b c d
	IFS=. read -r a b c d <<<"${2:-0.0.0.0}"
	printf 'x%04x%02x%02x%02x%02x%016x' "$1" "$a" "$b" "$c" "$d" 0
}

# address6 PORT [LAST]: the same for fd00::LAST, or for any
address6() {
	local net=0
	[ -z "${2:-}" ] || net=fd00
	printf 'x%04x%08x%04s%024x%04x%08x' "$1" 0 "$net" 0 "${2:-0}" 0 | tr ' ' 0
}

# both_ways DOMAIN LISTEN CONNECT PORT MEGABYTES
both_ways() {
	local pid status options=(-b 131072 -t 600 -T 600)
	head -c "$5M" /dev/urandom >"$WORK/there" || return
	head -c "$5M" /dev/urandom >"$WORK/back" || return
	spawn left socat "${options[@]}" "OPEN:$WORK/back,rdonly!!CREATE:$WORK/there.got" \
		"SOCKET-LISTEN:$1:$number:$2"
	pid=$LIB_PID
	until_true 30 listening left "$4" || return
	right socat "${options[@]}" "OPEN:$WORK/there,rdonly!!CREATE:$WORK/back.got" \
		"SOCKET-CONNECT:$1:$number:$3" || return
	wait "$pid"
	status=$?
	cmp "$WORK/there" "$WORK/there.got" && cmp "$WORK/back" "$WORK/back.got" || return
	rm -f "$WORK/there"* "$WORK/back"*
	return "$status"
}

# python FAMILY_OPTION HOST: examples/echo.py, a socket by its number
python() {
	local pid text="the quick brown fox" got example=$HERE/../tools/examples/echo.py
	[ -e "$example" ] || { echo "no example: this is not a checkout"; return 4; }
	# shellcheck disable=SC2086 # empty for IPv4
	spawn left python3 "$example" --proto "$PROTO" $1 serve
	pid=$LIB_PID
	until_true 30 listening left 2531 || return
	# shellcheck disable=SC2086
	got=$(right python3 "$example" --proto "$PROTO" $1 \
		say "$2" "$text") || return
	kill "$pid"
	wait "$pid" 2>/dev/null
	echo "$got"
	[ "$got" = "$text" ]
}

# a server and a client of HTTP that were written for TCP, between them socat
http() {
	local pids=() status
	mkdir "$WORK/www" && head -c 3M /dev/urandom >"$WORK/www/file"
	spawn left python3 -m http.server -d "$WORK/www" -b 127.0.0.1 8000 >/dev/null 2>&1
	pids+=("$LIB_PID")
	spawn left socat -t 60 "SOCKET-LISTEN:2:$number:$(address 8080),fork,reuseaddr" \
		TCP4:127.0.0.1:8000,retry=100
	pids+=("$LIB_PID")
	until_true 30 listening left 8080 || return
	spawn right socat -t 60 TCP4-LISTEN:8001,fork,reuseaddr \
		"SOCKET-CONNECT:2:$number:$(address 8080 10.0.0.1)"
	pids+=("$LIB_PID")
	until_true 30 right bash -c ': </dev/tcp/127.0.0.1/8001' 2>/dev/null || return
	right python3 -c 'import sys, urllib.request as u; u.urlretrieve(*sys.argv[1:])' \
		http://127.0.0.1:8001/file "$WORK/file"
	status=$?
	kill "${pids[@]}"
	[ "$status" -eq 0 ] && cmp "$WORK/file" "$WORK/www/file"
}

ktap_begin
link
command -v socat >/dev/null || skip_all "no socat"
check "S11 S13 socat, SOCKET-CONNECT and SOCKET-LISTEN: $MB MB both ways at once, IPv4" \
	both_ways 2 "$(address 4000)" "$(address 4000 10.0.0.1)" 4000 "$MB"
check "S11 S13 socat, both ways at once, IPv6" \
	both_ways 10 "$(address6 4001)" "$(address6 4001 1)" 4001 10
check "S13 Python: socket.socket(AF_INET, SOCK_STREAM, 253)" python '' 10.0.0.1
check "S13 Python: socket.socket(AF_INET6, SOCK_STREAM, 253)" python -6 fd00::1
check "S11 HTTP: Python's server and client, by way of socat" http
ktap_end
