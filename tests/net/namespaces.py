# SPDX-License-Identifier: GPL-2.0-or-later
"""Throw-away networks for live tests.

    client                        router                         server
    eth0 10.77.1.2   ──────  lan0 10.77.1.1
         fd77:1::2                fd77:1::1
                             wan0 10.77.2.1   ──────   eth0 10.77.2.2
                                  fd77:2::1                 fd77:2::2       Routed

    eth0 10.77.1.2   ──────  lan0 ┐
         fd77:1::2                ├ br0 10.77.1.1
                             wan0 ┘     fd77:1::1  ──  eth0 10.77.1.3
                                                            fd77:1::3       Bridged

A namespace has no name and no process: a file descriptor of the suite keeps it. It is gone when the
suite is, however that ends. `nsenter --net=/proc/PID/fd/N` looks into one while a test waits.
What needs another network lays it over Routed: masquerade(), dnat(), or rules of its own.
"""
import contextlib
import ctypes
import fcntl
import os
import select
import socket
import struct
import subprocess
import threading

CLONE_NEWNET = 0x40000000
TUN = "/dev/net/tun"
# Far above what anything takes here: what hangs fails. An emulated guest is slower.
TIMEOUT_S = int(os.environ.get("NFLUA_TEST_TIMEOUT_S", "20"))

ROUTER_LAN = {4: "10.77.1.1", 6: "fd77:1::1"}
ROUTER_WAN = {4: "10.77.2.1", 6: "fd77:2::1"}
CLIENT = {4: "10.77.1.2", 6: "fd77:1::2"}
SERVER = {4: "10.77.2.2", 6: "fd77:2::2"}
BRIDGED_SERVER = {4: "10.77.1.3", 6: "fd77:1::3"}
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}

libc = ctypes.CDLL(None, use_errno=True)


def check_errno(result, what):
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def own_namespace():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def outer_id(inner):
    """What the kernel calls this uid or gid outside our user namespace."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        for line in file:
            inside, outside, count = map(int, line.split())
            if inside <= inner < inside + count:
                return str(outside + inner - inside)
    raise AssertionError(f"{inner} is not mapped")


class Namespace:
    """A network namespace. What is made inside `entered()`, socket or program, belongs to it."""

    def __init__(self):
        self.fd = self.make()
        # Addresses count at once: nobody else here could have them.
        self.sysctl("ipv6/conf/default/accept_dad", 0)
        self.sysctl("ipv6/conf/all/accept_dad", 0)
        self.ip("link set lo up")

    def make(self):
        """Returns a descriptor of it."""
        home = own_namespace()
        try:
            check_errno(libc.unshare(CLONE_NEWNET), "unshare(CLONE_NEWNET)")
            return own_namespace()
        finally:
            check_errno(libc.setns(home, CLONE_NEWNET), "setns")
            os.close(home)

    def close(self):
        os.close(self.fd)

    @contextlib.contextmanager
    def entered(self):
        """This thread is in the namespace; the suite's other threads are not."""
        home = own_namespace()
        check_errno(libc.setns(self.fd, CLONE_NEWNET), "setns")
        try:
            yield
        finally:
            check_errno(libc.setns(home, CLONE_NEWNET), "setns")
            os.close(home)

    def socket(self, family, kind, protocol=0):
        with self.entered():
            made = socket.socket(family, kind, protocol)
        made.settimeout(TIMEOUT_S)
        return made

    def start(self, *command, **options):
        """Owns: the caller, which waits for it."""
        with self.entered():
            return subprocess.Popen([str(word) for word in command], **options)

    def run(self, *command, input=None, check=True):
        """Runs a program to its end. Output as text, both streams; `check`: it must succeed."""
        with self.entered():
            done = subprocess.run([str(word) for word in command], input=input, text=True,
                                  capture_output=True, timeout=TIMEOUT_S, errors="replace")
        if check and done.returncode != 0:
            raise AssertionError(f"{command}: status {done.returncode}: {done.stderr}{done.stdout}")
        return done

    def ip(self, *lines):
        self.run("ip", "-batch", "-", input="\n".join(lines) + "\n")

    def nft(self, rules):
        self.run("nft", "-f", "-", input=rules)

    def sysctl(self, name, value):
        with self.entered(), open("/proc/sys/net/" + name, "w", encoding="ascii") as file:
            file.write(str(value))


