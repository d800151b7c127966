# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# Steps of check.sh that look at scripts and the guide.

step_shellcheck() {
	local -a scripts

	cd "$DLB2_ROOT" || return
	mapfile -t scripts < <(find .ci devtools tests -name '*.sh' -o -path .ci/run \
		-o -path devtools/guest/init -o -path devtools/guest/run)
	shellcheck "${scripts[@]}"
	passed ${#scripts[@]}
}

step_docs() {
	step_build_gcc
	ninja -C "$CHECK_DIR/gcc" doc
}
