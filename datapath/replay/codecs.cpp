// SPDX-License-Identifier: GPL-2.0-or-later
// What zlib, libzstd and liblz4 do for decompressor.hpp. The latter two don't say how much one call
// has given before it met damage. So each call gets no more than they ask for, which is one block,
// and nothing while they may hold what didn't fit into the room of the call before.
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "datapath/replay/decompressor.hpp"

namespace nflua::replay {
namespace {

class GzipCodec final : public Codec {
 public:
  GzipCodec() {
    constexpr int kGzipOnly = 16;
    is_ready_ = inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK;
  }
  GzipCodec(const GzipCodec&) = delete;
  GzipCodec& operator=(const GzipCodec&) = delete;
  ~GzipCodec() override { inflateEnd(&stream_); }

  bool is_ready() const { return is_ready_; }
  Step run(Bytes& in, MutableBytes& out) override;
  std::string what() const override { return what_; }

 private:
  z_stream stream_{};
  bool is_ready_;
  std::string what_;
};

Codec::Step GzipCodec::run(Bytes& in, MutableBytes& out) {
  constexpr size_t kMost = std::numeric_limits<uInt>::max();
  stream_.next_in = const_cast<uint8_t*>(in.data());
  stream_.avail_in = uInt(std::min(in.size(), kMost));
  stream_.next_out = out.data();
  stream_.avail_out = uInt(std::min(out.size(), kMost));
  const int result = inflate(&stream_, Z_SYNC_FLUSH);
  in = in.sub(size_t(stream_.next_in - in.data()));
  out = out.sub(size_t(stream_.next_out - out.data()));
  // Z_BUF_ERROR: there was nothing to do.
  if (result == Z_OK || result == Z_BUF_ERROR) return Step::more;
  if (result == Z_STREAM_END) return inflateReset(&stream_) == Z_OK ? Step::end : Step::damaged;
  what_ = stream_.msg ? stream_.msg : zError(result);
  return Step::damaged;
}

class ZstdCodec final : public Codec {
 public:
  ZstdCodec() : context_(ZSTD_createDStream()) {
    if (context_) wanted_ = start_ = ZSTD_initDStream(context_);
  }
  ZstdCodec(const ZstdCodec&) = delete;
  ZstdCodec& operator=(const ZstdCodec&) = delete;
  ~ZstdCodec() override { ZSTD_freeDStream(context_); }

  bool is_ready() const { return context_ != nullptr; }
  Step run(Bytes& in, MutableBytes& out) override;
  std::string what() const override;

 private:
  bool needs_much_memory() const {
    return ZSTD_getErrorCode(result_) == ZSTD_error_frameParameter_windowTooLarge;
  }

  ZSTD_DStream* context_;
  /// What libzstd wants to see first of a frame, and next.
  size_t start_ = 0;
  size_t wanted_ = 0;
  bool is_full_ = false;
  size_t result_ = 0;
};

Codec::Step ZstdCodec::run(Bytes& in, MutableBytes& out) {
  ZSTD_inBuffer from{in.data(), is_full_ ? 0 : std::min(in.size(), wanted_), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  result_ = ZSTD_decompressStream(context_, &to, &from);
  in = in.sub(from.pos);
  out = out.sub(to.pos);
  if (needs_much_memory()) return Step::refused;
  if (ZSTD_isError(result_)) return Step::damaged;
  if (std::exchange(is_full_, out.empty()) && to.pos == 0) return run(in, out);
  wanted_ = result_ == 0 ? start_ : result_;
  return result_ == 0 ? Step::end : Step::more;
}

std::string ZstdCodec::what() const {
  if (needs_much_memory()) return "it needs more than 128 MiB of memory; unzstd --long=31 it first";
  return ZSTD_getErrorName(result_);
}

class Lz4Codec final : public Codec {
 public:
  Lz4Codec() {
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION))) context_ = nullptr;
  }
  Lz4Codec(const Lz4Codec&) = delete;
  Lz4Codec& operator=(const Lz4Codec&) = delete;
  ~Lz4Codec() override { LZ4F_freeDecompressionContext(context_); }

  bool is_ready() const { return context_ != nullptr; }
  Step run(Bytes& in, MutableBytes& out) override;
  std::string what() const override { return LZ4F_getErrorName(result_); }

 private:
  LZ4F_dctx* context_ = nullptr;
  size_t wanted_ = LZ4F_HEADER_SIZE_MIN;
  bool is_full_ = false;
  size_t result_ = 0;
};

Codec::Step Lz4Codec::run(Bytes& in, MutableBytes& out) {
  size_t taken = is_full_ ? 0 : std::min(in.size(), wanted_);
  size_t given = out.size();
  result_ = LZ4F_decompress(context_, out.data(), &given, in.data(), &taken, nullptr);
  if (LZ4F_isError(result_)) return Step::damaged;
  in = in.sub(taken);
  out = out.sub(given);
  if (std::exchange(is_full_, out.empty()) && given == 0) return run(in, out);
  wanted_ = result_ == 0 ? size_t{LZ4F_HEADER_SIZE_MIN} : result_;
  return result_ == 0 ? Step::end : Step::more;
}

template <class T>
std::unique_ptr<Codec> if_ready() {
  auto codec = std::make_unique<T>();
  if (!codec->is_ready()) return nullptr;
  return codec;
}

}  // namespace

std::unique_ptr<Codec> make_gzip_codec() { return if_ready<GzipCodec>(); }
std::unique_ptr<Codec> make_zstd_codec() { return if_ready<ZstdCodec>(); }
std::unique_ptr<Codec> make_lz4_codec() { return if_ready<Lz4Codec>(); }

}  // namespace nflua::replay
