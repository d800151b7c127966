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

	perf_queue "$CHECK_DIR/gcc" "$2" "$1" 1000000 | tee "$CHECK_DIR/output"
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

# How many events the workers of dpdk-test-eventdev say in $CHECK_DIR/output that they had: the sum
# of hexadecimal numbers.
worker_events() {
	local number total=0

	while read -r number; do
		total=$((total + 16#$number))
	done < <(sed 's/\x1b\[[0-9]*m//g' "$CHECK_DIR/output" |
		sed -n 's/^.*Worker [0-9]* packets: *\([0-9a-f]*\).*/\1/p')
	printf '%s' $total
}

# Order is checked by the application itself. usage: check_order_atq DEVICE
check_order_atq() {
	order_atq "$CHECK_DIR/gcc" "$1" 200000 | tee "$CHECK_DIR/output"
	grep -q 'Result:.*Success' "$CHECK_DIR/output"
}

# All of EVENTS events must have passed the last stage: a test that has lost some says so, and ends
# with success. usage: check_event_count EVENTS TEST ARGUMENT... DEVICE
check_event_count() {
	local events=$1 test=$2 device=${*: -1} count
	local -a arguments=("${@:3:$#-3}")

	test_eventdev "$CHECK_DIR/gcc" "$device" "$test" "${arguments[@]}" 2>&1 |
		tee "$CHECK_DIR/output"
	count=$(worker_events)
	say "events: $test ${arguments[*]} $device: $count of $events"
	grep -q 'Result:.*Success' "$CHECK_DIR/output" && ! grep -q deadlock "$CHECK_DIR/output" &&
		[ "$count" -ge "$events" ]
}

# The timers fit into the application's pool: it takes no notice when a burst is armed only in part.
TIMERS=10240
TIMER_ARGUMENTS=(--stlist=a --nb_timers "$TIMERS" --nb_timer_adptrs 1 --timer_tick_nsec 100000
	--max_tmo_nsec 10000000 --expiry_nsec 1000000)

# The application asks for an adapter that is part of the event device's hardware, which neither a
# DLB nor event_sw has.
check_crypto_producer() {
	local device status=0

	for device in "${DEVICES[@]}"; do
		check_event_count 100000 perf_queue --stlist=a --prod_type_cryptodev --nb_flows 64 \
			--nb_pkts 100000 "$device" || status=$?
		if [ $status = 0 ]; then
			passed 1
		elif grep -q 'crypto adapter OP_NEW mode unsupported' "$CHECK_DIR/output"; then
			skipped 1 "perf_queue --prod_type_cryptodev $device: the test needs a crypto adapter in hardware"
		else
			failed 1 "perf_queue --prod_type_cryptodev $device"
		fi
	done
}

# Without --event-vector: of DPDK 22.11 the program then crashes with event_sw as well.
check_l2fwd_event() {
	local output=$CHECK_DIR/output status=0 sent dropped

	l2fwd_event "$CHECK_DIR/gcc" "$1" "$output" || status=$?
	cat "$output"
	sent=$(sed -n 's/^Total packets sent: *//p' "$output" | tail -n 1)
	dropped=$(sed -n 's/^Total packets dropped: *//p' "$output" | tail -n 1)
	say "packets: l2fwd-event $1: ${sent:-none} sent, ${dropped:-none} dropped"
	[ $status = 0 ] && grep -q '^Bye' "$output" && [ "${sent:-0}" -gt 0 ] && [ "$dropped" = 0 ]
}

# Whether a program that ended with status $2 has let every packet through; a further argument is
# one of packets.py. usage: check_packets NAME STATUS [any-order]
check_packets() {
	local output=$CHECK_DIR/output

	cat "$output"
	say "packets of $1, which ended with status $2:"
	python3 "$DLB2_ROOT/devtools/packets.py" check "$output.sent" "$output.received" "${@:3}" &&
		[ "$2" = 0 ]
}

# The program configures one port less than it sets up as load-balanced ones, links its single-link
# queue to one of them, and is to end only when all is quiet: when its workers find events at their
# end, it gives their packets to a memory pool that it has not got. usage:
# check_eventdev_pipeline [ARGUMENT...] DEVICE
check_eventdev_pipeline() {
	local device=${*: -1} status=0

	eventdev_pipeline "$CHECK_DIR/gcc" "$device" "$CHECK_DIR/output" 5000 "${@:1:$#-1}" ||
		status=$?
	check_packets "eventdev_pipeline $*" $status
}

# The tests send to the queue of a stage with the type of the stage before, so one type must do for
# the queues of both, as that of an atomic stage does for any. usage: check_pipeline TEST STLIST
# DEVICE
check_pipeline() {
	local status=0

	pipeline_test "$CHECK_DIR/gcc" "$3" "$CHECK_DIR/output" 5000 "$1" --stlist="$2" || status=$?
	check_packets "$*" $status
}

step_applications() {
	local types

	step_build_gcc
	for_each_device order_atq check_order_atq
	for_each_device 'perf_atq --stlist=a,p,o' \
		check_event_count 300000 perf_atq --stlist=a,p,o --nb_pkts 300000
	for_each_device 'perf_queue --stlist=o,a,p' \
		check_event_count 300000 perf_queue --stlist=o,a,p --nb_pkts 300000
	for_each_device 'perf_queue --prod_type_timerdev' check_event_count $TIMERS perf_queue \
		--prod_type_timerdev "${TIMER_ARGUMENTS[@]}"
	for_each_device 'perf_queue --prod_type_timerdev_burst' check_event_count $TIMERS \
		perf_queue --prod_type_timerdev_burst "${TIMER_ARGUMENTS[@]}"
	check_crypto_producer
	for_each_device l2fwd_event check_l2fwd_event
	for_each_device eventdev_pipeline check_eventdev_pipeline
	for_each_device 'eventdev_pipeline -o' check_eventdev_pipeline -o
	for types in a o,o; do
		for_each_device "pipeline_queue --stlist=$types" \
			check_pipeline pipeline_queue $types
	done
	for types in a o,a,p; do
		for_each_device "pipeline_atq --stlist=$types" check_pipeline pipeline_atq $types
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
# adapter's mostly waits for time to pass, and runs over all devices at once.
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

# The suite takes four minutes, in which it mostly sleeps, and none of what it tests differs between
# the versions of the hardware.
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
