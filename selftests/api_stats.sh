#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# How many cases the socket API suite has, by program and in all.

cd "$(dirname "$0")" || exit 1

cases=0
lines=0
echo "TAP version 13"
echo "1..1"
for prog in ./api_*; do
	case $prog in
	./*.*) continue ;;
	esac
	[ -x "$prog" ] || continue
	count=$("$prog" --count)
	printf '# %-16s %4d cases, %4d with both families\n' \
		"${prog#./}" "${count% *}" "${count#* }"
	cases=$((cases + ${count% *}))
	lines=$((lines + ${count#* }))
done
echo "# $cases cases, $lines with both families, each over TCP and VCTP"
if [ "$cases" -ge 150 ]; then
	echo "ok 1 S13 at least 150 distinct cases: $cases"
else
	echo "not ok 1 S13 at least 150 distinct cases: $cases"
	exit 1
fi
