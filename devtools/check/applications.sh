# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# Steps of check.sh that run DPDK's own applications, unmodified, over the model of both hardware
# versions.

. "$DLB2_ROOT/devtools/eventdev.sh"
. "$DLB2_ROOT/devtools/tcp-download.sh"

# Runs a command once for each device, each time as one test; the device is its last argument.
# usage: for_each_device NAME COMMAND [ARGUMENT...]
for_each_device() {
	local name=$1 device
	shift

	for device in "${DEVICES[@]}"; do
		say "== $name $device"
		if "$@" "$device"; then
			passed 1
		else
			failed 1 "$name $device"
		fi
	done
}

check_order_queue() {
	order_queue "$CHECK_DIR/gcc" "$1" 1000000 | tee "$CHECK_DIR/output"
	grep -q 'Result:.*Success' "$CHECK_DIR/output"
}

step_order_queue() {
	step_build_gcc
	for_each_device order_queue check_order_queue
}

check_tcp_download() {
	tcp_download "$CHECK_DIR/gcc" "$1"
}

step_tcp_download() {
	step_build_gcc
	if tcp_is_possible; then
		for_each_device tcp_download check_tcp_download
	else
		skipped ${#DEVICES[@]} "tcp_download: $(tcp_is_possible)"
	fi
}

# The last average that perf_queue printed; 0 doesn't pass. usage: check_perf_queue TYPE DEVICE
check_perf_queue() {
	local rate

	perf_queue "$CHECK_DIR/gcc" "$2" "$1" 3000000 | tee "$CHECK_DIR/output"
	rate=$(grep -o 'avg [0-9.]* mpps' "$CHECK_DIR/output" | tail -n 1)
	say "rate: perf_queue --stlist=$1 $2: ${rate:-none}"
	grep -q 'Result:.*Success' "$CHECK_DIR/output" && [ -n "$rate" ]
}

step_perf_queue() {
	local type

	step_build_gcc
	for type in a p o; do
		for_each_device "perf_queue --stlist=$type" check_perf_queue $type
	done
}

DPDK_TESTS=$DLB2_ROOT/devtools/dpdk-tests.txt

# The cases of suite $1 that may fail.
excused_cases() {
	awk -v suite="$1" '$1 == "excused" && $2 == suite { print $3 }' "$DPDK_TESTS"
}

# Runs one suite over one device and counts its cases.
# usage: run_dpdk_test DEVICE SUITE MIB LAYOUT SECONDS
run_dpdk_test() {
	local device=$1 suite=$2 output=$CHECK_DIR/output-$1 status=0

	dpdk_test "$CHECK_DIR/gcc" "$@" >"$output" 2>&1 || status=$?
	say "== $suite $device"
	cat "$output"
	python3 "$DLB2_ROOT/devtools/count_dpdk_test.py" "$suite($device)" $status \
		"$(excused_cases "$suite")" <"$output" | tee -a "$RESULTS"
}

# Runs the suites that dpdk-tests.txt gives to step $1, one device after the other. The timer
# adapter's mostly waits, and runs over all devices at once.
run_dpdk_tests() {
	local step suite mib layout seconds arguments device

	step_build_gcc
	while read -r step suite mib layout seconds arguments; do
		[ "$step" = "$1" ] || continue
		for device in "${DEVICES[@]}"; do
			case $device in
			event_dlb2*) [ "$arguments" = - ] || device=$device,$arguments ;;
			esac
			run_dpdk_test "$device" "$suite" "$mib" "$layout" "$seconds" &
			[ "$layout" = timer ] || wait
		done
		wait
	done <"$DPDK_TESTS"
}

step_dpdk_test() {
	run_dpdk_tests dpdk-test
}

# The suite takes four minutes, most of them asleep, and none of what it tests differs between the
# versions of the hardware.
step_timer_adapter() {
	local -a DEVICES=("${DEVICES[-1]}")

	run_dpdk_tests timer-adapter
}

step_timer_adapter_all() {
	run_dpdk_tests timer-adapter
}

step_hardware() {
	local function
	for function in /sys/bus/pci/drivers/vfio-pci/*:*; do
		case $(cat "$function/vendor" "$function/device" 2>/dev/null | paste -sd :) in
		0x8086:0x2710 | 0x8086:0x2714)
			skipped 1 "$(basename "$function") is a DLB: use it as README.md says"
			return
			;;
		esac
	done
	skipped 1 "PCI probe and speed: no 8086:2710 or 8086:2714 is bound to vfio-pci here"
}
