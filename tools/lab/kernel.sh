# shellcheck shell=bash disable=SC2034
# The lab's own kernels, with sanitizers: each made once, into the cache, by its
# recipe in kernels/, from the source that came with the root of the same series.
# One is
#   modules/RELEASE/linux or vmlinuz   the kernel
#   modules/RELEASE/modules.*          what is built in
#   modules/RELEASE/build              what modules are built against
#   release
# `modules' is shown as /lib/modules in that root, where the kernel is made and
# is built against.

# Not unpacked: drivers that are most of the source, and other processors.
KERNEL_UNUSED='*/Documentation/*/* */drivers/gpu/*.[ch] */drivers/media/*.[ch]
	*/drivers/net/ethernet/*.[ch] */drivers/net/wireless/*.[ch] */sound/*.[ch]
	*/tools/testing/* */arch/*/boot/dts/*'

# kernel_key: a hash of the recipe, with the root's compiler and source
kernel_key() {
	{
		cat "$LAB/kernels/make" "$LAB/kernels/common" "$LAB/kernels/$KERNEL"/* |
			grep -v '^TAKES='
		declare -f kernel_make
		echo "$KERNEL_UNUSED"
		sed -n '/^Package: gcc-[0-9]*$/,/^Version:/p' "$ROOT_DIR/root/var/lib/dpkg/status"
		cat "$ROOT_DIR/linux-source.name"
	} | sha256sum | cut -c 1-12
}

# kernel_make DIR: fills DIR
kernel_make() {
	local dir=$1 exclude=() pattern
	set -f # patterns for tar
	for pattern in $KERNEL_UNUSED; do exclude+=("--exclude=$pattern"); done
	set +f
	mkdir -p "$dir/modules/source"
	echo "unpacking the source"
	tar -xJf "$ROOT_DIR/linux-source.tar.xz" -C "$dir/modules/source" \
		--strip-components=1 "${exclude[@]}" &&
		in_root "$ROOT_DIR/root" "$dir/modules:/usr/lib/modules $LAB/kernels:/mnt" \
			/mnt/make "$KERNEL" "$(nproc)" &&
		basename "$dir"/modules/* >"$dir/release"
}

# kernel_get: makes sure of the loaded suite's kernel, where it is not the root's
# own; sets KERNEL_DIR, KERNEL_RELEASE, and KERNEL_BIND, for in_root
kernel_get() {
	[ "$KERNEL" != debian ] || return 0
	cache_get "$KERNEL-kernel-$(kernel_key)" "the sanitizer kernel $KERNEL" \
		"$(sed -n 's/^TAKES=\([0-9]*\).*/\1/p' "$LAB/kernels/$KERNEL/recipe.sh")" \
		4096 kernel_make
	KERNEL_DIR=$CACHE_ENTRY KERNEL_BIND=$CACHE_ENTRY/modules:/usr/lib/modules
	KERNEL_RELEASE=$(cat "$KERNEL_DIR/release")
}
