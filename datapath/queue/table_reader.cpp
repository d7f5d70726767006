// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/table_reader.hpp"

#include <libnftnl/table.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace nflua::queue {

namespace {

/// Others may change the ruleset while it is being told: then the kernel says that it did not tell
/// all, and is asked again.
constexpr int kMaxTellings = 8;

struct TableDeleter {
  void operator()(nftnl_table* table) const { nftnl_table_free(table); }
};

int take_table(const nlmsghdr* message, void* handles) {
  const std::unique_ptr<nftnl_table, TableDeleter> table(nftnl_table_alloc());
  if (!table || nftnl_table_nlmsg_parse(message, table.get()) != 0) return MNL_CB_ERROR;
  auto& found = *static_cast<NftHandles*>(handles);
  found.table = nftnl_table_get_u64(table.get(), NFTNL_TABLE_HANDLE);
  found.flags = nftnl_table_get_u32(table.get(), NFTNL_TABLE_FLAGS);
  return MNL_CB_STOP;
}

int take_rule(const nlmsghdr* message, void* handles) {
  const NftRule rule;
  if (nftnl_rule_nlmsg_parse(message, rule.rule()) == 0)
    static_cast<NftHandles*>(handles)->rules.push_back(
        nftnl_rule_get_u64(rule.rule(), NFTNL_RULE_HANDLE));
  return MNL_CB_OK;
}

/// Returns 0 or an errno.
int ask(const NetlinkSocket& socket, NetfilterMessage& request, mnl_cb_t take,
        NftHandles& handles) {
  if (const int error = socket.send(request.bytes())) return error;
  int error = 0;
  for (;;) {
    alignas(nlmsghdr) uint8_t buffer[kNetlinkMessageBytes];
    const Bytes received = socket.receive({buffer, sizeof buffer});
    if (received.empty()) return error;
    const int state =
        mnl_cb_run(received.data(), received.size(), 0, socket.port(), take, &handles);
    if (state == MNL_CB_ERROR) error = errno;
  }
}

int read_once(const NetlinkSocket& socket, const std::string& table, uint8_t family,
              NftHandles& handles) {
  NetfilterMessage get_table(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, 0, family, 0);
  mnl_attr_put_strz(get_table.header(), NFTA_TABLE_NAME, table.c_str());
  if (const int error = ask(socket, get_table, take_table, handles)) return error;
  NetfilterMessage get_rules(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE, NLM_F_DUMP, family, 0);
  mnl_attr_put_strz(get_rules.header(), NFTA_RULE_TABLE, table.c_str());
  return ask(socket, get_rules, take_rule, handles);
}

}  // namespace

std::optional<NftHandles> read_table(const NetlinkSocket& socket, const std::string& table,
                                     uint8_t family) {
  for (int telling = 0; telling < kMaxTellings; ++telling) {
    NftHandles handles;
    const int error = read_once(socket, table, family, handles);
    if (error == EINTR) continue;
    if (error || handles.table == 0) return {};
    std::sort(handles.rules.begin(), handles.rules.end());
    return handles;
  }
  return {};
}

}  // namespace nflua::queue
