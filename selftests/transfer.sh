#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --nic e1000e --smp 2
# lab: --nic veth --smp 2
#
# Streams both ways at once over a clean link, by every kind of program, and
# more of them than there are processors.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

MB=1000000

# many FAMILY KIND: eight pairs of programs at once
many() {
	local i pids=() status=0 host=10.0.0.1
	[ "$1" = 4 ] || host=fd00::1
	local common=(--proto "$PROTO" "-$1" --kind "$2" --send "$MB" --receive "$MB" --quiet)
	for i in 1 2 3 4 5 6 7 8; do
		spawn left "$HERE/transfer" "${common[@]}" --port "$((2600 + i))" \
			--seed "$i" listen
		pids+=("$LIB_PID")
		spawn right "$HERE/transfer" "${common[@]}" --port "$((2600 + i))" --seed "$i" \
			--retry 30 connect "$host"
		pids+=("$LIB_PID")
	done
	for i in "${pids[@]}"; do
		wait "$i" || status=$?
	done
	return "$status"
}

ktap_begin
link
for family in 4 6; do
	for kind in poll blocking sendfile splice uring; do
		check "S1 S7 both ways at once, IPv$family, $kind" \
			transfer "$family" "$kind" $((4 * MB)) $((3 * MB))
	done
	check "S3 half-close: the answer comes after the end of the question, IPv$family" \
		transfer "$family" blocking $((2 * MB)) 100000 --answer
	check "S3 half-close the other way round: nothing is asked, IPv$family" \
		transfer "$family" poll 0 $MB
	check "S1 nothing sent either way, IPv$family" transfer "$family" poll 0 0
	check "S1 one byte each way, IPv$family" transfer "$family" blocking 1 1
	check "S7 sixteen streams side by side, IPv$family" many "$family" poll
done
ktap_end
