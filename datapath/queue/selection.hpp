// SPDX-License-Identifier: GPL-2.0-or-later
// Which packets our own rules are for: a rule for each way to be inside sends them to another chain
// of the table.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datapath/bpf_program.hpp"
#include "datapath/queue/filter_rules.hpp"
#include "datapath/queue/nft_batch.hpp"

namespace nflua::queue {

/// Instructions of a filter that the kernel's match takes (XT_BPF_MAX_NUM_INSTR).
inline constexpr size_t kMaxKernelFilter = 64;

struct Selection {
  /// Names, which may end in * or + for any rest; empty: any device.
  std::string in_device;
  std::string out_device;
  /// nullptr: all packets.
  std::shared_ptr<const BpfProgram> filter;
  /// The same as nft's own rules. Nothing: only the kernel's match for programs can say it.
  std::optional<std::vector<FilterGroup>> filter_rules;
};

/// A chain of rules that begin with the same tests: a packet that fails these meets none of them.
struct GroupChain {
  std::string name;
  const FilterGroup& group;
};

std::string group_chain_name(size_t index);
/// Borrows: from `selection`.
std::vector<GroupChain> group_chains(const Selection& selection);

/// Into the group's chain: to `target` goes what is inside.
void add_group_rules(NftBatch& batch, const GroupChain& chain, const char* target);
/// Into `chain`. Requires: the group's chains are there.
void add_selection(NftBatch& batch, const char* chain, const Selection& selection,
                   const char* target);

}  // namespace nflua::queue
