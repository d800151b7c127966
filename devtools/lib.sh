# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# What every script here needs: where the tree and the cache are, messages, packages. It is sourced,
# never run, and changes nothing by being sourced except PATH: Debian's python3 is the one that has
# pyelftools, whatever else the user's PATH offers first; and, with DLB2_DPDK, what dpdk-prefix.sh
# says.

export PATH=/usr/bin:/bin:/usr/sbin:/sbin
export LC_ALL=C.UTF-8

DLB2_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Everything that is downloaded or built from DPDK's own sources; safe to delete at any time.
# shellcheck disable=SC2034
DLB2_CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/dlb2

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 1
}

# The path of a file inside the tree, seen from the tree: for messages.
in_tree() {
	printf '%s' "${1#"$DLB2_ROOT"/}"
}

# Runs a command for at most $1 seconds. In the foreground, so that Ctrl-C reaches it.
limited() {
	timeout --foreground -k 5 "$@"
}

# Prints those of the named Debian packages that are not installed.
missing_packages() {
	local package status

	for package in "$@"; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
		[ "$status" = installed ] || printf '%s\n' "$package"
	done
}

apt_get() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
		-o Acquire::Retries=3 -o Acquire::http::Timeout=30 "$@"
}

# Installs those of the named Debian packages that are missing; costs one dpkg-query each when none
# is.
need_packages() {
	local -a missing
	local log

	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] ||
		die "these packages are missing: ${missing[*]}: install them, or run this as root"

	say "installing ${missing[*]}"
	log=$(mktemp)
	if ! (apt_get update && apt_get install --no-install-recommends "${missing[@]}") \
		>"$log" 2>&1; then
		tail -n 15 "$log" >&2
		rm -f "$log"
		die "apt-get could not install ${missing[*]}: see above; check the network and" \
			"/etc/apt/sources.list.d, then run this again"
	fi
	rm -f "$log"
}

# shellcheck source=devtools/dpdk-prefix.sh
. "$DLB2_ROOT/devtools/dpdk-prefix.sh"
[ -z "${DLB2_DPDK-}" ] || use_dpdk_prefix
