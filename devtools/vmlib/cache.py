# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Where downloads are kept, and how a half-made one is never taken for a whole one.

Every entry is a folder NAME-VERSION (or a file) that was made under another name and renamed, so
what has its name is complete. One lock is held while a folder is made; reading takes none. All of
it may be deleted at any time when no virtual machine runs.
"""

import contextlib
import fcntl
import os
import pathlib
import shutil
import sys
import time

from .failure import Failure

# A fetch takes half a minute; on a slow line a few.
LOCK_SECONDS = 600


def folder():
    """The folder of everything that devtools/vm keeps; made if it isn't there."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", "/root"),
                                                            ".cache")
    path = pathlib.Path(base, "dlb2", "vm")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"the cache {path} cannot be made: {error.strerror}; "
                      "set XDG_CACHE_HOME to a folder that can be written") from error
    return path


@contextlib.contextmanager
def locked():
    """Holds the cache's lock; waits for another run that has it."""
    path = folder() / "lock"
    with open(path, "a", encoding="utf-8") as lock:
        deadline = time.monotonic() + LOCK_SECONDS
        waited = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                pass
            if not waited:
                print(f"vm: another run fills {path.parent}, waiting for it", file=sys.stderr)
                waited = True
            if time.monotonic() > deadline:
                raise Failure(f"another run has held {path} for {LOCK_SECONDS} s: end it")
            time.sleep(0.2)
        yield


def newest(name):
    """The latest made folder NAME-VERSION, or None."""
    entries = [path for path in folder().glob(name + "-*") if path.is_dir()]
    return max(entries, key=lambda path: path.stat().st_mtime, default=None)


def fetched(name, fetch):
    """The latest folder NAME-VERSION; the first time, what `fetch` makes.

    `fetch(path)` fills the empty folder `path` and returns the version. When it raises, nothing of
    it stays.
    """
    found = newest(name)
    if found:
        return found
    with locked():
        found = newest(name)
        if found:
            return found
        partial = folder() / f".{name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            version = fetch(partial)
            target = folder() / f"{name}-{version}"
            partial.rename(target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return target


def stored(name, content):
    """The path of the file NAME, which holds `content`; NAME stands for the content."""
    path = folder() / name
    if not path.exists():
        partial = folder() / f".{name}.{os.getpid()}"
        partial.write_bytes(content)
        partial.rename(path)
    return path
