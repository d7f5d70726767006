// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/interrupt.hpp"

#include <signal.h>

namespace nflua::cli {

namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM};
constinit std::atomic<bool> wanted{false};
constinit std::atomic<int> last_signal{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "a signal handler writes them");

void catch_signal(int number) {
  last_signal = number;
  wanted = true;
}

}  // namespace

Interrupt::Interrupt() {
  struct sigaction action = {};
  action.sa_handler = catch_signal;
  // RESTART: what is being printed comes out whole. The capture's reader waits in poll(), which a
  // signal ends all the same.
  action.sa_flags = SA_RESTART | int(SA_RESETHAND);
  for (const int number : kSignals) {
    struct sigaction before;
    // A shell's background job ignores SIGINT: it stays so.
    if (sigaction(number, nullptr, &before) == 0 && before.sa_handler != SIG_IGN)
      sigaction(number, &action, nullptr);
  }
}

Interrupt::~Interrupt() {
  for (const int number : kSignals) {
    struct sigaction now;
    if (sigaction(number, nullptr, &now) == 0 && now.sa_handler == catch_signal)
      signal(number, SIG_DFL);
  }
}

const std::atomic<bool>& Interrupt::is_wanted() const { return wanted; }

void Interrupt::die_of_it() const {
  if (wanted) raise(last_signal);
}

}  // namespace nflua::cli
