# shellcheck shell=bash disable=SC2034
# The sanitizer kernel: User Mode Linux, made once, into the cache, from the
# source that came with the root of the same series. It is
#   modules/RELEASE/linux         the kernel, a program
#   modules/RELEASE/norandom.so   in place of the host's randomness
#   modules/RELEASE/build         what modules are built against
#   release
# `modules' is shown as /lib/modules in that root, where the kernel is made, is
# built against, and runs.

UML_SECONDS=420 # what making it takes on two cores

# Not unpacked: drivers that are most of the source, and other processors.
UML_UNUSED='*/Documentation/*/* */drivers/gpu/*.[ch] */drivers/media/*.[ch]
	*/drivers/net/ethernet/*.[ch] */drivers/net/wireless/*.[ch] */sound/*.[ch]
	*/tools/testing/* */arch/*/boot/dts/*'

# uml_key: a hash of the recipe, with the root's compiler and source
uml_key() {
	{
		cat "$LAB"/uml/*
		declare -f uml_make
		echo "$UML_UNUSED"
		sed -n '/^Package: gcc-[0-9]*$/,/^Version:/p' "$ROOT_DIR/root/var/lib/dpkg/status"
		cat "$ROOT_DIR/linux-source.name"
	} | sha256sum | cut -c 1-12
}

# uml_make DIR: fills DIR
uml_make() {
	local dir=$1 exclude=() pattern
	set -f # patterns for tar
	for pattern in $UML_UNUSED; do exclude+=("--exclude=$pattern"); done
	set +f
	mkdir -p "$dir/modules/source"
	echo "unpacking the source"
	tar -xJf "$ROOT_DIR/linux-source.tar.xz" -C "$dir/modules/source" \
		--strip-components=1 "${exclude[@]}" &&
		in_root "$ROOT_DIR/root" "$dir/modules:/usr/lib/modules $LAB/uml:/mnt" \
			/mnt/make "$(nproc)" &&
		basename "$dir"/modules/* >"$dir/release"
}

# uml_get: makes sure of the kernel; sets KERNEL_DIR, KERNEL_RELEASE, and
# KERNEL_BIND, for in_root
uml_get() {
	cache_get "uml-kernel-$(uml_key)" "the sanitizer kernel" "$UML_SECONDS" 4096 uml_make
	KERNEL_DIR=$CACHE_ENTRY KERNEL_BIND=$CACHE_ENTRY/modules:/usr/lib/modules
	KERNEL_RELEASE=$(cat "$KERNEL_DIR/release")
}
