// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/command_server.hpp"

#include <unistd.h>

#include <cerrno>

namespace nflua::control {

namespace {

/// Datagrams that are handled before other things get their turn.
constexpr int kBatch = 64;

/// Bytes of a failure's text that are kept: fits into one message.
constexpr size_t kMaxErrorBytes = 4000;

Milliseconds now() {
  return std::chrono::duration_cast<Milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

/// What the kernel calls users who have no number in this user namespace.
constexpr uid_t kUnknownUser = 65534;

bool is_served(const std::optional<uid_t>& user) {
  return user && (*user == 0 || (*user == geteuid() && *user != kUnknownUser));
}

uint16_t type_of(const Command& command) {
  struct {
    uint16_t operator()(const Create&) const { return NFLUA_CREATE; }
    uint16_t operator()(const Destroy&) const { return NFLUA_DESTROY; }
    uint16_t operator()(const List&) const { return NFLUA_LIST; }
    uint16_t operator()(const Script& script) const { return script.type; }
    uint16_t operator()(const Data&) const { return NFLUA_DATA; }
    uint16_t operator()(const ErrorText&) const { return NFLUA_ERROR_TEXT; }
    uint16_t operator()(const Printed&) const { return NFLUA_PRINTED; }
    uint16_t operator()(const Stats&) const { return NFLUA_STATS; }
    uint16_t operator()(const SetLimits&) const { return NFLUA_LIMITS; }
    uint16_t operator()(const Arguments& arguments) const { return arguments.type; }
  } type;
  return std::visit(type, command);
}

/// Empty: there is none for that port.
std::string text_at(const std::map<uint32_t, std::string>& texts, uint32_t port) {
  const auto found = texts.find(port);
  return found == texts.end() ? std::string() : found->second;
}

/// One for each result.
struct Encoder {
  Stamp stamp;
  uint16_t type;
  Limits limits;

  std::vector<Message> operator()(const Failure&) const { return {encode_error(stamp)}; }
  std::vector<Message> operator()(Carried) const { return {encode_done(stamp, type)}; }
  std::vector<Message> operator()(OnItsWay) const { return {}; }
  std::vector<Message> operator()(const std::string& text) const {
    return encode_text(stamp, type, text, limits);
  }
  std::vector<Message> operator()(const std::vector<ListedState>& states) const {
    return encode_list(stamp, states, limits);
  }
};

}  // namespace

CommandServer::CommandServer(ServerSocket socket)
    : socket_(std::move(socket)),
      limits_(static_cast<size_t>(sysconf(_SC_PAGESIZE))),
      reassembler_(limits_) {}

nflua::Outcome<CommandServer> CommandServer::open(uint32_t port) {
  nflua::Outcome<ServerSocket> socket = ServerSocket::open(port);
  if (!socket) return socket.failure();
  return CommandServer(std::move(*socket));
}

void CommandServer::receive_some(Handler& handler) {
  for (int i = 0; i < kBatch; ++i) {
    const ServerSocket::Arrived arrived = socket_.receive();
    if (arrived.error == 0)
      take(arrived, handler);
    else if (arrived.error == ENOBUFS)
      ++counters_.receive_overruns;
    else
      return;
  }
}

void CommandServer::take(const ServerSocket::Arrived& arrived, Handler& handler) {
  if (!is_served(arrived.user)) {
    ++counters_.refused_senders;
    if (const auto header = read_request_header(arrived.datagram))
      send(arrived.port, {encode_error({header->nlmsg_seq, port()})});
    return;
  }
  const Outcome outcome = reassembler_.receive(arrived.port, arrived.datagram, now());
  if (const auto* refused = std::get_if<Refused>(&outcome)) {
    ++counters_.malformed;
    refuse(arrived.port, refused->sequence, refused->reason);
  } else if (const auto* received = std::get_if<Received>(&outcome)) {
    send(arrived.port, carry_out(arrived.port, *received, handler));
  }
}

std::vector<Message> CommandServer::carry_out(uint32_t port, const Received& received,
                                              Handler& handler) {
  ++counters_.commands;
  if (std::holds_alternative<Data>(received.command))
    ++counters_.data;
  else
    handler.settle_data(port);
  const Encoder encoder = {{received.sequence, this->port()}, type_of(received.command), limits_};
  if (std::holds_alternative<ErrorText>(received.command)) return encoder(text_at(errors_, port));
  if (std::holds_alternative<Printed>(received.command)) return encoder(text_at(printed_, port));
  printed_.erase(port);
  const Result result = handler.handle(port, received.sequence, received.command);
  const auto* failure = std::get_if<Failure>(&result);
  if (failure) {
    ++counters_.failed;
    keep_error(port, failure->message());
  } else if (!std::holds_alternative<OnItsWay>(result)) {
    errors_.erase(port);
  }
  std::vector<Message> messages = std::visit(encoder, result);
  if (!messages.empty() || std::holds_alternative<OnItsWay>(result)) return messages;
  ++counters_.failed;
  keep_error(port, "the reply is longer than a reply can be; ask for less at a time");
  return {encode_error(encoder.stamp)};
}

void CommandServer::keep_error(uint32_t port, std::string_view why) {
  if (errors_.size() >= kMaxPorts) expire();
  errors_[port] = why.substr(0, kMaxErrorBytes);
}

void CommandServer::keep_printed(uint32_t port, std::string text) {
  if (text.empty()) return;
  if (printed_.size() >= kMaxPorts) expire();
  printed_[port] = std::move(text);
}

void CommandServer::refuse(uint32_t port, uint32_t sequence, std::string_view why) {
  keep_error(port, why);
  send(port, {encode_error({sequence, this->port()})});
}

void CommandServer::fail_data(uint32_t port, uint32_t sequence, const std::string& why) {
  ++counters_.failed;
  refuse(port, sequence, why);
}

void CommandServer::send(uint32_t port, const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    if (socket_.send(port, message) == 0) continue;
    ++counters_.replies_lost;
    reassembler_.forget(port);
    errors_.erase(port);
    printed_.erase(port);
    return;
  }
}

void CommandServer::expire() {
  reassembler_.expire(now());
  const auto is_forgotten = [this](const auto& text) { return !reassembler_.knows(text.first); };
  std::erase_if(errors_, is_forgotten);
  std::erase_if(printed_, is_forgotten);
}

}  // namespace nflua::control
