// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/address.hpp"

namespace nflua {
namespace {

constexpr size_t kIpv4Bytes = 4;
constexpr size_t kIpv6Bytes = 16;
constexpr size_t kWords = 8;
constexpr size_t kMaxOctetDigits = 3;
constexpr size_t kMaxWordDigits = 4;
/// No "::" seen, or none to write.
constexpr size_t kNowhere = SIZE_MAX;

// ---- To text

char* put_decimal(char* out, uint8_t value) {
  if (value >= 100) *out++ = char('0' + value / 100);
  if (value >= 10) *out++ = char('0' + value / 10 % 10);
  *out++ = char('0' + value % 10);
  return out;
}

char* put_dotted(char* out, const uint8_t* octets) {
  for (size_t i = 0; i < kIpv4Bytes; i++) {
    if (i != 0) *out++ = '.';
    out = put_decimal(out, octets[i]);
  }
  return out;
}

char* put_hex(char* out, uint16_t value) {
  int shift = 12;
  while (shift > 0 && value >> shift == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) *out++ = "0123456789abcdef"[value >> shift & 0xf];
  return out;
}

struct Run {
  size_t first = kNowhere;
  size_t count = 0;
};

/// The longest run of zero words, the first among equals; a single one is not worth a "::".
Run longest_zero_run(const uint8_t* bytes) {
  Run best;
  for (size_t i = 0; i < kWords; i++) {
    size_t end = i;
    while (end < kWords && load_be16(bytes + 2 * end) == 0) end++;
    if (end - i > best.count) best = {i, end - i};
    if (end > i) i = end - 1;
  }
  return best.count >= 2 ? best : Run{};
}

/// Whether the last four bytes are shown as an IPv4 address.
bool ends_dotted(const uint8_t* bytes, Run zeros) {
  if (zeros.first != 0) return false;
  return zeros.count == 6 || (zeros.count == 5 && load_be16(bytes + 10) == 0xffff);
}

char* put_ipv6(char* out, const uint8_t* bytes) {
  const Run zeros = longest_zero_run(bytes);
  const bool dotted = ends_dotted(bytes, zeros);
  const size_t words = dotted ? kWords - 2 : kWords;
  for (size_t i = 0; i < words; i++) {
    if (i == zeros.first) {
      *out++ = ':';
      i += zeros.count - 1;
      if (i == kWords - 1) *out++ = ':';
      continue;
    }
    if (i != 0) *out++ = ':';
    out = put_hex(out, load_be16(bytes + 2 * i));
  }
  if (!dotted) return out;
  *out++ = ':';
  return put_dotted(out, bytes + kIpv6Bytes - kIpv4Bytes);
}

// ---- From text

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// One octet at `at`, which moves behind it.
bool read_octet(Text text, size_t& at, uint8_t& out) {
  const size_t start = at;
  uint32_t value = 0;
  while (at < text.size() && is_digit(text[at]) && at - start < kMaxOctetDigits) {
    value = value * 10 + uint32_t(text[at++] - '0');
  }
  const size_t digits = at - start;
  if (digits == 0 || value > 255 || (digits > 1 && text[start] == '0')) return false;
  out = uint8_t(value);
  return true;
}

/// Dotted decimal from `at` to the end of the text.
bool read_dotted(Text text, size_t at, uint8_t* out) {
  for (size_t i = 0; i < kIpv4Bytes; i++) {
    if (i != 0 && (at >= text.size() || text[at++] != '.')) return false;
    if (!read_octet(text, at, out[i])) return false;
  }
  return at == text.size();
}

/// One to four hexadecimal digits at `at`, which moves behind them.
bool read_word(Text text, size_t& at, uint8_t* out) {
  const size_t start = at;
  uint32_t value = 0;
  while (at < text.size() && hex_value(text[at]) >= 0) {
    if (at - start == kMaxWordDigits) return false;
    value = value << 4 | uint32_t(hex_value(text[at++]));
  }
  store_be16(out, uint16_t(value));
  return at > start;
}

/// Moves the words behind "::" to the end, zeros in between.
void open_gap(uint8_t* bytes, size_t gap, size_t used) {
  const size_t behind = used - gap;
  memmove(bytes + kIpv6Bytes - behind, bytes + gap, behind);
  memset(bytes + gap, 0, kIpv6Bytes - used);
}

/// Whether "::" stands at `at`.
bool is_gap(Text text, size_t at) {
  return at + 1 < text.size() && text[at] == ':' && text[at + 1] == ':';
}

bool read_ipv6(Text text, uint8_t* out) {
  size_t at = 0;
  size_t used = 0;
  size_t gap = kNowhere;
  while (at < text.size()) {
    if (gap == kNowhere && is_gap(text, at)) {
      gap = used;
      at += 2;
      if (at == text.size()) break;
    } else if (used != 0) {
      if (text[at++] != ':') return false;
    }
    if (used == kIpv6Bytes) return false;
    const size_t word = at;
    if (!read_word(text, at, out + used)) return false;
    if (at < text.size() && text[at] == '.') {
      if (used > kIpv6Bytes - kIpv4Bytes || !read_dotted(text, word, out + used)) return false;
      used += kIpv4Bytes;
      break;
    }
    used += 2;
  }
  if (gap == kNowhere) return used == kIpv6Bytes;
  // A "::" stands for one word at least.
  if (used == kIpv6Bytes) return false;
  open_gap(out, gap, used);
  return true;
}

bool has_colon(Text text) {
  return !text.empty() && memchr(text.data(), ':', text.size()) != nullptr;
}

}  // namespace

size_t format_address(const Address& address, char (&out)[kAddressTextBytes]) {
  char* end = address.family == Family::ipv4 ? put_dotted(out, address.bytes)
                                             : put_ipv6(out, address.bytes);
  *end = '\0';
  return size_t(end - out);
}

Result<Address> parse_address(Text text) {
  // Longer than any address: not worth reading.
  if (text.size() >= kAddressTextBytes) return Error("invalid address");
  Address address{has_colon(text) ? Family::ipv6 : Family::ipv4, {}};
  const bool good = address.family == Family::ipv6 ? read_ipv6(text, address.bytes)
                                                   : read_dotted(text, 0, address.bytes);
  if (!good) return Error("invalid address");
  return address;
}

}  // namespace nflua
