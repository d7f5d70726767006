// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/decompressor.hpp"

#include <new>

namespace nflua::replay {
namespace {

constexpr uint8_t kGzipMagic[] = {0x1f, 0x8b};
constexpr uint8_t kZstdMagic[] = {0x28, 0xb5, 0x2f, 0xfd};
constexpr uint8_t kLz4Magic[] = {0x04, 0x22, 0x4d, 0x18};
/// Of frames that hold nothing, in zstd and lz4: the first byte's low half is any.
constexpr uint8_t kSkippableMagic[] = {0x50, 0x2a, 0x4d, 0x18};

/// Whether `bytes`, be they fewer, could start with `magic`.
template <size_t n>
bool could_be(Bytes bytes, const uint8_t (&magic)[n], uint8_t first_mask = 0xff) {
  if (bytes.empty() || (bytes[0] & first_mask) != magic[0]) return false;
  const Bytes rest = bytes.first(n).sub(1);
  return rest == Bytes(magic + 1, n - 1).first(rest.size());
}

bool could_be_skippable(Bytes bytes) {
  constexpr uint8_t kHighHalf = 0xf0;
  return could_be(bytes, kSkippableMagic, kHighHalf);
}

bool could_start(Compression compression, Bytes bytes) {
  switch (compression) {
    case Compression::gzip:
      return could_be(bytes, kGzipMagic);
    case Compression::zstd:
      return could_be(bytes, kZstdMagic) || could_be_skippable(bytes);
    case Compression::lz4:
      return could_be(bytes, kLz4Magic) || could_be_skippable(bytes);
  }
  return false;
}

std::unique_ptr<Codec> make_codec(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return make_gzip_codec();
    case Compression::zstd:
      return make_zstd_codec();
    case Compression::lz4:
      return make_lz4_codec();
  }
  return nullptr;
}

}  // namespace

const char* compression_name(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return "gzip";
    case Compression::zstd:
      return "zstd";
    case Compression::lz4:
      break;
  }
  return "lz4";
}

// A file that starts with a skippable frame is mostly pzstd's; starts_another() finds out.
std::optional<Compression> find_compression(Bytes start) {
  for (const Compression known : {Compression::gzip, Compression::zstd, Compression::lz4})
    if (could_start(known, start)) return known;
  return {};
}

Decompressor::Decompressor(Compression compression, Bytes start)
    : compression_(compression),
      codec_(make_codec(compression)),
      buffer_(new uint8_t[start.size() < kFetchBytes ? kFetchBytes : start.size()]),
      in_(buffer_.get(), start.size()) {
  if (!codec_) throw std::bad_alloc();
  memcpy(buffer_.get(), start.data(), start.size());
}

size_t Decompressor::read(MutableBytes room, const Fetch& fetch) {
  while (!is_over_) {
    MutableBytes out = room;
    if (step(out); out.size() < room.size()) return room.size() - out.size();
    if (!is_over_ && in_.empty() && !fetch_more(fetch)) end_of_file();
  }
  return 0;
}

void Decompressor::step(MutableBytes& out) {
  if (!is_in_member_ && !starts_another()) return;
  const size_t before = in_.size();
  const size_t room = out.size();
  const Codec::Step step = codec_->run(in_, out);
  taken_ += before - in_.size();
  is_in_member_ = step != Codec::Step::end;
  if (step == Codec::Step::end) is_first_ = false;
  if (out.size() != room) is_empty_ = false;
  if (step == Codec::Step::refused)
    fail("not read", codec_->what(), "");
  else if (step == Codec::Step::damaged)
    fail("damaged", codec_->what());
  else if (before > 0 && in_.size() == before && out.size() == room)
    fail("damaged", "it makes no progress");
}

// Between two members. Zeros are what tapes and block devices leave behind the last one.
bool Decompressor::starts_another() {
  const auto skip = [this](size_t bytes) {
    in_ = in_.sub(bytes);
    taken_ += bytes;
  };
  while (!is_first_ && !in_.empty() && in_[0] == 0) skip(1);
  if (in_.empty()) return false;
  if (is_first_ || could_start(compression_, in_)) return true;
  if (is_empty_ && could_start(Compression::lz4, in_)) {
    compression_ = Compression::lz4;
    if (codec_ = make_codec(compression_); !codec_) throw std::bad_alloc();
    return true;
  }
  fail("complete, but", std::string("what follows is not ") + compression_name(compression_));
  return false;
}

bool Decompressor::fetch_more(const Fetch& fetch) {
  const size_t got = fetch({buffer_.get(), kFetchBytes});
  in_ = {buffer_.get(), got};
  return got > 0;
}

void Decompressor::end_of_file() {
  if (is_in_member_) fail("cut off", "it ends in the middle");
  is_over_ = true;
}

void Decompressor::fail(const std::string& kind, const std::string& what, const char* remedy) {
  failure_ = kind + " at byte " + std::to_string(taken_) + " of the " +
             compression_name(compression_) + " data: " + what + remedy;
  is_over_ = true;
}

}  // namespace nflua::replay
