#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The two links of make-captures.sh that a plain kernel may lack; runs until it is killed.

  wire.py trunk VLAN[.VLAN] ACCESS_A TRUNK_A TRUNK_B ACCESS_B
      Two switches in one: a frame from ACCESS_A leaves TRUNK_A with the tags pushed, one that comes
      in at TRUNK_B loses them and leaves at ACCESS_B; and back. Two VLANs: 802.1ad outside.
  wire.py tun NETNS_A DEVICE_A NETNS_B DEVICE_B
      A TUN device in each namespace, and a wire between them.
"""
import ctypes
import fcntl
import os
import select
import socket
import struct
import sys

ETH_P_ALL = 3
ETH_P_8021Q = 0x8100
ETH_P_8021AD = 0x88A8
MACS_BYTES = 12
TAG_BYTES = 4
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
FRAME_BYTES = 65536


def untagged(frame):
    """The kernel strips the outer tag of a received frame, not the inner one."""
    while struct.unpack_from(">H", frame, MACS_BYTES)[0] in (ETH_P_8021Q, ETH_P_8021AD):
        frame = frame[:MACS_BYTES] + frame[MACS_BYTES + TAG_BYTES :]
    return frame


def trunk(vlans, *devices):
    numbers = [int(vlan) for vlan in vlans.split(".")]
    types = [ETH_P_8021Q] if len(numbers) == 1 else [ETH_P_8021AD, ETH_P_8021Q]
    tags = b"".join(struct.pack(">HH", *tag) for tag in zip(types, numbers))
    ports = []
    for device in devices:
        port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        port.bind((device, ETH_P_ALL))
        ports.append(port)
    access_a, trunk_a, trunk_b, access_b = ports
    push = {access_a: trunk_a, access_b: trunk_b}
    pop = {trunk_a: access_a, trunk_b: access_b}
    while True:
        for port in select.select(ports, [], [])[0]:
            frame, address = port.recvfrom(FRAME_BYTES)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            if port in push:
                push[port].send(frame[:MACS_BYTES] + tags + frame[MACS_BYTES:])
            else:
                pop[port].send(untagged(frame))


def open_tun(netns, device):
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{netns}", "rb") as namespace:
        if libc.setns(namespace.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {netns}")
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN_NO_PI))
    return tun


def tun(netns_a, device_a, netns_b, device_b):
    a = open_tun(netns_a, device_a)
    b = open_tun(netns_b, device_b)
    other = {a: b, b: a}
    while True:
        for end in select.select([a, b], [], [])[0]:
            packet = os.read(end, FRAME_BYTES)
            try:
                os.write(other[end], packet)
            except OSError:
                pass  # that end is not up yet: a wire loses what nobody takes


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ("trunk", "tun"):
        sys.exit(__doc__)
    {"trunk": trunk, "tun": tun}[sys.argv[1]](*sys.argv[2:])
