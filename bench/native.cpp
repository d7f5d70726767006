// SPDX-License-Identifier: GPL-2.0-or-later
// The contestant to beat: what somebody would write by hand in C++ on libpcap to count the same
// packets. Prints how many it counted.
//
//   native read|trivial|fields|search CAPTURE
// Shares no code with the engine. Ethernet only, as the bench's captures.
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <string_view>
#include <unordered_set>

#include "bench/workload.hpp"

namespace nflua::bench {
namespace {

constexpr uint32_t kEthernetBytes = 14;
constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;

uint16_t be16(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }

struct Counter {
  std::unordered_set<uint16_t> busy;
  uint64_t counted = 0;

  Counter() {
    for (uint16_t i = 0; i < kBusyPorts; ++i)
      busy.insert(static_cast<uint16_t>(kFirstBusyPort + i * kBusyPortStep));
  }
};

/// Where things are in one packet; `transport` is nullptr if it is no TCP or UDP over IP.
struct Headers {
  uint8_t protocol = 0;
  const uint8_t* source = nullptr;
  const uint8_t* destination = nullptr;
  size_t address_bytes = 0;
  const uint8_t* transport = nullptr;
  const uint8_t* end = nullptr;
};

Headers parse_ipv4(const uint8_t* ip, size_t size) {
  if (size < 20) return {};
  const size_t header_bytes = (ip[0] & 15) * 4u;
  const size_t total = be16(ip + 2);
  const bool is_later_fragment = (be16(ip + 6) & 0x1fff) != 0;
  if (header_bytes < 20 || header_bytes > size || total < header_bytes || is_later_fragment)
    return {};
  const uint8_t* end = ip + (total < size ? total : size);
  return {ip[9], ip + 12, ip + 16, 4, ip + header_bytes, end};
}

Headers parse_ipv6(const uint8_t* ip, size_t size) {
  if (size < 40) return {};
  const size_t total = 40u + be16(ip + 4);
  const uint8_t* end = ip + (total < size ? total : size);
  return {ip[6], ip + 8, ip + 24, 16, ip + 40, end};
}

Headers parse(const uint8_t* frame, size_t size) {
  if (size < kEthernetBytes) return {};
  const uint8_t* ip = frame + kEthernetBytes;
  Headers headers;
  const uint16_t type = be16(frame + 12);
  if (type == 0x0800) headers = parse_ipv4(ip, size - kEthernetBytes);
  if (type == 0x86dd) headers = parse_ipv6(ip, size - kEthernetBytes);
  const bool has_ports = headers.protocol == kTcp || headers.protocol == kUdp;
  if (!has_ports || headers.end - headers.transport < 8) headers.transport = nullptr;
  return headers;
}

using Handler = void (*)(uint8_t* counter, const pcap_pkthdr* header, const uint8_t* frame);

Counter& counter_of(uint8_t* user) { return *reinterpret_cast<Counter*>(user); }

void count_trivial(uint8_t* user, const pcap_pkthdr*, const uint8_t*) {
  ++counter_of(user).counted;
}

void count_fields(uint8_t* user, const pcap_pkthdr* header, const uint8_t* frame) {
  Counter& counter = counter_of(user);
  const Headers found = parse(frame, header->caplen);
  if (!found.transport) return;
  const uint16_t source_port = be16(found.transport);
  const uint16_t destination_port = be16(found.transport + 2);
  if (counter.busy.count(destination_port) && source_port != destination_port &&
      memcmp(found.source, found.destination, found.address_bytes) != 0)
    ++counter.counted;
}

void count_search(uint8_t* user, const pcap_pkthdr* header, const uint8_t* frame) {
  const Headers found = parse(frame, header->caplen);
  if (!found.transport || found.protocol != kTcp || found.end - found.transport < 20) return;
  const uint8_t* payload = found.transport + (found.transport[12] >> 4) * 4;
  if (payload < found.end &&
      memmem(payload, size_t(found.end - payload), kNeedle.data(), kNeedle.size()))
    ++counter_of(user).counted;
}

Handler find_handler(std::string_view mode) {
  if (mode == "read" || mode == "trivial") return count_trivial;
  if (mode == "fields") return count_fields;
  if (mode == "search") return count_search;
  return nullptr;
}

}  // namespace
}  // namespace nflua::bench

int main(int argc, char** argv) {
  using namespace nflua::bench;
  const Handler handler = argc == 3 ? find_handler(argv[1]) : nullptr;
  if (!handler) {
    fprintf(stderr, "usage: %s read|trivial|fields|search CAPTURE\n", argv[0]);
    return 2;
  }
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* capture = pcap_open_offline(argv[2], error);
  if (!capture) {
    fprintf(stderr, "%s\n", error);
    return 3;
  }
  Counter counter;
  pcap_loop(capture, 0, handler, reinterpret_cast<uint8_t*>(&counter));
  pcap_close(capture);
  printf("%llu\n", static_cast<unsigned long long>(counter.counted));
}
