# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the tests in shell share: KTAP, the two sides of a link, what goes wrong
# on it. With PROTO=tcp a test runs over kernel TCP, which proves the test.

PROTO=${PROTO:-vctp}
HERE=$(dirname "$(readlink -f "$0")")
WORK=$(mktemp -d "${TMPDIR:-/tmp}/vctp-selftest.XXXXXX") || exit 1
KTAP_COUNT=0 KTAP_FAILED=0 KTAP_PLAN='' LIB_OWN_LINK='' LIB_IMPAIRED='' LIB_ROW_LINK='' LIB_SEEN=0
declare -a LIB_PIDS=()

# --- KTAP ---

ktap_begin() { echo 'TAP version 13'; }

# ktap_plan COUNT: that many results are to come, where it is known beforehand
ktap_plan() {
	KTAP_PLAN=$1
	echo "1..$1"
}

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
	result "$status" "$text" "$(<"$WORK/check.out")"
}

ktap_end() {
	[ -n "$KTAP_PLAN" ] || echo "1..$KTAP_COUNT"
	[ "$KTAP_FAILED" -eq 0 ] && [ "$KTAP_COUNT" -eq "${KTAP_PLAN:-$KTAP_COUNT}" ]
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
	local AT
	at_side "$1"
	"${AT[@]}" "${@:2}"
}

# at_side SIDE: sets AT, the words before a command that is to run there
at_side() {
	if [ -e "/var/run/netns/$1" ]; then
		AT=(ip netns exec "$1")
	else
		AT=("lab-$1")
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
	local name peer known
	for name in left right; do
		[ "$name" = left ] && peer=right || peer=left
		known=$(side "$peer" ip addr show dev eth0 | awk '
			$1 == "link/ether" { card = $2 }
			$1 == "inet" || $1 == "inet6" {
				sub("/.*", "", $2)
				print "neigh replace", $2, "lladdr", card, "dev eth0 nud permanent"
			}')
		[ -n "$known" ] && side "$name" ip -batch - <<<"$known" || return
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
	LIB_ROW_LINK=''
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
	LIB_ROW_LINK=''
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
	local AT
	at_side "$1"
	"${AT[@]}" "${@:2}" &
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

# row_link OFFLOADS SEED ARG…: a link that goes wrong as netem's ARGs say. Setting
# it up takes longer than a transfer: one like the last stays.
row_link() {
	[ "$*" != "$LIB_ROW_LINK" ] || return 0
	unimpair
	offloads "$1" || return
	if [ $# -gt 2 ]; then
		# kernels before 6.12 choose for themselves what they lose
		impair "${@:3}" seed "$2" 2>/dev/null || impair "${@:3}" || return
	fi
	LIB_ROW_LINK=$*
}

# transfer_row LOSS DELAY REORDER DUPLICATE CORRUPT FAMILY OFFLOADS KIND SEED BYTES
# One way of going wrong: in percent, but DELAY in ms.
transfer_row() {
	local wrong=()
	[ "$1" = 0 ] || wrong+=(loss "$1%")
	if [ "$3" != 0 ]; then
		# what overtakes needs something to overtake
		[ "$2" = 0 ] && wrong+=(delay 1ms) || wrong+=(delay "$2ms")
		wrong+=(reorder "$3%")
	elif [ "$2" != 0 ]; then
		wrong+=(delay "$2ms")
	fi
	[ "$4" = 0 ] || wrong+=(duplicate "$4%")
	[ "$5" = 0 ] || wrong+=(corrupt "$5%")
	row_link "$7" "$9" "${wrong[@]}" || return
	transfer "$6" "$8" "${10}" "$((${10} / 2 + 1))"
}
