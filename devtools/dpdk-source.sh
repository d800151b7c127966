# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# Gets single files out of the Debian source package that matches the installed DPDK, into
# $DLB2_CACHE/dpdk-VERSION. The package comes through apt, which checks its signature, from a
# private list of deb-src entries: the system's apt files are only read. With DLB2_DPDK nothing is
# fetched: the prefix has the headers, and the examples if DPDK was installed with them. Needs
# lib.sh.

DPDK_HEADERS=(
	lib/eal/include/dev_driver.h
	lib/eventdev/event_timer_adapter_pmd.h
	lib/eventdev/eventdev_pmd.h
	lib/eventdev/eventdev_pmd_pci.h
	lib/eventdev/eventdev_pmd_vdev.h
	drivers/bus/pci/bus_pci_driver.h
	drivers/bus/vdev/bus_vdev_driver.h
)
DPDK_EXAMPLES=(
	examples/common
	examples/eventdev_pipeline
	examples/l2fwd-event
	examples/l3fwd
)

# The cache folder of the DPDK in use.
dpdk_dir() {
	local version

	version=$(pkg-config --modversion libdpdk 2>/dev/null) ||
		die "libdpdk is not installed; run ./devtools/setup.sh"
	printf '%s/dpdk-%s' "$DLB2_CACHE" "$version"
}

dpdk_has_headers() {
	local file

	for file in "${DPDK_HEADERS[@]}"; do
		[ -s "$1/include/$(basename "$file")" ] || return 1
	done
}

# Copies the apt entries that offer libdpdk-dev as deb-src entries into folder $1.
dpdk_source_entries() {
	local to_source='s/^Types:.*/Types: deb-src/; s/^deb([[:space:]])/deb-src\1/'
	local site file sites list=/etc/apt/sources.list

	sites=$(apt-cache madison libdpdk-dev | awk '{ print $5 }' | sort -u)
	for file in "$list" "$list.d"/*.list "$list.d"/*.sources; do
		[ -f "$file" ] || continue
		for site in $sites; do
			grep -qF "$site" "$file" || continue
			sed -E "$to_source" "$file" >"$1/$(basename "$file")"
		done
	done
}

# Downloads the source package of the installed libdpdk-dev into folder $1. Prints apt's messages.
dpdk_download() {
	local apt=$1/apt version
	local -a private

	mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
	dpdk_source_entries "$apt/parts"
	private=(-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$apt/parts"
		-o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache"
		-o APT::Sandbox::User="$(id -un)")
	version=$(dpkg-query -W -f '${source:Version}' libdpdk-dev) || return
	apt_get "${private[@]}" update || return
	(cd "$1" && apt_get "${private[@]}" source --download-only "dpdk=$version") || return
	rm -rf "$apt"
}

# Prints the path of the upstream tarball of the installed DPDK, fetching it first if the cache has
# none.
dpdk_tarball() {
	local source=$DLB2_CACHE/source log=$DLB2_CACHE/source/apt.log version name

	version=$(dpkg-query -W -f '${source:Version}' libdpdk-dev 2>/dev/null) ||
		die "libdpdk-dev is not a Debian package here: build with" \
			"-Ddpdk_driver_headers=DIR, DIR holding include/, or give DLB2_DPDK"
	name=dpdk_${version%-*}.orig.tar.xz
	if [ ! -s "$source/$name" ]; then
		[ -n "$(apt-cache madison libdpdk-dev)" ] || apt_get update >/dev/null 2>&1 || true
		mkdir -p "$source/partial"
		if ! (dpdk_download "$source/partial") >"$log" 2>&1 ||
			[ ! -s "$source/partial/$name" ]; then
			tail -n 10 "$log" >&2
			die "source package dpdk $version could not be fetched (see $log):" \
				"check the network; 'apt-get upgrade' if the mirror has only a newer" \
				"version; or put $name into $source"
		fi
		mv "$source/partial/$name" "$source/$name"
		rm -rf "$source/partial"
	fi
	printf '%s' "$source/$name"
}

# Unpacks the named members of the tarball (paths below its top folder) into folder $1.
dpdk_unpack() {
	local dir=$1 tarball top
	shift

	tarball=$(dpdk_tarball) || exit
	# Only the first name is wanted; tar notices the closed pipe, which is no error here.
	top=$(tar tf "$tarball" 2>/dev/null | head -n 1) || true
	mkdir -p "$dir"
	tar xf "$tarball" -C "$dir" --strip-components=1 "${@/#/${top%%/*}/}" ||
		die "$tarball lacks some of: $*; delete it and run this again"
}

# Runs a command while no other set-up does.
dpdk_locked() (
	mkdir -p "$DLB2_CACHE"
	exec 9>"$DLB2_CACHE/lock"
	flock -w 600 9 ||
		die "another set-up has held $DLB2_CACHE/lock for 10 minutes: end it"
	"$@"
)

# Headers go into one flat folder, so that no folder of DPDK's sources is ever on an include path.
dpdk_unpack_headers() {
	local dir

	[ -z "${DLB2_DPDK-}" ] || return 0
	dir=$(dpdk_dir) || exit
	dpdk_has_headers "$dir" || dpdk_locked dpdk_unpack_headers_locked "$dir"
}

dpdk_unpack_headers_locked() {
	local dir=$1 file temp

	temp=$(mktemp -d "$DLB2_CACHE/unpack.XXXXXX")
	dpdk_unpack "$temp" "${DPDK_HEADERS[@]}"
	mkdir -p "$dir/include"
	for file in "${DPDK_HEADERS[@]}"; do
		mv "$temp/$file" "$dir/include/"
	done
	rm -rf "$temp"
}

# Examples are compiled where their source is: never in the prefix, which is the user's.
dpdk_copy_examples() {
	local dir=$1 example

	for example in "${DPDK_EXAMPLES[@]}"; do
		[ ! -d "$DLB2_DPDK/share/dpdk/$example" ] || [ -d "$dir/$example" ] || {
			mkdir -p "$dir/examples"
			cp -r "$DLB2_DPDK/share/dpdk/$example" "$dir/examples/"
		}
	done
}

dpdk_unpack_examples() {
	local dir example

	dir=$(dpdk_dir) || exit
	if [ -n "${DLB2_DPDK-}" ]; then
		dpdk_locked dpdk_copy_examples "$dir"
		return
	fi
	for example in "${DPDK_EXAMPLES[@]}"; do
		[ -d "$dir/$example" ] || dpdk_locked dpdk_unpack "$dir" "$example" || exit
	done
}

# Compiles example $1 from DPDK's own, unmodified source with its own Makefile, once for each DPDK;
# prints the program's path.
dpdk_example() {
	local dir
	dir=$(dpdk_dir)/examples/$1

	[ -d "$dir" ] || die "$dir is missing: run ./devtools/setup.sh${DLB2_DPDK:+; if it stays so," \
		"$DLB2_DPDK/share/dpdk has no example $1}"
	if [ ! -x "$dir/build/$1-shared" ]; then
		dpdk_locked make -C "$dir" shared >"$dir/make.log" 2>&1 ||
			die "$1 did not compile: see $dir/make.log"
	fi
	printf '%s' "$dir/build/$1-shared"
}
