// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/script.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/command_failure.hpp"

namespace nflua::cli {

namespace {

constexpr uint32_t kOnlyWorker = 1;

std::string read_all(std::istream& in) {
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string state_name(const std::string& path) {
  const std::filesystem::path file = std::filesystem::path(path).filename();
  const std::string name = (file.extension() == ".lua" ? file.stem() : file).string();
  if (name.size() >= kNameBytes)
    throw CommandFailure(kUsage,
                         fmt::format("{}: a script's name without .lua names its state and has {} "
                                     "bytes at most; rename the file",
                                     path, kNameBytes - 1));
  return name;
}

}  // namespace

std::string read_text_file(const std::string& path, const char* what) {
  if (path == "-") return read_all(std::cin);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path))
    throw CommandFailure(kUnreadable, fmt::format("{}: can't read the {}: {}", path, what,
                                                  in ? "it is a directory" : std::strerror(errno)));
  return read_all(in);
}

OwnedState load_script(Host& host, const std::string& path, const Limits& limits) {
  const std::string name = state_name(path);
  const std::string source = read_text_file(path, "script");
  const Result<State*> created =
      State::create(host, {name.data(), name.size()}, limits, kOnlyWorker);
  if (!created) throw CommandFailure(kUsage, created.error().text());
  OwnedState state(*created);
  if (state->load({source.data(), source.size()}, {path.data(), path.size()})) {
    const Text error = state->last_error();
    throw CommandFailure(kUnreadable, std::string(error.data(), error.size()));
  }
  return state;
}

}  // namespace nflua::cli
