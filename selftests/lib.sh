# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the tests in shell share: KTAP, the two sides of a link, what goes wrong
# on it. With PROTO=tcp a test runs over kernel TCP, which proves the test.

PROTO=${PROTO:-vctp}
HERE=$(dirname "$(readlink -f "$0")")
WORK=$(mktemp -d "${TMPDIR:-/tmp}/vctp-selftest.XXXXXX") || exit 1
KTAP_COUNT=0 KTAP_FAILED=0 LIB_OWN_LINK='' LIB_IMPAIRED='' LIB_SEEN=0
declare -a LIB_PIDS=()

# --- KTAP ---

ktap_begin() { echo 'TAP version 13'; }

# result STATUS TEXT [OUTPUT]: 0 passed, 4 skipped, all else failed
result() {
	local line
	KTAP_COUNT=$((KTAP_COUNT + 1))
	if [ -n "${3:-}" ]; then
		while IFS= read -r line; do echo "# $line"; done <<<"$3"
	fi
	case $1 in
	0) echo "ok $KTAP_COUNT $2" ;;
	4) echo "ok $KTAP_COUNT $2 # SKIP ${3##*$'\n'}" ;;
	*)
		KTAP_FAILED=$((KTAP_FAILED + 1))
		echo "not ok $KTAP_COUNT $2"
		;;
	esac
}

# check TEXT COMMAND…: its exit status is the result
check() {
	local text=$1 status
	shift
	"$@" >"$WORK/check.out" 2>&1
	status=$?
	result "$status" "$text" "$(cat "$WORK/check.out")"
}

ktap_end() {
	echo "1..$KTAP_COUNT"
	[ "$KTAP_FAILED" -eq 0 ]
	exit
}

# skip_all WHY
skip_all() {
	echo "1..0 # SKIP $1"
	exit 4
}

# --- the two sides ---

# left COMMAND…, right COMMAND…: on that side, in another VM if need be
left() { side left "$@"; }
right() { side right "$@"; }
side() {
	if command -v "lab-$1" >/dev/null; then
		"lab-$1" "${@:2}"
	else
		ip netns exec "$@"
	fi
}

# link: the lab's namespaces, or two of our own joined by veth
link() {
	local name number=1
	! command -v lab-left >/dev/null || return 0
	ip netns add left 2>/dev/null || return 0
	LIB_OWN_LINK=y
	ip netns add right
	ip -n left link add eth0 type veth peer name eth0 netns right || exit 1
	for name in left right; do
		ip -n "$name" link set lo up
		ip -n "$name" addr add "10.0.0.$number/24" dev eth0
		ip -n "$name" addr add "fd00::$number/64" dev eth0 nodad
		ip -n "$name" link set eth0 up
		number=$((number + 1))
	done
}

# neighbours: each side knows the other's card, so that a loss is ours and not
# that of who asks for it
neighbours() {
	local name peer address ip
	for name in left right; do
		[ "$name" = left ] && peer=right || peer=left
		address=$(side "$peer" cat /sys/class/net/eth0/address) || return
		for ip in $(side "$peer" ip -o addr show dev eth0 |
				awk '{ sub("/.*", "", $4); print $4 }'); do
			side "$name" ip neigh replace "$ip" lladdr "$address" \
				dev eth0 nud permanent || return
		done
	done
}

# impair ARG…: netem on both cards; offloads are the caller's matter
impair() {
	local name
	neighbours || return
	for name in left right; do
		side "$name" tc qdisc replace dev eth0 root netem limit 10000 "$@" || return
	done
	LIB_IMPAIRED=y
}

unimpair() {
	[ -n "$LIB_IMPAIRED" ] || return 0
	left tc qdisc del dev eth0 root 2>/dev/null
	right tc qdisc del dev eth0 root 2>/dev/null
	LIB_IMPAIRED=''
}

# offloads on|off: TSO, GSO and GRO of both cards. Off: what passes netem are
# single segments; TCP hands down many at once whatever the card can do, unless
# it may have one at a time only.
offloads() {
	local name segs=1
	[ "$1" = off ] || segs=65535
	for name in left right; do
		side "$name" ethtool -K eth0 tso "$1" gso "$1" gro "$1" >/dev/null || return
		side "$name" ip link set eth0 gso_max_segs "$segs" || return
	done
}

# slow RATE: a link on which a transfer takes seconds, so that there is time for
# events
slow() { offloads off && impair delay 2ms rate "$1"; }

