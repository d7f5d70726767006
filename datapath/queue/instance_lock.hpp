// SPDX-License-Identifier: GPL-2.0-or-later
// At most one process of a network namespace has the lock of a name; it is gone with the process.
#pragma once

#include <memory>
#include <string>

#include "support/file_descriptor.hpp"

namespace nflua::queue {

class InstanceLock {
 public:
  /// nullptr: another process has it.
  static std::unique_ptr<InstanceLock> take(const std::string& name);

 private:
  explicit InstanceLock(FileDescriptor socket) : socket_(std::move(socket)) {}

  /// Bound to the name among the abstract Unix addresses, which each network namespace has its own.
  FileDescriptor socket_;
};

}  // namespace nflua::queue
