// SPDX-License-Identifier: GPL-2.0-or-later
// Lua's formats of binary data (string.pack), compiled once into an array of items. Nothing here
// touches Lua; engine/lua/pack.hpp does.
//
// Numbers that aren't integers travel as the 64 bits of an IEEE double, so that no floating point
// is needed. Positions are offsets from 0; alignment is relative to offset 0.
// Source: the Lua 5.4 manual, section 6.4.2.
#pragma once

#include "engine/bytes.hpp"

namespace nflua {

/// What an item reads or writes. All integers of 1, 2, 4 and 8 bytes have a kind of their own, for
/// speed; `integer` is for the other sizes.
enum class FormatKind : uint8_t {
  int8,
  int16_big,
  int16_little,
  int32_big,
  int32_little,
  int64_big,
  int64_little,
  integer,
  float32,
  float64,
  fixed_string,     ///< c[n]
  prefixed_string,  ///< s[n]
  zero_string,      ///< z
  padding,          ///< x, or several
  alignment,        ///< X
};

struct FormatItem {
  FormatKind kind;
  bool is_signed;
  bool is_little;
  /// A power of two; 1: none.
  uint8_t alignment;
  /// Bytes; of a prefixed string those of its length; of a zero-ended string 0.
  uint32_t size;
};

/// Why a format isn't one. The texts are Lua's; see raise_format_fault().
struct FormatFault {
  enum class Kind : uint8_t {
    none,
    invalid_option,       ///< `value`: the character
    size_out_of_limits,   ///< `value`: the size
    missing_size,         ///< of 'c'
    invalid_next_option,  ///< after 'X'
    bad_alignment,        ///< not a power of two
    too_long,             ///< more than kMaxFormatBytes
  };
  Kind kind = Kind::none;
  int value = 0;
};

/// Bytes of the largest integer that a format may name.
inline constexpr int kMaxIntegerBytes = 16;

/// A compiled format. Its items follow it in the same storage, which the caller provides:
///   storage of bytes_for(text) → compile(text, storage's Format)
class Format {
 public:
  static constexpr size_t bytes_for(Text text) {
    return sizeof(Format) + text.size() * sizeof(FormatItem);
  }
  /// Fills `out`. As for Lua, a zero byte ends the text.
  /// Requires: bytes_for(text) bytes at `out`.
  static FormatFault compile(Text text, Format& out);

  const FormatItem* begin() const { return reinterpret_cast<const FormatItem*>(this + 1); }
  const FormatItem* end() const { return begin() + count_; }
  /// How many values it reads or writes.
  size_t values() const { return values_; }
  /// The first of the options f, d, n; 0: there is none.
  char first_float() const { return first_float_; }

 private:
  friend class FormatCompiler;
  uint32_t count_ = 0;
  uint32_t values_ = 0;
  char first_float_ = 0;
};

/// What unpack_item() read.
struct Unpacked {
  enum class Kind : uint8_t {
    integer,
    number,  ///< `integer` is the image of a double
    string,
    nothing,         ///< padding
    too_short,       ///< the data ends before the item does
    does_not_fit,    ///< an integer of more than 64 bits
    unfinished_text  ///< no zero byte behind a zero-ended string
  };
  Kind kind;
  int64_t integer;
  Bytes string;
};

/// Reads one item at `position`, which moves behind it if that succeeds.
/// Requires: position <= data.size().
inline Unpacked unpack_item(const FormatItem& item, Bytes data, size_t& position);

/// The places of an item in what is packed.
struct Place {
  /// False: it does not fit.
  bool fits;
  /// Of the item itself, behind its alignment.
  size_t offset;
};
/// Where an item of `item_bytes` goes that is packed at `position`.
/// Requires: position <= room.
Place place_item(const FormatItem& item, size_t position, size_t item_bytes, size_t room);

/// Whether an integer fits the item's size, as that or the other signedness.
bool integer_fits(const FormatItem& item, int64_t value);
/// Whether a string's length fits the item's length prefix.
bool length_fits(const FormatItem& item, size_t length);

/// Writes an integer item, or the length of a prefixed string. Requires: out.size() == item.size.
void pack_integer(const FormatItem& item, int64_t value, MutableBytes out);
/// Writes a float item of a double's image, rounded to the nearest, ties to even.
/// Requires: out.size() == item.size.
void pack_number(const FormatItem& item, uint64_t image, MutableBytes out);

/// The images of the same number as a float and as a double; a signalling NaN becomes a quiet one.
uint64_t widen_float(uint32_t image);
uint32_t narrow_double(uint64_t image);

// ---- Inline for speed: unpacking is done per packet.

/// All items that are not integers of 1, 2, 4 or 8 bytes. `position` is aligned.
Unpacked unpack_rare_item(const FormatItem& item, Bytes data, size_t& position);

constexpr size_t bytes_to_align(size_t position, size_t alignment) {
  return (alignment - position) & (alignment - 1);
}

/// The integer of an item of a kind int8 to int64_little.
inline uint64_t load_common(FormatKind kind, const uint8_t* at) {
  switch (kind) {
    case FormatKind::int8:
      return at[0];
    case FormatKind::int16_big:
      return load_be16(at);
    case FormatKind::int16_little:
      return __builtin_bswap16(load_be16(at));
    case FormatKind::int32_big:
      return load_be32(at);
    case FormatKind::int32_little:
      return __builtin_bswap32(load_be32(at));
    case FormatKind::int64_big:
      return load_be64(at);
    default:
      return __builtin_bswap64(load_be64(at));
  }
}

inline Unpacked unpack_item(const FormatItem& item, Bytes data, size_t& position) {
  const size_t start = position + bytes_to_align(position, item.alignment);
  if (!data.has(start, item.size)) return {Unpacked::Kind::too_short, 0, {}};
  if (item.kind >= FormatKind::integer) {
    size_t end = start;
    const Unpacked result = unpack_rare_item(item, data, end);
    if (result.kind <= Unpacked::Kind::nothing) position = end;
    return result;
  }
  const uint64_t raw = load_common(item.kind, data.data() + start);
  // Moving the sign bit to the top and back extends the sign.
  const unsigned shift = item.is_signed ? 64 - 8 * item.size : 0;
  position = start + item.size;
  return {Unpacked::Kind::integer, int64_t(raw << shift) >> shift, {}};
}

}  // namespace nflua
