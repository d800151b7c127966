#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
#
# Makes a Debian 12 machine ready to build and run this tree: packages by apt, and out of DPDK's
# source package the files that drivers need and no binary package has. Both only where missing;
# takes a fraction of a second when there is nothing to do. Nothing of the source package is
# unpacked but the files that are named here: other event drivers' sources stay closed. With
# DLB2_DPDK=/prefix that DPDK is used, and Debian's is not installed.
#
# usage: setup.sh [--bench | --check]
#   --bench   also what devtools/bench draws and counts with: matplotlib, valgrind
#   --check   also what devtools/check.sh needs: clang, shellcheck, Sphinx, matplotlib

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$DLB2_ROOT/devtools/dpdk-source.sh"

build_packages=(gcc libc6-dev make meson ninja-build pkgconf python3 python3-pyelftools xz-utils
	libcmocka-dev libnuma-dev iproute2)
[ -n "${DLB2_DPDK-}" ] || build_packages+=(libdpdk-dev dpdk-dev dpdk)
bench_packages=(python3-matplotlib valgrind)
check_packages=(clang libclang-rt-14-dev shellcheck python3-sphinx cpio python3-matplotlib)

main() {
	case ${1-} in
	'') need_packages "${build_packages[@]}" ;;
	--bench) need_packages "${build_packages[@]}" "${bench_packages[@]}" ;;
	--check) need_packages "${build_packages[@]}" "${check_packages[@]}" ;;
	*) die "unknown argument '$1'; usage: setup.sh [--bench | --check]" ;;
	esac
	dpdk_unpack_headers
	dpdk_unpack_examples
}

main "$@"
