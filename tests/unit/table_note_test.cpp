// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/table_note.hpp"

#include <gtest/gtest.h>

namespace nflua::queue {
namespace {

TEST(TableNote, says_which_queues_and_is_read_back) {
  EXPECT_EQ(table_note({20'000, 1}), "queues 20000-20000");
  EXPECT_EQ(parse_table_note("queues 20000-20000"), (QueueRange{20'000, 1}));
  EXPECT_EQ(parse_table_note(table_note({65'532, 4})), (QueueRange{65'532, 4}));
}

TEST(TableNote, other_comments_are_no_notes) {
  for (const char* note : {"", "queues ", "queues 5", "queues 5-", "queues 5-4", "queues 1-65536",
                           "queues 1-2 and more", "mine"})
    EXPECT_FALSE(parse_table_note(note)) << note;
}

TEST(TableNote, ranges_meet_where_they_share_a_queue) {
  const QueueRange range{10, 3};
  for (const QueueRange other : {QueueRange{12, 1}, {8, 3}, {0, 100}, {10, 3}})
    EXPECT_TRUE(range.meets(other)) << other.first;
  for (const QueueRange other : {QueueRange{13, 1}, {9, 1}, {0, 10}})
    EXPECT_FALSE(range.meets(other)) << other.first;
}

}  // namespace
}  // namespace nflua::queue
