// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/accounting.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

namespace nflua::queue {

namespace {

constexpr const char* kSwitch = "/proc/sys/net/netfilter/nf_conntrack_acct";
constexpr const char* kAddresses = "/proc/net/unix";

// Abstract Unix addresses, as all of a network namespace see them.
constexpr const char* kWasOff = "nflua_accounting_was_off_";
constexpr const char* kWasOn = "nflua_accounting_was_on_";
constexpr const char* kBoth = "@nflua_accounting_was_";
constexpr const char* kTurn = "nflua_accounting_turn";
/// Processes of one namespace; more have no mark, and leave the switch as they find it.
constexpr int kMaxMarks = 1024;

/// Between looking at the switch and leaving a mark no other process does so. Nobody takes longer
/// than a moment, so after a second who has it hangs, and is not waited for.
std::unique_ptr<InstanceLock> take_turn() {
  constexpr int kTries = 1000;
  for (int i = 0; i < kTries; ++i) {
    if (auto turn = InstanceLock::take(kTurn)) return turn;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return nullptr;
}

std::optional<int> read_switch() {
  std::ifstream in(kSwitch);
  int value = 0;
  if (in >> value) return value;
  return {};
}

/// Returns 0 or an errno.
int write_switch(char value) {
  const FileDescriptor file(open(kSwitch, O_WRONLY | O_CLOEXEC));
  return file.get() >= 0 && write(file.get(), &value, 1) == 1 ? 0 : errno;
}

bool is_there(const std::string& address_start) {
  std::ifstream addresses(kAddresses);
  for (std::string line; std::getline(addresses, line);)
    if (line.find(address_start) != line.npos) return true;
  return false;
}

std::unique_ptr<InstanceLock> leave_mark(const char* name) {
  for (int i = 0; i < kMaxMarks; ++i)
    if (auto mark = InstanceLock::take(fmt::format("{}{}", name, i))) return mark;
  return nullptr;
}

}  // namespace

void Accounting::ask() {
  if (mark_) return;
  const auto turn = take_turn();
  const std::optional<int> value = read_switch();
  if (!value) return;
  if (*value == 0) {
    refusal_ = write_switch('1');
    if (refusal_ != 0) return;
    is_switched_on_ = true;
  }
  was_off_ = is_switched_on_ || is_there(std::string("@") + kWasOff);
  mark_ = leave_mark(was_off_ ? kWasOff : kWasOn);
}

void Accounting::release() {
  if (!mark_) return;
  const auto turn = take_turn();
  mark_.reset();
  if (was_off_ && !is_there(kBoth)) write_switch('0');
}

}  // namespace nflua::queue
