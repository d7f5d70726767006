// SPDX-License-Identifier: GPL-2.0-or-later
// Writes the bench's synthetic capture: the same bytes for the same count, on any machine.
//
//   make_capture PACKETS FILE
// Traffic of kFlows connections that talk in trains of packets, nine of ten over TCP, one of ten
// over IPv6; sizes as on the Internet (most packets small or full). Half of the flows go to one of
// the kBusyPorts ports that the filters look for, and one TCP payload of kNeedleEvery bears the
// needle that they search. Checksums are left at zero: no contestant looks at them.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <random>
#include <vector>

#include "bench/workload.hpp"
#include "datapath/replay/capture_format.hpp"
#include "engine/bytes.hpp"
#include "engine/wire.hpp"

namespace nflua::bench {
namespace {

constexpr uint32_t kSeed = 20'261'124;
constexpr uint32_t kFlows = 4096;
constexpr uint32_t kMeanTrain = 4;
constexpr uint32_t kNeedleEvery = 50;
constexpr size_t kEthernetBytes = 14;
constexpr size_t kMaxFrameBytes = 1514;
constexpr uint32_t kStartSeconds = 1'700'000'000;
constexpr uint32_t kGapMicroseconds = 10;
constexpr uint32_t kLinkEthernet = 1;
constexpr uint32_t kSnapLength = 65'535;

struct Flow {
  bool is_ipv6;
  bool is_tcp;
  uint32_t source;
  uint32_t destination;
  uint16_t source_port;
  uint16_t destination_port;

  size_t header_bytes() const {
    return kEthernetBytes + (is_ipv6 ? kIpv6HeaderBytes : kIpv4HeaderBytes) +
           (is_tcp ? kTcpHeaderBytes : kUdpHeaderBytes);
  }
};

class Generator {
 public:
  Flow flow() {
    const bool is_tcp = below(10) > 0;
    const uint32_t port = below(2 * kBusyPorts);
    return {below(10) == 0,
            is_tcp,
            0x0a000000 | below(1u << 16),
            0xc0a80000 | below(1u << 10),
            static_cast<uint16_t>(32'768 + below(28'000)),
            static_cast<uint16_t>(kFirstBusyPort + port * kBusyPortStep)};
  }

  /// Units: bytes of the frame.
  size_t frame_size() {
    const uint32_t kind = below(12);
    if (kind < 7) return 60 + below(40);
    if (kind < 10) return 200 + below(500);
    return kMaxFrameBytes;
  }

  bool train_ends() { return below(kMeanTrain) == 0; }
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }

 private:
  // Its sequence is the standard's; the standard's distributions are not.
  std::mt19937_64 random_{kSeed};
};

void put_address(uint8_t* at, bool is_ipv6, uint32_t address) {
  if (is_ipv6) {
    store_be32(at, 0x20010db8);
    at += 12;
  }
  store_be32(at, address);
}

uint8_t* put_ip(uint8_t* at, const Flow& flow, size_t frame_bytes) {
  const auto protocol = static_cast<uint8_t>(flow.is_tcp ? IpProto::tcp : IpProto::udp);
  const auto ip_bytes = static_cast<uint16_t>(frame_bytes - kEthernetBytes);
  const size_t address_bytes = flow.is_ipv6 ? 16 : 4;
  if (flow.is_ipv6) {
    store_be32(at, 0x60000000);
    store_be16(at + 4, static_cast<uint16_t>(ip_bytes - kIpv6HeaderBytes));
    at[6] = protocol;
    at[7] = 64;
    at += 8;
  } else {
    at[0] = 0x45;
    store_be16(at + 2, ip_bytes);
    at[8] = 64;
    at[9] = protocol;
    at += 12;
  }
  put_address(at, flow.is_ipv6, flow.source);
  put_address(at + address_bytes, flow.is_ipv6, flow.destination);
  return at + 2 * address_bytes;
}

void put_transport(uint8_t* at, const Flow& flow, size_t transport_bytes) {
  store_be16(at, flow.source_port);
  store_be16(at + 2, flow.destination_port);
  if (flow.is_tcp) {
    at[12] = kTcpHeaderBytes / 4 << 4;
    at[13] = static_cast<uint8_t>(TcpFlag::ack);
  } else {
    store_be16(at + 4, static_cast<uint16_t>(transport_bytes));
  }
}

/// Writes the headers in front of `frame`'s payload.
void put_headers(const Flow& flow, std::vector<uint8_t>& frame) {
  const size_t header_bytes = flow.header_bytes();
  std::fill_n(frame.begin(), header_bytes, uint8_t{0});
  frame[5] = 2;
  frame[11] = 1;
  const EtherType type = flow.is_ipv6 ? EtherType::ipv6 : EtherType::ipv4;
  store_be16(&frame[12], static_cast<uint16_t>(type));
  uint8_t* transport = put_ip(&frame[kEthernetBytes], flow, frame.size());
  put_transport(transport, flow, frame.size() - size_t(transport - frame.data()));
}

void write_words(FILE* file, std::initializer_list<uint32_t> words) {
  for (uint32_t word : words) fwrite(&word, sizeof word, 1, file);
}

void write_capture(FILE* file, uint32_t packets) {
  Generator generator;
  std::vector<Flow> flows;
  for (uint32_t i = 0; i < kFlows; ++i) flows.push_back(generator.flow());
  std::vector<uint8_t> text(kMaxFrameBytes);
  for (uint8_t& byte : text) byte = static_cast<uint8_t>(' ' + generator.below('~' - ' '));

  const uint32_t version = replay::kPcapMajor | uint32_t{replay::kPcapMinor} << 16;
  write_words(file, {replay::kPcapMicroseconds, version, 0, 0, kSnapLength, kLinkEthernet});
  const Flow* flow = &flows[0];
  for (uint32_t i = 0; i < packets; ++i) {
    if (generator.train_ends()) flow = &flows[generator.below(kFlows)];
    const size_t size = std::max(generator.frame_size(), flow->header_bytes());
    std::vector<uint8_t> frame(text.begin(), text.begin() + ptrdiff_t(size));
    const size_t room = size - flow->header_bytes();
    if (generator.below(kNeedleEvery) == 0 && room >= kNeedle.size())
      memcpy(&frame[size - kNeedle.size()], kNeedle.data(), kNeedle.size());
    put_headers(*flow, frame);
    const uint64_t time_us = uint64_t{i} * kGapMicroseconds;
    write_words(file, {static_cast<uint32_t>(kStartSeconds + time_us / 1'000'000),
                       static_cast<uint32_t>(time_us % 1'000'000), static_cast<uint32_t>(size),
                       static_cast<uint32_t>(size)});
    fwrite(frame.data(), 1, size, file);
  }
}

}  // namespace
}  // namespace nflua::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s PACKETS FILE\n", argv[0]);
    return 2;
  }
  FILE* file = fopen(argv[2], "wb");
  if (!file) {
    perror(argv[2]);
    return 3;
  }
  nflua::bench::write_capture(file, static_cast<uint32_t>(atoi(argv[1])));
  const bool failed = ferror(file) != 0;
  if (fclose(file) != 0 || failed) {
    perror(argv[2]);
    return 3;
  }
}
