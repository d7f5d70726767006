# SPDX-License-Identifier: GPL-2.0-or-later
"""Netfilter's hooks in QEMU."""
from namespaces import Namespace

CHAINS = ("prerouting", "input", "forward", "output", "postrouting")


def keep_in_use():
    """As long as the namespace lives that this returns, each hook is used by someone. Else the kernel
    changes its own code whenever the first user comes or the last one goes, and under load QEMU's CPUs
    have been seen to trap there for ever."""
    namespace = Namespace()
    chains = "".join(f"chain {hook} {{ type filter hook {hook} priority 0; }}\n" for hook in CHAINS)
    namespace.nft(f"table inet idle {{\n{chains}}}")
    return namespace
