// SPDX-License-Identifier: GPL-2.0-or-later
// Compressed bytes in, the bytes that they stand for out, in constant memory, as they come: what a
// compressing program has flushed is there at once.
//
//   Decompressor::open(compression, first bytes) → read(…, fetch) until 0 → failure(): why
// Any number of gzip members, zstd or lz4 frames are one stream; checksums are looked at. Damage
// ends it behind the last byte that came out before.
// Why not libarchive: it takes gzip for good whose checksum is wrong, and withholds what came out
// before an error.
#pragma once

#include <stdint.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/bytes.hpp"

namespace nflua::replay {

enum class Compression : uint8_t { gzip, zstd, lz4 };

const char* compression_name(Compression compression);

/// What bytes are compressed with that start so. Requires: kCompressionMagicBytes of them.
inline constexpr size_t kCompressionMagicBytes = 4;
std::optional<Compression> find_compression(Bytes start);

/// The library's part: one stream of one format.
class Codec {
 public:
  enum class Step : uint8_t {
    more,     ///< something was taken or given, or there is too little of `in`
    end,      ///< of a member or frame: another one may follow
    damaged,  ///< what() says it
    refused,  ///< whole, but what() says why it is not read here, and what to do
  };

  virtual ~Codec() = default;
  /// Takes from the front of `in` and gives to the front of `out`; both then begin behind that.
  virtual Step run(Bytes& in, MutableBytes& out) = 0;
  virtual std::string what() const = 0;
};

class Decompressor {
 public:
  /// Compressed bytes from the file: how many came, 0 at its end, or if it can't be read.
  using Fetch = std::function<size_t(MutableBytes room)>;

  /// `start`: what was read of the file already.
  Decompressor(Compression compression, Bytes start);

  /// Fills a part of `room`; 0: the end, or failure(). Fetches only while it has nothing to give.
  size_t read(MutableBytes room, const Fetch& fetch);
  /// "damaged at byte 7 of the gzip data: …; get the file again …"; empty: the stream ended well,
  /// or the file failed.
  const std::string& failure() const { return failure_; }
  Compression compression() const { return compression_; }
  /// Bytes of the file that have been fetched but not yet taken.
  size_t untaken() const { return in_.size(); }

 private:
  static constexpr size_t kFetchBytes = size_t{1} << 17;

  bool fetch_more(const Fetch& fetch);
  void end_of_file();
  bool starts_another();
  void fail(const std::string& kind, const std::string& what,
            const char* remedy =
                "; the packets before that were read; get the file again from where "
                "it was made");
  void step(MutableBytes& out);

  Compression compression_;
  std::unique_ptr<Codec> codec_;
  std::unique_ptr<uint8_t[]> buffer_;
  Bytes in_;
  /// Bytes of the file before in_.
  uint64_t taken_ = 0;
  bool is_in_member_ = false;
  bool is_first_ = true;
  /// Nothing but skippable frames came so far, which zstd and lz4 share.
  bool is_empty_ = true;
  bool is_over_ = false;
  std::string failure_;
};

/// The codec of one format. nullptr: not enough memory.
std::unique_ptr<Codec> make_gzip_codec();
std::unique_ptr<Codec> make_zstd_codec();
std::unique_ptr<Codec> make_lz4_codec();

}  // namespace nflua::replay
