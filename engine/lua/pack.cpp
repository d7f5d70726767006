// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/lua/pack.hpp"

#include "engine/limits.hpp"
#include "engine/lua/memory.hpp"

namespace nflua {
namespace {

struct FormatObject : Object {
  Format format;
};

struct FormatCache : Object {
  struct Slot {
    /// The characters of the Lua string; nullptr: the slot is free.
    const char* text;
    const Format* format;
  };
  Slot slots[kCachedFormats];
};

/// The cache's one user value: a table with the string and the format of each slot.
constexpr int kAnchors = 1;
/// Its address is the cache's key in the registry.
constexpr char kCacheKey = 0;

/// Items of a format that are read or written in the time of one step.
constexpr size_t kItemsPerStep = 2;

size_t slot_of(const char* text) {
  static_assert((kCachedFormats & (kCachedFormats - 1)) == 0);
  // Allocations are aligned: the lowest bits say nothing.
  const auto address = reinterpret_cast<uintptr_t>(text) >> 4;
  return (address ^ address >> 6 ^ address >> 12) & (kCachedFormats - 1);
}

[[noreturn]] void raise_format_fault(lua_State* L, int arg, FormatFault fault) {
  using Kind = FormatFault::Kind;
  switch (fault.kind) {
    case Kind::invalid_option:
      luaL_error(L, "invalid format option '%c'", fault.value);
      break;
    case Kind::size_out_of_limits:
      luaL_error(L, "integral size (%d) out of limits [1,%d]", fault.value, kMaxIntegerBytes);
      break;
    case Kind::missing_size:
      luaL_error(L, "missing size for format option 'c'");
      break;
    case Kind::invalid_next_option:
      luaL_argerror(L, arg, "invalid next option for option 'X'");
      break;
    case Kind::bad_alignment:
      luaL_argerror(L, arg, "format asks for alignment not power of 2");
      break;
    default:
      luaL_argerror(L, arg, "format too long");
  }
  __builtin_unreachable();
}

/// Pushes a compiled copy of the format at `arg`.
const Format& push_format(lua_State* L, int arg, Text text) {
  nflua_charge(L, text.size());
  const size_t bytes = sizeof(FormatObject) - sizeof(Format) + Format::bytes_for(text);
  auto* object = static_cast<FormatObject*>(lua_newuserdatauv(L, bytes, 0));
  object->kind = ObjectKind::format;
  const FormatFault fault = Format::compile(text, object->format);
  if (fault.kind != FormatFault::Kind::none) raise_format_fault(L, arg, fault);
  return object->format;
}

/// Where in the table of anchors the slot's text is; its format follows.
lua_Integer anchor_index(lua_State* L, int cache_index, const FormatCache::Slot& slot) {
  const auto& cache = *static_cast<FormatCache*>(lua_touserdata(L, cache_index));
  return 1 + 2 * (&slot - cache.slots);
}

/// Where there are finalizers, one could use the slot for another format: replaces the text at
/// `arg` by the format.
void hold_format(lua_State* L, int arg, int cache_index, const FormatCache::Slot& slot) {
  if (!nflua_has_finalizers) return;
  lua_getiuservalue(L, cache_index, kAnchors);
  lua_rawgeti(L, -1, anchor_index(L, cache_index, slot) + 1);
  lua_replace(L, arg);
  lua_pop(L, 1);
}

const Format& add_format(lua_State* L, int arg, int cache_index, FormatCache::Slot& slot) {
  const Text text = check_text(L, arg);
  // Before the userdata is made: its size depends on it.
  if (text.size() > kMaxFormatBytes) raise_format_fault(L, arg, {FormatFault::Kind::too_long, 0});
  lua_getiuservalue(L, cache_index, kAnchors);
  const Format& format = push_format(L, arg, text);
  // Should a call below raise, the slot must not name what is no longer anchored.
  slot.text = nullptr;
  const lua_Integer index = anchor_index(L, cache_index, slot);
  lua_rawseti(L, -2, index + 1);
  lua_pushvalue(L, arg);
  lua_rawseti(L, -2, index);
  lua_pop(L, 1);
  slot = {text.data(), &format};
  return format;
}

[[noreturn]] void raise_unpack_fault(lua_State* L, const FormatItem& item, Unpacked::Kind kind,
                                     const char* too_short) {
  if (kind == Unpacked::Kind::does_not_fit) {
    luaL_error(L, "%d-byte integer does not fit into Lua Integer", int(item.size));
  }
  if (kind == Unpacked::Kind::unfinished_text) {
    luaL_error(L, "unfinished string for format 'z'");
  }
  luaL_error(L, "%s", too_short);
  __builtin_unreachable();
}

/// Some items are neither value nor byte, so that nothing else pays for them.
void charge_items(lua_State* L, const Format& format) {
  nflua_charge(L, size_t(format.end() - format.begin()) / kItemsPerStep);
}

void push_number(lua_State* L, int64_t image) {
  lua_Number number;
  static_assert(sizeof number == sizeof image);
  memcpy(&number, &image, sizeof number);
  lua_pushnumber(L, number);
}

// ---- Packing

/// Bytes being filled from a script's arguments.
struct Packing {
  lua_State* L;
  MutableBytes out;
  size_t position;
  int arg;
};

/// Where an item goes.
struct Room {
  size_t offset = 0;
  MutableBytes bytes;
};

/// Finds room for an item and pays for it. False: it does not fit.
bool find_room(Packing& packing, const FormatItem& item, size_t item_bytes, Room& room) {
  const Place place = place_item(item, packing.position, item_bytes, packing.out.size());
  if (!place.fits) return false;
  nflua_charge_bytes(packing.L, item_bytes);
  room = {place.offset, packing.out.sub(place.offset, item_bytes)};
  return true;
}

/// Takes the room, and fills what lies before it for alignment with zeros.
void take(Packing& packing, const Room& room) {
  for (size_t i = packing.position; i < room.offset; i++) packing.out[i] = 0;
  packing.position = room.offset + room.bytes.size();
}

/// A string or a memory, which may be the one that is packed into.
Bytes check_packed_bytes(Packing& packing) {
  if (const Memory* memory = to_object<Memory>(packing.L, packing.arg)) return memory->bytes();
  return check_text(packing.L, packing.arg).bytes();
}

/// Copies `text`, and fills the rest with zeros. It comes before all else that is written for the
/// item, since the text may lie there.
void place_text(MutableBytes out, Bytes text) {
  if (!text.empty()) memmove(out.data(), text.data(), text.size());
  const MutableBytes rest = out.sub(text.size());
  if (!rest.empty()) memset(rest.data(), 0, rest.size());
}

bool pack_integer_argument(Packing& packing, const FormatItem& item) {
  const lua_Integer value = luaL_checkinteger(packing.L, packing.arg);
  luaL_argcheck(packing.L, integer_fits(item, value), packing.arg,
                item.is_signed ? "integer overflow" : "unsigned overflow");
  Room room;
  if (!find_room(packing, item, item.size, room)) return false;
  take(packing, room);
  pack_integer(item, value, room.bytes);
  return true;
}

bool pack_number_argument(Packing& packing, const FormatItem& item) {
  const lua_Number number = luaL_checknumber(packing.L, packing.arg);
  uint64_t image;
  memcpy(&image, &number, sizeof image);
  Room room;
  if (!find_room(packing, item, item.size, room)) return false;
  take(packing, room);
  pack_number(item, image, room.bytes);
  return true;
}

bool pack_fixed_string(Packing& packing, const FormatItem& item) {
  const Bytes text = check_packed_bytes(packing);
  luaL_argcheck(packing.L, text.size() <= item.size, packing.arg, "string longer than given size");
  Room room;
  if (!find_room(packing, item, item.size, room)) return false;
  place_text(room.bytes, text);
  take(packing, room);
  return true;
}

bool pack_prefixed_string(Packing& packing, const FormatItem& item) {
  const Bytes text = check_packed_bytes(packing);
  luaL_argcheck(packing.L, length_fits(item, text.size()), packing.arg,
                "string length does not fit in given size");
  Room room;
  if (!find_room(packing, item, item.size + text.size(), room)) return false;
  place_text(room.bytes.sub(item.size), text);
  take(packing, room);
  pack_integer(item, lua_Integer(text.size()), room.bytes.first(item.size));
  return true;
}

bool pack_zero_string(Packing& packing, const FormatItem& item) {
  const Bytes text = check_packed_bytes(packing);
  nflua_charge_bytes(packing.L, text.size());
  luaL_argcheck(packing.L, text.empty() || !memchr(text.data(), 0, text.size()), packing.arg,
                "string contains zeros");
  Room room;
  if (!find_room(packing, item, text.size() + 1, room)) return false;
  place_text(room.bytes, text);
  take(packing, room);
  return true;
}

/// Each byte is an option of the script's: as many are written as fit.
bool pack_padding(Packing& packing, const FormatItem& item) {
  Room room;
  const size_t left = packing.out.size() - packing.position;
  if (!find_room(packing, item, least(item.size, left), room)) return false;
  place_text(room.bytes, {});
  take(packing, room);
  return room.bytes.size() == item.size;
}

/// False: it does not fit, and nothing of it was written.
bool pack_item(Packing& packing, const FormatItem& item) {
  switch (item.kind) {
    case FormatKind::float32:
    case FormatKind::float64:
      return pack_number_argument(packing, item);
    case FormatKind::fixed_string:
      return pack_fixed_string(packing, item);
    case FormatKind::prefixed_string:
      return pack_prefixed_string(packing, item);
    case FormatKind::zero_string:
      return pack_zero_string(packing, item);
    case FormatKind::padding:
      return pack_padding(packing, item);
    case FormatKind::alignment: {
      Room room;
      const bool fits = find_room(packing, item, item.size, room);
      if (fits) take(packing, room);
      return fits;
    }
    default:
      return pack_integer_argument(packing, item);
  }
}

bool has_value(const FormatItem& item) { return item.kind < FormatKind::padding; }

}  // namespace

void push_format_cache(lua_State* L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kCacheKey) == LUA_TUSERDATA) return;
  lua_pop(L, 1);
  auto* cache = static_cast<FormatCache*>(lua_newuserdatauv(L, sizeof(FormatCache), kAnchors));
  memset(static_cast<void*>(cache), 0, sizeof *cache);
  cache->kind = ObjectKind::format_cache;
  // All its room at once: later stores allocate nothing.
  lua_createtable(L, 2 * kCachedFormats, 0);
  lua_setiuservalue(L, -2, kAnchors);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kCacheKey);
}

