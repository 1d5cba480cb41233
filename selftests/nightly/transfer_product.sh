#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: nightly --nic e1000e --clock virtual
# lab: nightly --nic vmxnet3 --clock virtual
# lab: nightly --nic virtio --clock virtual
# lab: nightly --nic veth --clock virtual
#
# As transfer_matrix.sh, but each value with each: the full product.
. "$(dirname "$(readlink -f "$0")")/../lib.sh"

HERE=$HERE/..
BYTES=${BYTES:-60000}

ktap_begin
link
row=0
while read -r loss delay reorder duplicate corrupt family offloads kind <&3; do
	row=$((row + 1))
	check "S7 loss $loss %, $delay ms, reorder $reorder %, duplicate $duplicate %, corrupt $corrupt %, IPv$family, offloads $offloads, $kind" \
		transfer_row "$loss" "$delay" "$reorder" "$duplicate" "$corrupt" \
		"$family" "$offloads" "$kind" "$row" "$BYTES"
done 3< <("$HERE/transfer_pairs.py" --all)
unimpair
offloads on
ktap_end
