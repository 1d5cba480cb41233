# shellcheck shell=bash disable=SC2034
# Speaking to the user: all of it on stderr, so that COMMAND owns stdout.

LAB_STATUS_USAGE=2 LAB_STATUS_TIMEOUT=124 LAB_STATUS_ERROR=125 LAB_STATUS_KERNEL=126

say() {
	printf 'lab: %s\n' "$*" >&2
}

# die MESSAGE…: the lab itself failed (COMMAND did not)
die() {
	say "error: $*"
	exit "$LAB_STATUS_ERROR"
}

# progress SECONDS TITLE LOG: until its caller kills it, shows how far a job
# that usually takes SECONDS is, and the last line of its LOG. On a terminal
# one line that moves, elsewhere a line every 5 seconds.
progress() {
	local start=$SECONDS last spent
	while :; do
		spent=$((SECONDS - start))
		last=$(tail -c 2000 "$3" 2>/dev/null | tr '\r\t' '\n ' | grep . | tail -n 1)
		if [ -t 2 ]; then
			printf '\r\033[Klab: %s: %d s of about %d  %.50s' \
				"$2" "$spent" "$1" "$last" >&2
			sleep 0.5
		else
			[ "$spent" -eq 0 ] || say "$2: $spent s of about $1  ${last:0:60}"
			sleep 5
		fi
	done
}

# with_progress SECONDS TITLE LOG COMMAND…: COMMAND's output goes to LOG
with_progress() {
	local seconds=$1 title=$2 log=$3 shower status=0
	shift 3
	: >"$log"
	progress "$seconds" "$title" "$log" &
	shower=$!
	"$@" >"$log" 2>&1 </dev/null || status=$?
	kill "$shower" 2>/dev/null
	wait "$shower" 2>/dev/null
	[ ! -t 2 ] || printf '\r\033[K' >&2
	return "$status"
}
