// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/kernel_counters.hpp"

#include <fstream>
#include <sstream>
#include <string>

namespace nflua::queue {

std::optional<KernelCounters> find_kernel_counters(std::istream& in, uint16_t number) {
  for (std::string line; std::getline(in, line);) {
    std::istringstream columns(line);
    KernelCounters counters;
    uint32_t queue = 0;
    uint32_t copy_mode = 0;
    uint32_t copy_range = 0;
    columns >> queue >> counters.port >> counters.waiting >> copy_mode >> copy_range >>
        counters.queue_full >> counters.socket_full >> counters.numbered;
    if (columns && queue == number) return counters;
  }
  return {};
}

std::optional<KernelCounters> read_kernel_counters(uint16_t number) {
  std::ifstream file("/proc/self/net/netfilter/nfnetlink_queue");
  return find_kernel_counters(file, number);
}

std::optional<uint32_t> listener_of(uint16_t number) {
  const std::optional<KernelCounters> counters = read_kernel_counters(number);
  if (!counters) return {};
  return counters->port;
}

}  // namespace nflua::queue
