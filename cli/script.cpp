// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string_view>
#include <system_error>

#include "cli/command_failure.hpp"
#include "datapath/engine_text.hpp"

namespace nflua::cli {

namespace {

constexpr const char* kStandardInput = "stdin";  // as Lua itself names it
/// Bytes of a script or of messages.
constexpr size_t kMaxTextBytes = size_t{64} << 20;

std::string unreadable(const std::string& path, const char* what, const char* why) {
  return fmt::format("{}: can't read the {}: {}; expected a text file that you may read", path,
                     what, why);
}

/// How captures begin: pcap in both byte orders and resolutions, pcapng.
constexpr std::string_view kCaptureMagics[] = {"\xa1\xb2\xc3\xd4", "\xd4\xc3\xb2\xa1",
                                               "\xa1\xb2\x3c\x4d", "\x4d\x3c\xb2\xa1",
                                               "\x0a\x0d\x0d\x0a"};
constexpr size_t kMagicBytes = 4;

bool begins_as_capture(std::string_view bytes) {
  return std::find(std::begin(kCaptureMagics), std::end(kCaptureMagics),
                   bytes.substr(0, kMagicBytes)) != std::end(kCaptureMagics);
}

/// All that is left of `in`. Errors: throws CommandFailure, as for a device that never ends.
std::string read_all(std::istream& in, const std::string& path, const char* what) {
  std::string text;
  char part[4096];
  errno = 0;
  while (in.read(part, sizeof part) || in.gcount() > 0) {
    text.append(part, size_t(in.gcount()));
    if (text.size() > kMaxTextBytes)
      throw CommandFailure(kUnreadable,
                           fmt::format("{}: the {} has more than {} bytes, which is the most that "
                                       "is read; is it the right file?",
                                       path, what, kMaxTextBytes));
  }
  if (in.bad()) throw CommandFailure(kUnreadable, unreadable(path, what, std::strerror(errno)));
  return text;
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

/// That memory is short names neither file nor option.
std::string load_failure(const State& state, const std::string& name) {
  const std::string text = string_of(state.last_error());
  if (state.counters().memory_exceeded > 0)
    return fmt::format("{}: {} while loading; raise --max-bytes (now {}), or keep less", name, text,
                       state.limits().max_bytes);
  return text.starts_with(name) ? text : fmt::format("{}: {}", name, text);
}

}  // namespace

std::string read_text_file(const std::string& path, const char* what) {
  if (path == "-") return read_all(std::cin, kStandardInput, what);
  if (path.empty())
    throw CommandFailure(kUsage,
                         fmt::format("the {}: expected the name of a file, found an empty one "
                                     "(an unset variable of the shell?)",
                                     what));
  if (std::error_code error; std::filesystem::is_directory(path, error))
    throw CommandFailure(kUnreadable, unreadable(path, what, "it is a directory"));
  std::ifstream in(path, std::ios::binary);
  if (!in) throw CommandFailure(kUnreadable, unreadable(path, what, std::strerror(errno)));
  return read_all(in, path, what);
}

Script read_script(const std::string& path) {
  const std::string shown = path == "-" ? kStandardInput : path;
  Script script = {shown, state_name(shown), read_text_file(path, "script")};
  if (begins_as_capture(script.source))
    throw CommandFailure(kUnreadable,
                         fmt::format("{}: found a capture, expected a Lua script", shown));
  return script;
}

bool is_capture_file(const std::string& path) {
  // To read from a pipe would take its bytes away.
  if (std::error_code error; !std::filesystem::is_regular_file(path, error)) return false;
  char start[kMagicBytes] = {};
  std::ifstream in(path, std::ios::binary);
  return in.read(start, sizeof start) && begins_as_capture({start, sizeof start});
}

OwnedState load_script(Host& host, const Script& script, const Limits& limits, uint32_t worker) {
  const Result<State*> created = State::create(host, text_of(script.name), limits, worker);
  if (!created) throw CommandFailure(kUsage, created.error().text());
  OwnedState state(*created);
  if (state->load(text_of(script.source), text_of(script.path)))
    throw CommandFailure(kUnreadable, load_failure(*state, script.path));
  return state;
}

}  // namespace nflua::cli
