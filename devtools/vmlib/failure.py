# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""How devtools/vm says that it could not do its work."""


class Failure(Exception):
    """The tool itself failed, not the command: the text says what, and the way out.

    `console` is the end of the guest's console where that explains it, else empty.
    """

    def __init__(self, text, console=""):
        super().__init__(text)
        self.console = console


class TimedOut(Failure):
    """The command was still running when --timeout was over."""
