# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# Runs DPDK's own applications over an event device. A device is named as EAL's --vdev names it:
# event_dlb2_model,hw=2.5 or event_sw0 (any other event device does as well, so that a fault of ours
# can be told from one of the application). Every run has a time limit. Needs lib.sh, and l3fwd
# dpdk-source.sh.

# The CPUs that lcores are put on: the first and the last that this process may use. lcores share
# them, so one CPU is enough.
read -r CPU_A CPU_B < <(python3 -c \
	'import os; cpus = sorted(os.sched_getaffinity(0)); print(cpus[0], cpus[-1])')

EAL_COMMON=(--no-huge --no-shconf --no-pci)

# Five lcores on two CPUs: 0 for services, 1 and up for workers, 4 for main, which spins in some
# applications.
EAL_LCORES=(--lcores "0@$CPU_A,1@$CPU_B,2@$CPU_A,3@$CPU_B,4@$CPU_A" --main-lcore 4)

is_world_writable() {
	[ -n "$(find "$1" -maxdepth 0 -perm -o+w)" ]
}

# Prints the EAL arguments, one a line, that load the driver built in folder $1. EAL refuses a path
# below a world-writable folder, but not a bare name that the dynamic loader finds: load_path makes
# it find this one first.
plugin_args() {
	local plugin=$1/drivers/event/dlb2/librte_event_dlb2.so dir

	[ -e "$plugin" ] || die "$plugin is missing: run ./devtools/quickstart.sh"
	plugin=$(realpath "$plugin")
	dir=$(dirname "$plugin")
	while ! is_world_writable "$dir"; do
		if [ "$dir" = / ]; then
			printf '%s\n' -d "$plugin"
			return
		fi
		dir=$(dirname "$dir")
	done
	printf '%s\n' -d librte_event_dlb2.so
}

load_path() {
	printf 'LD_LIBRARY_PATH=%s' \
		"$(realpath "$1")/drivers/event/dlb2${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
}

# Sets EAL_DEVICE to the EAL arguments for device $2, whose driver, if it is ours, was built in
# folder $1.
use_device() {
	EAL_DEVICE=("--vdev=$2")
	case $2 in
	event_dlb2*)
		local -a plugin
		mapfile -t plugin < <(plugin_args "$1")
		[ ${#plugin[@]} -gt 0 ] || return 1
		EAL_DEVICE=("${plugin[@]}" "${EAL_DEVICE[@]}")
		export "$(load_path "$1")"
		;;
	esac
}

# Whether device $1 makes progress only on a service core.
is_service_driven() {
	case $1 in
	event_sw* | event_opdl* | *run=service*) return 0 ;;
	*) return 1 ;;
	esac
}

# Put before a command: from its second second on its main thread gets the CPU only when no other
# thread wants it. The main threads of DPDK's test programs do nothing but watch, and spin at it,
# which on two CPUs costs the workers half of their time.
# shellcheck disable=SC2016
MODEST_MAIN=(sh -c '(sleep 1; renice -n 19 -p $$) >/dev/null 2>&1 & exec "$@"' sh)

# Runs test $3 of dpdk-test-eventdev with further arguments. usage: test_eventdev BUILD DEVICE TEST
# [ARGUMENT...] A service core spins too: with it, one worker less keeps two CPUs busy. An adapter
# that produces events needs one, whatever the device.
test_eventdev() {
	local build=$1 device=$2 test=$3 workers=2,3
	local -a service=() more=()
	shift 3

	need_dpdk_program dpdk-test-eventdev
	use_device "$build" "$device" || return
	case $* in
	*--prod_type_cryptodev*) more=(--vdev=crypto_openssl0) ;;
	esac
	case $* in
	*--prod_type_*) service=(-s 0x1) ;;
	esac
	if is_service_driven "$device"; then
		service=(-s 0x1)
		workers=3
	fi
	limited 120 "${MODEST_MAIN[@]}" dpdk-test-eventdev "${EAL_COMMON[@]}" -m 512 \
		"${EAL_LCORES[@]}" "${service[@]}" "${EAL_DEVICE[@]}" "${more[@]}" -- \
		"--test=$test" --plcores 1 --wlcores "$workers" "$@" </dev/null
}

# The application checks by itself that each flow's order is kept. usage: order_queue BUILD DEVICE
# EVENTS
order_queue() {
	test_eventdev "$1" "$2" order_queue --nb_flows 64 --nb_pkts "$3"
}

# The same through one queue of all types. usage: order_atq BUILD DEVICE EVENTS
order_atq() {
	test_eventdev "$1" "$2" order_atq --nb_flows 64 --nb_pkts "$3"
}

# One stage of scheduling type a, p or o; prints its rate each second. usage: perf_queue BUILD
# DEVICE TYPE EVENTS
perf_queue() {
	test_eventdev "$1" "$2" perf_queue --stlist="$3" --nb_pkts "$4"
}

# Waits until program $1 has said $3 in file $2 or is gone, for at most half a minute.
wait_for_word() {
	local tenth

	for tenth in {1..300}; do
		if grep -qE "$3" "$2" || ! kill -0 "$1" 2>/dev/null; then
			return
		fi
		sleep 0.1
	done
	say "'$3' was not said within ${tenth%?} s"
}

