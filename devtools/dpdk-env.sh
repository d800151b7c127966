#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
#
# Runs a command with the DPDK in DLB2_DPDK, whose programs, libraries and pkg-config files come
# before Debian's:
#
#   DLB2_DPDK=/prefix ./devtools/dpdk-env.sh meson setup build-24.11
#
# usage: DLB2_DPDK=/prefix dpdk-env.sh COMMAND [ARGUMENT...]

set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ $# -gt 0 ] || die "usage: DLB2_DPDK=/prefix dpdk-env.sh COMMAND [ARGUMENT...]"
[ -n "${DLB2_DPDK-}" ] || die "DLB2_DPDK is not set: say which DPDK"
exec "$@"
