#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e --clock virtual
# lab: --nic veth --clock virtual
#
# What lies under a circuit: addresses of every scope, VRFs, tunnels, routers
# with smaller links; and what changes there while it runs.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

BYTES=1000000
LONG=6000000

# to HOST FAMILY BYTES [FROM [AT]]: a stream from FROM (left) to AT (right)
to() {
	local receiver status from=${4:-left} at=${5:-right}
	# cards come up late, and neighbours are found later
	until_true 20 ip netns exec "$from" ping -q -c 1 -W 1 "${1#::ffff:}" >/dev/null || return
	ip netns exec "$at" "$HERE/transfer" --proto "$PROTO" "-$2" --quiet \
		--timeout 100 --send 0 --receive "$3" listen &
	receiver=$!
	LIB_PIDS+=("$receiver")
	ip netns exec "$from" "$HERE/transfer" --proto "$PROTO" "-$2" --quiet \
		--timeout 100 --send "$3" --receive 0 --retry 20 connect "$1"
	status=$?
	[ "$status" -eq 0 ] || kill "$receiver" 2>/dev/null
	wait "$receiver" && return "$status"
}

# while_running COMMAND…: a long stream, and COMMAND in the middle of it: data
# flows before, and after
while_running() {
	local stream status
	slow 16mbit || return
	LIB_SEEN=$(segments_in right)
	to 10.0.0.2 4 "$LONG" &
	stream=$!
	until_true 60 flowing right 300 && "$@"
	status=$?
	if [ "$status" -eq 0 ]; then
		LIB_SEEN=$(segments_in right)
		until_true 60 flowing right 300 || status=1
		wait "$stream" || status=1
	else
		ip netns pids left | xargs -r kill
		ip netns pids right | xargs -r kill
	fi
	unimpair
	offloads on
	return "$status"
}

on_both() {
	left "$@" && right "$@"
}

mtu() { on_both ip link set eth0 mtu "$1"; }

# not below 1280: IPv6 would leave the card
smaller_and_larger() {
	mtu 1300 && sleep 0.3 && mtu 1500
}

route_mtu() {
	left ip route add 10.0.0.2 dev eth0 mtu lock 700 && sleep 0.3 &&
		left ip route del 10.0.0.2
}

# the card is away for a moment: what is under way is sent again
down_and_up() {
	right sysctl -q net.ipv6.conf.eth0.keep_addr_on_down=1
	right ip link set eth0 down && sleep 0.5 && right ip link set eth0 up
}

link_local() {
	local addr
	addr=$(right ip -6 -o addr show dev eth0 scope link |
		awk '{ sub("/.*", "", $4); print $4 }')
	to "$addr%eth0" 6 "$BYTES"
}

# an address of a lower link says nothing without that link
link_local_nowhere() {
	! ip netns exec left "$HERE/transfer" --proto "$PROTO" -6 --quiet \
		--timeout 5 connect fe80::1 2>"$WORK/nowhere"
	grep -q 'Invalid argument' "$WORK/nowhere"
}

small_ipv6() {
	mtu 1280 && to fd00::2 6 "$BYTES" && mtu 1500
}

small_ipv4() {
	on_both ip route replace 10.0.0.0/24 dev eth0 mtu lock 552
	to 10.0.0.2 4 "$BYTES"
	local status=$?
	left ip route replace 10.0.0.0/24 dev eth0 src 10.0.0.1
	right ip route replace 10.0.0.0/24 dev eth0 src 10.0.0.2
	return "$status"
}

vrf_begin() {
	local name number=1
	for name in left right; do
		side "$name" ip link add red type vrf table 10 || return
		side "$name" ip link set red up
		side "$name" ip link set eth0 master red || return
		# it loses its IPv6 addresses on the way
		side "$name" ip addr add "fd00::$number/64" dev eth0 nodad 2>/dev/null
		side "$name" sysctl -q net.ipv4.tcp_l3mdev_accept=1
		number=$((number + 1))
	done
	# the neighbours of a card are forgotten when it gets a master
	until_true 20 ip netns exec left ip vrf exec red \
		ping -q -c 1 -W 1 10.0.0.2 >/dev/null &&
		until_true 20 ip netns exec left ip vrf exec red \
			ping -q -c 1 -W 1 fd00::2 >/dev/null
}

# Both ends in a VRF that they are not bound to on the one side, bound on the other.
in_vrf() {
	local receiver status
	ip netns exec right "$HERE/transfer" --proto "$PROTO" "-$1" --quiet \
		--timeout 100 --send 1000 --receive "$BYTES" listen &
	receiver=$!
	LIB_PIDS+=("$receiver")
	ip netns exec left ip vrf exec red "$HERE/transfer" --proto "$PROTO" "-$1" \
		--quiet --timeout 100 --send "$BYTES" --receive 1000 --retry 20 connect "$2"
	status=$?
	[ "$status" -eq 0 ] || kill "$receiver" 2>/dev/null
	wait "$receiver" && return "$status"
}

