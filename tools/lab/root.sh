# shellcheck shell=bash disable=SC2086,SC2034
# Root file systems: made by mmdebstrap, once, into the cache. A root is
#   root/    the file system, for building in
#   image    the same, as the ext4 image that VMs read
#   vmlinuz, release    its kernel

ROOT_SECONDS=60 # what making one takes on two cores

# root_key PACKAGE…: a hash of the recipe of the loaded suite with PACKAGEs
root_key() {
	{
		sources
		echo "$ROOT_NAME" "$RELEASE" "$FROM" $EXTRA $PACKAGES $KERNEL_PACKAGES \
			$SOURCE_FILES $UNUSED_MODULES
		printf '%s\n' "$@" | sort -u
		declare -f root_bootstrap image_make
		cat "$LAB/root-source"
	} | sha256sum | cut -c 1-12
}

# root_packages PACKAGE…: the whole list, comma-separated
root_packages() {
	local list=() package
	for package in $KERNEL_PACKAGES; do
		list+=("$package${FROM:+/$FROM}")
	done
	# shellcheck disable=SC2206 # words
	list+=($PACKAGES $EXTRA "$@")
	local IFS=,
	echo "${list[*]}"
}

# root_bootstrap DIR PACKAGE…: fills DIR/root
root_bootstrap() {
	local dir=$1 options=() module
	shift
	for module in $UNUSED_MODULES; do
		options+=("--dpkgopt=path-exclude=/lib/modules/*/kernel/$module/*"
			"--dpkgopt=path-exclude=/usr/lib/modules/*/kernel/$module/*")
	done
	# INITRD=No: the lab has an initramfs of its own
	sources | INITRD=No mmdebstrap --mode=root --variant=apt --format=directory \
		--include="$(root_packages "$@")" \
		--aptopt='Acquire::Languages "none"' \
		--aptopt='Apt::Install-Recommends "false"' \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/i18n/*' \
		--dpkgopt='path-exclude=/usr/lib/firmware/*' \
		"${options[@]}" \
		--customize-hook="$LAB/root-source ${FROM:--} \"\$1\" $(printf "'%s' " $SOURCE_FILES)" \
		"$RELEASE" "$dir/root" - &&
		mkdir -p "$dir/root/vctp" "$dir/root/out" "$dir/root/lab"
}

# root_make PACKAGE… DIR
root_make() {
	local dir=${*: -1}
	root_bootstrap "$dir" "${@:1:$#-1}" &&
		echo "packing the image" &&
		image_make "$dir"
}

# root_get PACKAGE…: makes sure of a root of the loaded suite with PACKAGEs;
# sets ROOT_DIR, and the kernel that comes with it: KERNEL_RELEASE
root_get() {
	cache_get "$ROOT_NAME-$(root_key "$@")" "the $ROOT_NAME root file system" \
		"$ROOT_SECONDS" 4096 root_make "$@"
	ROOT_DIR=$CACHE_ENTRY KERNEL_DIR='' KERNEL_BIND=''
	KERNEL_RELEASE=$(cat "$ROOT_DIR/release")
}
