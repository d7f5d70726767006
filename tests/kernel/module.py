# SPDX-License-Identifier: GPL-2.0-or-later
"""The module xt_lua: loading it, its parameters, and what the kernel's log says of it.

A module that is wrong takes the kernel along, so all of this is for the guest."""
import os
import pathlib
import re
import select
import shutil
import subprocess
import time

from namespaces import TIMEOUT_S

NAME = "xt_lua"
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Where `tools/build-kernel --guest` puts it, and its plug-ins.
FOLDER = pathlib.Path(os.environ.get("NFLUA_KERNEL_BUILD", ROOT / "build/guest/module"))
FILE = FOLDER / "xt_lua.ko"
PLUGINS = ["libxt_lua.so", "libxt_LUA.so"]
LOADED = pathlib.Path("/sys/module") / NAME
# What the guest's session leaves; nowhere else.
GUEST = pathlib.Path("/run/guest/command")
TOOLS = ["conntrack", "insmod", "ip", "ip6tables-legacy", "ip6tables-nft", "iptables-legacy",
         "iptables-nft", "modinfo", "nft", "ping", "rmmod"]
# The last rules, timers and readers of a namespace go a little after it.
UNLOAD_POLL_S = 0.1
CONSOLE_LEVEL = "5"

COMPLAINT = re.compile(r"BUG:|WARNING:|Oops|Call Trace:|refcount_t|unregister_netdevice: waiting")
ESCAPED = re.compile(r"\\x([0-9a-f]{2})")
RECORD_BYTES = 8192


def why_not():
    """What this machine lacks; None if nothing."""
    if not GUEST.exists():
        return "only in the guest: tests/guest/run tests/kernel/run NFLUA"
    missing = [name for name in [FILE.name, *PLUGINS] if not (FOLDER / name).exists()]
    if missing:
        return f"no {', '.join(missing)} in {FOLDER}: tools/build-kernel --guest"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return f"no {', '.join(missing)} here: tools/install-packages.sh guest check"
    return why_not_for_this_kernel()


def why_not_for_this_kernel():
    built_for = modinfo("vermagic").split()[0]
    if built_for == os.uname().release:
        return None
    return f"{FILE} is for {built_for}, and this is {os.uname().release}: tools/build-kernel KDIR OUT, and NFLUA_KERNEL_BUILD=OUT"


def modinfo(field):
    return subprocess.run(["modinfo", "--field", field, FILE], text=True, check=True,
                          stdout=subprocess.PIPE).stdout


def find_plugins():
    """iptables looks for ours, and for Debian's behind them."""
    debians = [str(path) for path in pathlib.Path("/usr/lib").glob("*/xtables")]
    os.environ["XTABLES_LIBDIR"] = ":".join([str(FOLDER), *debians])


def keep_console_quiet():
    """All but warnings: the console is a serial line, which is slow. The log has all."""
    pathlib.Path("/proc/sys/kernel/printk").write_text(CONSOLE_LEVEL)


def is_loaded():
    return LOADED.is_dir()


def load(**parameters):
    """What it needs comes first, as insmod does not look for it."""
    needed = [name for name in modinfo("depends").strip().split(",") if name]
    if needed:  # a kernel may have all of it built in
        subprocess.run(["modprobe", "--all", *needed], check=True)
    words = [f"{name}={value}" for name, value in parameters.items()]
    subprocess.run(["insmod", FILE, *words], check=True)


def try_unload():
    """Why it can't; None: it is gone."""
    done = subprocess.run(["rmmod", NAME], text=True, capture_output=True, check=False,
                          timeout=TIMEOUT_S)
    return None if done.returncode == 0 else done.stderr.strip()


def unload():
    """Waits for those who just let go of it. The kernel ends namespaces, and rules with them, one
    after the other in the background: those of many tests take a while."""
    deadline = time.monotonic() + 4 * TIMEOUT_S
    while (why := try_unload()) is not None:
        if time.monotonic() > deadline:
            raise AssertionError(f"the module stays: {why}")
        time.sleep(UNLOAD_POLL_S)


def parameter(name):
    return (LOADED / "parameters" / name).read_text().strip()


def set_parameter(name, value):
    (LOADED / "parameters" / name).write_text(str(value))


class Log:
    """What the kernel says from now on. `lines`: of all; said(): of the module."""

    def __init__(self):
        self.lines = []
        self.source = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.lseek(self.source, 0, os.SEEK_END)

    def fileno(self):
        return self.source

    def close(self):
        os.close(self.source)

    def read(self):
        """Takes what is there."""
        while True:
            try:
                record = os.read(self.source, RECORD_BYTES)
            except BlockingIOError:
                return
            except BrokenPipeError:  # the reader was too slow
                self.lines.append("(lines of the kernel's log were lost)")
                continue
            self.lines.append(self.text_of(record))

    @staticmethod
    def text_of(record):
        """The kernel writes "priority,number,time,flags;text", and a line for each device."""
        text = record.decode(errors="replace").partition(";")[2].partition("\n")[0]
        return ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text)

    def said(self, state):
        """What the module said of that state, without its name."""
        self.read()
        prefix = f"{NAME}: {state}: "
        return [line.removeprefix(prefix) for line in self.lines if line.startswith(prefix)]

    def complaints(self):
        self.read()
        return [line for line in self.lines if COMPLAINT.search(line)]

    def wait_for(self, what, condition):
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"no {what}; the kernel's log: {self.lines[-40:]}")
            select.select([self.source], [], [], min(left, 0.05))
            self.read()
