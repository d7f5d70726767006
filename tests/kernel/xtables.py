# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules of iptables and ip6tables in a namespace, with the plug-ins that module.find_plugins() named."""
import re

FLAVOURS = ("nft", "legacy")
PROGRAMS = {4: "iptables", 6: "ip6tables"}
COUNTED = re.compile(r"^\[(\d+):\d+\]", re.MULTILINE)


class Xtables:
    def __init__(self, namespace, flavour="nft"):
        self.namespace, self.flavour = namespace, flavour

    def run(self, *words, family=4, check=True):
        return self.namespace.run(f"{PROGRAMS[family]}-{self.flavour}", *words, check=check)

    def add(self, *words, chain="FORWARD", families=(4, 6), table="filter"):
        """A rule of each family."""
        for family in families:
            self.run("-t", table, "-A", chain, *words, family=family)

    def flush(self, families=(4, 6), table="filter"):
        for family in families:
            self.run("-t", table, "-F", family=family)
            self.run("-t", table, "-X", family=family)

    def counted(self, part, families=(4, 6)):
        """How many packets the rules met whose text has this part."""
        total = 0
        for family in families:
            saved = self.namespace.run(f"{PROGRAMS[family]}-{self.flavour}-save", "-c").stdout
            total += sum(int(COUNTED.match(line)[1]) for line in saved.splitlines()
                         if line.startswith("[") and part in line)
        return total


def match(state, function, *more):
    return ["-m", "lua", "--state", state, "--function", function, *more]


def target(state, function, *more):
    return ["-j", "LUA", "--state", state, "--function", function, *more]
