#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e --smp 2
# lab: --nic veth --smp 2
#
# What circuits live on and in comes and goes under them: links, cards, network
# namespaces, and the module itself.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

MB=1000000
module=$HERE/../vctp.ko

# during EVENT…: a transfer, and the event in the middle of it; both succeed
during() {
	local pid status
	slow 4mbit || return
	LIB_SEEN=$(segments_in left)
	transfer 4 poll $((4 * MB)) $((2 * MB)) &
	pid=$!
	until_true 60 flowing left 500 || { give_up; return; }
	"$@" || { give_up; return; }
	wait "$pid"
	status=$?
	unimpair
	offloads on
	return "$status"
}

# give_up: ends what runs on both sides
give_up() {
	ip netns pids left | xargs -r kill
	ip netns pids right | xargs -r kill
	return 1
}

# A link that goes down loses the addresses of IPv6: the lab's are set again.
addresses6() {
	left ip addr replace fd00::1/64 dev eth0 nodad
	right ip addr replace fd00::2/64 dev eth0 nodad
}

flap() {
	local i
	for i in 1 2 3; do
		left ip link set eth0 down || return
		sleep 0.3
		left ip link set eth0 up || return
		sleep 0.5
	done
	addresses6
}

mtu() {
	local mtu
	for mtu in 1280 1400 576 1500; do
		left ip link set eth0 mtu "$mtu" || return
		right ip link set eth0 mtu "$mtu" || return
		sleep 0.3
	done
	# below 1280 there is no IPv6
	addresses6
}

# --- a card that is pulled out ---

# pull, plug: left's card; a veth pair is gone with either end
pull() {
	device=$(left readlink -e /sys/class/net/eth0/device) || device=''
	if [ -n "$device" ]; then
		driver=$(readlink -f "$device/driver")
			echo "${device##*/}" >"$driver/unbind"
	else
		left ip link del eth0
	fi
}

plug() {
	local name
	if [ -n "$device" ]; then
		echo "${device##*/}" >"$driver/bind" || return
		until_true 30 [ -d "$device/net" ] || return
		name=$(ls "$device/net")
		ip link set "$name" netns left name eth0 || return
	else
		ip -n left link add eth0 type veth peer name eth0 netns right || return
		right ip addr add 10.0.0.2/24 dev eth0
		right ip addr add fd00::2/64 dev eth0 nodad
		right ip link set eth0 up
	fi
	left ip addr add 10.0.0.1/24 dev eth0
	left ip addr add fd00::1/64 dev eth0 nodad
	left ip link set eth0 up
	until_true 30 left ping -q -c 1 -W 1 10.0.0.2 >/dev/null
}

# unplug: the circuit stays while its card is gone, and goes on when it is back
unplug() {
	local pid status
	slow 4mbit || return
	LIB_SEEN=$(segments_in left)
	transfer 4 poll $((4 * MB)) $((2 * MB)) &
	pid=$!
	until_true 60 flowing left 500 || { give_up; return; }
	pull || { give_up; return; }
	sleep 1
	if ! kill -0 "$pid"; then
		echo "the transfer did not survive the card"
		plug
		give_up
		return
	fi
	plug || { give_up; return; }
	offloads off
	wait "$pid"
	status=$?
	offloads on
	return "$status"
}

# --- namespaces that end with all that is in them ---

# endless NAMESPACE ARG…: a transfer in the background, of which nobody hears more
endless() {
	ip netns exec "$1" "$HERE/transfer" --proto "$PROTO" -4 "${@:2}" >/dev/null 2>&1 &
	pids+=($!)
	disown
}

