// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/obstacles.hpp"

#include <cstdio>  // libnftnl uses FILE without it

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libnftnl/flowtable.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string_view>

#include "datapath/queue/hooks.hpp"
#include "datapath/queue/netlink_socket.hpp"

namespace nflua::queue {

namespace {

/// Names shown of each kind; there may be thousands.
constexpr size_t kMaxNames = 5;

struct Link {
  std::string name;
  std::string kind;
};

int take_kind(const nlattr* attribute, void* link) {
  if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
    static_cast<Link*>(link)->kind = mnl_attr_get_str(attribute);
  return MNL_CB_OK;
}

int take_link_attribute(const nlattr* attribute, void* link) {
  const uint16_t type = mnl_attr_get_type(attribute);
  if (type == IFLA_IFNAME) static_cast<Link*>(link)->name = mnl_attr_get_str(attribute);
  if (type == IFLA_LINKINFO) mnl_attr_parse_nested(attribute, take_kind, link);
  return MNL_CB_OK;
}

int take_link(const nlmsghdr* message, void* obstacles) {
  auto& [bridges, vrfs, flowtables] = *static_cast<Obstacles*>(obstacles);
  Link link;
  mnl_attr_parse(message, sizeof(ifinfomsg), take_link_attribute, &link);
  if (link.kind == "bridge") bridges.push_back(link.name);
  if (link.kind == "vrf") vrfs.push_back(link.name);
  return MNL_CB_OK;
}

struct FlowtableDeleter {
  void operator()(nftnl_flowtable* flowtable) const { nftnl_flowtable_free(flowtable); }
};

int take_flowtable(const nlmsghdr* message, void* obstacles) {
  const std::unique_ptr<nftnl_flowtable, FlowtableDeleter> flowtable(nftnl_flowtable_alloc());
  if (!flowtable || nftnl_flowtable_nlmsg_parse(message, flowtable.get()) != 0) return MNL_CB_OK;
  static_cast<Obstacles*>(obstacles)->flowtables.push_back(
      fmt::format("{} of table {}", nftnl_flowtable_get_str(flowtable.get(), NFTNL_FLOWTABLE_NAME),
                  nftnl_flowtable_get_str(flowtable.get(), NFTNL_FLOWTABLE_TABLE)));
  return MNL_CB_OK;
}

void ask_all(int bus, Bytes request, mnl_cb_t take, Obstacles& obstacles) {
  Outcome<NetlinkSocket> socket = NetlinkSocket::open(bus);
  if (!socket || socket->send(request) != 0) return;
  int state = MNL_CB_OK;
  while (state == MNL_CB_OK) {
    alignas(nlmsghdr) uint8_t buffer[4 * kNetlinkMessageBytes];
    const Bytes received = socket->receive({buffer, sizeof buffer});
    if (received.empty()) return;
    state = mnl_cb_run(received.data(), received.size(), 0, socket->port(), take, &obstacles);
  }
}

void find_links(Obstacles& obstacles) {
  alignas(nlmsghdr) uint8_t buffer[MNL_NLMSG_HDRLEN + sizeof(ifinfomsg)] = {};
  nlmsghdr* request = mnl_nlmsg_put_header(buffer);
  request->nlmsg_type = RTM_GETLINK;
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg));
  ask_all(NETLINK_ROUTE, {buffer, request->nlmsg_len}, take_link, obstacles);
}

void find_flowtables(Obstacles& obstacles) {
  NetfilterMessage request(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETFLOWTABLE, NLM_F_DUMP,
                           NFPROTO_UNSPEC, 0);
  ask_all(NETLINK_NETFILTER, request.bytes(), take_flowtable, obstacles);
}

bool bridges_call(const char* what) {
  std::ifstream file(fmt::format("/proc/sys/net/bridge/bridge-nf-call-{}", what));
  int value = 0;
  return file >> value && value != 0;
}

std::string listed(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kMaxNames);
  std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

bool is_at(const PlaceOptions& place, std::initializer_list<unsigned> hooks) {
  if (!place.placement) return true;  // a rule of the user's may be anywhere
  return std::find(hooks.begin(), hooks.end(), place.placement->hook) != hooks.end();
}

std::string bridge_advice(const PlaceOptions& place, const std::vector<std::string>& bridges) {
  const std::string names = listed(bridges);
  if (!place.placement)
    return fmt::format(
        "bridge {} shows its packets to iptables and nft (br_netfilter): where connections are "
        "tracked, the kernel loses each broadcast and multicast that begins one if a rule queues "
        "it in forward; leave those out of your rule (docs/queue.md, Bridges)",
        names);
  if (!place.track)
    return fmt::format(
        "bridge {} shows its packets to nft (br_netfilter): if a rule of anyone's tracks "
        "connections, the kernel loses each broadcast and multicast that begins one and is queued; "
        "without --notrack those pass and the script does not see them (docs/queue.md, Bridges)",
        names);
  return fmt::format(
      "bridge {} shows its packets to nft (br_netfilter): a broadcast or multicast that begins a "
      "connection passes and the script does not see it, because the kernel would lose it in a "
      "queue "
      "(docs/queue.md, Bridges)",
      names);
}

std::string vrf_advice(const PlaceOptions& place, const std::vector<std::string>& vrfs) {
  if (!place.placement)
    return fmt::format(
        "{} is a VRF: what a rule queues at prerouting with the VRF as its input device is lost in "
        "the kernel; leave that out of your rule (docs/queue.md, VRFs)",
        listed(vrfs));
  const std::string& device = place.placement->in_device;
  if (std::find(vrfs.begin(), vrfs.end(), device) != vrfs.end())
    return fmt::format(
        "{} is a VRF: at prerouting its packets can only be queued as they come in by their own "
        "device, so the script will see none here; name those devices (docs/queue.md, VRFs)",
        device);
  return {};
}

std::string flowtable_advice(const std::vector<std::string>& flowtables) {
  return fmt::format(
      "flowtable {} takes connections past prerouting, forward and postrouting: of those a script "
      "sees only the first packets and the end (docs/queue.md, Flowtables)",
      listed(flowtables));
}

}  // namespace

Obstacles find_obstacles() {
  Obstacles obstacles;
  find_links(obstacles);
  if (!bridges_call("iptables") && !bridges_call("ip6tables")) obstacles.bridges.clear();
  find_flowtables(obstacles);
  return obstacles;
}

std::vector<std::string> advice(const PlaceOptions& place, const Obstacles& obstacles) {
  std::vector<std::string> texts;
  if (!obstacles.bridges.empty() && is_at(place, {NF_INET_FORWARD, NF_INET_POST_ROUTING}))
    texts.push_back(bridge_advice(place, obstacles.bridges));
  if (!obstacles.vrfs.empty() && is_at(place, {NF_INET_PRE_ROUTING}))
    texts.push_back(vrf_advice(place, obstacles.vrfs));
  if (!obstacles.flowtables.empty() &&
      is_at(place, {NF_INET_PRE_ROUTING, NF_INET_FORWARD, NF_INET_POST_ROUTING}))
    texts.push_back(flowtable_advice(obstacles.flowtables));
  std::erase(texts, "");
  return texts;
}

}  // namespace nflua::queue
