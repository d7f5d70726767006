// SPDX-License-Identifier: GPL-2.0-or-later
// Fails every allocation in turn, Lua's and C++'s, while a script runs: that one alone, for C++,
// and that one with all after it, as Lua tries again. Each time the script ends, well or with an
// error, and closing the state leaves nothing of Lua's behind (and, as the sanitizer sees, of
// C++'s).
//   failing_allocations SCRIPT.lua      SCRIPT returns the function that is run
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <new>

extern "C" {
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"
}

namespace {

constexpr long kNever = -1;
/// Above what any script here needs.
constexpr long kMaxAllocations = 100'000;

/// How many allocations succeed before one fails.
long left = kNever;
/// Whether all that follow the failed one fail too.
bool lasting = false;
bool failed = false;
size_t lua_bytes = 0;

bool fails() {
  if (left == kNever || left-- > 0) return false;
  failed = true;
  left = lasting ? 0 : kNever;
  return true;
}

void* allocate(void*, void* block, size_t old_bytes, size_t new_bytes) {
  const size_t held = block ? old_bytes : 0;
  if (new_bytes == 0) {
    free(block);
    lua_bytes -= held;
    return nullptr;
  }
  // Lua takes for granted that shrinking succeeds.
  if (new_bytes > held && fails()) return nullptr;
  void* result = realloc(block, new_bytes);
  if (result) lua_bytes += new_bytes - held;
  return result;
}

[[noreturn]] void give_up(lua_State* L) {
  fprintf(stderr, "%s\n", lua_tostring(L, -1));
  exit(EXIT_FAILURE);
}

/// Opens the libraries with all the memory they want, then runs the script's function with so many
/// allocations that succeed. Returns whether that was enough.
bool run(const char* script, long succeeding) {
  lua_State* L = lua_newstate(allocate, nullptr);
  luaL_openlibs(L);
  if (luaL_dofile(L, script) != LUA_OK) give_up(L);
  failed = false;
  left = succeeding;
  const int status = lua_pcall(L, 0, 0, 0);
  left = kNever;
  if (!failed && status != LUA_OK) give_up(L);
  lua_close(L);
  return !failed;
}

bool fail_each(const char* script) {
  long count = 0;
  while (count < kMaxAllocations && !run(script, count)) ++count;
  printf("%ld allocations failed in turn%s; %zu bytes are left\n", count,
         lasting ? ", and all after them" : "", lua_bytes);
  return count > 0 && count < kMaxAllocations && lua_bytes == 0;
}

}  // namespace

void* operator new(size_t bytes) {
  void* block = fails() ? nullptr : malloc(bytes);
  if (!block) throw std::bad_alloc();
  return block;
}
void operator delete(void* block) noexcept { free(block); }
void operator delete(void* block, size_t) noexcept { free(block); }

int main(int argc, char** argv) {
  if (argc != 2) return EXIT_FAILURE;
  bool held = true;
  for (const bool mode : {false, true}) {
    lasting = mode;
    held &= fail_each(argv[1]);
  }
  return held ? EXIT_SUCCESS : EXIT_FAILURE;
}
