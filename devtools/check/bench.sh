# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# The step of check.sh that runs devtools/bench. Only what is counted can fail, never a time: the
# limits are in devtools/benchlib.

step_bench() {
	step_build_gcc
	"$DLB2_ROOT/devtools/bench" --quick --build "$CHECK_DIR/gcc"
}
