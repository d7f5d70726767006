// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/rules_watch.hpp"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cerrno>
#include <cstring>

#include "datapath/queue/table_note.hpp"

namespace nflua::queue {

namespace {

struct TextSearch {
  uint16_t type;
  std::string text;
};

int take_text(const nlattr* attribute, void* search) {
  auto& [type, text] = *static_cast<TextSearch*>(search);
  if (mnl_attr_get_type(attribute) != type) return MNL_CB_OK;
  const size_t size = mnl_attr_get_payload_len(attribute);
  text.assign(mnl_attr_get_str(attribute), strnlen(mnl_attr_get_str(attribute), size));
  return MNL_CB_STOP;
}

/// The attribute of that type, which is a text; empty: there is none.
std::string text_of(const nlmsghdr& message, uint16_t type) {
  TextSearch search{type, {}};
  mnl_attr_parse(&message, sizeof(nfgenmsg), take_text, &search);
  return search.text;
}

/// Taken at a time: whoever changes rules without end does not stop us from anything else.
constexpr int kMaxDatagrams = 1024;

bool bears_a_table(uint8_t type) {
  return type != NFT_MSG_NEWGEN && type != NFT_MSG_TRACE && type < NFT_MSG_MAX;
}

// In all messages that bear one, the table is the first attribute.
constexpr uint16_t kTableAttribute = 1;
static_assert(NFTA_TABLE_NAME == kTableAttribute && NFTA_CHAIN_TABLE == kTableAttribute &&
              NFTA_RULE_TABLE == kTableAttribute);

}  // namespace

Outcome<RulesWatch> RulesWatch::open() {
  Outcome<NetlinkSocket> socket =
      NetlinkSocket::open(NETLINK_NETFILTER, 1U << (NFNLGRP_NFTABLES - 1));
  if (!socket) return socket.failure();
  socket->never_wait();
  return RulesWatch(std::move(*socket));
}

void RulesWatch::take(const nlmsghdr& message, RulesNews& news) {
  if (NFNL_SUBSYS_ID(message.nlmsg_type) != NFNL_SUBSYS_NFTABLES) return;
  const auto type = uint8_t(NFNL_MSG_TYPE(message.nlmsg_type));
  if (type == NFT_MSG_NEWGEN) {
    const std::string program = text_of(message, NFTA_GEN_PROC_NAME);
    for (const std::string& table : changed_) news.tables[table] = program;
    changed_.clear();
  } else if (bears_a_table(type)) {
    std::string table = text_of(message, kTableAttribute);
    if (table.starts_with(kTablePrefix)) changed_.insert(std::move(table));
  }
}

RulesNews RulesWatch::take() {
  RulesNews news;
  alignas(nlmsghdr) uint8_t buffer[kNetlinkMessageBytes];
  for (int taken = 0; taken < kMaxDatagrams; ++taken) {
    const Bytes received = socket_.receive({buffer, sizeof buffer});
    if (received.empty()) {
      if (errno == EAGAIN) break;
      news.is_incomplete = true;  // ENOBUFS, or a message longer than the buffer
      changed_.clear();
      continue;
    }
    auto* message = reinterpret_cast<const nlmsghdr*>(received.data());
    int left = int(received.size());
    for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
      take(*message, news);
  }
  return news;
}

}  // namespace nflua::queue