# brief N: a namespace pair with streams both ways, killed and deleted at once
brief() {
	local a=brief-a b=brief-b pids=() kind port lots=1000000000 name
	ip netns add "$a" && ip netns add "$b" || return
	ip -n "$a" link add eth0 type veth peer name eth0 netns "$b"
	ip -n "$a" addr add 10.9.0.1/24 dev eth0
	ip -n "$b" addr add 10.9.0.2/24 dev eth0
	ip -n "$a" link set lo up
	for name in "$a" "$b"; do
		ip -n "$name" link set eth0 up
		# as TCP's, orphans hold their namespace for as long as they try
		[ "$PROTO" != vctp ] ||
			ip netns exec "$name" sysctl -qw net.vctp.orphan_retries=2 \
				net.vctp.fin_timeout_ms=500 || return
	done
	# one in TIME_WAIT, too
	endless "$a" --port 2700 --send 1 --receive 1 listen
	ip netns exec "$b" "$HERE/transfer" --proto "$PROTO" -4 --port 2700 --send 1 --receive 1 \
		--retry 30 --quiet connect 10.9.0.1 || return
	until_true 30 in_time_wait "$a" "$b" || return
	pids=()
	for kind in poll sendfile splice; do
		port=$((2600 + ${#pids[@]}))
		endless "$a" --kind "$kind" --port "$port" --send "$lots" --receive "$lots" listen
		endless "$b" --kind poll --port "$port" --send "$lots" --receive "$lots" \
			--retry 30 connect 10.9.0.1
	done
	until_true 30 busy "$b" || return
	case $(($1 % 3)) in
	0) ip -n "$a" link del eth0 ;;		# the link goes first
	1) kill -KILL "${pids[@]}" ;;		# the programs go first
	esac
	ip netns del "$a"
	ip netns del "$b"
	kill -KILL "${pids[@]}" 2>/dev/null
	until_true 30 ended "${pids[@]}"
}

# in_time_wait NAMESPACE…: there is something in TIME_WAIT in one of them
in_time_wait() {
	local name
	for name; do
		! ip netns exec "$name" awk '$4 == "06" { found = 1 } END { exit !found }' \
			"/proc/net/$PROTO" || return 0
	done
	return 1
}

# ended PID…: none of them is there any more
ended() { ! kill -0 "$@" 2>/dev/null; }

# busy NAMESPACE: there is something ESTABLISHED in it
busy() {
	ip netns exec "$1" awk '$4 == "01" { found = 1 } END { exit !found }' "/proc/net/$PROTO"
}

namespaces() {
	local i status=0
	[ "$PROTO" != vctp ] || trace_time_wait 1 || return
	for ((i = 0; i < 6; i++)); do
		brief "$i" || return
	done
	[ "$PROTO" = vctp ] || return 0
	# programs and namespaces are gone; the last of them goes by RCU and workqueue
	until_true 60 no_socket || { cat /proc/net/vctp_sockstat; status=1; }
	until_true 60 no_time_wait || { grep TIME_WAIT "$tracing/trace"; status=1; }
	trace_time_wait 0
	return "$status"
}

# trace_time_wait 1|0: tracing of who enters TIME_WAIT and who leaves it
tracing=/sys/kernel/tracing
trace_time_wait() {
	echo >"$tracing/trace"
	# 6 is TIME_WAIT
	echo 'from == 6 || to == 6' >"$tracing/events/vctp/vctp_state/filter" &&
		echo "$1" >"$tracing/events/vctp/vctp_state/enable"
}

# no_time_wait: what has entered it in those namespaces, six at least, has left it
no_time_wait() {
	local in out
	in=$(grep -c ' -> TIME_WAIT .*10\.9\.0\.' "$tracing/trace")
	out=$(grep -c 'TIME_WAIT -> CLOSED .*10\.9\.0\.' "$tracing/trace")
	[ "$in" -ge 6 ] && [ "$in" -eq "$out" ]
}

# no_socket: none of ours is left in any namespace
no_socket() { grep -q ' alloc 0 ' /proc/net/vctp_sockstat; }

# --- the module ---

vctp_only() {
	[ "$PROTO" = vctp ] || { echo "it is about vctp.ko"; return 4; }
	[ -e "$module" ] || { echo "no vctp.ko beside the tests"; return 4; }
}

# busy_module: rmmod says EBUSY while a socket lives, whatever its state
busy_module() {
	vctp_only || return
	python3 - <<-END
		import socket, subprocess, sys
		a = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 253)
		def refused(what):
		    done = subprocess.run(["rmmod", "vctp"], capture_output=True, text=True)
		    print(what, done.stderr.strip())
		    if not done.returncode or "in use" not in done.stderr:
		        sys.exit("rmmod was not refused: " + what)
		refused("closed:")
		a.bind(("127.0.0.1", 0))
		refused("bound:")
		a.listen()
		refused("listening:")
	END
}

# unload: what is not a socket does not hold the module
unload() {
	until_true 30 rmmod vctp 2>/dev/null
}