vrf_end() {
	local name
	for name in left right; do
		side "$name" ip link set eth0 nomaster
		side "$name" ip link del red
		side "$name" sysctl -q net.ipv4.tcp_l3mdev_accept=0
	done
	left ip addr add fd00::1/64 dev eth0 nodad 2>/dev/null
	right ip addr add fd00::2/64 dev eth0 nodad 2>/dev/null
	return 0
}

# far: behind right, by a link of 1400 bytes; merged segments have to be told
# from small ones by a router too
far_begin() {
	ip netns add far || return
	right ip link add far0 type veth peer name eth0 netns far
	right ip addr add 10.5.0.1/24 dev far0
	right ip addr add fd05::1/64 dev far0 nodad
	right ip link set far0 mtu 1400 up
	ip -n far link set lo up
	ip -n far link set eth0 mtu 1400 up
	ip -n far addr add 10.5.0.2/24 dev eth0
	ip -n far addr add fd05::2/64 dev eth0 nodad
	ip -n far route add default via 10.5.0.1
	ip -n far route add default via fd05::1
	right sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	left ip route add 10.5.0.0/24 via 10.0.0.2
	left ip route add fd05::/64 via fd00::2
}

far_end() {
	left ip route del 10.5.0.0/24 via 10.0.0.2
	left ip route del fd05::/64 via fd00::2
	ip netns del far
}

tunnel() {
	local number=1 other=2 name status
	for name in left right; do
		side "$name" ip link add gre9 type gre local "10.0.0.$number" \
			remote "10.0.0.$other" || return
		side "$name" ip addr add "10.9.0.$number/24" dev gre9
		side "$name" ip link set gre9 up
		number=2 other=1
	done
	to 10.9.0.2 4 "$BYTES" && to 10.9.0.1 4 "$BYTES" right left
	status=$?
	on_both ip link del gre9
	return "$status"
}

# ESP between the two hosts for all they say, and nothing else is believed
ipsec() {
	local family=$1 left=$2 right=$3 name status
	local key=0x0102030405060708090a0b0c0d0e0f1011121314
	for name in left right; do
		side "$name" ip xfrm state add src "$left" dst "$right" proto esp \
			spi 0x101 mode transport aead 'rfc4106(gcm(aes))' "$key" 128 &&
			side "$name" ip xfrm state add src "$right" dst "$left" proto esp \
				spi 0x102 mode transport aead 'rfc4106(gcm(aes))' "$key" 128 ||
			return 4
	done
	left ip xfrm policy add src "$left" dst "$right" dir out tmpl proto esp mode transport
	left ip xfrm policy add src "$right" dst "$left" dir in tmpl proto esp mode transport
	right ip xfrm policy add src "$right" dst "$left" dir out tmpl proto esp mode transport
	right ip xfrm policy add src "$left" dst "$right" dir in tmpl proto esp mode transport
	to "$right" "$family" "$BYTES"
	status=$?
	# one side that speaks in the clear is not heard
	if [ "$status" -eq 0 ]; then
		left ip xfrm policy flush
		ip netns exec right timeout 3 "$HERE/transfer" --proto "$PROTO" "-$family" \
			--quiet --send 0 --receive 1 listen &
		! ip netns exec left timeout 2 "$HERE/transfer" --proto "$PROTO" "-$family" \
			--quiet --send 1 --receive 0 --retry 2 connect "$right" 2>/dev/null
		status=$?
		wait $!
	fi
	on_both ip xfrm policy flush
	on_both ip xfrm state flush
	return "$status"
}

ktap_begin
link
check "S1 to an address of this host, IPv4" to 10.0.0.1 4 "$BYTES" left left
check "S1 to an address of this host, IPv6" to fd00::1 6 "$BYTES" left left
check "S1 over the loopback" to ::1 6 "$BYTES" left left
check "S1 a v4-mapped peer" to ::ffff:10.0.0.2 6 "$BYTES"
check "S11 a link-local address" link_local
check "S11 a link-local address without its link" link_local_nowhere
check "S12 the least MTU of IPv6" small_ipv6
check "S12 an MTU of 552 bytes" small_ipv4
check "S12 the MTU changes under a stream" while_running smaller_and_larger
check "S12 the route's MTU changes under a stream" while_running route_mtu
check "S12 the card goes down and up under a stream" while_running down_and_up
check "S12 a tunnel" tunnel
check "S11 IPsec, IPv4" ipsec 4 10.0.0.1 10.0.0.2
check "S11 IPsec, IPv6" ipsec 6 fd00::1 fd00::2
if far_begin; then
	check "S6 S12 a router with a smaller link, IPv4" to 10.5.0.2 4 "$BYTES" left far
	check "S6 S12 a router with a smaller link, IPv6" to fd05::2 6 "$BYTES" left far
	check "S12 through a router, the other way" to 10.0.0.1 4 "$BYTES" far left
	far_end
else
	check "S12 a router" false
fi
if vrf_begin; then
	check "S11 in a VRF, IPv4" in_vrf 4 10.0.0.2
	check "S11 in a VRF, IPv6" in_vrf 6 fd00::2
else
	check "S11 a VRF" false
fi
vrf_end
ktap_end
