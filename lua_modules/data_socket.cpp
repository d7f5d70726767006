// SPDX-License-Identifier: GPL-2.0-or-later
// Data sockets: datagrams to states and from them.
#include "engine/lua/memory.hpp"
#include "lua_modules/socket.hpp"

namespace nflua {
namespace {

using control::Client;

struct DataSocket : Socket {
  static constexpr const char* kType = "nflua.data";

  /// Received, and not yet taken: a memory had no room for it.
  std::optional<control::Datagram> waiting;
  /// Its payload, on the way to Lua.
  std::vector<uint8_t> taken;
  /// Datagrams that the server said it could not deliver.
  uint64_t refused = 0;
};

enum class Step : uint8_t { done, not_yet, failed };

Step keep_message(DataSocket& socket, const Failure& failure) {
  socket.message = failure.message();
  return Step::failed;
}

bool is_sending(const DataSocket& socket) {
  return socket.client->phase() == Client::Phase::sending;
}

/// Goes on with what the server had no room for.
Step flush(DataSocket& socket) {
  if (!is_sending(socket)) return Step::done;
  socket.client->send_some();
  if (socket.client->phase() == Client::Phase::failed)
    return keep_message(socket, socket.client->failure());
  return is_sending(socket) ? Step::not_yet : Step::done;
}

void count_refused(DataSocket& socket) { socket.refused += socket.client->take_refused().size(); }

// ---- Sending

Step send_waiting(DataSocket& socket, const control::Data& data) {
  if (Failure failure = socket.client->send(data, socket.timeout))
    return keep_message(socket, failure);
  return Step::done;
}

Step send_at_once(DataSocket& socket, const control::Data& data) {
  if (Failure failure = socket.client->begin(data)) return keep_message(socket, failure);
  return flush(socket);
}

int push_sent(lua_State* L, const DataSocket& socket, Step step) {
  if (step == Step::not_yet) return push_not_yet(L, "pending");
  if (step == Step::failed) return push_message(L, socket);
  lua_pushboolean(L, true);
  return 1;
}

int data_send(lua_State* L) {
  DataSocket& socket = check_socket<DataSocket>(L, 1);
  const Text name = check_text(L, 2);
  const Bytes bytes = check_bytes(L, 3);
  const Range range = check_range(L, 4, bytes.size());
  Step earlier = Step::done;
  must(L, socket, [&] { earlier = flush(socket); });
  if (earlier == Step::failed) return push_message(L, socket);
  if (earlier == Step::not_yet && !socket.is_blocking) return push_not_yet(L, "busy");
  const Bytes payload = bytes.sub(range.offset, range.count);
  Step step = Step::done;
  must(L, socket, [&] {
    const control::Data data{{name.data(), name.size()}, {payload.data(), payload.size()}};
    step = socket.is_blocking ? send_waiting(socket, data) : send_at_once(socket, data);
  });
  if (is_unsendable(socket)) raise_message(L, socket);
  return push_sent(L, socket, step);
}

// ---- Receiving

/// Sees to it that `waiting` has a datagram.
Step fetch(DataSocket& socket) {
  if (flush(socket) == Step::failed) return Step::failed;
  count_refused(socket);
  if (socket.waiting) return Step::done;
  auto received =
      socket.client->receive(socket.is_blocking ? socket.timeout : control::Milliseconds(0));
  count_refused(socket);
  if (!received) return keep_message(socket, received.failure());
  socket.waiting = std::move(*received);
  return socket.waiting ? Step::done : Step::not_yet;
}

/// Makes a resizable memory at least `size` bytes long, the new ones zero.
void grow(lua_State* L, int arg, const Memory& memory, size_t size) {
  push_block(L, arg);
  if (lua_rawlen(L, -1) < size) {
    auto* block = static_cast<uint8_t*>(lua_newuserdatauv(L, size, 0));
    const Bytes kept = memory.bytes().first(size);
    if (!kept.empty()) memcpy(block, kept.data(), kept.size());
    memset(block + kept.size(), 0, size - kept.size());
  }
  // A finalizer may have closed it, or made it longer.
  if (memory.type == Memory::Type::resizable && memory.size < size) set_block(L, arg, size);
}

/// What is known of a datagram beside its payload; trivially destructible.
struct Origin {
  char state[NFLUA_NAME_BYTES];
  uint32_t number;
  uint32_t port;
};

Origin origin_of(const control::Datagram& datagram) {
  Origin origin = {{}, datagram.number, datagram.port};
  datagram.state.copy(origin.state, sizeof origin.state - 1);
  return origin;
}

constexpr int kOriginValues = 3;

void push_origin(lua_State* L, const Origin& origin) {
  lua_pushstring(L, origin.state);
  lua_pushinteger(L, origin.number);
  lua_pushinteger(L, origin.port);
}

int receive_string(lua_State* L, DataSocket& socket) {
  const Origin origin = origin_of(*socket.waiting);
  socket.taken = std::move(socket.waiting->payload);
  socket.waiting.reset();
  push_bytes(L, {socket.taken.data(), socket.taken.size()});
  push_origin(L, origin);
  return 1 + kOriginValues;
}

int push_too_small(lua_State* L, size_t needed) {
  push_not_yet(L, "memory too small");
  lua_pushinteger(L, static_cast<lua_Integer>(needed));
  return 3;
}

int receive_memory(lua_State* L, DataSocket& socket, const Memory& memory, size_t offset) {
  const size_t needed = offset + socket.waiting->payload.size();
  if (needed > memory.size && memory.type == Memory::Type::resizable) grow(L, 2, memory, needed);
  if (!socket.waiting) return push_not_yet(L, "pending");  // a finalizer took it
  const Bytes payload(socket.waiting->payload.data(), socket.waiting->payload.size());
  if (offset + payload.size() > memory.size) return push_too_small(L, offset + payload.size());
  if (!payload.empty()) memcpy(memory.data + offset, payload.data(), payload.size());
  const Origin origin = origin_of(*socket.waiting);
  socket.waiting.reset();
  lua_pushinteger(L, static_cast<lua_Integer>(payload.size()));
  push_origin(L, origin);
  return 1 + kOriginValues;
}

int data_receive(lua_State* L) {
  DataSocket& socket = check_socket<DataSocket>(L, 1);
  const Memory* memory = lua_isnoneornil(L, 2) ? nullptr : &check_memory(L, 2);
  size_t offset = 0;
  if (memory) {
    offset = check_offset(L, 3, memory->size);
    luaL_argcheck(L, offset <= memory->size, 3, "position out of range");
  }
  Step step = Step::done;
  must(L, socket, [&] { step = fetch(socket); });
  if (step == Step::failed) return push_message(L, socket);
  if (step == Step::not_yet) return push_not_yet(L, socket.is_blocking ? "timeout" : "pending");
  return memory ? receive_memory(L, socket, *memory, offset) : receive_string(L, socket);
}

// ---- What was lost

void set_count(lua_State* L, const char* name, uint64_t count) {
  lua_pushinteger(L, static_cast<lua_Integer>(count));
  lua_setfield(L, -2, name);
}

int data_counters(lua_State* L) {
  DataSocket& socket = check_socket<DataSocket>(L, 1);
  control::ClientCounters counters;
  must(L, socket, [&] {
    count_refused(socket);
    counters = socket.client->counters();
  });
  const uint64_t refused = socket.refused + counters.refused_full;
  lua_createtable(L, 0, 4);
  set_count(L, "refused", refused);
  set_count(L, "overruns", counters.overruns);
  set_count(L, "dropped", counters.inbox_full);
  set_count(L, "ignored", counters.ignored);
  return 1;
}

constexpr luaL_Reg kDataMethods[] = {
    {"close", socket_close<DataSocket>},
    {"counters", data_counters},
    {"getfd", socket_getfd<DataSocket>},
    {"getpid", socket_getpid<DataSocket>},
    {"getstate", socket_getstate<DataSocket>},
    {"receive", data_receive},
    {"send", data_send},
    {"setblocking", socket_setblocking<DataSocket>},
    {nullptr, nullptr},
};

}  // namespace

void register_data(lua_State* L) { register_socket<DataSocket>(L, kDataMethods); }
int nflua_data(lua_State* L) { return push_socket<DataSocket>(L, true); }

}  // namespace nflua