# gone: nothing of it is left behind
gone() {
	local left_over=0 path
	for path in /proc/net/vctp /proc/net/vctp6 /proc/net/vctp_snmp /proc/net/vctp_sockstat \
		/proc/sys/net/vctp /sys/module/vctp /sys/kernel/tracing/events/vctp; do
		[ ! -e "$path" ] || { echo "left: $path"; left_over=1; }
	done
	! grep -i vctp /proc/net/protocols /proc/slabinfo || left_over=1
	# links are other names of caches that the kernel has merged, and its to keep
	! find /sys/kernel/slab -maxdepth 1 -type d -iname '*vctp*' | grep . || left_over=1
	python3 - <<-END || left_over=1
		import errno, socket, sys
		try:
		    socket.socket(socket.AF_INET, socket.SOCK_STREAM, 253)
		    sys.exit("a socket, without the module")
		except OSError as err:
		    if err.errno != errno.EPROTONOSUPPORT:
		        sys.exit(str(err))
	END
	return "$left_over"
}

unload_clean() {
	vctp_only || return
	unload || return
	gone || { insmod "$module"; return 1; }
	insmod "$module"
}

# unload_time_wait: TIME_WAIT and orphans go with the module
unload_time_wait() {
	vctp_only || return
	transfer 4 poll 1000 1000 || return
	[ "$( (left cat /proc/net/vctp; right cat /proc/net/vctp) | grep -c TIME_WAIT)" -gt 0 ] ||
		{ echo "nothing in TIME_WAIT"; return 1; }
	unload || return
	gone || { insmod "$module"; return 1; }
	insmod "$module"
}

# segments SECONDS: what a stranger might send, from right, as fast as it goes
segments() {
	right python3 - "$1" <<-END
		import socket, struct, sys, time
		raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
		end = time.monotonic() + float(sys.argv[1])
		n = 0
		while time.monotonic() < end:
		    for flags in (2, 16, 4, 1, 18, 0x204):
		        n += 1
		        head = bytearray(struct.pack("!HHIHHIIIHHI", 1024 + n % 1000, 2550,
		                         n + 1, 4 << 10 | flags, 0, 65535, n, n, 0, 0, 0))
		        total = sum(struct.unpack("!16H", head))
		        while total >> 16:
		            total = (total & 0xffff) + (total >> 16)
		        struct.pack_into("!H", head, 10, ~total & 0xffff)
		        raw.sendto(head, ("10.0.0.1", 0))
	END
}

# heard COUNTER…: left has counted each since the module is there
heard() {
	local name
	for name; do
		[ "$(counter left "$name")" -gt 0 ] || return
	done
}

# reload: in and out, ten times, under traffic of strangers, and once in use
# in between
reload() {
	local i pid
	vctp_only || return
	segments 600 &
	pid=$!
	for ((i = 0; i < 10; i++)); do
		unload || { give_up; return; }
		insmod "$module" || { give_up; return; }
		until_true 20 heard DropNoListener DropNoCircuit DropReflected ||
			{ give_up; return; }
	done
	ip netns pids right | xargs -r kill
	wait "$pid" 2>/dev/null
	transfer 4 poll "$MB" "$MB"
}

# settings: a namespace that is made while the module is there has its own, and
# those that were there before get theirs
settings() {
	vctp_only || return
	ip netns add brief-a || return
	ip netns exec brief-a sysctl -q net.vctp.time_wait_ms &&
		left sysctl -qw net.vctp.time_wait_ms=1234 &&
		[ "$(right sysctl -n net.vctp.time_wait_ms)" = 60000 ] &&
		[ "$(ip netns exec brief-a sysctl -n net.vctp.time_wait_ms)" = 60000 ]
	local status=$?
	left sysctl -qw net.vctp.time_wait_ms=60000
	ip netns del brief-a
	return "$status"
}

ktap_begin
link
check "S12 the link goes down and up, three times, under a transfer" during flap
check "S12 the MTU changes to 1280, 1400, 576 and 1500 under a transfer" during mtu
check "S12 the card is pulled out under a transfer, and put back" unplug
check "S4 six namespaces end under traffic, with links, streams and TIME_WAIT" namespaces
check "S15 each namespace has settings of its own" settings
check "S15 rmmod says EBUSY while a socket lives" busy_module
check "S15 rmmod leaves nothing behind, and insmod works again" unload_clean
check "S4 TIME_WAIT goes with the module" unload_time_wait
check "S15 rmmod and insmod ten times, under segments of a stranger" reload
check "S7 a transfer after all that" transfer 6 splice $MB $MB
ktap_end
