// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/kernel_counters.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace nflua::queue {
namespace {

constexpr const char* kTwoQueues =
    "    0   4711    12 2 65531    34    56     7890  1\n"
    "20000 -2147 3 2 128 1 2 3 1\n"
    "    7 4294967295     0 2 65531     5     6        1  1\n";

TEST(KernelCounters, are_those_of_the_queue_asked_for) {
  std::istringstream in(kTwoQueues);
  const auto counters = find_kernel_counters(in, 7);
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->port, 4294967295u);
  EXPECT_EQ(counters->waiting, 0u);
  EXPECT_EQ(counters->queue_full, 5u);
  EXPECT_EQ(counters->socket_full, 6u);
}

TEST(KernelCounters, read_the_columns_in_order) {
  std::istringstream in(kTwoQueues);
  const auto counters = find_kernel_counters(in, 0);
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->port, 4711u);
  EXPECT_EQ(counters->waiting, 12u);
  EXPECT_EQ(counters->queue_full, 34u);
  EXPECT_EQ(counters->socket_full, 56u);
}

TEST(KernelCounters, a_queue_that_nobody_serves_has_none) {
  std::istringstream in(kTwoQueues);
  EXPECT_FALSE(find_kernel_counters(in, 1));
  std::istringstream empty("");
  EXPECT_FALSE(find_kernel_counters(empty, 0));
}

TEST(KernelCounters, a_line_that_is_cut_off_is_no_queue) {
  std::istringstream in("0 4711 12 2 65531\n");
  EXPECT_FALSE(find_kernel_counters(in, 0));
}

}  // namespace
}  // namespace nflua::queue
