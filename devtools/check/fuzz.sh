# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# Step of check.sh that runs every fuzz target for a short while, over its kept corpus first.

FUZZ_SECONDS=15

step_fuzz() {
	local target

	export DLB2_FUZZ_BUILD=$CHECK_DIR/fuzz
	for target in $("$DLB2_ROOT/devtools/fuzz.sh" --list); do
		if limited 600 "$DLB2_ROOT/devtools/fuzz.sh" --seconds $FUZZ_SECONDS "$target"; then
			passed 1
		else
			failed 1 "fuzz_$target"
		fi
	done
}
