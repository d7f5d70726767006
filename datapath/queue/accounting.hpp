// SPDX-License-Identifier: GPL-2.0-or-later
// Whether conntrack counts packets and bytes, in this network namespace: switched on while an nflua
// asks for it, and off again after the last one if it was off before the first.
//
//   ask* → release
// Each process leaves a mark that the others see and that goes with it, however it ends. After a
// kill the kernel's switch stays as it is.
#pragma once

#include <memory>

#include "datapath/queue/instance_lock.hpp"

namespace nflua::queue {

class Accounting {
 public:
  Accounting() = default;
  Accounting(const Accounting&) = delete;
  Accounting& operator=(const Accounting&) = delete;
  ~Accounting() { release(); }

  /// Where the kernel has no such switch yet, it may be asked again.
  void ask();
  /// Nothing of ours looks at counters any more.
  void release();

  /// It was off, and is on for us.
  bool is_switched_on() const { return is_switched_on_; }
  /// It is off, and can't be switched on: an errno; 0: that is not so.
  int refusal() const { return refusal_; }

 private:
  bool is_switched_on_ = false;
  int refusal_ = 0;
  /// It was off before the first of us asked.
  bool was_off_ = false;
  std::unique_ptr<InstanceLock> mark_;
};

}  // namespace nflua::queue
