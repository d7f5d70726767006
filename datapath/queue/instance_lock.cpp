// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/instance_lock.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>

namespace nflua::queue {

std::unique_ptr<InstanceLock> InstanceLock::take(const std::string& name) {
  FileDescriptor file(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  // A zero in front makes it abstract.
  const size_t size = name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
  const auto length = socklen_t(offsetof(sockaddr_un, sun_path) + 1 + size);
  if (bind(file.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) return nullptr;
  return std::unique_ptr<InstanceLock>(new InstanceLock(std::move(file)));
}

}  // namespace nflua::queue
