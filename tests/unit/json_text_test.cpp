// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/client/json_text.hpp"

#include <gtest/gtest.h>

namespace nflua::cli {
namespace {

TEST(ReadableJson, shows_rows_then_sections_then_tables) {
  auto text = readable_json(R"({"s": {"in_it": 1, "deep": {"x": -1.5}}, "a": 7, "on": true,
      "t": [{"name": "n", "count": 12}, {"name": "longer", "more": "x"}], "list": [1, "b"],
      "none": null, "empty": {}, "a_name_that_is_longer_than_its_column": 3})");
  ASSERT_TRUE(text) << text.failure().message();
  EXPECT_EQ(*text,
            "  a                                7\n"
            "  on                             yes\n"
            "  list                          1, b\n"
            "  none                             -\n"
            "  empty                            -\n"
            "  a name that is longer than its column             3\n"
            "s\n"
            "  in it                            1\n"
            "s, deep\n"
            "  x                             -1.5\n"
            "t\n"
            "  name    count  more\n"
            "  n          12  -\n"
            "  longer      -  x\n");
}

TEST(ReadableJson, shows_each_row_as_a_section_where_a_table_were_too_wide) {
  const std::string wide(60, 'w');
  auto text =
      readable_json(R"({"t": [{"a": ")" + wide + R"(", "b": ")" + wide + R"("}, {"a": 1}]})");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "t, 1 of 2\n  a                     " + wide + "\n  b                     " +
                       wide + "\nt, 2 of 2\n  a                                1\n");
}

TEST(ReadableJson, shows_no_control_characters) {
  auto text = readable_json(R"({"a\u001b": "\u001b[31m"})");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->find('\x1b'), std::string::npos);
}

TEST(ReadableJson, shows_a_text_of_several_lines_in_one_row) {
  auto text = readable_json(R"({"a\nb": "x\ny", "t": [{"c": "1\n2"}]})");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "  a\\nb                          x\\ny\nt\n  c\n  1\\n2\n");
}

TEST(ReadableJson, refuses_what_is_no_object) {
  for (const char* json : {"", "{", "7", "[]", "null"}) EXPECT_FALSE(readable_json(json)) << json;
}

}  // namespace
}  // namespace nflua::cli
