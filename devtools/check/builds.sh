# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
# shellcheck shell=bash
#
# The builds of check.sh, each in a folder of its own below build-check/. Warnings are errors in all
# but the last.

# What the compiler may use anywhere. A CPU without AVX-512 cannot run the first kind: these builds
# only show that the code compiles, and leave the tests out.
AVX512='-mavx512f -mavx512bw -mavx512vl -mavx512dq'
NO_AVX512='-mno-avx512f'

# Compiles in three quarters of the time; what fails in such a build is looked at in another.
NO_DEBUG=-Ddebug=false

# Configures build $1 with the given meson arguments unless it is, then compiles. A build that has
# failed in this run isn't tried again for the next step that needs it. The limit is for one that is
# made of what other steps leave of the CPUs; the lock for steps that run at the same time. usage:
# build NAME [MESON-ARGUMENT...]
build() {
	local name=$1 dir=$CHECK_DIR/$1
	shift

	[ ! -e "$FAILED_BUILDS/$name" ] || die "build '$name' has failed before"
	[ -e "$dir/build.ninja" ] || { rm -rf "$dir" && meson setup "$dir" "$DLB2_ROOT" "$@"; } &&
		limited 1800 flock "$CHECK_DIR/lock-$name" ninja -C "$dir" && return
	mkdir -p "$FAILED_BUILDS"
	touch "$FAILED_BUILDS/$name"
	return 1
}

step_setup() {
	"$DLB2_ROOT/devtools/setup.sh" --check
}

step_build_gcc() {
	CC=gcc build gcc
}

# Rates are measured with this one. Its tests would never run.
step_build_gcc_release() {
	CC=gcc build gcc-release --buildtype=release -Davx512=disabled -Dc_args="$NO_AVX512" -Dtests=false
}

step_build_gcc_avx512() {
	CC=gcc build gcc-avx512 --buildtype=release -Dc_args="$AVX512" -Dtests=false
}

step_build_clang() {
	CC=clang build clang $NO_DEBUG -Davx512=disabled -Dc_args="$NO_AVX512"
}

step_build_clang_avx512() {
	CC=clang build clang-avx512 --buildtype=release -Dc_args="$AVX512" -Dtests=false
}

step_build_no_model() {
	CC=gcc build no-model $NO_DEBUG -Dmodel=disabled
	[ ! -e "$CHECK_DIR/no-model/lib/dlb2_model" ] ||
		die "-Dmodel=disabled has built lib/dlb2_model"
}

# b_lundef: the sanitizers' runtime is found only when the program is loaded. werror: with the
# sanitizers' checks in the code, gcc warns where there is nothing to warn of, as its manual says.
# -O1 -g1: compiles in two thirds of the time; reports name lines as before.
step_build_sanitize() {
	CC=gcc build sanitize -Db_sanitize=address,undefined -Db_lundef=false -Dwerror=false \
		-Doptimization=1 -Dc_args=-g1
}
