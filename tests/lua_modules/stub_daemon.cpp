// SPDX-License-Identifier: GPL-2.0-or-later
// A server for one test: runs the command it is given, with the port it serves in NFLUA_TEST_PORT,
// and ends as that does. It knows states by name, and of chunks these:
//   send PORT COUNT TEXT   DATA, numbered from 1
//   publish GROUP TEXT     DATA to a multicast group, from another port
//   error TEXT             fails, and why
//   listener = PORT        DATA, as of the events in docs/lua-module.md
//   silent                 is not answered
//   slow                   is answered after a while
// DATA to the state `echo` comes back; to one that doesn't exist it is refused.
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <sstream>

#include "tests/support/stub_server.hpp"

namespace nflua::test {
namespace {

using namespace control;

constexpr Milliseconds kSlow{500};
const Limits kLimits(static_cast<size_t>(sysconf(_SC_PAGESIZE)));

ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string rest_of(std::istringstream& words) {
  std::string rest;
  std::getline(words >> std::ws, rest);
  return rest;
}

void publish(unsigned group, const Message& message) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
  sockaddr_nl to = {};
  to.nl_family = AF_NETLINK;
  to.nl_groups = 1U << (group - 1);
  sendto(fd, message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  close(fd);
}

class StubDaemon {
 public:
  uint32_t port() const { return server_.port(); }

 private:
  struct State {
    uint32_t maxalloc = 0;
    LimitValues limits;
    uint32_t sent = 0;
  };
  using Messages = std::vector<Message>;

  Messages answer(Stamp stamp, const Command& command) {
    return std::visit([&](const auto& one) { return carry_out(stamp, one); }, command);
  }

  Messages fail(Stamp stamp, std::string why) {
    why_ = std::move(why);
    return {encode_error(stamp)};
  }
  Messages succeed(Stamp stamp, uint16_t type) {
    why_.clear();
    return {encode_done(stamp, type)};
  }
  Messages tell(Stamp stamp, uint16_t type, std::string_view text) {
    why_.clear();
    return encode_text(stamp, type, text, kLimits);
  }
  Message data_of(std::string_view name, std::string_view text) {
    const Stamp stamp{++states_[std::string(name)].sent, port()};
    return *encode_data_from_state(stamp, {name, bytes_of(text)}, kLimits);
  }
  bool has(std::string_view name) const { return states_.count(std::string(name)) > 0; }

  Messages carry_out(Stamp stamp, const Create& create) {
    if (has(create.name)) return fail(stamp, "there is a state of that name");
    states_[std::string(create.name)] = {create.maxalloc, {}, 0};
    return succeed(stamp, NFLUA_CREATE);
  }
  Messages carry_out(Stamp stamp, const Destroy& destroy) {
    if (states_.erase(std::string(destroy.name)) == 0) return fail(stamp, "no such state");
    return succeed(stamp, NFLUA_DESTROY);
  }
  Messages carry_out(Stamp stamp, const List&) {
    std::vector<ListedState> rows;
    for (const auto& [name, state] : states_) rows.push_back({name, state.maxalloc, 1000});
    return encode_list(stamp, rows, kLimits);
  }
  Messages carry_out(Stamp stamp, const Script& script) {
    if (!has(script.name)) return fail(stamp, "no such state");
    const std::string chunk(script.chunk.begin(), script.chunk.end());
    if (script.type == NFLUA_EVALUATE)
      return tell(stamp, script.type, std::string(script.script) + ": " + chunk);
    std::istringstream words(chunk);
    std::string verb;
    words >> verb;
    if (verb == "silent") return {};
    if (verb == "error") return fail(stamp, rest_of(words));
    if (verb == "slow") std::this_thread::sleep_for(kSlow);
    if (verb == "listener") tell_events(script.name, words);
    if (verb == "send") send(script.name, words);
    unsigned group = 0;
    if (verb == "publish" && words >> group) publish(group, data_of(script.name, rest_of(words)));
    return succeed(stamp, script.type);
  }
  void send(std::string_view name, std::istringstream& words) {
    uint32_t to = 0, count = 0;
    words >> to >> count;
    const std::string text = rest_of(words);
    for (uint32_t i = 0; i < count; ++i) server_.send(to, data_of(name, text));
  }
  void tell_events(std::string_view name, std::istringstream& words) {
    std::string equals;
    uint32_t to = 0;
    words >> equals >> to;
    for (const char* blocked : {"ads", "tracker"})
      server_.send(to, data_of(name, std::string("blocked: ") + blocked + ".example"));
  }
  Messages carry_out(Stamp stamp, const Data& data) {
    const std::string text(data.bytes.begin(), data.bytes.end());
    if (!has(data.name)) return fail(stamp, "no such state");
    if (data.name == "echo") return {data_of(data.name, text)};
    return {};
  }
  Messages carry_out(Stamp stamp, const ErrorText&) {
    return encode_text(stamp, NFLUA_ERROR_TEXT, why_, kLimits);
  }
  Messages carry_out(Stamp stamp, const Printed&) {
    return encode_text(stamp, NFLUA_PRINTED, "", kLimits);
  }
  Messages carry_out(Stamp stamp, const Stats& stats) {
    const auto found = states_.find(std::string(stats.name));
    const LimitValues limits = found == states_.end() ? LimitValues{} : found->second.limits;
    return tell(stamp, NFLUA_STATS,
                "{\"state\": \"" + std::string(stats.name) +
                    "\", \"max_instructions\": " + std::to_string(limits.max_instructions) +
                    ", \"max_timers\": " + std::to_string(limits.max_timers) + "}");
  }
  Messages carry_out(Stamp stamp, const SetLimits& set) {
    if (!has(set.name)) return fail(stamp, "no such state");
    states_[std::string(set.name)].limits = set.values;
    return succeed(stamp, NFLUA_LIMITS);
  }
  Messages carry_out(Stamp stamp, const Arguments& command) {
    std::string text = command.type == NFLUA_BIND ? "bound " : "unbound ";
    text += command.name;
    for (const std::string_view argument : command.arguments)
      text += " <" + std::string(argument) + ">";
    return tell(stamp, command.type, text);
  }

  std::map<std::string, State> states_;
  std::string why_;
  StubServer server_{
      [this](Stamp stamp, const Command& command) { return answer(stamp, command); }};
};

int run(char** command) {
  pid_t child = 0;
  if (posix_spawnp(&child, command[0], nullptr, nullptr, command, environ) != 0)
    return EXIT_FAILURE;
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

}  // namespace
}  // namespace nflua::test

int main(int argc, char** argv) {
  if (argc < 2) return EXIT_FAILURE;
  const nflua::test::StubDaemon daemon;
  setenv("NFLUA_TEST_PORT", std::to_string(daemon.port()).c_str(), 1);
  return nflua::test::run(argv + 1);
}