# segments_in SIDE: that came to it so far
segments_in() {
	if [ "$PROTO" = vctp ]; then
		counter "$1" InSegs
	else
		side "$1" nstat -asz TcpInSegs | awk '$1 == "TcpInSegs" { print $2 }'
	fi
}

# flowing SIDE NUMBER: more than NUMBER segments have come since LIB_SEEN was
# set to what segments_in said
flowing() { [ "$(segments_in "$1")" -gt "$((LIB_SEEN + $2))" ]; }

# counter SIDE NAME: one of /proc/net/vctp_snmp
counter() {
	# shellcheck disable=SC2016 # awk's
	side "$1" awk -v name="$2" '
		NR == 1 { for (i = 2; i <= NF; i++) if ($i == name) at = i }
		NR == 2 { print $at }' /proc/net/vctp_snmp
}

# circuits SIDE: how many there are, listeners too
circuits() {
	side "$1" cat "/proc/net/$PROTO" "/proc/net/${PROTO}6" | grep -vc local_address
}

# until_true SECONDS COMMAND…: asks again and again; the time-out is a failure
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "never so: $*"
			return 1
		fi
		sleep 0.05
	done
}

# listening SIDE PORT
listening() {
	local hex
	hex=$(printf ':%04X' "$2")
	# shellcheck disable=SC2016 # awk's
	side "$1" cat "/proc/net/$PROTO" "/proc/net/${PROTO}6" |
		awk -v port="$hex" '$2 ~ port "$" && $4 == "0A" { found = 1 } END { exit !found }'
}

# spawn SIDE COMMAND…: in the background, ended with the test at the latest; its
# number is in LIB_PID
spawn() {
	if command -v "lab-$1" >/dev/null; then
		"lab-$1" "${@:2}" &
	else
		ip netns exec "$@" &
	fi
	LIB_PID=$!
	LIB_PIDS+=("$LIB_PID")
}

lib_cleanup() {
	local pid
	for pid in "${LIB_PIDS[@]}"; do
		kill "$pid" 2>/dev/null
	done
	unimpair
	if [ -n "$LIB_OWN_LINK" ]; then
		ip netns del left
		ip netns del right
	fi
	rm -rf "$WORK"
}
trap lib_cleanup EXIT
trap 'exit 1' INT TERM HUP

# --- streams, checked byte by byte ---

# transfer FAMILY KIND LEFT_BYTES RIGHT_BYTES [OPTION…]: left sends the one,
# right the other, at once
transfer() {
	local family=$1 kind=$2 host=10.0.0.1 pid status
	local common=(--proto "$PROTO" "-$family" --kind "$kind" --timeout "${LIB_TIMEOUT:-900}" --quiet)
	[ "$family" = 4 ] || host=fd00::1
	spawn left "$HERE/transfer" "${common[@]}" --send "$3" --receive "$4" listen
	pid=$LIB_PID
	right "$HERE/transfer" "${common[@]}" --send "$4" --receive "$3" --retry 30 \
		"${@:5}" connect "$host"
	status=$?
	if [ "$status" -ne 0 ]; then
		kill "$pid" 2>/dev/null
		wait "$pid"
		return "$status"
	fi
	wait "$pid"
}

# transfer_row LOSS DELAY REORDER DUPLICATE CORRUPT FAMILY OFFLOADS KIND SEED BYTES
# One way of going wrong: in percent, but DELAY in ms.
transfer_row() {
	local netem=()
	[ "$1" = 0 ] || netem+=(loss "$1%")
	if [ "$3" != 0 ]; then
		# what overtakes needs something to overtake
		[ "$2" = 0 ] && netem+=(delay 1ms) || netem+=(delay "$2ms")
		netem+=(reorder "$3%")
	elif [ "$2" != 0 ]; then
		netem+=(delay "$2ms")
	fi
	[ "$4" = 0 ] || netem+=(duplicate "$4%")
	[ "$5" = 0 ] || netem+=(corrupt "$5%")
	offloads "$7" || return
	unimpair
	if [ "${#netem[@]}" -gt 0 ]; then
		# kernels before 6.12 choose for themselves what they lose
		impair "${netem[@]}" seed "$9" 2>/dev/null || impair "${netem[@]}" || return
	fi
	transfer "$6" "$8" "${10}" "$((${10} / 2 + 1))"
}
