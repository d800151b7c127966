# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# Steps of check.sh that need the virtual machine: the scenarios tests/vm/test_*.py, one after the
# other, for each wants the CPUs for itself.

# Runs one scenario and counts its tests. usage: run_scenario FILE
run_scenario() {
	local name status=0 said

	name=$(basename "$1" .py)
	said=$CHECK_DIR/logs/vm-$name.log
	say "== $name"
	limited 1800 python3 "$1" -v 2>"$said" || status=$?
	cat "$said"
	python3 "$DLB2_ROOT/devtools/count_tests.py" --unittest "vm: $name" $status "$said" |
		tee -a "$RESULTS"
}

step_vm() {
	local scenario

	step_build_gcc
	"$DLB2_ROOT/devtools/vm" --fetch-only
	export DLB2_BUILD=$CHECK_DIR/gcc
	for scenario in "$DLB2_ROOT"/tests/vm/test_*.py; do
		run_scenario "$scenario"
	done
}

# DLB2_VM_FULL is what the scenarios ask for how much they shall do.
step_vm_all() {
	DLB2_VM_FULL=1 step_vm
}
