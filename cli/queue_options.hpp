// SPDX-License-Identifier: GPL-2.0-or-later
// The options that say where packets come from and what happens without a listener: of `nflua run`
// and `nflua bind`.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "datapath/queue/service.hpp"

namespace nflua::cli {

/// "N" or "N-M". Errors: throws CommandFailure.
queue::QueueRange parse_queues(const std::string& text);

/// A hook's number by its name. Errors: throws CommandFailure.
unsigned parse_hook(const std::string& name);

class QueueOptions {
 public:
  void add_to(CLI::App& command);
  /// Of whom starts the threads itself.
  void add_workers_to(CLI::App& command);

  // Requires: the command line has been parsed. Errors: throws CommandFailure.
  queue::PlaceOptions place_options() const;
  const std::string& filter() const { return filter_; }
  /// Threads: one for each queue.
  unsigned workers() const;

 private:
  void add_placement(CLI::App& command);
  void add_service(CLI::App& command);
  queue::Placement placement() const;

  std::string command_name_;
  CLI::Option* hook_option_ = nullptr;
  std::string queue_;
  std::string hook_;
  std::string family_ = "inet";
  std::string priority_ = "filter";
  std::string in_interface_;
  std::string out_interface_;
  std::string filter_;
  std::string fail_ = "open";
  std::string connid_ = "auto";
  unsigned workers_ = 1;
  uint32_t snap_length_ = queue::QueueOptions().snap_length;
  uint32_t max_length_ = queue::QueueOptions().max_length;
  bool notrack_ = false;
};

}  // namespace nflua::cli
