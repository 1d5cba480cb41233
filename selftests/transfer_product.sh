#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: nightly --suite trixie parts=2 --nic e1000e --clock virtual
# lab: nightly --suite trixie parts=2 --nic vmxnet3 --clock virtual
# lab: nightly --suite trixie parts=2 --nic virtio --clock virtual
# lab: nightly --suite trixie parts=2 --nic veth --clock virtual
#
# As transfer_matrix.sh, but each value with each: the full product, or the part
# of it that VCTP_PART names. `transfer_product.sh 17 18': those links only, each
# with its ten rows.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

BYTES=${BYTES:-500000}

# row …: as transfer_row, and says how to have that link again
row() {
	local status
	transfer_row "$@" && return
	status=$?
	echo "link $9"
	return "$status"
}

# over: all circuits have ended, and no way that the state table does not know
over() {
	local name circuits impossible
	sleep 130 # virtual: TIME_WAIT, and whom a program left
	for name in left right; do
		circuits=$(circuits "$name")
		impossible=$(counter "$name" Impossible)
		echo "$name: $circuits circuits, $impossible impossible events"
		[ "$circuits $impossible" = '0 0' ] || return
	done
}

mapfile -t rows < <("$HERE/transfer_pairs.py" --all "${VCTP_PART:-1/1}" |
	grep -E " ($(IFS='|'; echo "${*:-.*}"))\$")
[ "${#rows[@]}" -gt 0 ] || { echo 'Bail out! there are no such links'; exit 1; }
# what a link that goes wrong makes grow
mishaps=(RetransSegs OfoQueued DuplicateBytesSegs DropChecksum)
[ $# -eq 0 ] && [ "$PROTO" = vctp ] || mishaps=()

ktap_begin
ktap_plan $((${#rows[@]} + ${#mishaps[@]} + (${#mishaps[@]} > 0)))
link
for values in "${rows[@]}"; do
	read -r loss delay reorder duplicate corrupt family offloads kind link <<<"$values"
	check "S7 loss $loss %, $delay ms, reorder $reorder %, duplicate $duplicate %, corrupt $corrupt %, IPv$family, offloads $offloads, $kind" \
		row "$loss" "$delay" "$reorder" "$duplicate" "$corrupt" \
		"$family" "$offloads" "$kind" "$link" "$BYTES"
done
unimpair
offloads on
for name in "${mishaps[@]}"; do
	check "S7 the links did go wrong: $name" [ "$(counter right "$name")" -gt 0 ]
done
[ "${#mishaps[@]}" -eq 0 ] || check 'S7 nothing stays of all these circuits' over
ktap_end