# Runs one of DPDK's examples that forward packets until SIGINT, between two ports of net_null, for
# two seconds after it has said WORD. Returns the program's exit status; what it said is in OUTPUT.
# usage: forward BUILD DEVICE OUTPUT WORD EXAMPLE [EAL-ARGUMENT...] -- ARGUMENT...
forward() {
	local output=$3 word=$4 program pid

	program=$(dpdk_example "$5") || return
	use_device "$1" "$2" || return
	shift 5
	: >"$output"
	timeout -k 5 60 stdbuf -oL "$program" "${EAL_COMMON[@]}" -m 512 "${EAL_LCORES[@]}" \
		"${EAL_DEVICE[@]}" --vdev=net_null0 --vdev=net_null1 "$@" \
		</dev/null >"$output" 2>&1 &
	pid=$!
	wait_for_word $pid "$output" "$word"
	sleep 2
	kill -INT $pid 2>/dev/null
	wait $pid
}

# usage: l2fwd_event BUILD DEVICE OUTPUT [ARGUMENT...]
l2fwd_event() {
	forward "$1" "$2" "$3" 'Packets sent: *[1-9]' l2fwd-event -s 0x1 -- -p 0x3 --mode=eventdev \
		--eventq-sched=atomic -T 1 "${@:4}"
}

# Waits until file $2 has $3 bytes or program $1 is gone, for at most half a minute.
wait_for_size() {
	local tenth

	for tenth in {1..300}; do
		if [ "$(stat -c %s "$2" 2>/dev/null || echo 0)" -ge "$3" ] ||
			! kill -0 "$1" 2>/dev/null; then
			return
		fi
		sleep 0.1
	done
	say "$2 did not get $3 bytes within ${tenth%?} s"
}

# Sends numbered packets through one of DPDK's programs that forward packets until SIGINT, from a
# file to a file, and ends it when all have come through. Returns the program's exit status; what it
# said is in OUTPUT, the packets are in OUTPUT.sent and OUTPUT.received, for packets.py. usage:
# pass_packets BUILD DEVICE OUTPUT PACKETS PROGRAM [EAL-ARGUMENT...] -- ARGUMENT...
pass_packets() {
	local output=$3 packets=$4 program=$5 pid

	use_device "$1" "$2" || return
	shift 5
	python3 "$DLB2_ROOT/devtools/packets.py" make "$packets" "$output.sent" || return
	rm -f "$output.received"
	timeout -k 30 60 stdbuf -oL "$program" "${EAL_COMMON[@]}" -m 512 "${EAL_LCORES[@]}" \
		"${EAL_DEVICE[@]}" \
		--vdev="net_pcap0,rx_pcap=$output.sent,tx_pcap=$output.received" "$@" \
		</dev/null >"$output" 2>&1 &
	pid=$!
	wait_for_size $pid "$output.received" "$(stat -c %s "$output.sent")"
	kill -INT $pid 2>/dev/null
	wait $pid
}

# Two workers, two stages, a single-link queue to the Tx adapter. usage: eventdev_pipeline BUILD
# DEVICE OUTPUT PACKETS [ARGUMENT...]
eventdev_pipeline() {
	local program

	program=$(dpdk_example eventdev_pipeline) || return
	pass_packets "$1" "$2" "$3" "$4" "$program" -- -r 0x1 -t 0x1 -e 0x1 -w 0xc -s 2 -n 0 -c 32 \
		"${@:5}"
}

# Test pipeline_queue or pipeline_atq of dpdk-test-eventdev: two workers; a service core runs the
# adapters. The port is made to announce what the test asks for (preload/rss_hash.c). usage:
# pipeline_test BUILD DEVICE OUTPUT PACKETS TEST [ARGUMENT...]
pipeline_test() {
	need_dpdk_program dpdk-test-eventdev
	LD_PRELOAD=$(realpath "$1")/devtools/preload/rss_hash.so pass_packets "$1" "$2" "$3" "$4" \
		dpdk-test-eventdev -s 0x1 -- "--test=$5" --prod_type_ethdev --wlcores 2,3 "${@:6}"
}

# One suite of DPDK's dpdk-test. LAYOUT says which lcores there are:
#   pair      two; suites that need a service lcore take the second one by themselves
#   service   two; the second is a service lcore from the start if the device needs one
#   timer     six; the last two, which the suite makes service lcores, have CPU_B alone; all of them
#             sleep where the suite would have them poll (preload/idle_sleep.c)
# usage: dpdk_test BUILD DEVICE SUITE MIB LAYOUT SECONDS
dpdk_test() {
	local -a layout=(--lcores "0@$CPU_A,1@$CPU_B") preload=()

	need_dpdk_program dpdk-test
	use_device "$1" "$2" || return
	case $5 in
	service) ! is_service_driven "$2" || layout+=(-s 0x2) ;;
	timer)
		layout=(--lcores "0@$CPU_A,1@$CPU_A,2@$CPU_A,3@$CPU_A,4@$CPU_B,5@$CPU_B")
		preload=("LD_PRELOAD=$(realpath "$1")/devtools/preload/idle_sleep.so")
		;;
	esac
	DPDK_TEST=$3 limited "$6" env "${preload[@]}" \
		dpdk-test "${EAL_COMMON[@]}" -m "$4" "${layout[@]}" "${EAL_DEVICE[@]}" </dev/null
}

# dpdk-test-eventdev-dlb2 on one CPU over one or more devices. usage: test_eventdev_dlb2 BUILD CPU
# SECONDS DEVICE[ DEVICE...] ARGUMENT...
test_eventdev_dlb2() {
	local build=$1 cpu=$2 seconds=$3 device
	local -a vdevs=()

	for device in $4; do
		use_device "$build" "$device" || return
		vdevs+=("${EAL_DEVICE[@]}")
	done
	shift 4
	limited "$seconds" "$build/app/test-eventdev-dlb2/dpdk-test-eventdev-dlb2" \
		"${EAL_COMMON[@]}" -m 512 --lcores "0@$cpu" "${vdevs[@]}" -- "$@" </dev/null
}
