# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Measures what the driver costs and how fast the model is, beside their peers: see devtools/bench."""
