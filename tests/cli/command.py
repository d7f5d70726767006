# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the built command in an empty folder. NFLUA names the command."""

import os
import pathlib
import subprocess
import tempfile
import unittest

NFLUA = os.environ["NFLUA"]
CAPTURES = pathlib.Path(__file__).resolve().parent.parent / "captures"
TIMEOUT_S = 60


class CommandTest(unittest.TestCase):
    """Each test has a folder of its own as working directory."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        data = content.encode() if isinstance(content, str) else content
        (self.folder / name).write_bytes(data)

    def nflua(self, *arguments, stdin=b"", **options):
        """Runs to the end. Output as bytes."""
        options.setdefault("stdout", subprocess.PIPE)
        return subprocess.run([NFLUA, *map(str, arguments)], input=stdin, stderr=subprocess.PIPE,
                              cwd=self.folder, timeout=TIMEOUT_S, **options)

    def start(self, *arguments, **options):
        """Starts it. Owns: the caller, which waits for it."""
        return subprocess.Popen([NFLUA, *map(str, arguments)], cwd=self.folder, **options)
