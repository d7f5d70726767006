# SPDX-License-Identifier: GPL-2.0-or-later
"""In the guest, on the debug kernel: fails each allocation of a system call in turn."""
import contextlib
import pathlib

FAILSLAB = pathlib.Path("/sys/kernel/debug/failslab")
FAIL_PAGES = pathlib.Path("/sys/kernel/debug/fail_page_alloc")
FAIL_NTH = pathlib.Path("/proc/thread-self/fail-nth")


def why_not():
    """What this machine lacks; None if nothing."""
    return None if FAILSLAB.is_dir() else "the kernel has no failslab (make debug-kernel)"


def set_up():
    """Allocations that may wait fail, too, and without a trace, which would look like a complaint."""
    (FAILSLAB / "ignore-gfp-wait").write_text("N")
    (FAILSLAB / "verbose").write_text("0")
    (FAIL_PAGES / "verbose").write_text("0")


def fails(n, action):
    """Runs `action` with the n-th allocation of this thread failing, which may well be an error.
    Whether it came to that: False, the action makes fewer."""
    with open(FAIL_NTH, "r+b", buffering=0) as fail_nth:
        fail_nth.write(str(n).encode())
        with contextlib.suppress(OSError):
            action()
        left = int(fail_nth.read(32))
        fail_nth.write(b"0")
    return left == 0


def each_allocation_fails(action, limit=1000):
    """Runs `action`, best one system call, until each of its allocations has failed once. How many
    there were. More than `limit` is an error: it does not come to its end."""
    set_up()
    for n in range(1, limit + 1):
        if not fails(n, action):
            return n - 1
    raise RuntimeError(f"more than {limit} allocations")
