#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
#
# From a fresh clone to a working device: sets the machine up, builds into ./build, and runs two
# unmodified DPDK applications over the driver and the model of both hardware versions:
# dpdk-test-eventdev, which checks the order of a million events, and l3fwd, which carries a TCP
# download between two network namespaces. DLB2_EVENTDEVS names other event devices, separated by
# spaces. DLB2_DPDK=/prefix uses the DPDK that is installed there instead of Debian's, and builds
# into ./build-dpdk-VERSION.
#
# usage: quickstart.sh

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$DLB2_ROOT/devtools/dpdk-source.sh"

EVENTS=1000000
BUILD=$(dpdk_build_dir build)
LOG=$BUILD/quickstart.log

# Runs a command with its output in the log; when it fails, shows the end of that.
logged() {
	printf '+ %s\n' "$*" >>"$LOG"
	"$@" >>"$LOG" 2>&1 && return
	tail -n 30 "$LOG" >&2
	die "'$*' failed: see the output above, all of it is in $(in_tree "$LOG")"
}

build() {
	local start=$SECONDS

	mkdir -p "$BUILD"
	: >"$LOG"
	[ -e "$BUILD/build.ninja" ] || logged meson setup "$BUILD" "$DLB2_ROOT" --buildtype=release
	logged ninja -C "$BUILD"
	say "built       $(in_tree "$BUILD")/drivers/event/dlb2/librte_event_dlb2.so" \
		"for DPDK $(pkg-config --modversion libdpdk), $((SECONDS - start)) s"
}

run_order_queue() {
	local start=$SECONDS

	logged order_queue "$BUILD" "$1" $EVENTS
	grep -q 'Result:.*Success' <(tail -n 3 "$LOG") ||
		die "dpdk-test-eventdev did not print Success: see $(in_tree "$LOG")"
	say "order_queue $1: $EVENTS events of 64 flows through unmodified" \
		"dpdk-test-eventdev, each flow in order, Result: Success, $((SECONDS - start)) s"
}

run_tcp_download() {
	logged tcp_download "$BUILD" "$1"
	say "l3fwd       $1: $(grep 'sha256' "$LOG" | tail -n 1)"
}

main() {
	local device
	local -a devices

	[ $# = 0 ] || die "usage: quickstart.sh"
	read -ra devices <<<"${DLB2_EVENTDEVS:-event_dlb2_model,hw=2.0 event_dlb2_model,hw=2.5}"
	"$DLB2_ROOT/devtools/setup.sh"
	. "$DLB2_ROOT/devtools/eventdev.sh"
	. "$DLB2_ROOT/devtools/tcp-download.sh"
	build
	for device in "${devices[@]}"; do
		run_order_queue "$device"
		run_tcp_download "$device"
	done
	say "next: ./devtools/check.sh, or an application of yours with" \
		"-d $(in_tree "$BUILD")/drivers/event/dlb2/librte_event_dlb2.so --vdev=event_dlb2_model"
}

main "$@"
