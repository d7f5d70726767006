// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as a message of the kernel's queue, and its parts as a packet and as a connection: all
// that the live datapath reads of them stays within the message.
// Input: the attributes of an NFQNL_MSG_PACKET message.
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>

#include "datapath/queue/kernel_conntrack.hpp"
#include "datapath/queue/mss_table.hpp"
#include "datapath/queue/priority.hpp"
#include "datapath/queue/queued_packet.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/support/packets.hpp"

namespace nflua::fuzz {
namespace {

bool lies_within(Bytes part, Bytes whole) {
  return part.empty() || (part.begin() >= whole.begin() && part.end() <= whole.end());
}

test::Buffer message_of(Bytes attributes) {
  test::Buffer message(MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(nfgenmsg)));
  message.insert(message.end(), attributes.begin(), attributes.end());
  auto* header = reinterpret_cast<nlmsghdr*>(message.data());
  header->nlmsg_len = uint32_t(message.size());
  header->nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET;
  return message;
}

}  // namespace
}  // namespace nflua::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace nflua;
  using namespace nflua::fuzz;
  const test::Buffer message = message_of({data, size});
  queue::QueuedPacket packet;
  if (!queue::parse_queued_packet(*reinterpret_cast<const nlmsghdr*>(message.data()), packet))
    return 0;
  for (const Bytes part :
       {packet.payload, packet.source_link_address, packet.link_header, packet.connection})
    require(lies_within(part, test::view(message)), "a view lies within its message");
  require(packet.wire_bytes >= packet.payload.size(), "no more is copied than there is");
  const queue::Connection connection = queue::read_connection(packet.connection);
  (void)queue::read_connection_id(packet.connection);
  if (const Result<Tuple> tuple = parse_tuple(packet.payload))
    (void)queue::tuple_towards_sender(*tuple, connection);
  (void)queue::original_priority(packet.hook, packet.payload);
  queue::MssTable table;
  table.learn(packet.payload);
  (void)table.of_sender(packet.payload);
  return 0;
}
