#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --suite trixie --two bookworm
# lab: --suite trixie --two trixie
# lab: --suite backports --two bookworm
#
# The two sides are two machines, under kernels of their own.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# kernels: what runs where
kernels() {
	local here there
	here=$(left uname -r) && there=$(right uname -r) || return
	echo "left $here, right $there"
}

# other_way FAMILY: right listens and left connects
other_way() {
	local host=10.0.0.2 pid status
	[ "$1" = 4 ] || host=fd00::2
	local common=(--proto "$PROTO" "-$1" --kind poll --quiet --port 2540)
	spawn right "$HERE/transfer" "${common[@]}" --send 3000000 --receive 5000000 listen
	pid=$LIB_PID
	left "$HERE/transfer" "${common[@]}" --send 5000000 --receive 3000000 \
		--retry 30 connect "$host"
	status=$?
	[ "$status" -eq 0 ] || kill "$pid"
	wait "$pid" && [ "$status" -eq 0 ]
}

# bad_link: what each of the two cannot know of the other's losses
bad_link() {
	offloads off && impair delay 5ms loss 1% reorder 1% || return
	transfer 4 poll 1000000 1000000
	local status=$?
	unimpair
	offloads on
	return "$status"
}

ktap_begin
command -v lab-left >/dev/null || skip_all "needs a lab of two VMs"
check "S7 two machines" kernels
for family in 4 6; do
	for kind in poll blocking sendfile splice; do
		check "S7 two machines, both ways at once, IPv$family, $kind" \
			transfer "$family" "$kind" 5000000 3000000
	done
	check "S7 two machines, opened from the other side, IPv$family" other_way "$family"
	check "S3 two machines, half-close, IPv$family" \
		transfer "$family" blocking 1000000 1000000 --answer
done
check "S7 two machines, a link that loses and reorders" bad_link
ktap_end
