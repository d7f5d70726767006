// SPDX-License-Identifier: GPL-2.0-or-later
// lua/freestanding/ctype.h against glibc's in the C locale, which a process starts in.
#include <gtest/gtest.h>

#include <cctype>

namespace bare {
#include "lua/freestanding/ctype.h"
}

namespace {

constexpr int kMostOfChar = 255;

TEST(Ctype, classes_are_those_of_the_c_locale) {
  using Class = int (*)(int);
  const struct {
    const char* name;
    Class ours, theirs;
  } kClasses[] = {
      {"isdigit", bare::isdigit, ::isdigit}, {"islower", bare::islower, ::islower},
      {"isupper", bare::isupper, ::isupper}, {"isalpha", bare::isalpha, ::isalpha},
      {"isalnum", bare::isalnum, ::isalnum}, {"isxdigit", bare::isxdigit, ::isxdigit},
      {"isprint", bare::isprint, ::isprint}, {"isgraph", bare::isgraph, ::isgraph},
      {"ispunct", bare::ispunct, ::ispunct}, {"iscntrl", bare::iscntrl, ::iscntrl},
      {"isspace", bare::isspace, ::isspace},
  };
  for (const auto& each : kClasses)
    for (int c = EOF; c <= kMostOfChar; ++c)
      EXPECT_EQ(each.ours(c) != 0, each.theirs(c) != 0) << each.name << " " << c;
}

TEST(Ctype, letters_change_their_case) {
  for (int c = EOF; c <= kMostOfChar; ++c) {
    EXPECT_EQ(bare::tolower(c), ::tolower(c)) << c;
    EXPECT_EQ(bare::toupper(c), ::toupper(c)) << c;
  }
}

}  // namespace
