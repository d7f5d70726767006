// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/codec.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace nflua::control {

namespace {

static_assert(sizeof(nlmsghdr) == NFLUA_HEADER_BYTES);

// Writing.

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

// A zero inside would make it another name.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() < NFLUA_NAME_BYTES && name.find('\0') == name.npos;
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

Message encode_data(Stamp stamp, uint16_t flags, const Data& data) {
  nflua_data head = {};
  head.total = static_cast<uint32_t>(data.bytes.size());
  put_text(head.name, data.name);
  return Writer(NFLUA_DATA, flags, stamp).put(head).put(data.bytes).finish();
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

nflua_script script_head(const Execute& execute) {
  nflua_script head = {};
  head.total = static_cast<uint32_t>(execute.chunk.size());
  put_text(head.name, execute.name);
  put_text(head.script, execute.script);
  return head;
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
    return {encode_data(stamp, NFLUA_REQUEST | NFLUA_DONE, data)};
  }

  std::vector<Message> operator()(const Execute& execute) const {
    const bool fits = execute.chunk.size() <= limits.chunk_bytes();
    if (!fits || !is_name(execute.name) || !is_script_name(execute.script)) return {};
    std::vector<Message> messages;
    size_t offset = 0;
    do {
      messages.push_back(fragment(execute, messages.size(), offset));
      offset += limits.fragment_bytes();
    } while (offset < execute.chunk.size());
    return messages;
  }

 private:
  // Later messages have room for more, but clients and servers count in the room of the first.
  Message fragment(const Execute& execute, size_t number, size_t offset) const {
    const size_t left = execute.chunk.size() - offset;
    const size_t size = std::min(left, limits.fragment_bytes());
    const uint16_t flags = NFLUA_REQUEST | place_flags(number == 0, size == left);
    Writer writer(NFLUA_EXECUTE, flags, stamp);
    const nflua_fragment place = {static_cast<uint32_t>(number), static_cast<uint32_t>(offset)};
    if (number == 0)
      writer.put(script_head(execute));  // its fragment is {0, 0}
    else
      writer.put(place);
    return writer.put(execute.chunk.subspan(offset, size)).finish();
  }
};

Message list_message(Stamp stamp, std::span<const ListedState> states, size_t offset,
                     Limits limits) {
  const size_t left = states.size() - offset;
  const size_t rows = std::min(left, limits.list_rows());
  const nflua_fragment place = {static_cast<uint32_t>(offset / limits.list_rows()),
                                static_cast<uint32_t>(offset)};
  Writer writer(NFLUA_LIST, place_flags(offset == 0, rows == left), stamp);
  if (offset == 0) writer.put(static_cast<uint32_t>(states.size()));  // nflua_list.total
  writer.put(place);
  for (const ListedState& state : states.subspan(offset, rows))
    writer.put(state_of(state.name, state.maxalloc, state.curralloc));
  return writer.finish();
}

// Reading.

/// Takes a structure from the front. Nothing: there are fewer bytes.
template <class T>
std::optional<T> take(ByteView& from) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (from.size() < sizeof(T)) return std::nullopt;
  T structure;
  std::memcpy(&structure, from.data(), sizeof structure);
  from = from.subspan(sizeof structure);
  return structure;
}

/// The text in a field that may lack the final zero.
std::string_view text_at(ByteView field) {
  const auto end = std::find(field.begin(), field.end(), uint8_t{0});
  return {reinterpret_cast<const char*>(field.data()), static_cast<size_t>(end - field.begin())};
}

/// Requires: the bytes are there. Nothing: empty, or without a final zero.
std::optional<std::string_view> name_at(ByteView body, size_t offset) {
  const std::string_view name = text_at(body.subspan(offset, NFLUA_NAME_BYTES));
  if (!is_name(name)) return std::nullopt;
  return name;
}

std::optional<Command> decode_create(ByteView body) {
  ByteView rest = body;
  const auto state = take<nflua_state>(rest);
  if (!state || !rest.empty()) return std::nullopt;
  const auto name = name_at(body, offsetof(nflua_state, name));
  if (!name) return std::nullopt;
  return Create{*name, state->maxalloc};
}

std::optional<Command> decode_destroy(ByteView body) {
  if (body.size() != sizeof(nflua_destroy)) return std::nullopt;
  const auto name = name_at(body, offsetof(nflua_destroy, name));
  if (!name) return std::nullopt;
  return Destroy{*name};
}

std::optional<Data> decode_data(ByteView body) {
  ByteView bytes = body;
  const auto head = take<nflua_data>(bytes);
  if (!head || head->total != bytes.size()) return std::nullopt;
  const auto name = name_at(body, offsetof(nflua_data, name));
  if (!name) return std::nullopt;
  return Data{*name, bytes};
}

