// SPDX-License-Identifier: GPL-2.0-or-later
// News of nft's rulesets in this network namespace: which tables of ours somebody changed, and who.
#pragma once

#include <map>
#include <set>
#include <string>

#include "datapath/queue/netlink_socket.hpp"

namespace nflua::queue {

struct RulesNews {
  /// Tables whose names begin as ours do, with the program that changed each; empty: unknown.
  std::map<std::string, std::string> tables;
  /// More was changed than the kernel could tell us.
  bool is_incomplete = false;
};

class RulesWatch {
 public:
  static Outcome<RulesWatch> open();

  /// Readable when there is news. Changes of our own are news as well.
  int fd() const { return socket_.fd(); }
  /// All that has arrived.
  RulesNews take();

 private:
  explicit RulesWatch(NetlinkSocket socket) : socket_(std::move(socket)) {}

  void take(const nlmsghdr& message, RulesNews& news);

  NetlinkSocket socket_;
  /// Tables of ours in a transaction whose end, which says who made it, has not arrived.
  std::set<std::string> changed_;
};

}  // namespace nflua::queue
