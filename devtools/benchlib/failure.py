# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""What ends the tool with a message."""


class Failure(Exception):
    """What the user must be told."""
