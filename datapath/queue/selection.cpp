// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/queue/selection.hpp"

#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/netfilter/xt_bpf.h>
#include <pcap/bpf.h>

#include <cstring>

namespace nflua::queue {

namespace {

static_assert(kMaxKernelFilter == XT_BPF_MAX_NUM_INSTR);
static_assert(sizeof(bpf_insn) == sizeof(sock_filter));

constexpr const char* kGroupChainPrefix = "inside";

void add_program(NftRule& rule, const BpfProgram& filter) {
  constexpr uint32_t kRevision = 1;
  xt_bpf_info_v1 info = {};
  info.mode = XT_BPF_MODE_BYTECODE;
  info.bpf_program_num_elem = uint16_t(filter.size());
  memcpy(info.bpf_program, filter.instructions(), filter.size() * sizeof(sock_filter));
  rule.xt_match("bpf", kRevision, {reinterpret_cast<const uint8_t*>(&info), sizeof info});
}

void add_tests(NftBatch& batch, NftRule& rule, const FilterRule& tests) {
  for (const FilterTest& test : tests)
    rule.passes(test, test.needs_set() ? batch.add_values(test) : 0);
}

}  // namespace

std::string group_chain_name(size_t index) {
  return fmt::format("{}{}", kGroupChainPrefix, index + 1);
}

std::vector<GroupChain> group_chains(const Selection& selection) {
  std::vector<GroupChain> chains;
  if (!selection.filter_rules) return chains;
  for (const FilterGroup& group : *selection.filter_rules)
    if (group.rests.size() > 1) chains.push_back({group_chain_name(chains.size()), group});
  return chains;
}

void add_group_rules(NftBatch& batch, const GroupChain& chain, const char* target) {
  for (const FilterRule& rest : chain.group.rests) {
    NftRule rule;
    add_tests(batch, rule, rest);
    batch.add_rule(chain.name.c_str(), rule.go_to(target));
  }
}

void add_selection(NftBatch& batch, const char* chain, const Selection& selection,
                   const char* target) {
  const auto select = [&](auto condition) {
    NftRule rule;
    rule.in_device_is(selection.in_device).out_device_is(selection.out_device);
    condition(rule);
    batch.add_rule(chain, rule);
  };
  if (!selection.filter_rules)
    return select([&](NftRule& rule) {
      if (selection.filter) add_program(rule, *selection.filter);
      rule.go_to(target);
    });
  for (const GroupChain& inside : group_chains(selection))
    select([&](NftRule& rule) {
      add_tests(batch, rule, inside.group.common);
      rule.jump(inside.name.c_str());
    });
  for (const FilterGroup& group : *selection.filter_rules)
    if (group.rests.size() == 1)
      select([&](NftRule& rule) {
        add_tests(batch, rule, group.common);
        rule.go_to(target);
      });
}

}  // namespace nflua::queue
