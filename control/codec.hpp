// SPDX-License-Identifier: GPL-2.0-or-later
// Control messages between bytes and C++ (docs/protocol.md): each function is pure, and believes no
// length that it did not compare with what is there.
//
//   client: encode(stamp, command, limits) → send each … receive → decode_reply() → ListParts,
//   TextParts server: receive → Reassembler (reassembly.hpp) → encode_done(), encode_error(),
//   encode_list(),
//                                                   encode_text()
//
// Borrows: what is decoded, from the datagram. Errors: nothing (nullopt, no message) is how a
// function says that it can't. Context: any thread; throws only where an allocation fails.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "control/protocol.h"
#include "engine/limits.h"

namespace nflua::control {

using ByteView = std::span<const uint8_t>;
/// One datagram.
using Message = std::vector<uint8_t>;

/// Bounds that follow from the size of a page, on both sides.
class Limits {
 public:
  constexpr explicit Limits(size_t page_bytes) : payload_(NFLUA_PAYLOAD_BYTES(page_bytes)) {}

  constexpr size_t payload_bytes() const { return payload_; }
  constexpr size_t fragment_bytes() const { return NFLUA_SCRIPT_FRAGMENT_BYTES(payload_); }
  constexpr size_t fragments() const { return NFLUA_MAX_FRAGMENTS(payload_); }
  constexpr size_t chunk_bytes() const { return NFLUA_MAX_CHUNK_BYTES(payload_); }
  constexpr size_t data_bytes() const { return NFLUA_MAX_DATA_BYTES(payload_); }
  constexpr size_t text_bytes() const { return NFLUA_TEXT_FRAGMENT_BYTES(payload_); }
  constexpr size_t argument_bytes() const { return NFLUA_MAX_ARGUMENT_BYTES(payload_); }
  constexpr size_t list_rows() const { return NFLUA_LIST_ROWS(payload_); }

 private:
  size_t payload_;
};

/// Of a state: 1 to 63 bytes, none of them zero.
bool is_name(std::string_view name);

// Commands.
struct Create {
  std::string_view name;
  /// In bytes; 0: the server's default.
  uint32_t maxalloc = 0;
};
struct Destroy {
  std::string_view name;
};
struct List {};
struct Script {
  /// NFLUA_EXECUTE, NFLUA_RELOAD or NFLUA_EVALUATE: those that go in fragments.
  uint16_t type = NFLUA_EXECUTE;
  std::string_view name;
  /// What messages call the chunk; at most NFLUA_SCRIPT_BYTES.
  std::string_view script;
  ByteView chunk;
};
/// To a state or from one, which `name` tells.
struct Data {
  std::string_view name;
  ByteView bytes;
};
struct ErrorText {};
struct Printed {};
struct Stats {
  /// Empty: the server's own.
  std::string_view name;
};
/// 0 leaves a bound as it is.
struct LimitValues {
#define NFLUA_LIMIT(key, type, wire, ...) wire key = 0;
  NFLUA_RUNNING_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT

  friend bool operator==(const LimitValues&, const LimitValues&) = default;
};
struct SetLimits {
  std::string_view name;
  LimitValues values;
};
struct Arguments {
  /// NFLUA_BIND or NFLUA_UNBIND.
  uint16_t type = NFLUA_BIND;
  std::string_view name;
  /// Without zeros; with one after each at most Limits::argument_bytes().
  std::vector<std::string_view> arguments;
};
using Command = std::variant<Create, Destroy, List, Script, Data, ErrorText, Stats, SetLimits,
                             Arguments, Printed>;

constexpr bool is_script_type(uint16_t type) {
  return type == NFLUA_EXECUTE || type == NFLUA_RELOAD || type == NFLUA_EVALUATE;
}
constexpr bool is_arguments_type(uint16_t type) {
  return type == NFLUA_BIND || type == NFLUA_UNBIND;
}
/// The good reply has no body.
constexpr bool is_answered_by_done(uint16_t type) {
  return type == NFLUA_CREATE || type == NFLUA_DESTROY || type == NFLUA_EXECUTE ||
         type == NFLUA_LIMITS || type == NFLUA_RELOAD;
}
/// The good reply is a text.
constexpr bool is_answered_by_text(uint16_t type) {
  return type == NFLUA_ERROR_TEXT || type == NFLUA_STATS || is_arguments_type(type) ||
         type == NFLUA_EVALUATE || type == NFLUA_PRINTED;
}

/// What the header says beside type and flags.
struct Stamp {
  /// Of the command; its reply bears the same.
  uint32_t sequence = 0;
  /// Of the server in a reply: 0 is the module.
  uint32_t port = 0;
};

struct ListedState {
  std::string name;
  uint32_t maxalloc = 0;
  uint32_t curralloc = 0;

  friend bool operator==(const ListedState&, const ListedState&) = default;
};

/// None: a name is empty or too long, or the command is more than the limits allow.
std::vector<Message> encode(Stamp stamp, const Command& command, Limits limits);

Message encode_error(Stamp stamp);
/// Requires: is_answered_by_done(type).
Message encode_done(Stamp stamp, uint16_t type);
/// Requires: is_answered_by_text(type). None: more than NFLUA_MAX_TEXT_BYTES.
std::vector<Message> encode_text(Stamp stamp, uint16_t type, std::string_view text, Limits limits);
/// None: more than NFLUA_MAX_STATES, or a name that is none.
std::vector<Message> encode_list(Stamp stamp, std::span<const ListedState> states, Limits limits);
/// `stamp.sequence`: the state's own counter, from 1.
std::optional<Message> encode_data_from_state(Stamp stamp, const Data& data, Limits limits);

/// None: not even a header.
std::optional<nlmsghdr> read_header(ByteView datagram);

/// What follows the header, if the datagram is as long as the header says (padding to a multiple of
/// 4 may follow) and not longer than the limits allow. Requires: read_header(datagram) is `header`.
std::optional<ByteView> body_of(const nlmsghdr& header, ByteView datagram, Limits limits);

/// A command that is one message: no Script.
std::optional<Command> decode_single(uint16_t type, ByteView body);

/// The first message of a Script.
struct ScriptStart {
  std::string_view name;
  std::string_view script;
  uint32_t total_bytes = 0;
  nflua_fragment fragment = {};
  ByteView bytes;
};
std::optional<ScriptStart> decode_script_start(ByteView body);

/// Each later one.
struct ScriptPart {
  nflua_fragment fragment = {};
  ByteView bytes;
};
std::optional<ScriptPart> decode_script_part(ByteView body);

// What a server sends.
struct Failed {};
struct Done {
  uint16_t type = 0;
};
struct ListPart {
  /// Only in the first one.
  std::optional<uint32_t> total_rows;
  nflua_fragment fragment = {};
  bool is_last = false;
  std::vector<ListedState> rows;
};
struct TextPart {
  uint16_t type = 0;
  /// Only in the first one.
  std::optional<uint32_t> total_bytes;
  nflua_fragment fragment = {};
  bool is_last = false;
  ByteView bytes;
};
using Reply = std::variant<Failed, Done, ListPart, TextPart, Data>;

/// The stamp is in the header.
std::optional<Reply> decode_reply(ByteView datagram, Limits limits);

}  // namespace nflua::control
