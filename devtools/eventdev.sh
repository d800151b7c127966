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
	local dir=$1/drivers/event/dlb2

	[ -e "$dir/librte_event_dlb2.so" ] ||
		die "$dir/librte_event_dlb2.so is missing: run ./devtools/quickstart.sh"
	while ! is_world_writable "$dir"; do
		if [ "$dir" = / ]; then
			printf '%s\n' -d "$1/drivers/event/dlb2/librte_event_dlb2.so"
			return
		fi
		dir=$(dirname "$dir")
	done
	printf '%s\n' -d librte_event_dlb2.so
}

load_path() {
	printf 'LD_LIBRARY_PATH=%s' "$1/drivers/event/dlb2${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
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
# [ARGUMENT...] A service core spins too: with it, one worker less keeps two CPUs busy.
test_eventdev() {
	local build=$1 device=$2 test=$3 workers=2,3
	local -a service=()
	shift 3

	need_dpdk_program dpdk-test-eventdev
	use_device "$build" "$device" || return
	if is_service_driven "$device"; then
		service=(-s 0x1)
		workers=3
	fi
	limited 120 "${MODEST_MAIN[@]}" dpdk-test-eventdev "${EAL_COMMON[@]}" -m 512 \
		"${EAL_LCORES[@]}" "${service[@]}" "${EAL_DEVICE[@]}" -- \
		"--test=$test" --plcores 1 --wlcores "$workers" "$@" </dev/null
}

# The application checks by itself that each flow's order is kept. usage: order_queue BUILD DEVICE
# EVENTS
order_queue() {
	test_eventdev "$1" "$2" order_queue --nb_flows 64 --nb_pkts "$3"
}

# One stage of scheduling type a, p or o; prints its rate each second. usage: perf_queue BUILD
# DEVICE TYPE EVENTS
perf_queue() {
	test_eventdev "$1" "$2" perf_queue --stlist="$3" --nb_pkts "$4"
}

# One suite of DPDK's dpdk-test. LAYOUT says which lcores there are:
#   pair      two; suites that need a service lcore take the second one by themselves
#   service   two; the second is a service lcore from the start if the device needs one
#   timer     six; the last two, which the suite makes service lcores, have CPU_B alone
# usage: dpdk_test BUILD DEVICE SUITE MIB LAYOUT SECONDS
dpdk_test() {
	local -a layout=(--lcores "0@$CPU_A,1@$CPU_B")

	need_dpdk_program dpdk-test
	use_device "$1" "$2" || return
	case $5 in
	service) ! is_service_driven "$2" || layout+=(-s 0x2) ;;
	timer) layout=(--lcores "0@$CPU_A,1@$CPU_A,2@$CPU_A,3@$CPU_A,4@$CPU_B,5@$CPU_B") ;;
	esac
	DPDK_TEST=$3 limited "$6" \
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
