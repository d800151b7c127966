#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
#
# Checks everything that can be checked without the hardware, step by step, and ends with one line:
# N passed, N failed, N skipped. The steps are functions step_NAME in devtools/check/*.sh; this file
# only chooses, runs, times and counts them. Each step's output is kept in
# build-check/logs/NAME.log. Builds stay in build-check/, so that a second run costs only what has
# changed.
#
# Two CPUs need some twenty-three minutes for all of it, and only if neither is idle for long: what
# merely computes is done in the background whenever a test waits (ahead, beside; see below).
#
# DLB2_DPDK=/prefix checks with the DPDK that is installed there instead of Debian's; builds and
# logs are then in build-check-dpdk-VERSION/.
#
# DLB2_EVENTDEVS names other event devices than the two models for the steps that run DPDK's
# applications, separated by spaces.
#
# usage: check.sh [--quick | --step NAME[,NAME...] | --list]
#   --quick   the steps that find most in about four minutes, build included
#   --step    only these steps (set-up and the builds that they need included)

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$DLB2_ROOT/devtools/dpdk-source.sh"

CHECK_DIR=$(dpdk_build_dir build-check)
FAILED_BUILDS=$CHECK_DIR/failed-builds
FAILURES=$CHECK_DIR/failures
# shellcheck disable=SC2034
read -ra DEVICES <<<"${DLB2_EVENTDEVS:-event_dlb2_model,hw=2.0 event_dlb2_model,hw=2.5}"

# Name; when it runs: always (quick), without --quick (full), like full but beside the steps that
# follow (beside), like full but in the background from the first step that is not quick, where the
# others leave the CPUs idle, until it is its turn (ahead), only with --step (asked); what it does.
STEPS=(
	'setup                 quick  packages and DPDK driver headers'
	'shellcheck            quick  every shell script'
	'build-gcc             quick  gcc, the build that the other steps use'
	'timer-adapter         beside the timer adapter suite of dpdk-test, over the last device'
	'unit                  quick  every meson test suite (licence lines and pmdinfo too)'
	'docs                  full   the guide, warnings are errors'
	'order-queue           quick  dpdk-test-eventdev: order of a million events'
	'tcp-download          quick  l3fwd between two namespaces'
	'applications          full   dpdk-test-eventdev with other tests, l2fwd-event, eventdev_pipeline'
	'dpdk-test             full   the suites of dpdk-test listed in dpdk-tests.txt'
	'vm                    full   in a virtual machine, on the device model as a PCI function'
	'build-clang           ahead  clang, AVX-512 forbidden'
	'unit-clang            full   every suite but that of the tree, built by clang'
	'build-no-model        ahead  gcc, -Dmodel=disabled'
	'unit-no-model         full   the same without the model'
	'build-sanitize        ahead  gcc, AddressSanitizer and UndefinedBehaviorSanitizer'
	'unit-sanitize         full   the same with sanitizers'
	'build-gcc-release     ahead  gcc, release, AVX-512 forbidden'
	'build-gcc-avx512      ahead  gcc, release, AVX-512 allowed everywhere'
	'build-clang-avx512    ahead  clang, release, AVX-512 allowed everywhere'
	'build-fuzz            ahead  clang, the fuzz targets'
	'fuzz                  full   every fuzz target: the kept corpus, then 15 seconds more'
	'perf-queue            full   dpdk-test-eventdev: rates, atomic, parallel and ordered'
	'bench                 full   devtools/bench, in short: instructions, stores and accesses keep bounds'
	'conform               ahead  the conformance program: random pipelines'
	'conform-sanitize      ahead  the same with sanitizers'
	'soak                  ahead  the conformance program: 10^8 events'
	'closed-loop           full   the conformance program: rates beside those of event_sw'
	'timer-adapter-all     asked  the timer adapter suite over each device, all at once'
	'vm-all                asked  every scenario there, the in-tree driver as judge, long series'
	'hardware              full   what only a DLB can show'
)