const Format& check_format(lua_State* L, int arg, int cache_index) {
  const char* text = luaL_checkstring(L, arg);
  auto& cache = *static_cast<FormatCache*>(lua_touserdata(L, cache_index));
  FormatCache::Slot& slot = cache.slots[slot_of(text)];
  const Format& format = slot.text == text ? *slot.format : add_format(L, arg, cache_index, slot);
  hold_format(L, arg, cache_index, slot);
  return format;
}

void check_no_floats(lua_State* L, const Format& format) {
  if (format.first_float()) luaL_error(L, "invalid format option '%c'", format.first_float());
}

size_t check_position(lua_State* L, int arg, size_t size) {
  const lua_Integer position = luaL_optinteger(L, arg, 1);
  if (position > 0) {
    luaL_argcheck(L, lua_Unsigned(position) - 1 <= size, arg, "position out of range");
    return size_t(position) - 1;
  }
  // As string.unpack: before the start is the start.
  const lua_Unsigned from_end = 0 - lua_Unsigned(position);
  return position == 0 || from_end > size ? 0 : size - size_t(from_end);
}

int push_unpacked(lua_State* L, const Format& format, Bytes data, size_t offset,
                  const char* too_short) {
  luaL_checkstack(L, int(format.values()) + 1, "too many results");
  charge_items(L, format);
  for (const FormatItem& item : format) {
    const Unpacked value = unpack_item(item, data, offset);
    switch (value.kind) {
      case Unpacked::Kind::integer:
        lua_pushinteger(L, value.integer);
        break;
      case Unpacked::Kind::number:
        push_number(L, value.integer);
        break;
      case Unpacked::Kind::string:
        push_bytes(L, value.string);
        break;
      case Unpacked::Kind::nothing:
        break;
      default:
        // Strings are charged as they are pushed; this is for the search of a zero that isn't
        // there.
        nflua_charge_bytes(L, data.size() - offset);
        raise_unpack_fault(L, item, value.kind, too_short);
    }
  }
  lua_pushinteger(L, lua_Integer(offset) + 1);
  return int(format.values()) + 1;
}

int push_packed(lua_State* L, const Format& format, MutableBytes out, size_t offset,
                int first_value) {
  charge_items(L, format);
  Packing packing{L, out, offset, first_value};
  const FormatItem* item = format.begin();
  for (; item != format.end() && pack_item(packing, *item); item++) {
    if (has_value(*item)) packing.arg++;
  }
  const int left = lua_gettop(L) - packing.arg + 1;
  luaL_checkstack(L, 2, "too many results");
  lua_pushboolean(L, item == format.end());
  lua_pushinteger(L, lua_Integer(packing.position) + 1);
  // The results stand before the values that are left.
  lua_rotate(L, packing.arg, 2);
  return left + 2;
}

}  // namespace nflua
