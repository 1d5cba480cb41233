#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: nightly parts=4 --nic e1000e --clock virtual
# lab: nightly parts=4 --nic vmxnet3 --clock virtual
# lab: nightly parts=4 --nic virtio --clock virtual
# lab: nightly parts=4 --nic veth --clock virtual
#
# As transfer_matrix.sh, but each value with each: the full product; of VCTP_PART,
# say 2/4, every fourth row from the second on.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

BYTES=${BYTES:-60000}

VCTP_PART=${VCTP_PART:-1/1}
part=${VCTP_PART%/*} parts=${VCTP_PART#*/}

ktap_begin
link
row=0
while read -r loss delay reorder duplicate corrupt family offloads kind <&3; do
	row=$((row + 1))
	[ $((row % parts)) -eq $((part % parts)) ] || continue
	check "S7 loss $loss %, $delay ms, reorder $reorder %, duplicate $duplicate %, corrupt $corrupt %, IPv$family, offloads $offloads, $kind" \
		transfer_row "$loss" "$delay" "$reorder" "$duplicate" "$corrupt" \
		"$family" "$offloads" "$kind" "$row" "$BYTES"
done 3< <("$HERE/transfer_pairs.py" --all)
[ "$KTAP_COUNT" -gt 0 ] || result 1 'S7 there are rows'
unimpair
offloads on
ktap_end
