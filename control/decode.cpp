// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "control/codec.hpp"

namespace nflua::control {

namespace {

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

std::optional<Command> decode_stats(ByteView body) {
  if (body.size() != sizeof(nflua_named)) return std::nullopt;
  const std::string_view name = text_at(body);
  if (!name.empty() && !is_name(name)) return std::nullopt;
  return Stats{name};
}

std::optional<Command> decode_limits(ByteView body) {
  ByteView rest = body;
  const auto set = take<nflua_limits>(rest);
  if (!set || !rest.empty()) return std::nullopt;
  const auto name = name_at(body, offsetof(nflua_limits, name));
  if (!name) return std::nullopt;
  SetLimits command{*name, {}};
#define NFLUA_LIMIT(key, ...) command.values.key = set->key;
  NFLUA_RUNNING_LIMITS(NFLUA_LIMIT)
#undef NFLUA_LIMIT
  return command;
}

std::optional<Command> decode_arguments(uint16_t type, ByteView body) {
  ByteView rest = body;
  if (!take<nflua_named>(rest)) return std::nullopt;
  const auto name = name_at(body, offsetof(nflua_named, name));
  if (!name || (!rest.empty() && rest.back() != 0)) return std::nullopt;
  Arguments command = {type, *name, {}};
  while (!rest.empty()) {
    command.arguments.push_back(text_at(rest));
    rest = rest.subspan(command.arguments.back().size() + 1);
  }
  return command;
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

std::optional<Reply> decode_text_part(const nlmsghdr& header, ByteView body) {
  TextPart part;
  part.type = header.nlmsg_type;
  if (header.nlmsg_flags & NFLUA_INIT) {
    part.total_bytes = take<uint32_t>(body);  // nflua_text.total
    if (!part.total_bytes) return std::nullopt;
  }
  const auto fragment = take<nflua_fragment>(body);
  if (!fragment) return std::nullopt;
  part.fragment = *fragment;
  part.is_last = header.nlmsg_flags & NFLUA_DONE;
  part.bytes = body;
  return part;
}

}  // namespace

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
    case NFLUA_ERROR_TEXT:
      return body.empty() ? std::optional<Command>(ErrorText{}) : std::nullopt;
    case NFLUA_PRINTED:
      return body.empty() ? std::optional<Command>(Printed{}) : std::nullopt;
    case NFLUA_STATS:
      return decode_stats(body);
    case NFLUA_LIMITS:
      return decode_limits(body);
    case NFLUA_BIND:
    case NFLUA_UNBIND:
      return decode_arguments(type, body);
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
  const uint16_t type = header->nlmsg_type;
  if (type == NLMSG_ERROR) return Failed{};
  if (type == NFLUA_LIST) return decode_list_part(header->nlmsg_flags, *body);
  if (type == NFLUA_DATA) return decode_data(*body);
  if (is_answered_by_text(type)) return decode_text_part(*header, *body);
  if (is_answered_by_done(type) && body->empty()) return Done{type};
  return std::nullopt;
}

}  // namespace nflua::control
