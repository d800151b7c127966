# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""What a run tells the guest: its parameters and the command, as two shell files."""

import os
import pathlib
import shlex
import stat

from . import options as opts

# Of the caller's environment. What else a command needs, "env NAME=VALUE CMD" gives it.
PASSED = ("PATH", "HOME", "TERM", "LANG", "LD_LIBRARY_PATH", "DPDK_TEST", "ASAN_OPTIONS",
          "UBSAN_OPTIONS", "LSAN_OPTIONS")
PASSED_PREFIXES = ("DLB2_", "LC_")


def is_insecure(path):
    """Whether EAL refuses a plugin at this path: a folder above it may be written by all."""
    return any(parent.stat().st_mode & stat.S_IWOTH for parent in pathlib.Path(path).parents)


def driver_environment(options):
    """What makes an application use the chosen driver."""
    if options.driver == "in-tree":
        # EAL finds the distribution's drivers by itself. Only the command has the shim.
        return {"DLB2_EAL": "", "LD_PRELOAD": str(opts.shim(options))}
    plugin = opts.plugin(options).resolve()
    if not is_insecure(plugin):
        return {"DLB2_EAL": f"-d {plugin}"}
    # EAL lets a bare name pass, which the dynamic loader finds.
    folders = [str(plugin.parent), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
    return {"DLB2_EAL": f"-d {plugin.name}", "LD_LIBRARY_PATH": ":".join(folders)}


def environment(options):
    """The command's environment, but for DLB2_BDFS, which only the guest knows."""
    passed = {name: value for name, value in os.environ.items()
              if name in PASSED or name.startswith(PASSED_PREFIXES)}
    return passed | driver_environment(options)


def command(options):
    """A shell file that becomes the command, in the caller's folder. GNU env starts it, not the
    guest's busybox, which would prefer its own applets.
    """
    folder = shlex.quote(os.getcwd())
    words = [f"{name}={value}" for name, value in environment(options).items()
             if name != "DLB2_BDFS"]
    return (f"cd {folder} || exit 125\n"
            f'exec /usr/bin/env -i "DLB2_BDFS=$DLB2_BDFS" {shlex.join(words)} '
            f"{shlex.join(options.command)}\n")


def escaped(path):
    """A path without blanks, for printf %b."""
    return "".join(chr(byte) if byte < 0x80 and chr(byte).isalnum() or byte in b"/._-"
                   else f"\\0{byte:03o}" for byte in os.fsencode(path))


def files(options):
    """The guest's files by name."""
    shares = shlex.quote(" ".join(escaped(path) for path in options.share))
    return {"parameters": f"DEVICES={options.devices}\nSHARES={shares}\n",
            "command": command(options)}
