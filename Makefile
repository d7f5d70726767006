# SPDX-License-Identifier: GPL-2.0-or-later
# Short names for what people do; cmake and tools/ do the work. `make help` lists them.
# DESTDIR and PREFIX are install's, as everywhere.
PREFIX ?= /usr/local
SOAK_SECONDS ?= 300
KERNEL_SOAK_SECONDS ?= 600
# Debian 12's, else Debian 13's.
CLANG = $(firstword $(foreach version,14 19,$(if $(shell command -v clang-$(version)),$(version))))
CONFIGURE = cmake --log-level=WARNING --preset
BUILD = cmake --build --preset

.PHONY: all demo check check-userspace check-browser check-debian13 check-kernels kernel guest debug-kernel check-debug bench bench-kernel soak fuzz docs install \
    clean help

all: ## build the command, build/nflua, and the modules for Lua programs
	@tools/install-packages.sh build
	@$(CONFIGURE) release >/dev/null
	@$(BUILD) release --target nflua manual lua_modules
	@ln -sfn release/cli/nflua build/nflua

demo: all ## show a filter at work on live traffic
	@tools/install-packages.sh demo
	@tools/demo

check: ## every check that CI makes, the fast ones first
	@tools/install-packages.sh build check demo guest kernel
	@tools/check

check-userspace: ## the checks that need no guest, without the sanitizers
	@tools/install-packages.sh build check demo
	@tools/check userspace

check-debian13: ## check-userspace, in a root of Debian 13 that debootstrap makes
	@tools/install-packages.sh roots
	@tools/in-root trixie make check-userspace

check-kernels: ## the module's tests on the kernels of Debian 12, 13 and their backports: an hour or more
	@tools/install-packages.sh roots
	@tools/check-kernels

check-browser: ## run examples/sni_block.lua against Chromium and other TLS clients: 2 minutes
	@tools/install-packages.sh build check browser
	@$(CONFIGURE) release >/dev/null
	@$(BUILD) release --target nflua
	@tests/net/run build/release/cli/nflua browser

kernel: ## build xt_lua.ko and its iptables plug-ins for the running kernel, build/kernel (KDIR=its build folder)
	@tools/install-packages.sh build kernel
	@tools/build-kernel $(KDIR)

guest: all ## a shell on Debian's kernel in QEMU, with the module and two namespaces
	@tools/install-packages.sh kernel guest
	@tools/build-kernel --guest
	@tests/guest/run --terminal tests/guest/shell

debug-kernel: ## build a kernel that finds what is wrong in our module, once: 10 minutes or more
	@tools/install-packages.sh debug-kernel
	@tests/guest/get-debug-kernel

check-debug: ## run the guest's tests on that kernel
	@tools/install-packages.sh build check guest debug-kernel
	@tools/check-debug

bench: ## compare the speed with other ways to do the same
	@tools/install-packages.sh build bench
	@$(CONFIGURE) release >/dev/null
	@$(BUILD) release
	@bench/run build/release
	@bench/queue/run build/release

bench-kernel: ## count a packet's instructions in the kernel, by rules of iptables' own and by ours
	@tools/install-packages.sh build kernel guest
	@tools/build-kernel --guest
	@$(BUILD) release --target nflua kernel_sender
	@bench/kernel/run build/release build/guest/module

soak: ## a million packets and minutes of each other kind of load (SOAK_SECONDS=N), the module too
	@tools/install-packages.sh build check kernel guest
	@tools/build-kernel --guest
	@$(CONFIGURE) release
	@$(BUILD) release --target nflua
	@NFLUA_SOAK_S=$(SOAK_SECONDS) NFLUA_SOAK_PACKETS=1000000 \
	    tests/net/run build/release/cli/nflua soak
	@tests/guest/run --timeout $$(($(KERNEL_SOAK_SECONDS) * 8)) env NFLUA_SOAK_S=$(KERNEL_SOAK_SECONDS) \
	    NFLUA_TEST_TIMEOUT_S=60 tests/kernel/run build/release/cli/nflua soak

fuzz: ## run each fuzzer for 60 s (FUZZ_SECONDS=N)
	@tools/install-packages.sh build fuzz
	@$(CONFIGURE) fuzz -DCMAKE_C_COMPILER=clang-$(CLANG) -DCMAKE_CXX_COMPILER=clang++-$(CLANG) >/dev/null
	@$(BUILD) fuzz
	@tools/fuzz build/fuzz

docs: ## write docs/cli.md and docs/stats.md again, from what the command is built from
	@$(CONFIGURE) release >/dev/null
	@$(BUILD) release --target nflua-docs
	@build/release/cli/nflua-docs markdown > docs/cli.md
	@build/release/cli/nflua-docs stats > docs/stats.md

install: all ## install command, manual, modules for Lua, documents and examples
	@cmake --install build/release --prefix $(PREFIX)
	@[ ! -f build/release/iptables/libxt_lua.so ] || \
	    cmake --install build/release --component xtables

clean: ## remove all that was built
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
