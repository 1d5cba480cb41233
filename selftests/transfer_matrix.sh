#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e --clock virtual
# lab: --nic vmxnet3 --clock virtual
# lab: --nic virtio --clock virtual
# lab: --nic veth --clock virtual
#
# Streams across links that lose, delay, reorder, double and corrupt: the rows
# of transfer_pairs.txt that have this machine's card. In those rows each two
# values of each two columns meet.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

BYTES=${BYTES:-500000}

ktap_begin
link
card=$(left ethtool -i eth0 | sed -n 's/^driver: //p')
[ "$card" != virtio_net ] || card=virtio
[ "$card" != e1000 ] || card=e1000e

check "S7 the table of links has every pair of values" \
	"$HERE/transfer_pairs.py" --verify <"$HERE/transfer_pairs.txt"
row=0 rows=0
while read -r loss delay reorder duplicate corrupt family offloads kind on <&3; do
	row=$((row + 1))
	[ "$on" = "$card" ] || continue
	rows=$((rows + 1))
	check "S7 $card: loss $loss %, $delay ms, reorder $reorder %, duplicate $duplicate %, corrupt $corrupt %, IPv$family, offloads $offloads, $kind" \
		transfer_row "$loss" "$delay" "$reorder" "$duplicate" "$corrupt" \
		"$family" "$offloads" "$kind" "$row" "$BYTES"
done 3< <(grep -v '^#' "$HERE/transfer_pairs.txt")
[ "$rows" -gt 0 ] || check "S7 the table of links has rows for $card" false
unimpair
offloads on
ktap_end
