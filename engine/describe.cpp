// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/describe.hpp"

#include "engine/address.hpp"
#include "engine/text_line.hpp"
#include "engine/wire.hpp"

namespace nflua {

namespace {

void print_protocol(TextLine& line, IpProto protocol) {
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
void print_end(TextLine& line, const Address& address, const Tuple& tuple, uint16_t port) {
  char buffer[kAddressTextBytes];
  const bool brackets = address.family == Family::ipv6 && tuple.has_ports;
  line << (brackets ? "[" : "") << Text(buffer, format_address(address, buffer))
       << (brackets ? "]" : "");
  if (tuple.has_ports) line << ":" << uint64_t{port};
}

}  // namespace

Text describe_packet(Bytes packet, char (&buffer)[kPacketLineBytes]) {
  TextLine line(buffer, sizeof buffer);
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
