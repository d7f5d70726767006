// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/link.hpp"

#include <pcap/pcap.h>

#include <algorithm>

#include "datapath/replay/link_layers.hpp"
#include "datapath/replay/nflog.hpp"
#include "datapath/replay/wifi.hpp"
#include "engine/wire.hpp"

namespace nflua::replay {
namespace {

// LINKTYPE_ numbers. Captures of some systems hold raw IP under those systems' DLT_ numbers.
constexpr LinkType kNull{0};
constexpr LinkType kEthernet{1};
constexpr LinkType kTokenRing{6};
constexpr LinkType kSlip{8};
constexpr LinkType kPpp{9};
constexpr LinkType kFddi{10};
constexpr LinkType kAtmBsd{11};
constexpr LinkType kRawBsd{12};
constexpr LinkType kRawOpenBsd{14};
constexpr LinkType kPppHdlc{50};
constexpr LinkType kPppEther{51};
constexpr LinkType kAtm{100};
constexpr LinkType kRaw{101};
constexpr LinkType kCiscoHdlc{104};
constexpr LinkType kWifi{105};
constexpr LinkType kFrameRelay{107};
constexpr LinkType kLoop{108};
constexpr LinkType kEnc{109};
constexpr LinkType kLinuxSll{113};
constexpr LinkType kPflog{117};
constexpr LinkType kPrism{119};
constexpr LinkType kRadiotap{127};
constexpr LinkType kFirewire{138};
constexpr LinkType kAvs{163};
constexpr LinkType kPppPppd{166};
constexpr LinkType kPpi{192};
constexpr LinkType kPppWithDirection{204};
constexpr LinkType kCiscoHdlcWithDirection{205};
constexpr LinkType kFrameRelayWithDirection{206};
constexpr LinkType kMpls{219};
constexpr LinkType kIpnet{226};
constexpr LinkType kIpv4{228};
constexpr LinkType kIpv6{229};
constexpr LinkType kIpoib{242};
constexpr LinkType kPktap{258};
constexpr LinkType kLinuxSll2{276};

SplitFrame not_ip(MutableBytes frame) { return without_packet(FrameKind::not_ip, frame); }
SplitFrame cut_off(MutableBytes frame) { return without_packet(FrameKind::cut_off, frame); }

uint16_t le16(Bytes bytes, size_t at) { return __builtin_bswap16(bytes.be16(at)); }
uint32_t le32(Bytes bytes, size_t at) { return __builtin_bswap32(bytes.be32(at)); }

/// What a cooked header's "protocol" means, which depends on the kind of device. Source: the
/// registry, LINKTYPE_LINUX_SLL; linux/if_arp.h, linux/if_ether.h.
SplitFrame split_cooked(MutableBytes frame, size_t header_bytes, size_t type_at, size_t device_at) {
  constexpr uint16_t kFrameRelayDevice = 770;
  constexpr uint16_t kGreDevice = 778;
  constexpr uint16_t kWifiDevice = 801;
  constexpr uint16_t kPrismDevice = 802;
  constexpr uint16_t kRadiotapDevice = 803;
  constexpr uint16_t kNetlinkDevice = 824;
  constexpr uint16_t kLlc = 4;
  constexpr uint16_t kPppOfWan = 7;
  constexpr uint16_t kEthernetInGre = 0x6558;
  if (frame.size() < header_bytes) return cut_off(frame);
  const uint16_t type = Bytes(frame).be16(type_at);
  switch (Bytes(frame).be16(device_at)) {
    case kFrameRelayDevice:
      return split_frame_relay(frame, header_bytes);
    case kWifiDevice:
      return split_wifi(frame, header_bytes);
    case kPrismDevice:
      return split_prism(frame, header_bytes);
    case kRadiotapDevice:
      return split_radiotap(frame, header_bytes);
    case kNetlinkDevice:
      return not_ip(frame);
    case kGreDevice:
      if (type == kEthernetInGre) return split_ethernet(frame, header_bytes);
  }
  if (type == kLlc) return split_llc(frame, header_bytes);
  if (type == kPppOfWan) return split_ppp(frame, header_bytes);
  // Linux has numbers of its own below.
  return type < kLeastEtherType ? not_ip(frame) : split_ether_type(frame, type, header_bytes);
}

bool is_ip_family(uint32_t family) {
  switch (family) {
    case 2:   // IPv4 everywhere
    case 10:  // IPv6: Linux
    case 23:  // Windows
    case 24:  // NetBSD, OpenBSD
    case 28:  // FreeBSD
    case 30:  // Darwin
      return true;
    default:
      return false;
  }
}

// An address family, in the byte order and with the number of the system that captured.
SplitFrame split_loopback(MutableBytes frame, size_t header_bytes) {
  constexpr uint32_t kLargestFamily = 0xffff;
  if (frame.size() < header_bytes) return cut_off(frame);
  uint32_t family = Bytes(frame).be32(0);
  if (family > kLargestFamily) family = __builtin_bswap32(family);
  return is_ip_family(family) ? ip_at(frame, header_bytes) : not_ip(frame);
}

// OpenBSD's packet filter: its header begins with its length, and is padded.
SplitFrame split_pflog(MutableBytes frame) {
  constexpr size_t kLeastHeaderBytes = 45;
  if (frame.size() < kLeastHeaderBytes) return cut_off(frame);
  if (frame[0] < kLeastHeaderBytes || !is_ip_family(frame[1])) return not_ip(frame);
  const size_t header_bytes = (size_t{frame[0]} + 3) & ~size_t{3};
  return ip_at(frame, header_bytes);
}

SplitFrame split_ipnet(MutableBytes frame) {
  constexpr size_t kHeaderBytes = 24;
  constexpr uint8_t kSolarisIpv4 = 2;
  constexpr uint8_t kSolarisIpv6 = 26;
  if (frame.size() < kHeaderBytes) return cut_off(frame);
  const uint8_t family = frame[1];
  return family == kSolarisIpv4 || family == kSolarisIpv6 ? ip_at(frame, kHeaderBytes)
                                                          : not_ip(frame);
}

// The first bit of the source address says that a route of a length of its own follows.
SplitFrame split_token_ring(MutableBytes frame) {
  constexpr size_t kHeaderBytes = 14;
  constexpr size_t kSourceAt = 8;
  constexpr uint8_t kHasRoute = 0x80;
  constexpr uint8_t kRouteLength = 0x1f;
  if (frame.size() < kHeaderBytes + 1) return cut_off(frame);
  const size_t route = frame[kSourceAt] & kHasRoute ? frame[kHeaderBytes] & kRouteLength : 0;
  return split_llc(frame, kHeaderBytes + route);
}

SplitFrame split_raw(MutableBytes frame) {
  return frame.empty() ? cut_off(frame) : ip_at(frame, 0);
}

/// A header of one size with an EtherType in it, as FireWire and InfiniBand have.
SplitFrame split_fixed(MutableBytes frame, size_t header_bytes, size_t type_at) {
  if (frame.size() < header_bytes) return cut_off(frame);
  return split_ether_type(frame, Bytes(frame).be16(type_at), header_bytes);
}

/// Link types that can stand behind a header which names them.
SplitFrame split_plain(LinkType link_type, MutableBytes frame, size_t at) {
  switch (link_type) {
    case kEthernet:
      return split_ethernet(frame, at);
    case kPpp:
    case kPppHdlc:
      return split_ppp_or_hdlc(frame, at);
    case kCiscoHdlc:
      return split_cisco_hdlc(frame, at);
    case kFrameRelay:
      return split_frame_relay(frame, at);
    case kWifi:
      return split_wifi(frame, at);
    case kRadiotap:
      return split_radiotap(frame, at);
    case kPrism:
      return split_prism(frame, at);
    case kAvs:
      return split_avs(frame, at);
    case kRawBsd:
    case kRawOpenBsd:
    case kRaw:
    case kIpv4:
    case kIpv6:
      return ip_at(frame, at);
    case kNull:
    case kLoop: {
      const SplitFrame inner = split_loopback(frame.sub(at), 4);
      return inner.kind == FrameKind::ip ? ip_at(frame, at + inner.header.size())
                                         : without_packet(inner.kind, frame);
    }
    default:
      return without_packet(FrameKind::unknown, frame);
  }
}

/// Behind a header that names its own length and the link type of what follows. Nothing that we
/// don't read becomes an unknown link type by it: the capture's own one is known.
SplitFrame split_named(MutableBytes frame, size_t header_bytes, uint32_t link_type) {
  if (frame.size() < header_bytes) return cut_off(frame);
  if (link_type > UINT16_MAX) return not_ip(frame);
  const SplitFrame inner = split_plain(LinkType(link_type), frame, header_bytes);
  return inner.kind == FrameKind::unknown ? not_ip(frame) : inner;
}

// Kismet's and CACE's header around 802.11.
SplitFrame split_ppi(MutableBytes frame) {
  constexpr size_t kHeaderBytes = 8;  // version, flags, length, link type, in front of fields
  if (frame.size() < kHeaderBytes) return cut_off(frame);
  const size_t claimed = le16(frame, 2);
  return claimed < kHeaderBytes ? not_ip(frame) : split_named(frame, claimed, le32(frame, 4));
}

/// Of a PPI header with the field for 802.11's flags.
bool ppi_tells_frame_check(Bytes header) {
  constexpr size_t kFirstField = 8;
  constexpr size_t kFieldHeaderBytes = 4;  // type, length
  constexpr uint16_t kCommonWifi = 2;
  constexpr size_t kFlagsAt = 8;  // behind the time
  constexpr uint16_t kHasFrameCheck = 1;
  for (size_t at = kFirstField; header.has(at, kFieldHeaderBytes);) {
    const Bytes field = header.sub(at + kFieldHeaderBytes, le16(header, at + 2));
    if (le16(header, at) == kCommonWifi && field.has(kFlagsAt, 2))
      return le16(field, kFlagsAt) & kHasFrameCheck;
    at += kFieldHeaderBytes + le16(header, at + 2);
  }
  return false;
}

// Darwin's header, which names the process.
SplitFrame split_pktap(MutableBytes frame) {
  constexpr size_t kLeastBytes = 12;  // length, record type, link type, in front of much more
  if (frame.size() < kLeastBytes) return cut_off(frame);
  const size_t claimed = le32(frame, 0);
  return claimed < kLeastBytes ? not_ip(frame) : split_named(frame, claimed, le32(frame, 8));
}

}  // namespace

SplitFrame split_frame(LinkType link_type, MutableBytes frame) {
  if (link_type == kEthernet) return split_ethernet(frame, 0);  // most captures
  switch (link_type) {
    case kLinuxSll:
      return split_cooked(frame, 16, 14, 2);
    case kLinuxSll2:
      return split_cooked(frame, 20, 0, 8);
    case kRawBsd:
    case kRawOpenBsd:
    case kRaw:
    case kIpv4:
    case kIpv6:
      return split_raw(frame);
    case kTokenRing:
      return split_token_ring(frame);
    case kFddi:  // control, two addresses
      return split_llc(frame, 13);
    case kAtmBsd:
    case kAtm:
      return split_llc(frame, 0);
    case kPppEther:
      return split_pppoe(frame, 0);
    case kEnc:
      return split_loopback(frame, 12);
    case kPflog:
      return split_pflog(frame);
    case kFirewire:  // two addresses of 8 bytes, EtherType
      return split_fixed(frame, 18, 16);
    case kIpoib:  // a route of 40 bytes, EtherType, nothing
      return split_fixed(frame, 44, 40);
    case kSlip:  // the direction, what was compressed
      return ip_at(frame, 16);
    case kPppPppd:  // the direction, in place of HDLC's address, and its control byte
      return split_ppp(frame, 2);
    case kPppWithDirection:
      return split_ppp_or_hdlc(frame, 1);
    case kCiscoHdlcWithDirection:
      return split_cisco_hdlc(frame, 1);
    case kFrameRelayWithDirection:
      return split_frame_relay(frame, 1);
    case kMpls:
      return split_mpls(frame, 0);
    case kIpnet:
      return split_ipnet(frame);
    case kPpi:
      return split_ppi(frame);
    case kPktap:
      return split_pktap(frame);
    case kNflog:
      return split_nflog(frame);
    default:
      return split_plain(link_type, frame, 0);
  }
}

TapHeader tap_header(LinkType link_type, Bytes header) {
  constexpr size_t kLengthEndsAt = 4;  // of both
  if ((link_type != kRadiotap && link_type != kPpi) || !header.has(0, kLengthEndsAt)) return {};
  const size_t bytes = least(le16(header, 2), header.size());
  const Bytes tap = header.first(bytes);
  return {bytes, link_type == kPpi ? ppi_tells_frame_check(tap)
                                   : bool(radiotap_flags(tap) & kRadiotapHasFrameCheck)};
}

bool reads_link_type(LinkType link_type) {
  return split_frame(link_type, {}).kind != FrameKind::unknown;
}

void reverse_header(LinkType link_type, MutableBytes header) {
  constexpr size_t kMacBytes = 6;
  constexpr uint8_t kOutgoing = 4;
  if (link_type == kEthernet)
    std::swap_ranges(header.data(), header.data() + kMacBytes, header.data() + kMacBytes);
  else if (link_type == kLinuxSll)
    store_be16(header.data(), kOutgoing);
  else if (link_type == kLinuxSll2)
    header[10] = kOutgoing;
}

void set_length(const LengthField& field, MutableBytes header, size_t packet_bytes) {
  if (field.at == 0) return;
  const size_t length = header.size() - field.counts_from + packet_bytes;
  const uint16_t value = uint16_t(std::min<size_t>(length, UINT16_MAX));
  store_be16(header.data() + field.at, field.is_little_endian ? __builtin_bswap16(value) : value);
}

std::string_view link_type_pcap_name(LinkType link_type) {
  // libpcap names its own DLT_ numbers: files have others for these.
  const bool is_raw = link_type == kRaw || link_type == kRawOpenBsd;
  const int dlt = is_raw ? DLT_RAW : link_type == kAtm ? DLT_ATM_RFC1483 : int(link_type);
  const char* name = pcap_datalink_val_to_name(dlt);
  return name ? name : std::string_view();
}

std::string link_type_name(LinkType link_type) {
  const std::string number = std::to_string(uint16_t(link_type));
  const std::string_view name = link_type_pcap_name(link_type);
  return name.empty() ? number : std::string(name) + " (" + number + ")";
}

std::string no_readable_link_type(const std::string& capture, const std::string& found) {
  return capture + ": link type " + found +
         ", expected one that carries IP packets, as Ethernet, 802.11, PPP, raw IP or Linux "
         "cooked; docs/captures.md has all that are read";
}

}  // namespace nflua::replay
