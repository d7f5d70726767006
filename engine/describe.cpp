// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/describe.hpp"

#include "engine/address.hpp"
#include "engine/wire.hpp"

namespace nflua {

namespace {

class Line {
 public:
  explicit Line(char (&buffer)[kPacketLineBytes]) : buffer_(buffer) {}

  Line& operator<<(Text text) {
    const size_t room = kPacketLineBytes - size_;
    const size_t count = text.size() < room ? text.size() : room;
    memcpy(buffer_ + size_, text.data(), count);
    size_ += count;
    return *this;
  }

  Line& operator<<(uint64_t number) {
    char digits[20];
    size_t first = sizeof(digits);
    do {
      digits[--first] = char('0' + number % 10);
      number /= 10;
    } while (number > 0);
    return *this << Text(digits + first, sizeof(digits) - first);
  }

  Text text() const { return {buffer_, size_}; }

 private:
  char* buffer_;
  size_t size_ = 0;
};

void print_protocol(Line& line, IpProto protocol) {
  switch (protocol) {
    case IpProto::tcp:
      line << "tcp";
      break;
    case IpProto::udp:
      line << "udp";
      break;
    case IpProto::icmp:
      line << "icmp";
      break;
    case IpProto::icmpv6:
      line << "icmpv6";
      break;
    case IpProto::sctp:
      line << "sctp";
      break;
    default:
      line << "protocol " << uint64_t(protocol);
  }
}

/// Brackets keep an IPv6 address apart from its port, as in a URL.
void print_end(Line& line, const Address& address, const Tuple& tuple, uint16_t port) {
  char buffer[kAddressTextBytes];
  const bool brackets = address.family == Family::ipv6 && tuple.has_ports;
  line << (brackets ? "[" : "") << Text(buffer, format_address(address, buffer))
       << (brackets ? "]" : "");
  if (tuple.has_ports) line << ":" << uint64_t{port};
}

}  // namespace

Text describe_packet(Bytes packet, char (&buffer)[kPacketLineBytes]) {
  Line line(buffer);
  const Result<Tuple> tuple = parse_tuple(packet);
  if (tuple) {
    line << (tuple->source.family == Family::ipv4 ? "ipv4 " : "ipv6 ");
    print_protocol(line, tuple->protocol);
    line << " ";
    print_end(line, tuple->source, *tuple, tuple->source_port);
    line << " > ";
    print_end(line, tuple->destination, *tuple, tuple->destination_port);
  } else {
    line << tuple.error().text();
  }
  return (line << ", " << uint64_t{packet.size()} << " bytes").text();
}

}  // namespace nflua
