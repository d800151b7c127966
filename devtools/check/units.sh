# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# Steps of check.sh that run meson's test suites and count the tests inside each program.

# Runs every suite of build $1, but for those that further arguments of meson leave out. usage:
# run_suites BUILD [MESON-ARGUMENT...]
run_suites() {
	local dir=$CHECK_DIR/$1 status=0

	# Limits are those of an idle machine.
	limited 900 meson test -C "$dir" --no-rebuild --timeout-multiplier 4 --print-errorlogs \
		"${@:2}" || status=$?
	# This counts a failed program once at least; a status without one is meson's own.
	python3 "$DLB2_ROOT/devtools/count_tests.py" "$dir/meson-logs/testlog.json" |
		tee -a "$RESULTS"
	if [ $status != 0 ] && [ "$(count_of failed)" = 0 ]; then
		failed 1 "meson test: exit status $status"
	fi
}

# For the builds after the first: what looks at the tree alone has been run.
NO_TREE=(--no-suite tree)

step_unit() {
	step_build_gcc
	run_suites gcc
}

step_unit_clang() {
	step_build_clang
	run_suites clang "${NO_TREE[@]}"
}

step_unit_no_model() {
	step_build_no_model
	run_suites no-model "${NO_TREE[@]}"
}

# A report ends the program that caused it.
use_sanitizers() {
	export ASAN_OPTIONS=halt_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	export LSAN_OPTIONS=suppressions=$DLB2_ROOT/devtools/check/lsan.supp:print_suppressions=0
}

step_unit_sanitize() {
	step_build_sanitize
	use_sanitizers
	run_suites sanitize "${NO_TREE[@]}"
}
