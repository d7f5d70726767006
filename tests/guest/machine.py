# SPDX-License-Identifier: GPL-2.0-or-later
"""One QEMU machine that sees the host's files read-only through virtiofsd.

The guest has two ways to speak: its kernel's console, a file, and a virtio port for the command's
output. On the port, what follows a mark, random for each run, is a line of the session's: `start`,
and at last the command's exit status. Being in one stream, they can't overtake the output.
A command that has our terminal speaks there instead, through a console of virtio's, /dev/hvc0."""
import contextlib
import dataclasses
import pathlib
import resource
import secrets
import select
import shutil
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
# QEMU's own, until QEMU 8.0; and the program that has taken its place, a package of its own. The new
# one tells the guest of mounts within, which an overlay could then not cross.
OLD_VIRTIOFSD, NEW_VIRTIOFSD = "/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd"
OLD_OPTIONS = "-o source={root} -o cache=always -o log_level=err"
NEW_OPTIONS = "--shared-dir={root} --cache=always --log-level=error --no-announce-submounts"
BOOT_TIMEOUT_S = 180
READ_BYTES = 65536
# The most that select() takes for sure.
FOR_EVER_S = 10**8
# virtiofsd keeps a file open for each name that the guest knows.
MAX_OPEN_FILES = 1_000_000
# Any complaint ends the guest. A busy host stops it for long: what watches for lock-ups must wait,
# from the first moment on. And it misses ticks of the timer, which the kernel tries at its start.
KERNEL_OPTIONS = ("console=ttyS0 panic=-1 oops=panic panic_on_warn=1 softlockup_panic=1 "
                  "no_timer_check watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120")
# One CPU that takes a nanosecond for each instruction: what is read from its clocks is how many
# there were. A CPU with few features, a date and addresses that are the same each time.
COUNTING = ["-accel", "tcg", "-icount", "shift=0,sleep=off", "-cpu", "qemu64",
            "-rtc", "base=2026-01-01T00:00:00,clock=vm"]
COUNTING_KERNEL_OPTIONS = " norandmaps nokaslr"
# Five levels of page tables are slow to walk in software. QEMU 7.2 leaves garbage in the flags
# behind cmpxchg16b, which kernels of 6.12 have in their way to memory: they trap at random.
FAST = ["-accel", "tcg,thread=multi", "-cpu", "max,la57=off,cx16=off"]


@dataclasses.dataclass
class End:
    """How a run ended. No status: it did not come to its end."""
    started: bool = False
    timed_out: bool = False
    status: int | None = None


class Output:
    """Parts the port's stream into the command's output and the session's lines."""

    def __init__(self, mark):
        self.mark = mark
        self.buffer = b""

    def feed(self, data):
        """Yields (output, None) and (None, the session's word)."""
        self.buffer += data
        while self.mark in self.buffer:
            output, rest = self.buffer.split(self.mark, 1)
            if b"\n" not in rest:
                break
            word, self.buffer = rest.split(b"\n", 1)
            yield output, None
            yield None, word.decode()
        whole = len(self.buffer) - self.length_of_partial_mark()
        yield self.buffer[:whole], None
        self.buffer = self.buffer[whole:]

    def length_of_partial_mark(self):
        at = self.buffer.find(self.mark)
        if at >= 0:
            return len(self.buffer) - at
        return next((n for n in range(len(self.mark) - 1, 0, -1)
                     if self.buffer.endswith(self.mark[:n])), 0)


def file_server():
    """virtiofsd's path, and its options as a pattern with {root}."""
    if shutil.which(NEW_VIRTIOFSD):
        return NEW_VIRTIOFSD, NEW_OPTIONS
    return OLD_VIRTIOFSD, OLD_OPTIONS


