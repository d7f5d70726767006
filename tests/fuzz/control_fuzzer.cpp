// SPDX-License-Identifier: GPL-2.0-or-later
// Datagrams of four clients to one server: its bounds hold, and what it takes for a command is
// again that command when a correct client sends it. Each datagram is also read as a reply.
// Input, again and again: what happens (1 byte, see Step), what it takes, the datagram.
#include "control/reassembly.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace nflua::fuzz {
namespace {

using namespace control;

constexpr Limits kLimits(4096);

// Bits of the first byte.
enum Step : uint8_t {
  kPort = 3,
  kAsIs = 4,  // length (2 bytes), then the datagram; else type, flags, number, length of the body
  kTime = 8,  // tenths of a second pass (1 byte)
  kVanished = 16  // the client did, before
};

ByteView taken(Choices& choices, size_t size) {
  const Bytes bytes = choices.bytes(size);
  return {bytes.data(), bytes.size()};
}

Message as_is(Choices& choices) {
  const ByteView bytes = taken(choices, choices.u16());
  return {bytes.begin(), bytes.end()};
}

Message with_true_length(Choices& choices) {
  nlmsghdr header = {};
  header.nlmsg_type = choices.byte();
  header.nlmsg_flags = choices.byte();
  header.nlmsg_seq = choices.byte();
  const ByteView body = taken(choices, choices.u16());
  header.nlmsg_len = static_cast<uint32_t>(sizeof header + body.size());
  const auto* bytes = reinterpret_cast<const uint8_t*>(&header);
  Message message(bytes, bytes + sizeof header);
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

void require_same_when_sent_again(const Received& received) {
  const Stamp stamp = {received.sequence};
  const std::vector<Message> messages = encode(stamp, received.command, kLimits);
  require(!messages.empty(), "a command that was received can be sent");
  Reassembler other(kLimits);
  for (const Message& message : messages) {
    const Outcome outcome = other.receive(0, message, Milliseconds(0));
    const auto* again = std::get_if<Received>(&outcome);
    const bool is_last = &message == &messages.back();
    require(is_last == (again != nullptr), "the last message completes the command");
    if (again)
      require(encode(stamp, again->command, kLimits) == messages, "the same command comes out");
  }
}

void require_sound(const Outcome& outcome, const Message& message) {
  const auto header = read_request_header(message);
  if (const auto* refused = std::get_if<Refused>(&outcome))
    require(header && header->nlmsg_seq == refused->sequence, "an error bears its number");
  const auto* received = std::get_if<Received>(&outcome);
  if (!received) return;
  require(header && header->nlmsg_seq == received->sequence, "a command bears its number");
  require_same_when_sent_again(*received);
}

void require_bounds(const Reassembler& server) {
  require(server.half_sent() <= NFLUA_MAX_HALF_SENT, "half-sent commands are bounded");
  require(server.half_sent() <= server.ports(), "who half sent a command is remembered");
}

/// The messages of a reply, put together.
struct Replies {
  ListAssembler list;
  TextAssembler text;
};

Progress add_rows(const ListPart& part, ListAssembler& list) {
  const Progress progress = list.add(part);
  if (progress == Progress::complete)
    require(!encode_list({}, list.states(), kLimits).empty(), "a list can be sent again");
  return progress;
}

Progress add_bytes(const TextPart& part, TextAssembler& text) {
  const Progress progress = text.add(part);
  require(text.text().size() <= NFLUA_MAX_TEXT_BYTES, "a text stays in its bound");
  if (progress == Progress::complete)
    require(!encode_text({}, part.type, text.text(), kLimits).empty(), "a text can be sent again");
  return progress;
}

/// False: it was no part of a list or text, or the last.
bool add_reply(const Message& message, Replies& replies) {
  const auto reply = decode_reply(message, kLimits);
  if (!reply) return false;
  if (const auto* data = std::get_if<Data>(&*reply))
    require(encode_data_from_state({}, *data, kLimits).has_value(), "data can be sent again");
  if (const auto* part = std::get_if<ListPart>(&*reply))
    return add_rows(*part, replies.list) == Progress::more;
  if (const auto* part = std::get_if<TextPart>(&*reply))
    return add_bytes(*part, replies.text) == Progress::more;
  return false;
}

void run(Choices choices) {
  Reassembler server(kLimits);
  Replies replies;
  Milliseconds now{0};
  while (!choices.rest().empty()) {
    const uint8_t step = choices.byte();
    const uint32_t port = step & kPort;
    if (step & kTime) now += Milliseconds(100) * choices.byte();
    if (step & kVanished) server.forget(port);
    const Message message = step & kAsIs ? as_is(choices) : with_true_length(choices);
    require_sound(server.receive(port, message, now), message);
    require_bounds(server);
    if (!add_reply(message, replies)) replies = {};
  }
  server.expire(now + kSilence);
  require(server.ports() == 0 && server.half_sent() == 0, "who is silent is forgotten");
}

}  // namespace
}  // namespace nflua::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace nflua;
  fuzz::run(fuzz::Choices({data, size}));
  return 0;
}
