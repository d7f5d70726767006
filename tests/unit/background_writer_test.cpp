// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/background_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>

namespace nflua::cli {
namespace {

struct BackgroundWriterTest : testing::Test {
  BackgroundWriterTest() {
    signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(pipe(ends), 0);
  }
  ~BackgroundWriterTest() override {
    close_end(0);
    close_end(1);
  }
  void close_end(int end) {
    if (ends[end] >= 0) close(ends[end]);
    ends[end] = -1;
  }
  std::string read_all() {
    std::string all;
    char part[4096];
    for (ssize_t size; (size = read(ends[0], part, sizeof part)) > 0;)
      all.append(part, size_t(size));
    return all;
  }

  int ends[2] = {-1, -1};
};

TEST_F(BackgroundWriterTest, writes_all_lines_in_order) {
  std::string expected;
  std::string got;
  std::thread reader([&] { got = read_all(); });
  {
    BackgroundWriter writer(ends[1]);
    for (int i = 0; i < 50'000; ++i) {
      const std::string line = std::to_string(i) + "\n";
      EXPECT_TRUE(writer.put(line));
      expected += line;
    }
    EXPECT_EQ(writer.finish(), 0u);
  }
  close_end(1);
  reader.join();
  EXPECT_TRUE(got == expected);
}

TEST_F(BackgroundWriterTest, never_waits_for_a_reader_that_stalls) {
  BackgroundWriter writer(ends[1]);
  const std::string line(1 << 20, 'x');
  int taken = 0;
  for (int i = 0; i < 64; ++i) taken += writer.put(line);
  EXPECT_GE(taken, int(BackgroundWriter::kMaxWaitingBytes / line.size()));
  EXPECT_LT(taken, 64);
  EXPECT_GT(writer.finish(), 0u);
}

TEST_F(BackgroundWriterTest, goes_on_when_the_reader_has_gone) {
  close_end(0);
  BackgroundWriter writer(ends[1]);
  EXPECT_TRUE(writer.put("lost\n"));
  EXPECT_EQ(writer.finish(), 5u);
}

}  // namespace
}  // namespace nflua::cli
