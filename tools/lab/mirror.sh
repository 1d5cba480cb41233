# shellcheck shell=bash
# Where Debian comes from: the mirrors that the host itself uses.

MIRROR_FALLBACK=http://deb.debian.org
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# host_uris: every archive URI in the host's apt configuration
host_uris() {
	local file
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -r "$file" ] || continue
		sed -n 's/^deb[[:space:]]\+\(\[[^]]*\][[:space:]]*\)\?\([^[:space:]]*\).*/\2/p' "$file"
	done
	for file in /etc/apt/sources.list.d/*.sources; do
		[ -r "$file" ] || continue
		sed -n 's/^URIs:[[:space:]]*//p' "$file" | tr ' ' '\n'
	done
}

# mirror debian|debian-security: prints the URI of that archive
mirror() {
	local uri
	while read -r uri; do
		case ${uri%/} in
		http*/"$1")
			echo "${uri%/}"
			return
			;;
		esac
	done < <(host_uris)
	echo "$MIRROR_FALLBACK/$1"
}

# sources: the apt sources of the loaded suite, one per line
sources() {
	local signed="[signed-by=$KEYRING]" uri pocket
	uri=$(mirror debian)
	for pocket in "$RELEASE" $POCKETS; do
		echo "deb $signed $uri $pocket main"
	done
	echo "deb $signed $(mirror debian-security) $SECURITY main"
}
