# shellcheck shell=bash
# The checkout's copy for one suite, and what is built in it by that suite's
# compiler. What changed gets the time of its copying, so that it is built again,
# also where it was written during the last build.

# source_files: all of the checkout but what git ignores, NUL between
source_files() {
	# root may well look into another user's checkout
	local git=(git -c "safe.directory=$SRC" -C "$SRC")
	if "${git[@]}" rev-parse --git-dir >/dev/null 2>&1; then
		"${git[@]}" ls-files -z --cached --others --exclude-standard
	else
		(cd "$SRC" && find . -name .git -prune -o ! -type d -printf '%P\0')
	fi | grep -zv '^build/' | LC_ALL=C sort -zu
}

# source_copy DIR: brings DIR/src up to date; prints what it changed
source_copy() {
	local dir=$1
	mkdir -p "$dir/src"
	source_files >"$dir/files.new"
	# what is no longer in the checkout leaves the copy too
	touch "$dir/files"
	LC_ALL=C comm -z -23 "$dir/files" "$dir/files.new" |
		while IFS= read -r -d '' file; do
			rm -f "$dir/src/$file"
			echo "gone $file"
		done
	rsync -lpc --from0 --files-from="$dir/files.new" --ignore-missing-args \
		--out-format='new %n' "$SRC/" "$dir/src/"
	mv "$dir/files.new" "$dir/files"
}

# build: copies and builds for the suite that is loaded, and leaves the result
# in LAB_TMP/SUITE.cpio, for the VM to unpack
build() {
	local dir=$SRC/build/lab/$SUITE changes built lock log=$LAB_TMP/build.log
	local against="$ROOT_DIR $KERNEL_DIR $MAKE_ARGS"
	mkdir -p "$dir" || die "cannot write to $SRC/build"
	exec {lock}>"$dir/lock"
	flock "$lock"
	# no longer so, if this copying changes something or comes to a sudden end
	built=$(cat "$dir/built" 2>/dev/null)
	rm -f "$dir/built"
	changes=$(source_copy "$dir") || die "copying $SRC failed"
	[ -z "$changes" ] || built=''
	if [ -n "$LAB_MODULE" ] && [ "$built" != "$against" ]; then
		[ -e "$dir/src/Makefile" ] || die "$SRC has no Makefile"
		# shellcheck disable=SC2086 # words
		with_progress 60 "building for $SUITE" "$log" \
			in_root "$ROOT_DIR/root" "$dir/src:/vctp $KERNEL_BIND" \
			make -C /vctp -j "$(nproc)" --output-sync=target \
			KDIR="/lib/modules/$KERNEL_RELEASE/build" $MAKE_ARGS \
			module programs || {
			grep -v -E '^(make.* (Entering|Leaving)|  [A-Z]+ )' "$log" | tail -n 100 >&2
			die "the build for $SUITE failed"
		}
		grep -A 3 'warning:' "$log" >&2
		[ -e "$dir/src/vctp.ko" ] || die "the build for $SUITE made no vctp.ko"
		built=$against
	fi
	echo "$built" >"$dir/built"
	(cd "$dir" && find src ! -name '*.o' ! -name '*.cmd' |
		cpio --quiet -o -H newc -R 0:0) >"$LAB_TMP/$SUITE.cpio" ||
		die "packing $dir/src failed"
	exec {lock}>&-
}
