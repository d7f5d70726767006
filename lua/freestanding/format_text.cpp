// SPDX-License-Identifier: GPL-2.0-or-later
// Source: C11 7.21.6.1; where that leaves a choice (%p), as glibc does.
#include "lua/freestanding/format_text.h"

#include <stdint.h>
#include <string.h>

#include "lua/double/format.hpp"

namespace nflua {

namespace {

using soft::Conversion;
using soft::Prefix;
using soft::Text;

constexpr unsigned kOctal = 8, kDecimal = 10, kHexadecimal = 16;
/// Of 64 bits, in octal.
constexpr int kMaxDigits = 22;

/// The digits of a number, the last one first.
struct Digits {
  char text[kMaxDigits];
  int length = 0;

  Digits(uint64_t number, unsigned base) {
    for (; number != 0; number /= base) text[length++] = "0123456789abcdef"[number % base];
  }
};

unsigned base_of(char letter) {
  return letter == 'o' ? kOctal : letter == 'x' || letter == 'p' ? kHexadecimal : kDecimal;
}

void put_number(Text& text, const Conversion& conversion, uint64_t number, const Prefix& prefix) {
  const Digits digits(number, base_of(conversion.letter));
  int least = conversion.precision < 0 ? 1 : conversion.precision;
  // The alternative form of octal: one zero more, where none is first.
  if (conversion.is_alternative && conversion.letter == 'o' && least <= digits.length)
    least = digits.length + 1;
  const int zeros = least > digits.length ? least - digits.length : 0;
  put_before(text, conversion, prefix, zeros + digits.length);
  text.fill('0', zeros);
  for (int digit = digits.length; digit-- > 0;) text.put(digits.text[digit]);
  put_after(text, conversion, prefix, zeros + digits.length);
}

void put_signed(Text& text, const Conversion& conversion, int64_t number) {
  const bool is_negative = number < 0;
  const uint64_t size = is_negative ? -uint64_t(number) : uint64_t(number);
  put_number(text, conversion, size, sign_of(conversion, is_negative));
}

void put_unsigned(Text& text, const Conversion& conversion, uint64_t number) {
  Prefix prefix{};
  if (conversion.is_alternative && conversion.letter == 'x' && number != 0)
    prefix = soft::kHexadecimalPrefix;
  put_number(text, conversion, number, prefix);
}

void put_bytes(Text& text, const Conversion& conversion, const char* bytes, size_t size) {
  put_before(text, conversion, Prefix{}, int(size));
  for (size_t i = 0; i < size; ++i) text.put(bytes[i]);
  put_after(text, conversion, Prefix{}, int(size));
}

void put_string(Text& text, const Conversion& conversion, const char* string) {
  const bool is_cut = conversion.precision >= 0;
  put_bytes(text, conversion, string,
            is_cut ? strnlen(string, size_t(conversion.precision)) : strlen(string));
}

void put_pointer(Text& text, Conversion conversion, const void* pointer) {
  if (pointer == nullptr) return put_string(text, conversion, "(nil)");
  put_number(text, conversion, nflua_hide_pointer(pointer), soft::kHexadecimalPrefix);
}

/// An argument that is passed on: a va_list that is a parameter may be an array.
struct Arguments {
  va_list list;
};

void put_item(Text& text, Conversion conversion, Arguments* arguments) {
  switch (conversion.letter) {
    case 'd':
    case 'i':
      conversion.has_zeros = conversion.has_zeros && conversion.precision < 0;
      return put_signed(
          text, conversion,
          conversion.is_long ? va_arg(arguments->list, long long) : va_arg(arguments->list, int));
    case 'u':
    case 'o':
    case 'x':
      conversion.has_zeros = conversion.has_zeros && conversion.precision < 0;
      return put_unsigned(text, conversion,
                          conversion.is_long ? va_arg(arguments->list, unsigned long long)
                                             : va_arg(arguments->list, unsigned));
    case 'c': {
      const char character = char(va_arg(arguments->list, int));
      return put_bytes(text, conversion, &character, 1);
    }
    case 's':
      return put_string(text, conversion, va_arg(arguments->list, const char*));
    case 'p':
      return put_pointer(text, conversion, va_arg(arguments->list, const void*));
    default:
      return text.put(conversion.letter);  // %%
  }
}

/// Everything but the arguments' end.
void put_all(Text& text, const char* format, Arguments* arguments) {
  while (*format != 0) {
    if (*format != '%') {
      text.put(*format++);
      continue;
    }
    const Conversion conversion = soft::take_conversion(&format);
    text.set_upper(conversion.is_upper);
    put_item(text, conversion, arguments);
    text.set_upper(false);
  }
}

}  // namespace

}  // namespace nflua

int nflua_format_text(char* to, size_t size, const char* format, va_list list) {
  nflua::soft::Text text(to, size);
  nflua::Arguments arguments;
  va_copy(arguments.list, list);
  nflua::put_all(text, format, &arguments);
  va_end(arguments.list);
  return text.end();
}
