// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/verdict_writer.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datapath/queue/attributes.hpp"
#include "tests/support/queue_messages.hpp"

namespace nflua::queue {
namespace {

using namespace nflua::test;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint16_t kQueue = 5;
constexpr KernelVerdict kAccept{NF_ACCEPT, {}, {}};
constexpr KernelVerdict kDrop{NF_DROP, {}, {}};

/// One word for each part of a message, as "batch id 7 verdict 1 mark 9".
std::string describe(const nlmsghdr& message) {
  const bool is_batch = (message.nlmsg_type & 0xff) == NFQNL_MSG_VERDICT_BATCH;
  std::string text = is_batch ? "batch" : "one";
  for_each_attribute(attributes_of(message, sizeof(nfgenmsg)), [&](uint16_t type, Bytes value) {
    if (type == NFQA_VERDICT_HDR)
      text += fmt::format(" id {} verdict {:x}", value.be32(4), value.be32(0));
    if (type == NFQA_MARK) text += fmt::format(" mark {}", value.be32(0));
    if (type == NFQA_PRIORITY) text += fmt::format(" priority {}", value.be32(0));
    if (type == NFQA_PAYLOAD) text += fmt::format(" payload {}", text_of(value));
  });
  return text;
}

std::vector<std::string> messages_of(const VerdictWriter& writer) {
  std::vector<std::string> out;
  const Bytes all = writer.messages();
  auto* message = reinterpret_cast<const nlmsghdr*>(all.data());
  int left = int(all.size());
  for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
    const auto* netfilter = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(message));
    EXPECT_EQ(ntohs(netfilter->res_id), kQueue);
    out.push_back(describe(*message));
  }
  EXPECT_EQ(left, 0);
  return out;
}

struct VerdictWriterTest : testing::Test {
  VerdictWriter writer{kQueue};
};

TEST_F(VerdictWriterTest, a_run_of_equal_verdicts_is_one_batch_up_to_the_last_id) {
  for (uint32_t id = 1; id <= 3; ++id) writer.add(id, kAccept, true);
  writer.add(4, kDrop, true);
  writer.add(5, kAccept, true);
  EXPECT_THAT(messages_of(writer),
              ElementsAre("batch id 3 verdict 1", "one id 4 verdict 0", "one id 5 verdict 1"));
}

TEST_F(VerdictWriterTest, nothing_is_joined_while_a_packet_is_held) {
  writer.add(1, kAccept, true);
  writer.add(2, kAccept, false);
  writer.add(3, kAccept, false);
  writer.add(4, kAccept, true);
  writer.add(5, kAccept, true);
  EXPECT_THAT(messages_of(writer), ElementsAre("one id 1 verdict 1", "one id 2 verdict 1",
                                               "one id 3 verdict 1", "batch id 5 verdict 1"));
}

TEST_F(VerdictWriterTest, another_mark_or_priority_is_another_verdict) {
  writer.add(1, {NF_ACCEPT, 7, 0}, true);
  writer.add(2, {NF_ACCEPT, 7, 0}, true);
  writer.add(3, {NF_ACCEPT, 8, 0}, true);
  writer.add(4, {NF_ACCEPT, 8, 6}, true);
  EXPECT_THAT(messages_of(writer), ElementsAre("batch id 2 verdict 1 mark 7 priority 0",
                                               "one id 3 verdict 1 mark 8 priority 0",
                                               "one id 4 verdict 1 mark 8 priority 6"));
}

TEST_F(VerdictWriterTest, a_changed_packet_stands_alone) {
  writer.add(1, kAccept, true);
  writer.add_changed(2, kAccept, view("bytes"));
  writer.add(3, kAccept, true);
  EXPECT_THAT(
      messages_of(writer),
      ElementsAre("one id 1 verdict 1", "one id 2 verdict 1 payload bytes", "one id 3 verdict 1"));
}

TEST_F(VerdictWriterTest, a_queue_number_is_in_the_upper_half) {
  writer.add(1, {NF_QUEUE_NR(9), {}, {}}, true);
  EXPECT_THAT(messages_of(writer), ElementsAre("one id 1 verdict 90003"));
}

TEST_F(VerdictWriterTest, is_full_before_a_large_packet_more_would_not_fit_into_the_socket) {
  const Buffer large(65'000);
  writer.add_changed(1, kAccept, view(large));
  EXPECT_FALSE(writer.is_full());
  writer.add_changed(2, kAccept, view(large));
  EXPECT_TRUE(writer.is_full());
  EXPECT_LT(writer.messages().size(), 212'992u);
  writer.clear();
  EXPECT_THAT(messages_of(writer), IsEmpty());
}

TEST_F(VerdictWriterTest, nothing_joins_what_has_been_sent) {
  writer.add(1, kAccept, true);
  writer.clear();
  writer.add(2, kAccept, true);
  EXPECT_THAT(messages_of(writer), ElementsAre("one id 2 verdict 1"));
}

}  // namespace
}  // namespace nflua::queue
