// SPDX-License-Identifier: GPL-2.0-or-later
// Running chunks of Lua text: State::load and State::evaluate.
#include "engine/lua/base.hpp"
#include "engine/lua/binding.hpp"

namespace nflua {
namespace {

/// "@NAME" or "=chunk", and a final zero.
using ChunkName = char[kMaxChunkNameBytes + 2];

struct Chunk {
  Text source;
  ChunkName name;
};

/// Writes Lua's chunk name: "@NAME" shows as a file's name, "=chunk" as it is.
void copy_chunk_name(Text name, ChunkName& out) {
  bool printable = name.size() > 0 && name.size() <= kMaxChunkNameBytes;
  for (size_t i = 0; printable && i < name.size(); ++i)
    printable = static_cast<uint8_t>(name[i]) >= ' ' && name[i] != 0x7f;
  if (!printable) {
    memcpy(out, "=chunk", sizeof "=chunk");
    return;
  }
  out[0] = '@';
  memcpy(out + 1, name.data(), name.size());
  out[1 + name.size()] = '\0';
}

/// Pushes the function, or the message; returns Lua's status.
int compile(lua_State* L, const Chunk& chunk) {
  return luaL_loadbufferx(L, chunk.source.data(), chunk.source.size(), chunk.name, "t");
}

void run_chunk(lua_State* L, void* argument) {
  if (compile(L, *static_cast<Chunk*>(argument)) != LUA_OK) lua_error(L);
  lua_call(L, 0, 0);
}

/// A source in two parts; lua_Reader.
struct Parts {
  Text part[2];
  int next = 0;
};

const char* read_part(lua_State*, void* source, size_t* size) {
  Parts& parts = *static_cast<Parts*>(source);
  if (parts.next == 2) return nullptr;
  const Text part = parts.part[parts.next++];
  *size = part.size();
  return part.data();
}

/// As compile, if the source is an expression, or several.
int compile_expression(lua_State* L, const Chunk& chunk) {
  Parts parts{{Text("return "), chunk.source}};
  return lua_load(L, read_part, &parts, chunk.name, "t");
}

/// Leaves the results' text on top.
void evaluate_chunk(lua_State* L, void* argument) {
  const Chunk& chunk = *static_cast<Chunk*>(argument);
  const int base = lua_gettop(L);
  if (compile_expression(L, chunk) != LUA_OK) {
    lua_pop(L, 1);
    if (compile(L, chunk) != LUA_OK) lua_error(L);
  }
  lua_call(L, 0, LUA_MULTRET);
  push_line(L, base + 1, lua_gettop(L));
}

}  // namespace

Error State::load(Text source, Text chunk_name) {
  Chunk chunk{source, {}};
  copy_chunk_name(chunk_name, chunk.name);
  const int status = run_loading("", run_chunk, &chunk);
  if (status != LUA_OK) keep_text(describe_failure(status, Phase::loading));
  settle();
  return status == LUA_OK ? Error() : kSeeLastError;
}

Error State::evaluate(Text source, Text chunk_name) {
  Chunk chunk{source, {}};
  copy_chunk_name(chunk_name, chunk.name);
  const int status = run_loading("", evaluate_chunk, &chunk);
  keep_text(status == LUA_OK ? check_text(lua_, -1) : describe_failure(status, Phase::loading));
  settle();
  return status == LUA_OK ? Error() : kSeeLastError;
}

}  // namespace nflua
