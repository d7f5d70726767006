// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/format.hpp"

#include "engine/limits.hpp"

namespace nflua {
namespace {

constexpr bool kNativeIsLittle = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
/// What '!' without a number stands for: no type of Lua's asks for more.
constexpr int kNativeAlignment = alignof(int64_t);
constexpr size_t kInt64Bytes = sizeof(int64_t);
/// Numbers in formats stop before they pass an int; the digits that follow are options.
constexpr int kMaxNumber = 0x7fff'ffff;

bool is_power_of_two(uint32_t value) { return (value & (value - 1)) == 0; }

FormatKind integer_kind(uint32_t size, bool is_little) {
  switch (size) {
    case 1:
      return FormatKind::int8;
    case 2:
      return is_little ? FormatKind::int16_little : FormatKind::int16_big;
    case 4:
      return is_little ? FormatKind::int32_little : FormatKind::int32_big;
    case 8:
      return is_little ? FormatKind::int64_little : FormatKind::int64_big;
    default:
      return FormatKind::integer;
  }
}

FormatFault fault(FormatFault::Kind kind, int value = 0) { return {kind, value}; }

}  // namespace

class FormatCompiler {
 public:
  FormatCompiler(Text text, Format& out)
      : text_(text), out_(out), items_(reinterpret_cast<FormatItem*>(&out + 1)) {}

  FormatFault run() {
    out_ = Format();
    while (!at_end()) {
      if (text_[at_] == 'X') {
        at_++;
        read_alignment();
      } else if (read_option()) {
        add_item();
      }
      if (fault_.kind != FormatFault::Kind::none) return fault_;
    }
    return {};
  }

 private:
  bool at_end() const { return at_ == text_.size() || text_[at_] == '\0'; }
  bool at_digit() const { return !at_end() && text_[at_] >= '0' && text_[at_] <= '9'; }

  int read_number(int otherwise) {
    if (!at_digit()) return otherwise;
    int value = 0;
    do {
      value = value * 10 + (text_[at_++] - '0');
    } while (at_digit() && value <= (kMaxNumber - 9) / 10);
    return value;
  }

  uint32_t read_size(size_t otherwise) {
    const int size = read_number(int(otherwise));
    if (size < 1 || size > kMaxIntegerBytes) {
      fault_ = fault(FormatFault::Kind::size_out_of_limits, size);
      return 1;
    }
    return uint32_t(size);
  }

  void set_integer(uint32_t size, bool is_signed) {
    item_ = {integer_kind(size, is_little_), is_signed, is_little_, 1, size};
  }

  void set(FormatKind kind, uint32_t size) { item_ = {kind, false, is_little_, 1, size}; }

  void set_float(char option) {
    const bool is_float = option == 'f';
    set(is_float ? FormatKind::float32 : FormatKind::float64, is_float ? 4 : 8);
    if (!out_.first_float_) out_.first_float_ = option;
  }

  void set_fixed_string() {
    const int size = read_number(-1);
    if (size < 0) fault_ = fault(FormatFault::Kind::missing_size);
    set(FormatKind::fixed_string, uint32_t(size));
  }

  /// Reads one option other than X into item_. False: it has no item.
  bool read_option() {
    const char option = text_[at_++];
    switch (option) {
      case 'b':
      case 'B':
        set_integer(1, option == 'b');
        return true;
      case 'h':
      case 'H':
        set_integer(sizeof(short), option == 'h');
        return true;
      case 'i':
      case 'I':
        set_integer(read_size(sizeof(int)), option == 'i');
        return true;
      case 'l':
      case 'L':
        set_integer(sizeof(long), option == 'l');
        return true;
      case 'j':
      case 'J':
        set_integer(kInt64Bytes, option == 'j');
        return true;
      case 'T':
        set_integer(sizeof(size_t), false);
        return true;
      case 'f':
      case 'd':
      case 'n':
        set_float(option);
        return true;
      case 's':
        set(FormatKind::prefixed_string, read_size(sizeof(size_t)));
        return true;
      case 'c':
        set_fixed_string();
        return true;
      case 'z':
        set(FormatKind::zero_string, 0);
        return true;
      case 'x':
        set(FormatKind::padding, 1);
        return true;
      default:
        read_setting(option);
        return false;
    }
  }

  void read_setting(char option) {
    switch (option) {
      case ' ':
        return;
      case '<':
        is_little_ = true;
        return;
      case '>':
        is_little_ = false;
        return;
      case '=':
        is_little_ = kNativeIsLittle;
        return;
      case '!':
        max_alignment_ = read_size(kNativeAlignment);
        return;
      default:
        fault_ = fault(FormatFault::Kind::invalid_option, option);
    }
  }

