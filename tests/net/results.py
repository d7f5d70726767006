# SPDX-License-Identifier: GPL-2.0-or-later
"""Results of a run that are summed in one line."""
import unittest


class Result(unittest.TextTestResult):
    """Says of each skipped test that it was, and why."""

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.stream.writeln(f"SKIPPED {test.id()}: {reason}")

    def sums(self):
        """How many tests passed, failed, were skipped. A test with several failures is one."""
        bad = {getattr(test, "test_case", test).id() for test, _ in self.failures + self.errors}
        skips = len(self.skipped)
        return self.testsRun - len(bad) - skips, len(bad), skips