std::optional<ListedState> take_row(ByteView& rows) {
  const ByteView row = rows;
  const auto state = take<nflua_state>(rows);
  if (!state) return std::nullopt;
  const auto name = name_at(row, offsetof(nflua_state, name));
  if (!name) return std::nullopt;
  return ListedState{std::string(*name), state->maxalloc, state->curralloc};
}

std::optional<Reply> decode_list_part(uint16_t flags, ByteView body) {
  ListPart part;
  if (flags & NFLUA_INIT) {
    part.total_rows = take<uint32_t>(body);  // nflua_list.total
    if (!part.total_rows) return std::nullopt;
  }
  const auto fragment = take<nflua_fragment>(body);
  if (!fragment) return std::nullopt;
  part.fragment = *fragment;
  part.is_last = flags & NFLUA_DONE;
  while (!body.empty()) {
    auto row = take_row(body);
    if (!row) return std::nullopt;
    part.rows.push_back(std::move(*row));
  }
  return part;
}

}  // namespace

std::vector<Message> encode(Stamp stamp, const Command& command, Limits limits) {
  return std::visit(Encoder{stamp, limits}, command);
}

Message encode_error(Stamp stamp) { return Writer(NLMSG_ERROR, 0, stamp).finish(); }

Message encode_done(Stamp stamp, uint16_t type) { return Writer(type, NFLUA_DONE, stamp).finish(); }

std::vector<Message> encode_list(Stamp stamp, std::span<const ListedState> states, Limits limits) {
  const bool all_fit = std::all_of(states.begin(), states.end(),
                                   [](const ListedState& state) { return is_name(state.name); });
  if (states.size() > NFLUA_MAX_STATES || !all_fit) return {};
  std::vector<Message> messages;
  size_t offset = 0;
  do {
    messages.push_back(list_message(stamp, states, offset, limits));
    offset += limits.list_rows();
  } while (offset < states.size());
  return messages;
}

std::optional<Message> encode_data_from_state(Stamp stamp, const Data& data, Limits limits) {
  if (!fits(data, limits)) return std::nullopt;
  return encode_data(stamp, NFLUA_DONE, data);
}

std::optional<nlmsghdr> read_header(ByteView datagram) { return take<nlmsghdr>(datagram); }

std::optional<ByteView> body_of(const nlmsghdr& header, ByteView datagram, Limits limits) {
  const size_t length = header.nlmsg_len;
  const bool is_whole = length >= sizeof header && length <= datagram.size() &&
                        datagram.size() <= NLMSG_ALIGN(length);
  if (!is_whole || length > limits.payload_bytes()) return std::nullopt;
  return datagram.subspan(sizeof header, length - sizeof header);
}

std::optional<Command> decode_single(uint16_t type, ByteView body) {
  switch (type) {
    case NFLUA_CREATE:
      return decode_create(body);
    case NFLUA_DESTROY:
      return decode_destroy(body);
    case NFLUA_LIST:
      return body.empty() ? std::optional<Command>(List{}) : std::nullopt;
    case NFLUA_DATA:
      return decode_data(body);
    default:
      return std::nullopt;
  }
}

std::optional<ScriptStart> decode_script_start(ByteView body) {
  ByteView bytes = body;
  const auto head = take<nflua_script>(bytes);
  if (!head) return std::nullopt;
  const auto name = name_at(body, offsetof(nflua_script, name));
  if (!name) return std::nullopt;
  const auto script = text_at(body.subspan(offsetof(nflua_script, script), NFLUA_SCRIPT_BYTES));
  return ScriptStart{*name, script, head->total, head->fragment, bytes};
}

std::optional<ScriptPart> decode_script_part(ByteView body) {
  const auto fragment = take<nflua_fragment>(body);
  if (!fragment) return std::nullopt;
  return ScriptPart{*fragment, body};
}

std::optional<Reply> decode_reply(ByteView datagram, Limits limits) {
  const auto header = read_header(datagram);
  const auto body = header ? body_of(*header, datagram, limits) : std::nullopt;
  if (!body) return std::nullopt;
  switch (header->nlmsg_type) {
    case NLMSG_ERROR:
      return Failed{};
    case NFLUA_CREATE:
    case NFLUA_DESTROY:
    case NFLUA_EXECUTE:
      return body->empty() ? std::optional<Reply>(Done{header->nlmsg_type}) : std::nullopt;
    case NFLUA_LIST:
      return decode_list_part(header->nlmsg_flags, *body);
    case NFLUA_DATA:
      return decode_data(*body);
    default:
      return std::nullopt;
  }
}

}  // namespace nflua::control