  /// X: aligned as the option that follows, which stands for nothing else.
  void read_alignment() {
    const char first_float = out_.first_float_;
    const bool has_item = !at_end() && text_[at_] != 'X' && read_option();
    if (fault_.kind != FormatFault::Kind::none) return;
    if (!has_item || item_.kind == FormatKind::fixed_string || item_.size == 0) {
      fault_ = fault(FormatFault::Kind::invalid_next_option);
      return;
    }
    out_.first_float_ = first_float;
    align_item();
    item_.kind = FormatKind::alignment;
    item_.size = 0;
    put_item();
  }

  void align_item() {
    if (item_.kind == FormatKind::fixed_string) return;
    const uint32_t wanted = item_.size < max_alignment_ ? item_.size : max_alignment_;
    if (wanted <= 1) return;
    if (!is_power_of_two(wanted)) fault_ = fault(FormatFault::Kind::bad_alignment);
    item_.alignment = uint8_t(wanted);
  }

  void add_item() {
    align_item();
    if (item_.kind < FormatKind::padding) out_.values_++;
    put_item();
  }

  /// Padding that follows padding joins it: a filter skips a header's fields byte by byte.
  void put_item() {
    FormatItem* const last = out_.count_ > 0 ? &items_[out_.count_ - 1] : nullptr;
    if (item_.kind == FormatKind::padding && last && last->kind == FormatKind::padding)
      last->size++;
    else
      items_[out_.count_++] = item_;
  }