def end_process(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Machine:
    """Lives in `folder`, for one run. has_terminal: the command has ours."""

    def __init__(self, folder, kernel, memory_mb, cpus, counts_instructions=False,
                 has_terminal=False):
        self.folder, self.kernel = folder, kernel
        self.memory_mb, self.cpus = memory_mb, cpus
        self.has_terminal = has_terminal
        self.processor = COUNTING if counts_instructions else FAST
        self.options = KERNEL_OPTIONS + (COUNTING_KERNEL_OPTIONS if counts_instructions else "")
        self.mark = f"\x1e{secrets.token_hex(16)}\x1e"

    def run(self, script, timeout_s):
        self.write_initramfs(script)
        with contextlib.ExitStack() as ending, open(self.folder / "errors", "wb") as errors:
            ending.callback(end_process, self.share_files(errors))
            port, far_end = socket.socketpair()
            ending.callback(port.close)
            with far_end:
                ending.callback(end_process, self.start_qemu(far_end.fileno(), errors))
            return self.watch(port, timeout_s)

    def log(self):
        """What the guest's kernel said, or what kept it from starting."""
        logs = (self.folder / name for name in ("errors", "console"))
        return "".join(log.read_text(errors="replace") for log in logs if log.exists())

    def write_initramfs(self, script):
        """get-kernel's archive and, after it, one of what is this run's."""
        guest = self.folder / "guest"
        guest.mkdir()
        for name, text in (("command", script), ("kernel", str(self.kernel)), ("mark", self.mark),
                           ("session", (HERE / "session").read_text()),
                           ("leaks", (HERE / "leaks").read_text())):
            (guest / name).write_text(text)
        if self.has_terminal:
            (guest / "terminal").touch()
        (self.folder / "init").write_text((HERE / "init").read_text())
        (self.folder / "init").chmod(0o755)
        names = "init\nguest\n" + "".join(f"guest/{path.name}\n" for path in guest.iterdir())
        packed = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=names.encode(),
                                cwd=self.folder, stdout=subprocess.PIPE, check=True).stdout
        boot = (self.kernel / "boot.cpio").read_bytes()
        (self.folder / "initramfs").write_bytes(boot + packed)

    def share_files(self, errors):
        """Starts virtiofsd on a read-only view of the host's files, which only it has."""
        root = self.folder / "root"
        root.mkdir()
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self.folder / "files"))
            listening.listen(1)
            open_files = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], MAX_OPEN_FILES)
            program, options = file_server()
            command = (f"mount --rbind / {root} && mount -o remount,bind,ro {root} && "
                       f"exec {program} --fd={listening.fileno()} "
                       f"{options.format(root=root)} --rlimit-nofile={open_files}")
            return subprocess.Popen(["unshare", "--mount", "sh", "-c", command],
                                    stdin=subprocess.DEVNULL, stderr=errors,
                                    pass_fds=[listening.fileno()])

    def terminal_options(self):
        """QEMU hands every key to the guest, and sets the terminal right again at its end."""
        if not self.has_terminal:
            return []
        return ["-chardev", "stdio,id=terminal,signal=off",
                "-device", "virtconsole,nr=0,chardev=terminal"]

    def start_qemu(self, port, errors):
        """Should we be killed, QEMU ends as well."""
        memory = f"memory-backend-memfd,id=memory,share=on,size={self.memory_mb}M"
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64",
             *self.processor, "-smp", str(self.cpus),
             "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
             "-machine", "q35,memory-backend=memory", "-m", f"{self.memory_mb}M", "-object", memory,
             "-chardev", f"socket,id=files,path={self.folder}/files",
             "-device", "vhost-user-fs-pci,chardev=files,tag=host",
             "-device", "virtio-serial-pci", "-chardev", f"socket,id=output,fd={port}",
             "-device", "virtserialport,nr=1,chardev=output", *self.terminal_options(),
             "-serial", f"file:{self.folder}/console",
             "-kernel", self.kernel / "vmlinuz", "-initrd", self.folder / "initramfs",
             "-append", self.options],
            stdin=None if self.has_terminal else subprocess.DEVNULL, stderr=errors, pass_fds=[port])

    def watch(self, port, timeout_s):
        """Passes the output on until the status comes, the machine ends or time is up."""
        end, parts = End(), Output(self.mark.encode())
        deadline = time.monotonic() + BOOT_TIMEOUT_S
        while end.status is None:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([port], [], [], min(left, FOR_EVER_S))[0]:
                end.timed_out = True
                break
            data = port.recv(READ_BYTES)
            if not data:
                break
            for output, word in parts.feed(data):
                if word == "start":
                    end.started, deadline = True, time.monotonic() + timeout_s
                elif word:
                    end.status = int(word)
                else:
                    sys.stdout.buffer.write(output)
            sys.stdout.buffer.flush()
        return end
