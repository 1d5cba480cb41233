# shellcheck shell=bash disable=SC2034
# Reading and counting what tests say: KTAP, as the kernel's documents have it.
#
# RESULTS gets a line for each result:
#   passed|failed|skipped <tab> suite/machine <tab> test <tab> description

KTAP_PROGRESS=60 # seconds after which a test that is not done shows how far it is
KTAP_DONE=0	# tests that have ended
KTAP_RUNNING=''	# the one that has not

# ktap_result KIND WHERE TEST DESCRIPTION
ktap_result() {
	printf '%s\t%s\t%s\t%s\n' "$@" >>"$RESULTS"
	ktap_count[$1]=$((${ktap_count[$1]:-0} + 1))
	[ "$1" != failed ] || echo "  FAILED $2 $3: $4"
}

# ktap_line WHERE TEST LINE: counts it if it is a result. Lines of subtests are
# indented: their parent's tells.
ktap_line() {
	local what
	if [[ $3 =~ ^(not\ )?ok\ +([0-9]+)?\ *(-\ )?(.*)$ ]]; then
		local bad=${BASH_REMATCH[1]}
		what=${BASH_REMATCH[4]}
		if [[ $what =~ ^(.*)#\ *([Ss][Kk][Ii][Pp]|XFAIL)(.*)$ ]]; then
			ktap_result skipped "$1" "$2" "${BASH_REMATCH[1]}# ${BASH_REMATCH[2]}${BASH_REMATCH[3]}"
		elif [ -n "$bad" ]; then
			ktap_result failed "$1" "$2" "$what"
		else
			ktap_result passed "$1" "$2" "$what"
		fi
	elif [[ $3 =~ ^1\.\.([0-9]+)(.*)$ ]]; then
		# a test may be several programs, each with a plan
		ktap_plan=$((${ktap_plan:-0} + BASH_REMATCH[1]))
		if [ "${BASH_REMATCH[1]}" -eq 0 ]; then
			ktap_result skipped "$1" "$2" "all${BASH_REMATCH[2]:- # SKIP}"
		fi
	fi
}

# ktap_progress WHERE TEST SECONDS: results so far
ktap_progress() {
	local of=${ktap_plan:+ of $ktap_plan}
	printf '  %s %s: %d%s results, %d failed, after %d s\n' "$1" "$2" \
		"$((${ktap_count[passed]:-0} + ${ktap_count[failed]:-0} + ${ktap_count[skipped]:-0}))" \
		"$of" "${ktap_count[failed]:-0}" "$3"
}

# ktap_end WHERE TEST STATUS SECONDS: what the test's lines did not say. SECONDS
# are the host's.
ktap_end() {
	local said passed=${ktap_count[passed]:-0} failed=${ktap_count[failed]:-0} \
		skipped=${ktap_count[skipped]:-0} why=''
	said=$((passed + failed + skipped))
	if [ "$3" -eq 124 ] || [ "$3" -eq 137 ]; then
		why="ran out of time after $4 s"
	elif [ "$3" -eq 4 ] && [ "$said" -eq 0 ]; then
		ktap_result skipped "$1" "$2" 'all # SKIP'
	elif [ "$3" -ne 0 ] && [ "$3" -ne 4 ] && [ "$failed" -eq 0 ]; then
		why="exit status $3"
	elif [ -n "$ktap_plan" ] && [ "$said" -lt "$ktap_plan" ]; then
		why="$((ktap_plan - said)) of $ktap_plan results are missing"
	elif [ "$said" -eq 0 ]; then
		ktap_result passed "$1" "$2" 'exit status 0'
	fi
	[ -z "$why" ] || ktap_result failed "$1" "$2" "$why"
	printf '%-28s %-24s %5d passed %3d failed %3d skipped %4d s\n' "$1" "$2" \
		"${ktap_count[passed]:-0}" "${ktap_count[failed]:-0}" \
		"${ktap_count[skipped]:-0}" "$4"
}

# ktap_read SUITE MACHINE: reads what test.d/guest prints
ktap_read() {
	local where=$1/$2 line test='' log begun=0 shown=0
	local -A ktap_count=()
	local ktap_plan=''
	while IFS= read -r line; do
		line=${line%$'\r'}
		if [[ $line == '@@ start '* ]]; then
			test=${line#@@ start }
			KTAP_RUNNING=$test ktap_count=() ktap_plan='' begun=$SECONDS shown=$SECONDS
			log=$OUT/$1.$2.${test//\//-}.log
		elif [[ $line == '@@ end '* ]] && [ -n "$test" ]; then
			# shellcheck disable=SC2086 # words
			set -- "$1" "$2" ${line#@@ end }
			ktap_end "$where" "$test" "$4" "$((SECONDS - begun))"
			set -- "$1" "$2"
			KTAP_RUNNING='' test=''
			KTAP_DONE=$((KTAP_DONE + 1))
		elif [ -n "$test" ]; then
			printf '%s\n' "$line" >>"$log"
			ktap_line "$where" "$test" "$line"
			if [ $((SECONDS - shown)) -ge "$KTAP_PROGRESS" ]; then
				ktap_progress "$where" "$test" "$((SECONDS - begun))"
				shown=$SECONDS
			fi
		fi
	done
}

# ktap_lost SUITE MACHINE WHY TEST…: these tests never came to their end
ktap_lost() {
	local where=$1/$2 why=$3 test
	local -A ktap_count=()
	shift 3
	for test; do
		ktap_result failed "$where" "$test" "$why"
	done
}

# ktap_sum: failures and skips once more, then the line with the numbers; false
# where one failed or none passed
ktap_sum() {
	local passed failed skipped
	passed=$(grep -c ^passed "$RESULTS")
	failed=$(grep -c ^failed "$RESULTS")
	skipped=$(grep -c ^skipped "$RESULTS")
	echo
	if [ "$skipped" -gt 0 ]; then
		echo "$skipped skipped, by reason:"
		sed -n 's/^skipped\t\([^\t]*\)\t\([^\t]*\)\t.*# *\(.*\)/\3 (\2)/p' "$RESULTS" |
			sort | uniq -c | sort -rn | head -n 40
	fi
	if [ "$failed" -gt 0 ]; then
		echo "$failed failed; logs: ${OUT#"$SRC/"}/"
		sed -n 's/^failed\t/  /p' "$RESULTS" | tr '\t' ' ' | head -n 100
	fi
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
