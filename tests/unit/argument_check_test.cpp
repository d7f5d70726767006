// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/argument_check.hpp"

#include <gmock/gmock.h>

#include "cli/command_failure.hpp"
#include "cli/option_values.hpp"

namespace nflua::cli {
namespace {

using testing::HasSubstr;
using Arguments = std::vector<std::string>;

/// Two subcommands of a made-up program: `cook` and `eat`.
class ArgumentCheck : public testing::Test {
 protected:
  ArgumentCheck() : cook_(*app_.add_subcommand("cook")), eat_(*app_.add_subcommand("eat")) {
    cook_.add_option("MEAL", text_);
    cook_.add_option("-p", text_)->type_name("POT");
    cook_.add_option("-e", text_)->type_name("CODE");
    cook_.add_option("--spice", text_)->type_name("NAME");
    cook_.add_option("--stir", texts_)->type_name("TIMES")->expected(1)->take_all();
    cook_.add_flag("--salty", flag_);
    cook_.add_flag("--fire{gas}", text_);
    eat_.add_flag("--politely", flag_);
  }

  /// What is wrong with these, or nothing.
  std::string check(const Arguments& arguments) {
    try {
      check_command_line(app_, arguments);
      return "";
    } catch (const CommandFailure& failure) {
      EXPECT_EQ(failure.status(), kUsage);
      return failure.what();
    }
  }

  CLI::App app_{"", "kitchen"};
  CLI::App& cook_;
  CLI::App& eat_;
  std::string text_;
  std::vector<std::string> texts_;
  bool flag_ = false;
};

TEST_F(ArgumentCheck, good_arguments_pass) {
  for (const Arguments& good : {Arguments{},
                                {"cook"},
                                {"cook", "soup", "--spice", "salt", "--salty"},
                                {"cook", "--spice=salt", "-ppan", "soup"},
                                {"cook", "--stir", "1", "--stir", "2"},
                                {"cook", "--spice", "-5"},
                                {"cook", "-5", "-"},
                                {"cook", "--fire", "--salty"},
                                {"cook", "--fire=coal"},
                                {"cook", "-e", ""},
                                {"cook", "-e", "-- a comment"},
                                {"cook", "--", "--nothing"},
                                {"cook", "-h", "--nothing"},
                                {"cook", "--help", "--nothing"},
                                {"unknown", "--nothing"},
                                {"--version"}})
    EXPECT_EQ(check(good), "") << testing::PrintToString(good);
}

TEST_F(ArgumentCheck, an_unknown_option_gets_the_nearest_name) {
  for (const auto& [typed, meant] : {std::pair{"--spcie", "--spice"},
                                     {"--spic", "--spice"},
                                     {"--sp", "--spice"},
                                     {"--spicee", "--spice"},
                                     {"--sipce=x", "--spice"},
                                     {"-spice", "--spice"},
                                     {"-spise", "--spice"},
                                     {"-salty", "--salty"},
                                     {"-hlep", "--help"},
                                     {"-help", "--help"},
                                     {"-stir", "--stir"}})
    EXPECT_THAT(check({"cook", typed}), HasSubstr(std::string("unknown option '") + typed +
                                                  "': did you mean " + meant + "; see"));
}

TEST_F(ArgumentCheck, a_long_name_with_one_dash_is_no_value_of_a_short_option) {
  EXPECT_THAT(check({"cook", "-politely"}), HasSubstr("it is one of eat"));
  EXPECT_EQ(check({"cook", "-pan"}), "");
}

TEST_F(ArgumentCheck, an_option_of_another_subcommand_is_found_there) {
  EXPECT_THAT(check({"eat", "--spice", "x"}), HasSubstr("'--spice': it is one of cook"));
}

TEST_F(ArgumentCheck, one_letter_gets_the_long_names_that_begin_with_it) {
  EXPECT_THAT(check({"cook", "-s"}), HasSubstr("(--spice, --stir and --salty)"));
}

TEST_F(ArgumentCheck, what_is_like_nothing_may_be_no_option) {
  EXPECT_THAT(check({"cook", "--wxyz"}), HasSubstr("put -- before it if it is no option"));
}

TEST_F(ArgumentCheck, a_value_that_is_not_there_is_missed) {
  EXPECT_THAT(check({"cook", "--spice"}), HasSubstr("--spice: expected NAME, found nothing"));
  EXPECT_THAT(check({"cook", "-p"}), HasSubstr("-p: expected POT, found nothing"));
  EXPECT_THAT(check({"cook", "--spice", ""}), HasSubstr("found an empty text"));
  EXPECT_THAT(check({"cook", "--spice="}), HasSubstr("found an empty text"));
  EXPECT_THAT(check({"cook", "--spice", "--salty"}), HasSubstr("found the option --salty"));
}

TEST_F(ArgumentCheck, an_option_stands_once) {
  EXPECT_THAT(check({"cook", "--spice", "a", "--spice", "b"}), HasSubstr("--spice: found twice"));
}

TEST_F(ArgumentCheck, a_flag_takes_no_value) {
  EXPECT_THAT(check({"cook", "--salty=very"}), HasSubstr("takes no value, found 'very'"));
}

TEST_F(ArgumentCheck, options_come_after_the_subcommand) {
  EXPECT_THAT(check({"--salty", "cook"}), HasSubstr("expected it behind: kitchen cook --salty"));
}

TEST(NearestName, a_third_of_the_letters_may_be_wrong) {
  const std::vector<std::string> names = {"replay", "run", "reload"};
  EXPECT_EQ(nearest_name("rnu", names), "run");
  EXPECT_EQ(nearest_name("relpay", names), "replay");
  EXPECT_EQ(nearest_name("relaod", names), "reload");
  EXPECT_EQ(nearest_name("rep", names), "replay");
  EXPECT_EQ(nearest_name("xyz", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name("walk", names), "");
}

TEST(OptionValues, a_number_is_decimal_and_within_its_bounds) {
  EXPECT_EQ(parse_bounded("--n", "7", 1, 9), 7);
  EXPECT_EQ(parse_bounded("--n", "-7", -7, 9), -7);
  for (const char* text : {"", "0", "10", "-1", "7x", " 7", "+7", "0x7", "1e0", "7.0",
                           "99999999999999999999999999999999999999999999999"})
    EXPECT_THROW(parse_bounded("--n", text, 1, 9), CLI::ValidationError) << text;
}

}  // namespace
}  // namespace nflua::cli
