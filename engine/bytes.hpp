// SPDX-License-Identifier: GPL-2.0-or-later
// Borrowed views of bytes and text, with bounds checked by whoever slices.
//
// Invariants: a view never owns; it is valid as long as what it borrows from. sub() and first()
// clamp to what is there, so slicing can't leave the view. Reads at an offset Require has().
// Why not std::span and std::string_view: the latter's header needs a hosted library.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace nflua {

constexpr size_t least(size_t a, size_t b) { return a < b ? a : b; }

constexpr uint16_t load_be16(const uint8_t* at) { return uint16_t(at[0] << 8 | at[1]); }

constexpr uint32_t load_be32(const uint8_t* at) {
  return uint32_t{load_be16(at)} << 16 | load_be16(at + 2);
}

constexpr uint64_t load_be64(const uint8_t* at) {
  return uint64_t{load_be32(at)} << 32 | load_be32(at + 4);
}

constexpr void store_be16(uint8_t* at, uint16_t value) {
  at[0] = uint8_t(value >> 8);
  at[1] = uint8_t(value);
}

constexpr void store_be32(uint8_t* at, uint32_t value) {
  store_be16(at, uint16_t(value >> 16));
  store_be16(at + 2, uint16_t(value));
}

class Bytes {
 public:
  constexpr Bytes() = default;
  constexpr Bytes(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  Bytes(const char* data, size_t size)
      : data_(reinterpret_cast<const uint8_t*>(data)), size_(size) {}

  constexpr const uint8_t* data() const { return data_; }
  const char* chars() const { return reinterpret_cast<const char*>(data_); }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const uint8_t* begin() const { return data_; }
  constexpr const uint8_t* end() const { return data_ + size_; }

  /// Whether `count` bytes follow from `offset`; can't overflow.
  constexpr bool has(size_t offset, size_t count) const {
    return offset <= size_ && count <= size_ - offset;
  }
  // Requires: has(offset, width of the value).
  constexpr uint8_t operator[](size_t offset) const { return data_[offset]; }
  constexpr uint16_t be16(size_t offset) const { return load_be16(data_ + offset); }
  constexpr uint32_t be32(size_t offset) const { return load_be32(data_ + offset); }

  constexpr Bytes first(size_t count) const { return {data_, count < size_ ? count : size_}; }
  constexpr Bytes sub(size_t offset) const {
    return offset < size_ ? Bytes{data_ + offset, size_ - offset} : Bytes{};
  }
  constexpr Bytes sub(size_t offset, size_t count) const { return sub(offset).first(count); }

  friend bool operator==(Bytes a, Bytes b) {
    return a.size_ == b.size_ && (a.size_ == 0 || memcmp(a.data_, b.data_, a.size_) == 0);
  }

 private:
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

class MutableBytes {
 public:
  constexpr MutableBytes() = default;
  constexpr MutableBytes(uint8_t* data, size_t size) : data_(data), size_(size) {}

  constexpr uint8_t* data() const { return data_; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr uint8_t& operator[](size_t offset) const { return data_[offset]; }
  constexpr operator Bytes() const { return {data_, size_}; }

  constexpr MutableBytes first(size_t count) const {
    return {data_, count < size_ ? count : size_};
  }
  constexpr MutableBytes sub(size_t offset) const {
    return offset < size_ ? MutableBytes{data_ + offset, size_ - offset} : MutableBytes{};
  }
  constexpr MutableBytes sub(size_t offset, size_t count) const { return sub(offset).first(count); }

 private:
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

/// Text that need not end with a zero.
class Text {
 public:
  constexpr Text() = default;
  constexpr Text(const char* zero_terminated)
      : data_(zero_terminated), size_(__builtin_strlen(zero_terminated)) {}
  constexpr Text(const char* data, size_t size) : data_(data), size_(size) {}

  constexpr const char* data() const { return data_; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr char operator[](size_t offset) const { return data_[offset]; }
  Bytes bytes() const { return {data_, size_}; }

  friend bool operator==(Text a, Text b) {
    return a.size_ == b.size_ && (a.size_ == 0 || memcmp(a.data_, b.data_, a.size_) == 0);
  }

 private:
  const char* data_ = "";
  size_t size_ = 0;
};

}  // namespace nflua
