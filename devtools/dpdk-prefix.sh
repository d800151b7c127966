# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# DLB2_DPDK=/prefix: another DPDK than Debian's, in the prefix that it was installed into. Whatever
# is built and run by these scripts then uses that DPDK alone: pkg-config, libraries, programs and
# examples. A prefix that lacks one of them is refused: Debian's in its place would mix two releases
# in one process. Sourced by lib.sh.

# Prints the folder with the prefix's libdpdk.pc.
dpdk_prefix_pkgconfig() {
	local dir

	for dir in "$DLB2_DPDK"/lib*/pkgconfig "$DLB2_DPDK"/lib/*/pkgconfig; do
		[ ! -s "$dir/libdpdk.pc" ] || { printf '%s' "$dir" && return; }
	done
	return 1
}

# Ends the script unless the driver can be built with the prefix, whose libdpdk.pc is in folder $1.
dpdk_prefix_check() {
	local library includes

	includes=$(PKG_CONFIG_PATH=$1 pkg-config --variable=includedir libdpdk)
	[ -s "$includes/eventdev_pmd.h" ] ||
		die "DLB2_DPDK=$DLB2_DPDK has no headers for drivers ($includes/eventdev_pmd.h):" \
			"that DPDK was configured without its option enable_driver_sdk"
	for library in eal eventdev bus_pci bus_vdev; do
		[ -e "$(dirname "$1")/librte_$library.so" ] ||
			die "DLB2_DPDK=$DLB2_DPDK has no $(dirname "$1")/librte_$library.so:" \
				"a plugin needs DPDK as shared libraries, with these drivers: bus/pci, bus/vdev"
	done
}

# Puts the prefix first in the environment of all that is run from here.
use_dpdk_prefix() {
	local pkgconfig

	[ -d "$DLB2_DPDK" ] || die "DLB2_DPDK=$DLB2_DPDK is no folder"
	DLB2_DPDK=$(cd "$DLB2_DPDK" && pwd)
	pkgconfig=$(dpdk_prefix_pkgconfig) ||
		die "DLB2_DPDK=$DLB2_DPDK has no lib*/pkgconfig/libdpdk.pc: give the prefix that DPDK was" \
			"installed into, not its source or build folder"
	dpdk_prefix_check "$pkgconfig"
	export DLB2_DPDK PKG_CONFIG_PATH=$pkgconfig PATH=$DLB2_DPDK/bin:$PATH
	export LD_LIBRARY_PATH=${pkgconfig%/pkgconfig}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# Ends the script unless DPDK's program $1 comes from the DPDK in use.
need_dpdk_program() {
	if [ -z "${DLB2_DPDK-}" ]; then
		command -v "$1" >/dev/null || die "there is no $1: run ./devtools/setup.sh"
	elif [ ! -x "$DLB2_DPDK/bin/$1" ]; then
		die "DLB2_DPDK=$DLB2_DPDK has no bin/$1: that DPDK was configured without it"
	fi
}

# Prints the folder of the tree that builds called $1 go to: $1, or $1-dpdk-VERSION with DLB2_DPDK.
# Ends the script if the folder has builds with another prefix of the same version.
dpdk_build_dir() {
	local dir=$DLB2_ROOT/$1 owner

	if [ -n "${DLB2_DPDK-}" ]; then
		dir+=-dpdk-$(pkg-config --modversion libdpdk)
		owner=$(cat "$dir/dpdk-prefix" 2>/dev/null) || owner=$DLB2_DPDK
		[ "$owner" = "$DLB2_DPDK" ] ||
			die "$(in_tree "$dir") has builds with DPDK in $owner: remove it first"
		mkdir -p "$dir"
		printf '%s\n' "$DLB2_DPDK" >"$dir/dpdk-prefix"
	fi
	printf '%s' "$dir"
}