def connect(near, device, far, far_device):
    """A cable: a pair of veth devices, with their offloads, so that GSO packets occur."""
    far_pid_fd = f"/proc/{os.getpid()}/fd/{far.fd}"
    near.ip(f"link add {device} type veth peer name {far_device} netns {far_pid_fd}")


class Tunnel(threading.Thread):
    """Two TUN devices; the thread carries packets from each to the other."""

    TUNSETIFF = 0x400454CA
    IFF_TUN_NO_PI = 0x1001
    MAX_PACKET = 65535

    def __init__(self, near, device, far, far_device):
        super().__init__(daemon=True)
        self.ends = [self.open(near, device), self.open(far, far_device)]
        self.woken, self.wake = os.pipe()
        self.start()

    def open(self, namespace, device):
        with namespace.entered():
            end = os.open(TUN, os.O_RDWR | os.O_CLOEXEC)
        request = struct.pack("16sH22x", device.encode(), self.IFF_TUN_NO_PI)
        fcntl.ioctl(end, self.TUNSETIFF, request)
        return end

    def run(self):
        others = dict(zip(self.ends, reversed(self.ends)))
        while True:
            ready, _, _ = select.select([self.woken, *self.ends], [], [])
            if self.woken in ready:
                return
            for end in ready:
                with contextlib.suppress(OSError):  # the other end is not up yet
                    os.write(others[end], os.read(end, self.MAX_PACKET))

    def close(self):
        os.write(self.wake, b"x")
        self.join()
        for descriptor in (*self.ends, self.woken, self.wake):
            os.close(descriptor)


class Network:
    """Client, router and server. Owns: its namespaces."""

    server_addresses = SERVER

    def __init__(self):
        self.client, self.router, self.server = Namespace(), Namespace(), Namespace()
        self.connect_client()
        connect(self.router, "wan0", self.server, "eth0")

    def connect_client(self):
        connect(self.router, "lan0", self.client, "eth0")

    def close(self):
        for namespace in (self.client, self.router, self.server):
            namespace.close()


def end_device(namespace, addresses, gateways=None):
    lines = [f"addr add {addresses[4]}/24 dev eth0", f"addr add {addresses[6]}/64 dev eth0 nodad",
             "link set eth0 up"]
    for gateway in (gateways or {}).values():
        lines.append(f"route add default via {gateway}")
    namespace.ip(*lines)


def router_device(namespace, device, addresses):
    namespace.ip(f"addr add {addresses[4]}/24 dev {device}",
                 f"addr add {addresses[6]}/64 dev {device} nodad", f"link set {device} up")


class Routed(Network):
    def __init__(self):
        super().__init__()
        self.router.sysctl("ipv4/ip_forward", 1)
        self.router.sysctl("ipv6/conf/all/forwarding", 1)
        router_device(self.router, "lan0", ROUTER_LAN)
        router_device(self.router, "wan0", ROUTER_WAN)
        end_device(self.client, CLIENT, ROUTER_LAN)
        end_device(self.server, SERVER, ROUTER_WAN)

    def masquerade(self):
        """The server sees the router's outer address."""
        self.router.nft("""table inet test_masquerade {
            chain outward {
                type nat hook postrouting priority srcnat
                oifname wan0 masquerade
            }
        }""")

    def dnat(self, port, to_port):
        """The router's inner addresses serve as the server's, at this port."""
        self.router.nft(f"""table inet test_dnat {{
            chain inward {{
                type nat hook prerouting priority dstnat
                ip daddr {ROUTER_LAN[4]} tcp dport {port} dnat ip to {SERVER[4]}:{to_port}
                ip6 daddr {ROUTER_LAN[6]} tcp dport {port} dnat ip6 to [{SERVER[6]}]:{to_port}
            }}
        }}""")


class Tunnelled(Routed):
    """Routed, but the client sits behind a pair of TUN devices, which have no link layer."""

    def connect_client(self):
        self.tunnel = Tunnel(self.router, "lan0", self.client, "eth0")

    def close(self):
        self.tunnel.close()
        super().close()


class Bridged(Network):
    server_addresses = BRIDGED_SERVER

    def __init__(self):
        super().__init__()
        self.router.ip("link add br0 type bridge", "link set lan0 master br0",
                       "link set wan0 master br0", "link set lan0 up", "link set wan0 up")
        router_device(self.router, "br0", ROUTER_LAN)
        end_device(self.client, CLIENT)
        end_device(self.server, BRIDGED_SERVER)
        for name in ("iptables", "ip6tables"):
            self.router.sysctl("bridge/bridge-nf-call-" + name, 1)
