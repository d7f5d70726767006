// SPDX-License-Identifier: GPL-2.0-or-later
// Compresses for tests, with checksums, and with what comes out so far flushed.
#pragma once

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <stdexcept>
#include <string>

#include "datapath/replay/decompressor.hpp"

namespace nflua::test {

inline void require_size(bool is_right) {
  if (!is_right) throw std::runtime_error("a test's compressor failed");
}

inline std::string gzip(const std::string& text, bool is_finished) {
  constexpr int kGzip = 16;
  z_stream stream{};
  require_size(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + kGzip, 8, Z_DEFAULT_STRATEGY) ==
               Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = uInt(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = uInt(packed.size());
  deflate(&stream, is_finished ? Z_FINISH : Z_SYNC_FLUSH);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string zstd(const std::string& text, bool is_finished) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string packed(ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer out{packed.data(), packed.size(), 0};
  require_size(ZSTD_compressStream2(context, &out, &in, is_finished ? ZSTD_e_end : ZSTD_e_flush) ==
               0);
  ZSTD_freeCCtx(context);
  packed.resize(out.pos);
  return packed;
}

inline std::string lz4(const std::string& text, bool is_finished) {
  LZ4F_cctx* context;
  require_size(!LZ4F_isError(LZ4F_createCompressionContext(&context, LZ4F_VERSION)));
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  std::string packed(LZ4F_compressBound(text.size(), &preferences) + 64, '\0');
  size_t used = 0;
  const auto add = [&](size_t bytes) {
    require_size(!LZ4F_isError(bytes));
    used += bytes;
  };
  const auto to = [&] { return packed.data() + used; };
  const auto room = [&] { return packed.size() - used; };
  add(LZ4F_compressBegin(context, to(), room(), &preferences));
  add(LZ4F_compressUpdate(context, to(), room(), text.data(), text.size(), nullptr));
  add(LZ4F_flush(context, to(), room(), nullptr));
  if (is_finished) add(LZ4F_compressEnd(context, to(), room(), nullptr));
  LZ4F_freeCompressionContext(context);
  packed.resize(used);
  return packed;
}

/// A whole member or frame; not finished: one whose end is still to come.
inline std::string compress(replay::Compression compression, const std::string& text,
                            bool is_finished = true) {
  switch (compression) {
    case replay::Compression::gzip:
      return gzip(text, is_finished);
    case replay::Compression::zstd:
      return zstd(text, is_finished);
    case replay::Compression::lz4:
      break;
  }
  return lz4(text, is_finished);
}

}  // namespace nflua::test
