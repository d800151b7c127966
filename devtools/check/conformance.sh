# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# Steps of check.sh that run this tree's own program, dpdk-test-eventdev-dlb2. One run keeps one CPU
# busy: the two hardware versions run beside each other. Needs eventdev.sh, which applications.sh
# has read. What only computes is done ahead (check.sh), of what other steps leave of the CPUs: its
# limits are generous.

PIPELINES=200
SEEDS=30
# With sanitizers everything takes four times as long.
SANITIZE_SEEDS=12
# The model's own freedom: seed 0 is its plain order, any other picks among all orders that hardware
# may show. A part of it with the other layout of consumer queues.
MODELS=(seed=0 seed=1 seed=2 seed=3 "seed=0,cq_layout=dense" "seed=1,cq_layout=dense")
SOAK_EVENTS=100000000
LIMIT=1200 # seconds

# Runs a function for all devices at once, each time as one test with a log of its own: usage:
# on_all_devices NAME FUNCTION BUILD. The function is called with the build, a CPU and the device.
on_all_devices() {
	local -a cpus=("$CPU_A" "$CPU_B") jobs=()
	local i

	for i in "${!DEVICES[@]}"; do
		"$2" "$3" "${cpus[i % 2]}" "${DEVICES[i]}" >"$CHECK_DIR/logs/$1-$i.log" 2>&1 &
		jobs+=($!)
	done
	for i in "${!DEVICES[@]}"; do
		if wait "${jobs[i]}"; then
			passed 1
		else
			failed 1 "$1 ${DEVICES[i]}: see $(in_tree "$CHECK_DIR")/logs/$1-$i.log"
		fi
		say "== $1 ${DEVICES[i]}"
		tail -n 25 "$CHECK_DIR/logs/$1-$i.log"
	done
}

# All pipelines and $SEEDS seeds over one device, shared out among the models.
conform_device() {
	local share=$((SEEDS / ${#MODELS[@]})) i device

	for i in "${!MODELS[@]}"; do
		case $3 in
		event_dlb2*) device=$3,${MODELS[i]} ;;
		*) device=$3 ;;
		esac
		test_eventdev_dlb2 "$1" "$2" $LIMIT "$device" conform --pipelines $PIPELINES \
			--seeds $share --seed $((i * share + 1)) || return
	done
}

step_conform() {
	step_build_gcc
	on_all_devices conform conform_device "$CHECK_DIR/gcc"
}

step_conform_sanitize() {
	local SEEDS=$SANITIZE_SEEDS

	step_build_sanitize
	use_sanitizers
	on_all_devices conform-sanitize conform_device "$CHECK_DIR/sanitize"
}

soak_device() {
	test_eventdev_dlb2 "$1" "$2" $LIMIT "$3" conform --seed 1 --soak-events $SOAK_EVENTS
}

step_soak() {
	step_build_gcc_release
	on_all_devices soak soak_device "$CHECK_DIR/gcc-release"
}

# Rates of one worker with 512 events in flight, beside event_sw's in the same run; d is the
# directed pipeline.
step_closed_loop() {
	local i names=

	step_build_gcc_release
	for i in "${!DEVICES[@]}"; do
		names+="${DEVICES[i]/event_dlb2_model/event_dlb2_model$i} "
	done
	test_eventdev_dlb2 "$CHECK_DIR/gcc-release" "$CPU_A" 300 "${names}event_sw0" \
		perf --stlist a,p,o,d
}
