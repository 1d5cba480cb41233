#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e
# lab: --nic vmxnet3
# lab: --nic virtio
# lab: --nic veth
#
# Each segment that comes out of a card has a right checksum and fits the MTU,
# whatever the card says of itself, whatever it is asked to do, and whatever
# lies between the socket and the card.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

BYTES=2000000

[ "$PROTO" = vctp ] || skip_all "it is about VCTP's checksum"

# watched DEVICE FROM_NAMESPACE FAMILY HOST: a stream to right, where DEVICE is
# watched; every segment there has to be finished, and none too long
watched() {
	local watch receiver status bad drops saw
	drops=$(counter right DropChecksum)
	right "$HERE/wire_sum" "$1" "$BYTES" >"$WORK/saw" 2>&1 &
	watch=$!
	LIB_PIDS+=("$watch")
	until_true 10 grep -q watching "$WORK/saw" || return
	right "$HERE/transfer" --proto vctp "-$3" --kind sendfile --quiet --timeout 120 \
		--send 0 --receive "$BYTES" listen &
	receiver=$!
	LIB_PIDS+=("$receiver")
	ip netns exec "$2" "$HERE/transfer" --proto vctp "-$3" --kind sendfile --quiet \
		--timeout 120 --send "$BYTES" --receive 0 --retry 30 connect "$4" && wait "$receiver"
	status=$?
	[ "$status" -eq 0 ] || kill "$receiver" 2>/dev/null
	wait "$watch"
	bad=$?
	saw=$(grep -v watching "$WORK/saw")
	echo "$saw"
	[ "$status" -eq 0 ] || return "$status"
	[ "$bad" -eq 0 ] || return "$bad"
	[[ $saw == *" unfinished 0 too-long 0" ]] || return 1
	[ "$(counter right DropChecksum)" = "$drops" ]
}

both() {
	check "$1, IPv4" watched "$2" "$3" 4 "$4"
	check "$1, IPv6" watched "$2" "$3" 6 "$5"
}

# set_card SIDE FEATURE VALUE: where the card lets it be changed
set_card() { side "$1" ethtool -K eth0 "$2" "$3" >/dev/null 2>&1; }

# What a card is asked to do for the sender, one thing taken away after another.
cards() {
	local what
	both "S12 as the driver has it" eth0 left 10.0.0.2 fd00::2
	for what in gso sg tx; do
		set_card left "$what" off
		both "S12 $what off too" eth0 left 10.0.0.2 fd00::2
	done
	for what in tx sg gso; do
		set_card left "$what" on
	done
}

vlan() {
	local number=1 name
	for name in left right; do
		side "$name" ip link add link eth0 name eth0.7 type vlan id 7 || return
		side "$name" ip addr add "10.7.0.$number/24" dev eth0.7
		side "$name" ip addr add "fd07::$number/64" dev eth0.7 nodad
		side "$name" ip link set eth0.7 up
		number=$((number + 1))
	done
	both "S12 a VLAN on the card" eth0.7 left 10.7.0.2 fd07::2
	left ip link del eth0.7 && right ip link del eth0.7
}

# A guest behind a bridge: what veth passes whole, and unfinished, the card has
# to be given in segments.
bridge() {
	ip netns add guest || return
	left ip link add veth0 type veth peer name eth0 netns guest
	left ip link add br0 type bridge
	left ip link set veth0 master br0
	left ip link set eth0 master br0
	left ip link set veth0 up
	left ip link set br0 up
	ip -n guest link set lo up
	ip -n guest link set eth0 up
	ip -n guest addr add 10.0.0.3/24 dev eth0
	ip -n guest addr add fd00::3/64 dev eth0 nodad
	until_true 10 ip netns exec guest ping -c 1 -W 1 -q 10.0.0.2 >/dev/null || return
	until_true 10 ip netns exec guest ping -c 1 -W 1 -q fd00::2 >/dev/null || return
	both "S12 a guest, a bridge, the card" eth0 guest 10.0.0.2 fd00::2
	ip netns exec guest ethtool -K eth0 tx off >/dev/null
	both "S12 a guest without offloads, a bridge, the card" eth0 guest 10.0.0.2 fd00::2
	left ip link set eth0 nomaster
	left ip link del br0
	ip netns del guest
}

tunnel() {
	local number=1 other=2 name
	for name in left right; do
		side "$name" ip link add vx0 type vxlan id 9 dev eth0 dstport 4789 \
			local "10.0.0.$number" remote "10.0.0.$other" || return
		side "$name" ip addr add "10.9.0.$number/24" dev vx0
		side "$name" ip addr add "fd09::$number/64" dev vx0 nodad
		side "$name" ip link set vx0 up
		side "$name" ethtool -K vx0 gro off >/dev/null
		number=2 other=1
	done
	both "S12 a VXLAN tunnel over the card" vx0 left 10.9.0.2 fd09::2
	left ip link del vx0 && right ip link del vx0
}

ktap_begin
link
# veth would hand over what is not cut yet: no card does
set_card left tx-sctp-segmentation off
# one by one, as they come
set_card right gro off
set_card right lro off
cards
vlan || check "S12 a VLAN on the card" false
bridge || check "S12 a bridge" false
tunnel || check "S12 a VXLAN tunnel over the card" false
set_card right gro on
set_card left tx-sctp-segmentation on
ktap_end
