#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
#
# Fuzzes: builds every target with clang, libFuzzer, AddressSanitizer and
# UndefinedBehaviorSanitizer into build-fuzz/, and runs as many at a time as there are CPUs, each
# beginning with the corpus that is kept for it. A target NAME is the file tests/.../fuzz_NAME.c;
# its corpus is the folder corpus_NAME beside it. Inputs that a run finds stay in
# build-fuzz/found/NAME, which later runs begin with too; --merge takes into the corpus what of them
# reaches something new.
#
# An input that fails is kept in build-fuzz/findings and named together with the command that
# reproduces it; the exit status is then 1.
#
# usage: fuzz.sh [--seconds N] [--merge] [--build] [--list] [TARGET...]
#   --seconds N   how long each target runs; 0 only tries the kept corpus (60)
#   --merge       instead of running: minimise the corpora, with what earlier runs found
#   --build       only build
#   --list        the targets

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

BUILD=${DLB2_FUZZ_BUILD:-$DLB2_ROOT/build-fuzz}
# An input that takes longer is a finding. Most take a few milliseconds; the rest is for machines
# that are busy with something else.
INPUT_SECONDS=60
# Bytes; larger inputs do more of the same.
MAX_LEN=1024

# Prints the source file of each target, by path from the tree.
sources() {
	cd "$DLB2_ROOT" && find tests -name 'fuzz_*.c' | sort
}

# Prints the names of all targets.
targets() {
	sources | sed 's:.*/fuzz_::; s:\.c$::'
}

# Prints the path of target $1 without folder and prefix: "tests/lib/dlb2_model/".
folder_of() {
	local source

	source=$(sources | grep "/fuzz_$1\.c$") || die "there is no target '$1'; see fuzz.sh --list"
	printf '%s' "${source%fuzz_*}"
}

# Builds the named targets.
build() {
	local -a programs=()
	local target folder

	for target in "$@"; do
		folder=$(folder_of "$target")
		programs+=("${folder}fuzz_$target")
	done
	mkdir -p "$BUILD"
	[ -e "$BUILD/build.ninja" ] ||
		CC=clang meson setup "$BUILD" "$DLB2_ROOT" -Dfuzzers=true >"$BUILD/setup.log" ||
		{ cat "$BUILD/setup.log" >&2 && die "meson could not configure $(in_tree "$BUILD")"; }
	ninja -C "$BUILD" "${programs[@]}"
}

# Sets what functions below need of target $1.
choose() {
	local folder

	folder=$(folder_of "$1")
	program=$BUILD/${folder}fuzz_$1
	corpus=$DLB2_ROOT/${folder}corpus_$1
	found=$BUILD/found/$1
	findings=$BUILD/findings
	mkdir -p "$corpus" "$found" "$findings"
}

export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1

# Tries the kept inputs of target $1, then looks for more during $2 seconds.
run() {
	local log status=0 before after
	local -a limits=("-timeout=$INPUT_SECONDS" -artifact_prefix="$BUILD/findings/$1-")

	choose "$1"
	log=$BUILD/$1.log
	before=$(find "$findings" -name "$1-*" | wc -l)
	if [ "$2" = 0 ]; then
		"$program" "${limits[@]}" -runs=0 "$corpus" "$found" >"$log" 2>&1 || status=$?
	else
		"$program" "${limits[@]}" -max_total_time="$2" -max_len=$MAX_LEN -len_control=0 \
			-print_final_stats=1 "$found" "$corpus" >"$log" 2>&1 || status=$?
	fi
	after=$(find "$findings" -name "$1-*" | wc -l)
	summary "$1" "$log" "$status" $((after - before))
}

# One line for target $1; what failed, in full. usage: summary TARGET LOG STATUS NEW-FINDINGS
summary() {
	local input

	printf '%s: %s inputs, %s edges, corpus %s, %s new findings\n' "$1" \
		"$(sed -n 's/^#\([0-9]\+\)\t.*/\1/p' "$2" | tail -n 1)" \
		"$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$2" | tail -n 1)" \
		"$(sed -n 's/.* corp: \([^ ]*\) .*/\1/p' "$2" | tail -n 1)" "$4"
	[ "$3" != 0 ] || return 0
	grep -v -E '^#[0-9]+|NEW_FUNC' "$2" | tail -n 60
	input=$(sed -n 's/.*Test unit written to //p' "$2" | tail -n 1)
	say "FAILED: $1, exit status $3; the whole log is $(in_tree "$2")"
	[ -z "$input" ] || say "again: $(in_tree "$program") $(in_tree "$input")"
	return 1
}

# Runs targets, as many at a time as there are CPUs. usage: run_all SECONDS TARGET...
run_all() {
	local seconds=$1 target running=0 failed=0
	shift

	for target in "$@"; do
		if [ $running -lt "$(nproc)" ]; then
			running=$((running + 1))
		else
			wait -n || failed=1
		fi
		run "$target" "$seconds" &
	done
	for ((; running > 0; running--)); do
		wait -n || failed=1
	done
	return $failed
}

# Keeps few and small inputs that reach all branches that the corpus and what was found reach. How
# often a branch was taken does not count: the corpus would be ten times as large.
merge() {
	local kept

	choose "$1"
	kept=$(mktemp -d)
	"$program" -merge=1 -use_counters=0 -max_len=$MAX_LEN "$kept" "$corpus" "$found" \
		>"$BUILD/$1.log" 2>&1 ||
		{ tail -n 20 "$BUILD/$1.log" >&2 && die "$1 could not be merged"; }
	rm -rf "$corpus"
	mv "$kept" "$corpus"
	chmod 755 "$corpus"
	say "$1: $(find "$corpus" -type f | wc -l) inputs, $(du -sb "$corpus" | cut -f 1) bytes"
}

main() {
	local seconds=60 action=run target
	local -a chosen=()

	while [ $# -gt 0 ]; do
		case $1 in
		--seconds) [[ ${2-} =~ ^[0-9]+$ ]] || die "--seconds needs a number"
			seconds=$2 && shift ;;
		--merge | --build) action=${1#--} ;;
		--list) targets && return ;;
		-*) die "unknown argument '$1';" \
			"usage: fuzz.sh [--seconds N] [--merge] [--build] [--list] [TARGET...]" ;;
		*) chosen+=("$1") ;;
		esac
		shift
	done
	[ ${#chosen[@]} -gt 0 ] || mapfile -t chosen < <(targets)
	need_packages clang libclang-rt-14-dev
	build "${chosen[@]}"
	case $action in
	run) run_all "$seconds" "${chosen[@]}" ;;
	merge)
		for target in "${chosen[@]}"; do
			merge "$target"
		done
		;;
	esac
}

main "$@"
