// SPDX-License-Identifier: GPL-2.0-or-later
// What a person should know about the machine as rules are bound to a place.
#pragma once

#include <string>
#include <vector>

#include "datapath/queue/service.hpp"

namespace nflua::cli {

/// That counters of connections are on now, or can't be. Empty: they were on, or nobody asked.
std::string accounting_note(const queue::Accounting& accounting);

/// That the machine lacks devices that the place names.
std::vector<std::string> device_notes(const queue::PlaceOptions& place);

/// How the place's filter is applied, where nft's own rules can't say it. Empty: they do.
std::string filter_note(const queue::Place& place);

/// That this process may not do what a place needs.
void say_about_permission();

}  // namespace nflua::cli
