// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/decompressor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/compress.hpp"

namespace nflua::replay {
namespace {

using test::compress;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr Compression kAll[] = {Compression::gzip, Compression::zstd, Compression::lz4};

/// Text that neither compresses to nothing nor stays as it is.
std::string sample(size_t bytes) {
  std::string text;
  for (uint32_t i = 1; text.size() < bytes; i = i * 1664525 + 1013904223)
    text += "packet " + std::to_string(i >> 12) + ", ";
  text.resize(bytes);
  return text;
}

struct Unpacked {
  std::string text;
  std::string failure;
};

/// `step`: bytes that a fetch brings at most.
Unpacked unpack(Compression compression, const std::string& packed, size_t step = SIZE_MAX,
                size_t room_bytes = 1000) {
  size_t at = std::min<size_t>({packed.size(), step, kCompressionMagicBytes});
  Decompressor decompressor(compression, {packed.data(), at});
  const auto fetch = [&](MutableBytes room) {
    const size_t got = std::min({packed.size() - at, step, room.size()});
    memcpy(room.data(), packed.data() + at, got);
    at += got;
    return got;
  };
  std::string text, room(room_bytes, '\0');
  const MutableBytes to(reinterpret_cast<uint8_t*>(room.data()), room.size());
  while (const size_t got = decompressor.read(to, fetch)) text.append(room, 0, got);
  EXPECT_EQ(decompressor.read(to, fetch), 0u) << "the end must stay the end";
  return {text, decompressor.failure()};
}

TEST(decompressor, knows_compressed_bytes_by_how_they_start) {
  for (const Compression compression : kAll) {
    const std::string packed = compress(compression, "text");
    EXPECT_EQ(find_compression({packed.data(), kCompressionMagicBytes}), compression);
  }
  EXPECT_EQ(find_compression(Text("\x50\x2a\x4d\x18").bytes()), Compression::zstd) << "pzstd";
  for (const char* other : {"", "text", "\xd4\xc3\xb2\xa1", "\x0a\x0d\x0d\x0a", "\x28\xb5\x2f\xfe"})
    EXPECT_EQ(find_compression(Text(other).bytes()), std::nullopt) << other;
}

TEST(decompressor, gives_what_was_compressed_in_any_number_of_members) {
  const std::string text = sample(300'000);
  for (const Compression compression : kAll) {
    for (const size_t step : {size_t{1}, size_t{700}, SIZE_MAX}) {
      const std::string packed = compress(compression, text.substr(0, 200'000)) +
                                 compress(compression, "") +
                                 compress(compression, text.substr(200'000));
      const Unpacked unpacked = unpack(compression, packed, step);
      EXPECT_EQ(unpacked.text, text) << compression_name(compression) << ' ' << step;
      EXPECT_THAT(unpacked.failure, IsEmpty());
    }
  }
}

TEST(decompressor, what_was_flushed_is_there_before_more_comes) {
  for (const Compression compression : kAll) {
    const std::string packed = compress(compression, "the first packet", false);
    Decompressor decompressor(compression, {packed.data(), packed.size()});
    uint8_t room[100];
    const size_t got = decompressor.read({room, sizeof room}, [](MutableBytes) -> size_t {
      ADD_FAILURE() << "nothing more has come";
      return 0;
    });
    EXPECT_EQ(std::string(room, room + got), "the first packet") << compression_name(compression);
  }
}

TEST(decompressor, a_cut_stream_gives_what_came_before_and_says_so) {
  const std::string text = sample(5000);
  for (const Compression compression : kAll) {
    const std::string packed = compress(compression, text);
    size_t most = 0;
    for (size_t size = 1; size < packed.size(); ++size) {
      const Unpacked unpacked = unpack(compression, packed.substr(0, size));
      EXPECT_THAT(unpacked.failure, StartsWith("cut off at byte " + std::to_string(size)));
      EXPECT_THAT(text, StartsWith(unpacked.text));
      most = std::max(most, unpacked.text.size());
    }
    EXPECT_EQ(most, text.size()) << "only the checksum was missing";
    EXPECT_THAT(unpack(compression, packed + packed.substr(0, 3)).failure, HasSubstr("cut off"));
  }
}

TEST(decompressor, a_flipped_bit_is_noticed) {
  // Not all of a header has a meaning, or a checksum.
  constexpr size_t kGzipHeaderBytes = 10;
  constexpr size_t kOtherHeaderBytes = 5;
  const std::string text = sample(400'000);
  for (const Compression compression : kAll) {
    const std::string packed = compress(compression, text);
    const size_t start = compression == Compression::gzip ? kGzipHeaderBytes : kOtherHeaderBytes;
    for (size_t at = start; at < packed.size(); at += at < packed.size() - 20 ? 4099 : 1) {
      std::string damaged = packed;
      damaged[at] = char(damaged[at] ^ 0x10);
      const Unpacked unpacked = unpack(compression, damaged);
      EXPECT_THAT(unpacked.failure, testing::Not(IsEmpty()))
          << compression_name(compression) << " at " << at << " of " << packed.size();
    }
    std::string checksum = packed;
    checksum.back() = char(checksum.back() ^ 1);
    const Unpacked all_of_it = unpack(compression, checksum);
    EXPECT_EQ(all_of_it.text.size(), text.size())
        << compression_name(compression) << ": what is before the checksum is not withheld";
    EXPECT_THAT(all_of_it.failure, HasSubstr("damaged at byte "));
  }
}

TEST(decompressor, damage_does_not_withhold_the_blocks_before_it) {
  const std::string text = sample(3'000'000);
  for (const Compression compression : kAll) {
    std::string packed = compress(compression, text);
    const size_t at = packed.size() * 3 / 4;
    for (size_t i = at; i < at + 16; ++i) packed[i] = char(~packed[i]);
    const Unpacked unpacked = unpack(compression, packed, SIZE_MAX, size_t{1} << 20);
    EXPECT_GT(unpacked.text.size(), text.size() / 2) << compression_name(compression);
    EXPECT_THAT(unpacked.failure, HasSubstr("damaged at byte "));
  }
}

TEST(decompressor, zeros_may_follow_and_nothing_else) {
  for (const Compression compression : kAll) {
    const std::string packed = compress(compression, "text");
    const Unpacked padded = unpack(compression, packed + std::string(1000, '\0'), 3);
    EXPECT_EQ(padded.text, "text");
    EXPECT_THAT(padded.failure, IsEmpty());
    for (const std::string& more : {std::string("more"), std::string("\0\0x", 3)}) {
      const Unpacked unpacked = unpack(compression, packed + more, 5);
      EXPECT_EQ(unpacked.text, "text");
      EXPECT_THAT(unpacked.failure, HasSubstr("what follows is not "));
    }
  }
}

TEST(decompressor, a_frame_that_wants_much_memory_is_no_damage) {
  // A frame of 2 GiB without a size: what zstd --long=31 makes.
  const std::string packed("\x28\xb5\x2f\xfd\x04\xa8\x01\0\0", 9);
  const std::string failure = unpack(Compression::zstd, packed).failure;
  EXPECT_THAT(failure, HasSubstr("unzstd --long=31 it first"));
  EXPECT_THAT(failure, Not(HasSubstr("damage")));
  EXPECT_THAT(failure, Not(HasSubstr("again")));
}

TEST(decompressor, a_skippable_frame_may_stand_in_front_of_either_format) {
  const std::string skippable("\x53\x2a\x4d\x18\x03\0\0\0abc", 11);
  for (const Compression compression : {Compression::zstd, Compression::lz4}) {
    const std::string packed = skippable + skippable + compress(compression, "text") + skippable;
    for (const size_t step : {size_t{1}, SIZE_MAX}) {
      const Unpacked unpacked = unpack(Compression::zstd, packed, step);
      EXPECT_EQ(unpacked.text, "text") << compression_name(compression) << ' ' << step;
      EXPECT_THAT(unpacked.failure, IsEmpty());
    }
  }
  // Once something came, the format stays.
  const Unpacked mixed = unpack(
      Compression::zstd, compress(Compression::zstd, "text") + compress(Compression::lz4, "x"));
  EXPECT_EQ(mixed.text, "text");
  EXPECT_THAT(mixed.failure, HasSubstr("what follows is not zstd"));
}

}  // namespace
}  // namespace nflua::replay
