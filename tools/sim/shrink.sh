# shellcheck shell=bash disable=SC2154
# Part of run: makes the one scenario as small as it can be while it still fails.

SHRINK_BOOTS=300 # at most: an hour, where each trial takes a boot

# shrink_progress BOOTS DIR: where it is
shrink_progress() {
	if [ -t 1 ]; then
		printf '\r%d boots, trial %s ' "$1" "$(cat "$2/next" 2>/dev/null)"
	elif [ $(($1 % 25)) -eq 0 ]; then
		echo "# $1 boots, trial $(cat "$2/next" 2>/dev/null)"
	fi
}

# shrink_end NAME: plays what is left, with all that can be kept of it
shrink_end() {
	local dir=$OUT/shrink status
	play "$dir" "$dir/said" "$dir/kernel" --scenario /out/best --out /out
	status=$?
	echo "not ok $1: the smallest that fails:"
	cat "$dir/best"
	complaints "$dir/said" "$dir/kernel"
	if grep -q '^@@ [0-9]* ok' "$dir/said" && ! end_failed "$dir/said" "$status"; then
		echo '# played once more it passes'
	fi
	echo "# packets, trace, what was said: build/sim/shrink/"
	echo "# again: $(again SCENARIO=build/sim/shrink/best)"
}

# shrink_scenario: as often as the kernel has to be booted. What is seen only
# behind the player's end takes a boot for each trial.
shrink_scenario() {
	local dir=$OUT/shrink boots=0 once='' name="seed $first" what=(--seeds "$first") status
	rm -rf "$dir.new"
	if [ -n "$scenario" ]; then
		name=$scenario what=(--scenario /out/scenario)
		# it may be one that lies where it would be deleted
		cp "$scenario" "$dir.new" || exit 2
	fi
	rm -rf "$dir"
	mkdir -p "$dir"
	[ -z "$scenario" ] || mv "$dir.new" "$dir/scenario"
	while [ "$boots" -lt "$SHRINK_BOOTS" ]; do
		play "$dir" "$dir/said" "$dir/kernel" "${what[@]}" --shrink /out ${once:+--once}
		status=$?
		boots=$((boots + 1))
		if lab_failed "$status" || { [ ! -e "$dir/done" ] &&
			! grep -q '^@@ ' "$dir/said"; }; then
			lab_words "$dir/kernel" | sed "s,/out/scenario,$scenario," >&2
			return 2
		fi
		if [ -n "$once" ]; then
			end_failed "$dir/said" "$status" || rm -f "$dir/trying"
			if [ ! -e "$dir/best" ] && [ ! -e "$dir/trying" ]; then
				echo "$name failed at its end once, and does not again"
				return 0
			fi
		elif [ -e "$dir/done" ] && [ ! -e "$dir/best" ]; then
			if ! end_failed "$dir/said" "$status"; then
				echo "$name does not fail alone"
				return 0
			fi
			echo '# only the end of the boot tells that it fails: a boot for each trial'
			once=y
			rm -f "$dir"/{done,next,trying}
			continue
		elif [ ! -e "$dir/done" ] && ! end_failed "$dir/said" "$status" && [ "$status" -ne 124 ]; then
			echo "the player ended early; build/sim/shrink/kernel says why" >&2
			return 2
		fi
		shrink_progress "$boots" "$dir"
		[ ! -e "$dir/done" ] || break
	done
	[ ! -t 1 ] || echo
	if [ ! -e "$dir/best" ]; then
		echo "$name fails, and could not be made smaller in $boots boots"
		return 1
	fi
	[ -e "$dir/done" ] ||
		echo "# stopped after $boots boots: there may be a smaller one (make sim SHRINK=1 SCENARIO=build/sim/shrink/best)"
	shrink_end "$name"
	return 1
}
