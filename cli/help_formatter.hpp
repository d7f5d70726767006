// SPDX-License-Identifier: GPL-2.0-or-later
// How --help looks.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "cli/manual.hpp"

namespace nflua::cli {

/// A manual for a terminal of 80 columns.
std::string help_text(const Manual& manual);

class HelpFormatter final : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
    return help_text(manual_of(*app));
  }
};

}  // namespace nflua::cli
