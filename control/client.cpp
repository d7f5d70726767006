// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/client.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "control/explain.hpp"

namespace nflua::control {

namespace {

/// No event tells that a server has room again.
constexpr Milliseconds kSendPause{1};

Milliseconds left_until(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
  return std::max(left, Milliseconds(0));
}

/// False: time is over, or a signal came.
bool wait_readable(int fd, Milliseconds most) {
  // Above that poll() would wait for ever.
  constexpr Milliseconds kLongest{INT32_MAX};
  pollfd wanted = {.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&wanted, 1, static_cast<int>(std::min(most, kLongest).count())) > 0;
}

}  // namespace

Client::Client(ClientSocket socket, const ClientOptions& options)
    : socket_(std::move(socket)),
      server_(options.socket.server),
      limits_(static_cast<size_t>(sysconf(_SC_PAGESIZE))),
      data_of_anyone_(options.data_of_anyone),
      is_in_step_(options.socket.own_port == 0) {}

nflua::Outcome<Client> Client::open(const ClientOptions& options) {
  auto socket = ClientSocket::open(options.socket);
  if (!socket) return socket.failure();
  return Client(std::move(*socket), options);
}

bool Client::is_busy() const {
  return phase_ == Phase::sending || phase_ == Phase::waiting || phase_ == Phase::receiving;
}

void Client::fail(Trouble trouble, Failure failure) {
  phase_ = Phase::failed;
  trouble_ = trouble;
  failure_ = std::move(failure);
}

Failure Client::begin(const Command& command) {
  std::vector<Message> messages = encode({number_ + 1}, command, limits_);
  if (messages.empty()) {
    fail(Trouble::unsendable, explain_unsendable(command, limits_));
    return failure_;
  }
  ++number_;
  messages_ = std::move(messages);
  type_ = read_header(messages_.front())->nlmsg_type;
  sent_ = 0;
  list_ = {};
  text_ = {};
  failure_ = {};
  trouble_ = Trouble::none;
  phase_ = Phase::sending;
  return {};
}

void Client::send_some() {
  while (phase_ == Phase::sending && sent_ < messages_.size()) {
    const int error = socket_.send(messages_[sent_]);
    if (error == EAGAIN) return;
    if (error) return fail(Trouble::unreachable, explain_socket_error(server_, error));
    ++sent_;
  }
  if (phase_ == Phase::sending) phase_ = type_ == NFLUA_DATA ? Phase::answered : Phase::waiting;
}

void Client::receive_some() {
  const bool was_busy = is_busy();
  while (has_room() && was_busy == is_busy() && take_arrived(socket_.receive())) continue;
}

/// False: there is no more.
bool Client::take_arrived(const ClientSocket::Arrived& arrived) {
  if (arrived.error == EAGAIN) return false;
  if (arrived.error == ENOBUFS) {
    ++counters_.overruns;
    return true;
  }
  if (arrived.error) {
    fail(Trouble::unreachable, explain_socket_error(server_, arrived.error));
    return false;
  }
  const auto header = read_header(arrived.datagram);
  const auto reply = decode_reply(arrived.datagram, limits_);
  if (header && reply)
    take(arrived, *header, *reply);
  else if (header && arrived.port == server_.port && is_busy() && header->nlmsg_seq == number_)
    fail(Trouble::unreachable, explain_malformed(server_));
  else
    ++counters_.ignored;
  return true;
}

void Client::take(const ClientSocket::Arrived& arrived, const nlmsghdr& header,
                  const Reply& reply) {
  const bool is_of_server = arrived.port == server_.port;
  const auto* data = std::get_if<Data>(&reply);
  if (data && (is_of_server || data_of_anyone_))
    take_data(arrived, header.nlmsg_seq, *data);
  else if (!is_of_server || data)
    ++counters_.ignored;
  else if (std::holds_alternative<Failed>(reply))
    take_failure(header.nlmsg_seq);
  else
    take_part(header, reply);
}

void Client::take_data(const ClientSocket::Arrived& arrived, uint32_t number, const Data& data) {
  if (inbox_.size() >= kInbox) {
    ++counters_.inbox_full;
    return;
  }
  inbox_.push_back({std::string(data.name),
                    number,
                    arrived.port,
                    arrived.groups,
                    {data.bytes.begin(), data.bytes.end()}});
}

void Client::take_failure(uint32_t number) {
  if (is_busy() && type_ != NFLUA_DATA && number == number_)
    fail(Trouble::refused, Failure("refused"));  // ask_why() knows more
  else if (refused_.size() < kRefused)
    refused_.push_back(number);
  else
    ++counters_.refused_full;
}

void Client::take_part(const nlmsghdr& header, const Reply& reply) {
  const bool is_ours =
      is_busy() && header.nlmsg_seq == number_ && header.nlmsg_type == type_ && sent_ > 0;
  if (!is_ours) {
    ++counters_.ignored;  // of a command that ran out of time
    return;
  }
  if (const auto* part = std::get_if<ListPart>(&reply))
    finish(list_.add(*part));
  else if (const auto* text = std::get_if<TextPart>(&reply))
    finish(text_.add(*text));
  else
    finish(Progress::complete);
}

void Client::finish(Progress progress) {
  if (progress == Progress::malformed)
    return fail(Trouble::unreachable, explain_malformed(server_));
  phase_ = progress == Progress::complete ? Phase::answered : Phase::receiving;
}

Answer Client::take_answer() {
  phase_ = Phase::idle;
  return {list_.states(), text_.text()};
}

std::optional<Datagram> Client::take_datagram() {
  if (inbox_.empty()) return std::nullopt;
  Datagram datagram = std::move(inbox_.front());
  inbox_.pop_front();
  return datagram;
}

std::vector<uint32_t> Client::take_refused() { return std::exchange(refused_, {}); }

void Client::wait(const Deadline& deadline) const {
  const Milliseconds left = left_until(deadline.at);
  wait_readable(fd(), phase_ == Phase::sending ? std::min(left, kSendPause) : left);
}

/// Begins it, and waits until it is answered, failed, or out of time.
Failure Client::run(const Command& command, const Deadline& deadline) {
  if (Failure failure = begin(command)) return failure;
  for (;;) {
    send_some();
    receive_some();
    if (phase_ == Phase::failed) return failure_;
    if (!is_busy()) return {};
    if (Clock::now() >= deadline.at) {
      fail(Trouble::unreachable, explain_silence(server_, deadline.timeout, counters_.overruns));
      return failure_;
    }
    wait(deadline);
  }
}

// Whatever number the server expects on this port, after a command and its answer it is known.
void Client::get_in_step(const Deadline& deadline) {
  if (std::exchange(is_in_step_, true)) return;
  (void)run(ErrorText{}, deadline);
}

void Client::ask_why(const Deadline& deadline) {
  Failure why = run(ErrorText{}, deadline);
  if (trouble_ == Trouble::unreachable) return;
  if (why || text_.text().empty()) return fail(Trouble::unserved, explain_unserved(server_));
  fail(Trouble::refused, Failure(text_.text()));
}

nflua::Outcome<Answer> Client::call(const Command& command, Milliseconds timeout) {
  const Deadline deadline(timeout);
  get_in_step(deadline);
  if (Failure failure = run(command, deadline)) {
    if (trouble_ == Trouble::refused) ask_why(deadline);
    return failure_;
  }
  return take_answer();
}

Failure Client::send(const Data& data, Milliseconds timeout) {
  const Deadline deadline(timeout);
  get_in_step(deadline);
  return run(data, deadline);
}

nflua::Outcome<std::optional<Datagram>> Client::receive(Milliseconds timeout) {
  const Deadline deadline(timeout);
  if (phase_ == Phase::failed)
    phase_ = Phase::idle;  // that was the command's end, not the socket's
  for (;;) {
    receive_some();
    if (auto datagram = take_datagram()) return datagram;
    if (phase_ == Phase::failed) return failure_;
    const Milliseconds left = left_until(deadline.at);
    if (left.count() == 0 || !wait_readable(fd(), left)) return std::optional<Datagram>();
  }
}

}  // namespace nflua::control
