// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/stub_server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace nflua::test {

using namespace control;

namespace {

constexpr int kStopCheckMs = 20;
constexpr size_t kBufferBytes = 8192;

sockaddr_nl address_of(uint32_t port) {
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_pid = port;
  return address;
}

int open_socket() {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
  sockaddr_nl any = address_of(0);
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any) != 0)
    throw std::runtime_error("can't open a netlink socket");
  return fd;
}

uint32_t port_of(int fd) {
  sockaddr_nl address = {};
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return address.nl_pid;
}

void send_to(int fd, uint32_t port, const Message& message) {
  const sockaddr_nl to = address_of(port);
  sendto(fd, message.data(), message.size(), MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&to),
         sizeof to);
}

}  // namespace

StubServer::StubServer(Answers answers)
    : answers_(std::move(answers)),
      fd_(open_socket()),
      port_(port_of(fd_)),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

StubServer::~StubServer() {
  thread_.request_stop();
  thread_.join();
  close(fd_);
}

void StubServer::send(uint32_t to, const Message& message) const { send_to(fd_, to, message); }

void StubServer::send_from_elsewhere(uint32_t to, const Message& message) {
  const int fd = open_socket();
  send_to(fd, to, message);
  close(fd);
}

void StubServer::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd wanted = {.fd = fd_, .events = POLLIN, .revents = 0};
    if (poll(&wanted, 1, kStopCheckMs) > 0) take_one();
  }
}

void StubServer::take_one() {
  uint8_t buffer[kBufferBytes];
  sockaddr_nl from = {};
  socklen_t size = sizeof from;
  const ssize_t got =
      recvfrom(fd_, buffer, sizeof buffer, MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &size);
  if (got < 0) return;
  const ByteView datagram(buffer, static_cast<size_t>(got));
  const control::Outcome outcome = reassembler_.receive(from.nl_pid, datagram, Milliseconds(0));
  if (const auto* refused = std::get_if<Refused>(&outcome))
    send(from.nl_pid, encode_error({refused->sequence, port_}));
  if (const auto* received = std::get_if<Received>(&outcome))
    for (const Message& message : answers_({received->sequence, port_}, received->command))
      send(from.nl_pid, message);
}

}  // namespace nflua::test
