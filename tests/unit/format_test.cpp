// SPDX-License-Identifier: GPL-2.0-or-later
// What a script sees of formats is compared with Lua's own library in pack_test.cpp.
#include "engine/format.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "engine/limits.hpp"
#include "tests/support/packets.hpp"

namespace nflua {
namespace {

using test::Buffer;
using test::view;

/// A compiled format with its storage.
class Compiled {
 public:
  explicit Compiled(const std::string& text)
      : storage_(Format::bytes_for({text.data(), text.size()}) / sizeof(uint32_t) + 1),
        fault_(Format::compile({text.data(), text.size()}, storage())) {}

  const Format& format() { return storage(); }
  FormatFault fault() const { return fault_; }

 private:
  Format& storage() { return *reinterpret_cast<Format*>(storage_.data()); }

  std::vector<uint32_t> storage_;
  FormatFault fault_;
};

TEST(Format, faults_are_told_apart) {
  using Kind = FormatFault::Kind;
  struct {
    std::string text;
    Kind kind;
    int value;
  } cases[] = {
      {"", Kind::none, 0},
      {"<!4 i4 >I16 =", Kind::none, 0},
      {std::string("i4\0y", 4), Kind::none, 0},
      {"y", Kind::invalid_option, 'y'},
      {"i4 \xff", Kind::invalid_option, char(0xff)},
      {"i0", Kind::size_out_of_limits, 0},
      {"I17", Kind::size_out_of_limits, 17},
      {"s99", Kind::size_out_of_limits, 99},
      {"!17", Kind::size_out_of_limits, 17},
      {"i99999999999", Kind::size_out_of_limits, 999'999'999},
      {"c", Kind::missing_size, 0},
      {"c2147483639", Kind::none, 0},
      {"c2147483640", Kind::invalid_option, '0'},
      {"X", Kind::invalid_next_option, 0},
      {"Xz", Kind::invalid_next_option, 0},
      {"XX", Kind::invalid_next_option, 0},
      {"Xc4", Kind::invalid_next_option, 0},
      {"X ", Kind::invalid_next_option, 0},
      {"X!8", Kind::invalid_next_option, 0},
      {"Xy", Kind::invalid_option, 'y'},
      {"!i3", Kind::bad_alignment, 0},
      {"!4i3", Kind::bad_alignment, 0},
      {"!2i3", Kind::none, 0},
      {"!Xi3", Kind::bad_alignment, 0},
      {std::string(kMaxFormatBytes, 'b'), Kind::none, 0},
      {std::string(kMaxFormatBytes + 1, 'b'), Kind::too_long, 0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const FormatFault fault = Compiled(c.text).fault();
    EXPECT_EQ(fault.kind, c.kind);
    EXPECT_EQ(fault.value, c.value);
  }
}

TEST(Format, values_are_counted_without_padding) {
  EXPECT_EQ(Compiled("i4 x Xi4 z s c3 d").format().values(), 5u);
  EXPECT_EQ(Compiled("").format().values(), 0u);
}

TEST(Format, the_first_float_is_named) {
  EXPECT_EQ(Compiled("i4dn").format().first_float(), 'd');
  EXPECT_EQ(Compiled("nf").format().first_float(), 'n');
  EXPECT_EQ(Compiled("f").format().first_float(), 'f');
  EXPECT_EQ(Compiled("i4s").format().first_float(), 0);
  EXPECT_EQ(Compiled("!Xdi4").format().first_float(), 0);
}

struct UnpackCase {
  const char* format;
  Buffer data;
  Unpacked::Kind kind;
  int64_t integer;
  std::string string;
  size_t end;
};

TEST(Format, one_item_is_unpacked) {
  using Kind = Unpacked::Kind;
  const Buffer ones(16, 0xff);
  const UnpackCase cases[] = {
      {">I2", {1, 2, 3}, Kind::integer, 0x0102, "", 2},
      {"<I2", {1, 2, 3}, Kind::integer, 0x0201, "", 2},
      {">i2", {0xff, 0xfe}, Kind::integer, -2, "", 2},
      {">I3", {1, 2, 3}, Kind::integer, 0x010203, "", 3},
      {"<i3", {0xfe, 0xff, 0xff}, Kind::integer, -2, "", 3},
      {">I8", ones, Kind::integer, -1, "", 8},
      {"i16", ones, Kind::integer, -1, "", 16},
      {"I16", ones, Kind::does_not_fit, 0, "", 0},
      {">I4", {1, 2, 3}, Kind::too_short, 0, "", 0},
      {"c2", {'a', 'b', 'c'}, Kind::string, 0, "ab", 2},
      {"c0", {}, Kind::string, 0, "", 0},
      {"s1", {2, 'a', 'b', 'c'}, Kind::string, 0, "ab", 3},
      {"s1", {3, 'a', 'b'}, Kind::too_short, 0, "", 0},
      {"s8", ones, Kind::too_short, 0, "", 0},
      {"s16", ones, Kind::does_not_fit, 0, "", 0},
      {"z", {'a', 0, 'b'}, Kind::string, 0, "a", 2},
      {"z", {'a', 'b'}, Kind::unfinished_text, 0, "", 0},
      {"z", {}, Kind::unfinished_text, 0, "", 0},
      {"x", {1}, Kind::nothing, 0, "", 1},
      {">d", {0x40, 0, 0, 0, 0, 0, 0, 0}, Kind::number, 0x4000'0000'0000'0000, "", 8},
      {"<f", {0, 0, 0, 0x40}, Kind::number, 0x4000'0000'0000'0000, "", 4},
  };
  for (const UnpackCase& c : cases) {
    SCOPED_TRACE(c.format);
    Compiled compiled(c.format);
    size_t position = 0;
    const Unpacked got = unpack_item(*compiled.format().begin(), view(c.data), position);
    EXPECT_EQ(got.kind, c.kind);
    EXPECT_EQ(got.integer, c.integer);
    EXPECT_EQ(test::text_of(got.string), c.string);
    EXPECT_EQ(position, c.end);
  }
}

TEST(Format, an_item_is_aligned_from_the_start_of_the_data) {
  Compiled compiled("!4>I4");
  const Buffer data{0, 0, 0, 0, 1, 2, 3, 4};
  size_t position = 1;
  EXPECT_EQ(unpack_item(*compiled.format().begin(), view(data), position).integer, 0x01020304);
  EXPECT_EQ(position, 8u);
  position = 5;
  EXPECT_EQ(unpack_item(*compiled.format().begin(), view(data), position).kind,
            Unpacked::Kind::too_short);
  EXPECT_EQ(position, 5u);
}

TEST(Format, a_place_lies_within_the_room) {
  Compiled aligned("!4>I4");
  const FormatItem& item = *aligned.format().begin();
  EXPECT_TRUE(place_item(item, 1, 4, 8).fits);
  EXPECT_EQ(place_item(item, 1, 4, 8).offset, 4u);
  EXPECT_FALSE(place_item(item, 1, 4, 7).fits);
  EXPECT_FALSE(place_item(item, 1, SIZE_MAX, 8).fits);
  EXPECT_FALSE(place_item(item, 7, 0, 7).fits);
}

/// Images of floats: edges, and random ones.
std::vector<uint32_t> float_images() {
  std::vector<uint32_t> images = {0,          0x80000000, 1,          0x80000001, 0x007fffff,
                                  0x00800000, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00000,
                                  0xffc00001, 0x7f800001, 0x3f800000};
  std::mt19937 random(1);
  for (int i = 0; i < 1'000'000; i++) images.push_back(uint32_t(random()));
  for (int i = 0; i < 100'000; i++) images.push_back(uint32_t(random()) & 0x807f'ffff);
  return images;
}

TEST(Format, floats_widen_as_the_processor_does_it) {
  for (const uint32_t image : float_images()) {
    // Volatile: the compiler would keep a signalling NaN as it is.
    const volatile float value = std::bit_cast<float>(image);
    ASSERT_EQ(widen_float(image), std::bit_cast<uint64_t>(double(value))) << image;
  }
}

/// Images of doubles near what a float can say, ties included.
uint64_t random_double_image(std::mt19937_64& random) {
  const uint64_t sign = random() << 63;
  uint64_t fraction = random() & 0xf'ffff'ffff'ffff;
  if (random() % 4 == 0) fraction &= ~uint64_t{0x0fff'ffff};
  if (random() % 8 == 0) fraction |= 0xf'ffff'e000'0000;
  uint64_t exponent = 1023 - 155 + random() % 290;
  if (random() % 32 == 0) exponent = random() % 2048;
  return sign | exponent << 52 | fraction;
}

TEST(Format, doubles_narrow_as_the_processor_does_it) {
  std::mt19937_64 random(1);
  const auto check = [](uint64_t image) {
    const volatile double value = std::bit_cast<double>(image);
    ASSERT_EQ(narrow_double(image), std::bit_cast<uint32_t>(float(value))) << image;
  };
  for (int i = 0; i < 2'000'000; i++) check(random_double_image(random));
  for (const double value :
       {0.0, 0x1p-149, 0x1p-150, 0x1.000001p-150, 0x3p-150, 0x1p-151, 0x1.fffffep127,
        0x1.ffffffp127, 0x1.fffffefffffffp127, 0x1p128, 0x1.fffffep-127, 0x1.ffffffp-127, 5e-324,
        1.7976931348623157e308, double(INFINITY)}) {
    check(std::bit_cast<uint64_t>(value));
    check(std::bit_cast<uint64_t>(-value));
  }
}

TEST(Format, random_formats_over_random_bytes_stay_in_bounds) {
  std::mt19937 random(1);
  const std::string alphabet = "<>=!bBhHlLjJTiIfdnszcxX 0123456789";
  for (int i = 0; i < 100'000; i++) {
    std::string text(random() % 12, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    Compiled compiled(text);
    if (compiled.fault().kind != FormatFault::Kind::none) continue;
    Buffer data(random() % 40);
    for (uint8_t& byte : data) byte = uint8_t(random() % 3);
    size_t position = 0;
    for (const FormatItem& item : compiled.format()) {
      const Unpacked value = unpack_item(item, view(data), position);
      ASSERT_LE(position, data.size());
      if (value.kind > Unpacked::Kind::nothing) break;
    }
  }
}

}  // namespace
}  // namespace nflua
