#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
#
# Prints the folder that holds the driver-facing headers of Debian's DPDK (include/). The driver's
# meson.build asks it when the DPDK in use has not installed them and -Ddpdk_driver_headers is not
# given.

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$DLB2_ROOT/devtools/dpdk-source.sh"

dir=$(dpdk_dir)
dpdk_has_headers "$dir" || die "DPDK's driver-facing headers are not in $dir;" \
	"run ./devtools/setup.sh once, or give -Ddpdk_driver_headers"
printf '%s\n' "$dir"
