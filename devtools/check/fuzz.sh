# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# Step of check.sh that runs every fuzz target for a short while, over its kept corpus first.

FUZZ_SECONDS=15

export DLB2_FUZZ_BUILD=$CHECK_DIR/fuzz

step_build_fuzz() {
	"$DLB2_ROOT/devtools/fuzz.sh" --build
}

step_fuzz() {
	local target

	limited 1200 "$DLB2_ROOT/devtools/fuzz.sh" --seconds $FUZZ_SECONDS >"$CHECK_DIR/output" 2>&1 ||
		true
	cat "$CHECK_DIR/output"
	for target in $("$DLB2_ROOT/devtools/fuzz.sh" --list); do
		if grep -q "^FAILED: $target," "$CHECK_DIR/output" ||
			! grep -q "^$target: [0-9]* inputs" "$CHECK_DIR/output"; then
			failed 1 "fuzz_$target"
		else
			passed 1
		fi
	done
}
