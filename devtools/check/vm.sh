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
	limited 3600 python3 "$1" -v 2>"$said" || status=$?
	cat "$said"
	python3 "$DLB2_ROOT/devtools/count_tests.py" --unittest "vm: $name" $status "$said" |
		tee -a "$RESULTS"
}

# Runs scenarios by name. usage: run_scenarios NAME...
run_scenarios() {
	local name

	if [ -n "${DLB2_DPDK-}" ]; then
		skipped $# "vm: $# scenarios: the guest's DPDK is Debian's, not that in $DLB2_DPDK"
		return
	fi
	step_build_gcc
	"$DLB2_ROOT/devtools/vm" --fetch-only
	export DLB2_BUILD=$CHECK_DIR/gcc
	for name in "$@"; do
		run_scenario "$DLB2_ROOT/tests/vm/test_$name.py"
	done
}

# The part for CI, seven minutes of an idle machine. The in-tree driver runs in boot, and
# otherwise in vm-all.
step_vm() {
	run_scenarios boot applications hotplug kill pci secondary
}

# All scenarios. DLB2_VM_FULL is what they ask for how much they shall do.
step_vm_all() {
	local -a names

	mapfile -t names < <(cd "$DLB2_ROOT/tests/vm" && printf '%s\n' test_*.py |
		sed 's/^test_//; s/\.py$//')
	DLB2_VM_FULL=1 run_scenarios "${names[@]}"
}
