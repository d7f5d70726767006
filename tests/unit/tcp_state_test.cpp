// SPDX-License-Identifier: GPL-2.0-or-later
#include "datapath/replay/tcp_state.hpp"

#include <gtest/gtest.h>

namespace nflua::replay {
namespace {

TEST(tcp_state, an_event_is_told_by_the_flags_that_matter) {
  struct {
    uint8_t flags;
    TcpEvent event;
  } const cases[] = {
      {0x02, TcpEvent::syn},     {0xc2, TcpEvent::syn},  // with ECE and CWR
      {0x12, TcpEvent::syn_ack}, {0x11, TcpEvent::fin},     {0x19, TcpEvent::fin},
      {0x10, TcpEvent::ack},     {0x38, TcpEvent::ack},     {0x04, TcpEvent::rst},
      {0x14, TcpEvent::rst},     {0x00, TcpEvent::invalid}, {0x01, TcpEvent::invalid},
      {0x03, TcpEvent::invalid}, {0x06, TcpEvent::invalid}, {0x05, TcpEvent::invalid},
      {0xff, TcpEvent::invalid},
  };
  for (const auto& test : cases) EXPECT_EQ(tcp_event(test.flags), test.event) << int(test.flags);
}

TEST(tcp_state, every_state_takes_every_event) {
  for (int state = 0; state <= int(TcpState::closed); ++state) {
    for (Direction direction : {Direction::original, Direction::reply}) {
      for (int event = 0; event <= int(TcpEvent::invalid); ++event) {
        TcpStep step = tcp_step(TcpState(state), direction, TcpEvent(event));
        bool is_invalid_event = event == int(TcpEvent::invalid);
        EXPECT_TRUE(!is_invalid_event || step.effect == TcpEffect::invalid);
        EXPECT_TRUE(step.effect != TcpEffect::moves || step.state != TcpState::none)
            << "state " << state << ", event " << event;
      }
    }
  }
}

}  // namespace
}  // namespace nflua::replay
