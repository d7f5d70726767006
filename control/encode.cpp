// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "control/codec.hpp"

namespace nflua::control {

namespace {

static_assert(sizeof(nlmsghdr) == NFLUA_HEADER_BYTES);

class Writer {
 public:
  Writer(uint16_t type, uint16_t flags, Stamp stamp) {
    put(nlmsghdr{.nlmsg_len = 0,  // finish()
                 .nlmsg_type = type,
                 .nlmsg_flags = flags,
                 .nlmsg_seq = stamp.sequence,
                 .nlmsg_pid = stamp.port});
  }

  Writer& put(ByteView bytes) {
    message_.insert(message_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  template <class T>
  Writer& put(const T& structure) {
    static_assert(std::is_trivially_copyable_v<T>);
    return put(ByteView(reinterpret_cast<const uint8_t*>(&structure), sizeof structure));
  }
  Message finish() {
    const auto length = static_cast<uint32_t>(message_.size());
    std::memcpy(message_.data() + offsetof(nlmsghdr, nlmsg_len), &length, sizeof length);
    return std::move(message_);
  }

 private:
  Message message_;
};

/// Requires: it fits; the field is zeroed.
template <size_t Size>
void put_text(char (&field)[Size], std::string_view text) {
  std::copy(text.begin(), text.end(), field);
}

bool is_script_name(std::string_view script) {
  return script.size() <= NFLUA_SCRIPT_BYTES && script.find('\0') == script.npos;
}

nflua_state state_of(std::string_view name, uint32_t maxalloc, uint32_t curralloc) {
  nflua_state state = {};
  put_text(state.name, name);
  state.maxalloc = maxalloc;
  state.curralloc = curralloc;
  return state;
}

// Both directions alike.
Message encode_data(Stamp stamp, const Data& data) {
  nflua_data head = {};
  head.total = static_cast<uint32_t>(data.bytes.size());
  put_text(head.name, data.name);
  return Writer(NFLUA_DATA, NFLUA_REQUEST | NFLUA_DONE, stamp).put(head).put(data.bytes).finish();
}

bool fits(const Data& data, Limits limits) {
  return is_name(data.name) && data.bytes.size() <= limits.data_bytes();
}

/// INIT and DONE or MULTI, for a message that is the first, or the last, or both, or neither.
uint16_t place_flags(bool is_first, bool is_last) {
  int flags = is_first ? NFLUA_INIT : 0;
  if (!(is_first && is_last)) flags |= NFLUA_MULTI;
  if (is_last) flags |= NFLUA_DONE;
  return static_cast<uint16_t>(flags);
}

/// What one of several messages carries: bytes or rows.
struct Piece {
  nflua_fragment place;
  size_t size;
  uint16_t flags;

  bool is_first() const { return place.seq == 0; }
};

/// Calls make(piece) for each; for nothing there is one, too.
template <class Make>
std::vector<Message> cut(size_t total, size_t room, Make make) {
  std::vector<Message> messages;
  size_t offset = 0;
  do {
    const size_t size = std::min(total - offset, room);
    const bool is_last = offset + size == total;
    const nflua_fragment place = {static_cast<uint32_t>(messages.size()),
                                  static_cast<uint32_t>(offset)};
    messages.push_back(make(Piece{place, size, place_flags(offset == 0, is_last)}));
    offset += size;
  } while (offset < total);
  return messages;
}

nflua_script script_head(const Script& script) {
  nflua_script head = {};
  head.total = static_cast<uint32_t>(script.chunk.size());
  put_text(head.name, script.name);
  put_text(head.script, script.script);
  return head;
}

ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

nflua_named named(std::string_view name) {
  nflua_named body = {};
  put_text(body.name, name);
  return body;
}

nflua_limits limits_of(const SetLimits& set) {
  nflua_limits body = {};
  put_text(body.name, set.name);
#define NFLUA_LIMIT(key, ...) body.key = set.values.key;
  NFLUA_RUNNING_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
  return body;
}

bool fits(const Arguments& command, Limits limits) {
  size_t bytes = 0;
  for (const std::string_view argument : command.arguments) {
    if (argument.find('\0') != argument.npos) return false;
    bytes += argument.size() + 1;
  }
  return is_arguments_type(command.type) && is_name(command.name) &&
         bytes <= limits.argument_bytes();
}

bool fits(const Script& script, Limits limits) {
  return is_script_type(script.type) && is_name(script.name) && is_script_name(script.script) &&
         script.chunk.size() <= limits.chunk_bytes();
}

/// One for each command; std::visit chooses.
struct Encoder {
  Stamp stamp;
  Limits limits;

  std::vector<Message> operator()(const Create& create) const {
    if (!is_name(create.name)) return {};
    return {Writer(NFLUA_CREATE, NFLUA_REQUEST, stamp)
                .put(state_of(create.name, create.maxalloc, 0))
                .finish()};
  }

  std::vector<Message> operator()(const Destroy& destroy) const {
    if (!is_name(destroy.name)) return {};
    nflua_destroy body = {};
    put_text(body.name, destroy.name);
    return {Writer(NFLUA_DESTROY, NFLUA_REQUEST, stamp).put(body).finish()};
  }

  std::vector<Message> operator()(const List&) const {
    return {Writer(NFLUA_LIST, NFLUA_REQUEST, stamp).finish()};
  }

  std::vector<Message> operator()(const Data& data) const {
    if (!fits(data, limits)) return {};
    return {encode_data(stamp, data)};
  }

  // Later messages have room for more, but clients and servers count in the room of the first.
  std::vector<Message> operator()(const Script& script) const {
    if (!fits(script, limits)) return {};
    return cut(script.chunk.size(), limits.fragment_bytes(), [&](const Piece& piece) {
      Writer writer(script.type, NFLUA_REQUEST | piece.flags, stamp);
      if (piece.is_first())
        writer.put(script_head(script));  // its fragment is {0, 0}
      else
        writer.put(piece.place);
      return writer.put(script.chunk.subspan(piece.place.offset, piece.size)).finish();
    });
  }

  std::vector<Message> operator()(const ErrorText&) const {
    return {Writer(NFLUA_ERROR_TEXT, NFLUA_REQUEST, stamp).finish()};
  }

  std::vector<Message> operator()(const Printed&) const {
    return {Writer(NFLUA_PRINTED, NFLUA_REQUEST, stamp).finish()};
  }

  std::vector<Message> operator()(const Stats& stats) const {
    if (!stats.name.empty() && !is_name(stats.name)) return {};
    return {Writer(NFLUA_STATS, NFLUA_REQUEST, stamp).put(named(stats.name)).finish()};
  }

  std::vector<Message> operator()(const SetLimits& set) const {
    if (!is_name(set.name)) return {};
    return {Writer(NFLUA_LIMITS, NFLUA_REQUEST, stamp).put(limits_of(set)).finish()};
  }

  std::vector<Message> operator()(const Arguments& command) const {
    if (!fits(command, limits)) return {};
    Writer writer(command.type, NFLUA_REQUEST, stamp);
    writer.put(named(command.name));
    for (const std::string_view argument : command.arguments)
      writer.put(bytes_of(argument)).put(uint8_t{0});
    return {writer.finish()};
  }
};

}  // namespace

bool is_name(std::string_view name) {
  // A zero inside would make it another name.
  return !name.empty() && name.size() < NFLUA_NAME_BYTES && name.find('\0') == name.npos;
}

std::vector<Message> encode(Stamp stamp, const Command& command, Limits limits) {
  return std::visit(Encoder{stamp, limits}, command);
}

Message encode_error(Stamp stamp) { return Writer(NLMSG_ERROR, 0, stamp).finish(); }

Message encode_done(Stamp stamp, uint16_t type) { return Writer(type, NFLUA_DONE, stamp).finish(); }

std::vector<Message> encode_list(Stamp stamp, std::span<const ListedState> states, Limits limits) {
  const bool all_fit = std::all_of(states.begin(), states.end(),
                                   [](const ListedState& state) { return is_name(state.name); });
  if (states.size() > NFLUA_MAX_STATES || !all_fit) return {};
  return cut(states.size(), limits.list_rows(), [&](const Piece& piece) {
    Writer writer(NFLUA_LIST, piece.flags, stamp);
    if (piece.is_first()) writer.put(static_cast<uint32_t>(states.size()));  // nflua_list.total
    writer.put(piece.place);
    for (const ListedState& state : states.subspan(piece.place.offset, piece.size))
      writer.put(state_of(state.name, state.maxalloc, state.curralloc));
    return writer.finish();
  });
}

std::vector<Message> encode_text(Stamp stamp, uint16_t type, std::string_view text, Limits limits) {
  if (text.size() > NFLUA_MAX_TEXT_BYTES) return {};
  return cut(text.size(), limits.text_bytes(), [&](const Piece& piece) {
    Writer writer(type, piece.flags, stamp);
    if (piece.is_first()) writer.put(static_cast<uint32_t>(text.size()));  // nflua_text.total
    return writer.put(piece.place)
        .put(bytes_of(text.substr(piece.place.offset, piece.size)))
        .finish();
  });
}

std::optional<Message> encode_data_from_state(Stamp stamp, const Data& data, Limits limits) {
  if (!fits(data, limits)) return std::nullopt;
  return encode_data(stamp, data);
}

}  // namespace nflua::control