for file in "$DLB2_ROOT"/devtools/check/*.sh; do
	# shellcheck source=/dev/null
	. "$file"
done

# What a step says of its tests: each call adds to the count in $RESULTS. A step that calls none
# counts as one test, by its exit status.
passed() {
	printf 'passed %s\n' "$1" >>"$RESULTS"
}

failed() {
	printf 'failed %s %s\n' "$1" "$2" >>"$RESULTS"
	say "FAILED: $2"
}

skipped() {
	printf 'skipped %s %s\n' "$1" "$2" >>"$RESULTS"
	say "SKIPPED: $2"
}

# The sum of the numbers behind word $1 in the results of one step.
count_of() {
	awk -v word="$1" '$1 == word { sum += $2 } END { print sum + 0 }' "$RESULTS"
}

step_is_known() {
	printf '%s\n' "${STEPS[@]}" | grep -q "^$1 "
}

# Whether step $1 runs when $2 says.
is_run() {
	printf '%s\n' "${STEPS[@]}" | grep -q "^$1  *$2 "
}

# Sets RESULTS to the file with the results of step $1.
use_results() {
	RESULTS=$CHECK_DIR/results-$1
}

# Runs step $1, which leaves results, a log, and how many seconds it took.
do_step() {
	local name=$1 log=$CHECK_DIR/logs/$1.log start=$SECONDS status=0

	use_results "$name"
	: >"$RESULTS"
	# Not in a condition: set -e must hold inside the step.
	set +e
	(
		set -e
		"step_${name//-/_}"
	) >"$log" 2>&1 </dev/null
	status=$?
	set -e
	if [ $status != 0 ] && [ "$(count_of failed)" = 0 ]; then
		failed 1 "exit status $status" >>"$log"
	elif [ ! -s "$RESULTS" ]; then
		passed 1
	fi
	printf 'seconds %s\n' $((SECONDS - start)) >>"$RESULTS"
}

# Prints how step $1 ended and adds its counts to the totals.
report_step() {
	local name=$1 log=$CHECK_DIR/logs/$1.log p f s verdict

	use_results "$name"
	p=$(count_of passed) f=$(count_of failed) s=$(count_of skipped)
	total_passed=$((total_passed + p))
	total_failed=$((total_failed + f))
	total_skipped=$((total_skipped + s))
	verdict=ok
	[ "$f" = 0 ] || verdict=FAILED
	printf '%-6s %-22s %5s passed %3s failed %3s skipped %5s s\n' \
		$verdict "$name" "$p" "$f" "$s" "$(count_of seconds)"
	sed -n 's/^skipped [0-9]* /         skipped: /p' "$RESULTS"
	[ "$f" != 0 ] || return 0
	sed -n 's/^failed [0-9]* /         failed: /p' "$RESULTS"
	sed -n "s/^failed [0-9]* /FAILED $name: /p" "$RESULTS" >>"$FAILURES"
	say "         the end of $(in_tree "$log"):"
	tail -n 25 "$log" | sed 's/^/         | /'
}

# Does the steps of the arguments in the background, one after the other, in a process of its own.
# It only gets what the others leave of the CPUs, also where the kernel weighs session against session
# (autogroup): each virtual machine is one of its own.
ahead_pid=''

start_ahead() {
	local name

	for name in "$@"; do
		use_results "$name"
		rm -f "$RESULTS"
	done
	setsid chrt --idle 0 "${BASH_SOURCE[0]}" --ahead "$(IFS=,; printf '%s' "$*")" &
	ahead_pid=$!
	trap 'kill -- -$ahead_pid 2>/dev/null || true' EXIT
}

do_ahead() {
	local name

	(echo 19 >/proc/self/autogroup) 2>/dev/null || true
	for name in "$@"; do
		do_step "$name"
	done
}

# The last that do_step() writes.
is_done() {
	grep -qs '^seconds ' "$RESULTS"
}

# Waits until step $1 is done, which then has the CPUs for itself. When the process that should do it
# is gone, it is done here.
finish_ahead() {
	use_results "$1"
	until is_done || ! kill -0 "$ahead_pid" 2>/dev/null; do
		sleep 0.2
	done
	is_done || do_step "$1"
}

# The step that runs beside others, if one does, and its process.
beside='' beside_pid=''

# It counts milliseconds, and so gets the CPUs before the others do; it needs a fifteenth of one.
start_beside() {
	beside=$1
	do_step "$beside" &
	beside_pid=$!
	renice -n -20 -p $beside_pid >/dev/null 2>&1 || true
}

# It may have had too little of the CPUs: when it fails it is done again, alone.
finish_beside() {
	[ -n "$beside" ] || return 0
	wait "$beside_pid"
	use_results "$beside"
	if [ "$(count_of failed)" != 0 ]; then
		say "$beside has failed beside other steps, and is done again alone:"
		sed -n 's/^failed [0-9]* /         failed: /p' "$RESULTS"
		do_step "$beside"
	fi
	report_step "$beside"
	beside=''
}

# Runs step $1 of a full run.
run_full_step() {
	[ -z "$beside" ] || kill -0 "$beside_pid" 2>/dev/null || finish_beside
	if is_run "$1" beside; then
		start_beside "$1"
		return
	elif is_run "$1" ahead; then
		finish_ahead "$1"
	else
		do_step "$1"
	fi
	report_step "$1"
}

# Runs all steps but those that are asked for. Nothing runs ahead of the build that finds most.
run_full() {
	local name
	local -a ahead=()

	for name in "$@"; do
		! is_run "$name" ahead || ahead+=("$name")
	done
	for name in "$@"; do
		[ -n "$ahead_pid" ] || is_run "$name" quick || start_ahead "${ahead[@]}"
		run_full_step "$name"
	done
	finish_beside
}

# Runs the steps of the arguments one after the other.
run_alone() {
	local name

	for name in "$@"; do
		do_step "$name"
		report_step "$name"
	done
}

list_steps() {
	local step name when what

	for step in "${STEPS[@]}"; do
		read -r name when what <<<"$step"
		printf '%-22s %-6s %s\n' "$name" "$when" "$what"
	done
}

# Prints the names of the steps that the arguments choose.
choose_steps() {
	local step name when
	local -a wanted

	if [ "${1-}" = --step ]; then
		IFS=, read -ra wanted <<<"$2"
		for name in "${wanted[@]}"; do
			step_is_known "$name" || die "there is no step '$name'; see check.sh --list"
		done
		printf '%s\n' setup "${wanted[@]}" | awk '!seen[$0]++'
		return
	fi
	for step in "${STEPS[@]}"; do
		read -r name when _ <<<"$step"
		case $when:${1-} in
		quick:* | full: | beside: | ahead:) printf '%s\n' "$name" ;;
		esac
	done
}

main() {
	local start=$SECONDS
	local chosen
	local -a names
	total_passed=0 total_failed=0 total_skipped=0

	case "$#:${1-}" in
	0: | 1:--quick | 2:--step) ;;
	1:--list) list_steps; return ;;
	2:--ahead) # by start_ahead()
		IFS=, read -ra names <<<"$2"
		do_ahead "${names[@]}"
		return
		;;
	*) die "usage: check.sh [--quick | --step NAME[,NAME...] | --list]" ;;
	esac
	chosen=$(choose_steps "$@")
	mapfile -t names <<<"$chosen"
	mkdir -p "$CHECK_DIR/logs"
	rm -rf "$FAILED_BUILDS"
	: >"$FAILURES"
	if [ $# = 0 ]; then
		run_full "${names[@]}"
	else
		run_alone "${names[@]}"
	fi
	# Once more at the end, where nobody overlooks it.
	cat "$FAILURES"
	say "$((SECONDS - start)) s, logs in $(in_tree "$CHECK_DIR")/logs"
	say "$total_passed passed, $total_failed failed, $total_skipped skipped"
	[ $total_failed = 0 ]
}

main "$@"
