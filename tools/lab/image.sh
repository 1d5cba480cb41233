# shellcheck shell=bash
# From a root directory to what QEMU takes. The image is read as persistent
# memory, not as a disk: a read is a memory access, so it costs no time of a
# virtual clock, pages are shared between VMs, and nothing can be written.

# image_make DIR: from DIR/root, all else that a root's directory has
image_make() {
	local dir=$1 root=$1/root release size
	release=$(basename "$root"/lib/modules/*)
	echo "$release" >"$dir/release"
	cp -L "$root/boot/vmlinuz-$release" "$dir/vmlinuz" || return
	# QEMU and the kernel want whole 128 MiB
	size=$(du -sm --apparent-size "$root" | cut -f 1)
	size=$(((size * 115 / 100 + 64 + 127) / 128 * 128))
	truncate -s "${size}M" "$dir/image" &&
		mke2fs -q -t ext4 -b 4096 -O ^has_journal,^resize_inode -m 0 -E lazy_itable_init=1 \
			-d "$root" "$dir/image"
}