  Text text_;
  size_t at_ = 0;
  Format& out_;
  FormatItem* items_;
  bool is_little_ = kNativeIsLittle;
  uint32_t max_alignment_ = 1;
  FormatItem item_{};
  FormatFault fault_;
};

FormatFault Format::compile(Text text, Format& out) {
  if (text.size() > kMaxFormatBytes) return fault(FormatFault::Kind::too_long);
  return FormatCompiler(text, out).run();
}

// ---- Reading

namespace {

/// An integer of any size. False: it has more than 64 bits.
bool load_integer(const FormatItem& item, const uint8_t* at, int64_t& out) {
  const size_t size = item.size;
  // The i-th byte from the least significant one.
  const auto byte = [&](size_t i) { return at[item.is_little ? i : size - 1 - i]; };
  // All ones shift in the sign.
  uint64_t value = item.is_signed && (byte(size - 1) & 0x80) ? ~uint64_t{0} : 0;
  for (size_t i = least(size, kInt64Bytes); i-- > 0;) value = value << 8 | byte(i);
  out = int64_t(value);
  const uint8_t filler = item.is_signed && out < 0 ? 0xff : 0;
  for (size_t i = kInt64Bytes; i < size; i++) {
    if (byte(i) != filler) return false;
  }
  return true;
}

uint64_t load_ordered(const uint8_t* at, size_t size, bool is_little) {
  int64_t value = 0;
  load_integer({FormatKind::integer, false, is_little, 1, uint32_t(size)}, at, value);
  return uint64_t(value);
}

Unpacked unpack_prefixed_string(const FormatItem& item, Bytes data, size_t& position) {
  int64_t length = 0;
  if (!load_integer(item, data.data() + position, length)) {
    return {Unpacked::Kind::does_not_fit, 0, {}};
  }
  const size_t start = position + item.size;
  if (uint64_t(length) > data.size() - start) return {Unpacked::Kind::too_short, 0, {}};
  position = start + size_t(length);
  return {Unpacked::Kind::string, 0, data.sub(start, size_t(length))};
}

Unpacked unpack_zero_string(Bytes data, size_t& position) {
  const Bytes rest = data.sub(position);
  const void* zero = rest.empty() ? nullptr : memchr(rest.data(), 0, rest.size());
  if (!zero) return {Unpacked::Kind::unfinished_text, 0, {}};
  const size_t length = size_t(static_cast<const uint8_t*>(zero) - rest.data());
  position += length + 1;
  return {Unpacked::Kind::string, 0, rest.first(length)};
}

}  // namespace

Unpacked unpack_rare_item(const FormatItem& item, Bytes data, size_t& position) {
  const uint8_t* at = data.data() + position;
  switch (item.kind) {
    case FormatKind::prefixed_string:
      return unpack_prefixed_string(item, data, position);
    case FormatKind::zero_string:
      return unpack_zero_string(data, position);
    default:
      break;
  }
  const Bytes here = data.sub(position, item.size);
  position += item.size;
  switch (item.kind) {
    case FormatKind::float32:
      return {Unpacked::Kind::number,
              int64_t(widen_float(uint32_t(load_ordered(at, item.size, item.is_little)))),
              {}};
    case FormatKind::float64:
      return {Unpacked::Kind::number, int64_t(load_ordered(at, item.size, item.is_little)), {}};
    case FormatKind::fixed_string:
      return {Unpacked::Kind::string, 0, here};
    case FormatKind::integer: {
      int64_t value = 0;
      if (!load_integer(item, at, value)) return {Unpacked::Kind::does_not_fit, 0, {}};
      return {Unpacked::Kind::integer, value, {}};
    }
    default:
      return {Unpacked::Kind::nothing, 0, {}};
  }
}

// ---- Writing

Place place_item(const FormatItem& item, size_t position, size_t item_bytes, size_t room) {
  const size_t skipped = bytes_to_align(position, item.alignment);
  const size_t left = room - position;
  return {skipped <= left && item_bytes <= left - skipped, position + skipped};
}

bool integer_fits(const FormatItem& item, int64_t value) {
  if (item.size >= kInt64Bytes) return true;
  const unsigned bits = 8 * item.size;
  if (!item.is_signed) return uint64_t(value) >> bits == 0;
  const int64_t limit = int64_t{1} << (bits - 1);
  return -limit <= value && value < limit;
}

bool length_fits(const FormatItem& item, size_t length) {
  return item.size >= sizeof(size_t) || length >> (8 * item.size) == 0;
}

void pack_integer(const FormatItem& item, int64_t value, MutableBytes out) {
  const uint8_t filler = item.is_signed && value < 0 ? 0xff : 0;
  for (size_t i = 0; i < item.size; i++) {
    const uint8_t byte = i < kInt64Bytes ? uint8_t(uint64_t(value) >> (8 * i)) : filler;
    out[item.is_little ? i : item.size - 1 - i] = byte;
  }
}

void pack_number(const FormatItem& item, uint64_t image, MutableBytes out) {
  const bool is_float = item.kind == FormatKind::float32;
  pack_integer(item, int64_t(is_float ? narrow_double(image) : image), out);
}

// ---- Floating point without floating point (IEEE 754: sign, exponent, fraction)

namespace {

constexpr int kFloatFraction = 23;
constexpr int kFloatBias = 127;
constexpr uint32_t kFloatInfinity = 0x7f80'0000;
constexpr int kDoubleFraction = 52;
constexpr int kDoubleBias = 1023;
constexpr int kDoubleMaxExponent = 0x7ff;
constexpr uint64_t kDoubleInfinity = 0x7ff0'0000'0000'0000;
constexpr uint64_t kDoubleQuiet = uint64_t{1} << (kDoubleFraction - 1);
constexpr uint64_t kDoubleFractionMask = (uint64_t{1} << kDoubleFraction) - 1;
/// Bits that a double's fraction has more.
constexpr int kFractionDifference = kDoubleFraction - kFloatFraction;

/// value / 2^shift, to the nearest, ties to even. Requires: 0 < shift < 64.
uint64_t shift_rounding(uint64_t value, int shift) {
  const uint64_t half = uint64_t{1} << (shift - 1);
  const uint64_t rest = value & ((half << 1) - 1);
  const uint64_t result = value >> shift;
  return result + (rest > half || (rest == half && (result & 1)));
}

}  // namespace

uint64_t widen_float(uint32_t image) {
  const uint64_t sign = uint64_t{image >> 31} << 63;
  uint64_t fraction = uint64_t{image & 0x7f'ffff} << kFractionDifference;
  int exponent = int(image >> kFloatFraction & 0xff);
  if (exponent == 0xff) return sign | kDoubleInfinity | (fraction ? fraction | kDoubleQuiet : 0);
  if (exponent == 0) {
    if (fraction == 0) return sign;
    // Subnormal: all of them are normal doubles.
    exponent = 1;
    for (; fraction <= kDoubleFractionMask; exponent--) fraction <<= 1;
    fraction &= kDoubleFractionMask;
  }
  return sign | uint64_t(exponent - kFloatBias + kDoubleBias) << kDoubleFraction | fraction;
}

uint32_t narrow_double(uint64_t image) {
  const uint32_t sign = uint32_t(image >> 63) << 31;
  const uint64_t fraction = image & kDoubleFractionMask;
  const int field = int(image >> kDoubleFraction) & kDoubleMaxExponent;
  if (field == kDoubleMaxExponent) {
    const uint64_t kept = fraction ? (fraction | kDoubleQuiet) >> kFractionDifference : 0;
    return sign | kFloatInfinity | uint32_t(kept);
  }
  const int exponent = field - kDoubleBias + kFloatBias;
  if (exponent >= 0xff) return sign | kFloatInfinity;
  if (exponent > 0) {
    // A carry out of the fraction makes the exponent one more, up to infinity: as it should.
    const uint64_t both = uint64_t(exponent) << kDoubleFraction | fraction;
    return sign | uint32_t(shift_rounding(both, kFractionDifference));
  }
  const int shift = kFractionDifference + 1 - exponent;
  // Less than half of the smallest subnormal (a double's subnormals, too).
  if (shift > kDoubleFraction + 1) return sign;
  return sign | uint32_t(shift_rounding(fraction | uint64_t{1} << kDoubleFraction, shift));
}

}  // namespace nflua
