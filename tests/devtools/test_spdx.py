#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""Every file says its licence and owner in its first lines.

Looks at what git has or would add, or, in a tree without git, at everything outside the build
folders. A file that cannot hold a comment has a file NAME.license beside it, as reuse.software says;
a fuzzer's corpus, a folder of nothing but such files, has one beside the folder.
"""

import os
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LICENCE = "SPDX-License-Identifier: BSD-3-Clause"
OWNER = "Copyright(c) 2026 The dlb2 project"
HEAD_LINES = 4
THE_LICENCE = "LICENSE"
NO_COMMENT_SUFFIXES = {".csv", ".json", ".svg", ".png"}
CORPUS = "corpus_"


def is_source_folder(name):
    return name not in (".git", "__pycache__") and not name.startswith("build")


def walk_tree():
    for folder, folders, names in os.walk(ROOT):
        folders[:] = filter(is_source_folder, folders)
        yield from (pathlib.Path(folder) / name for name in names)


def tree_files():
    git = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=False)
    if git.returncode != 0:
        return list(walk_tree())
    paths = [ROOT / name for name in git.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def lacks(path):
    """What the head of a file, or the file beside it, doesn't say, as a list."""
    in_corpus = path.parent.name.startswith(CORPUS)
    if in_corpus or path.suffix in NO_COMMENT_SUFFIXES:
        path = path.parent if in_corpus else path
        path = path.with_name(path.name + ".license")
        if not path.is_file():
            return [f"a file {path.name} beside it"]
    with open(path, encoding="utf-8") as file:
        head = "".join(line for _, line in zip(range(HEAD_LINES), file))
    return [text for text in (LICENCE, OWNER) if text not in head]


class Spdx(unittest.TestCase):
    def test_every_file_says_its_licence_and_owner(self):
        files = [path for path in tree_files() if path.name != THE_LICENCE]
        self.assertGreater(len(files), 50, "the tree was not found")
        missing = [f"{path.relative_to(ROOT)}: {' and '.join(lacks(path))}"
                   for path in files if lacks(path)]
        self.assertEqual(missing, [], "these lines belong at the top of each file")


if __name__ == "__main__":
    unittest.main()
