// SPDX-License-Identifier: GPL-2.0-or-later
// Reading alone, with our reader: read_capture CAPTURE. Prints the number of packets.
#include <stdio.h>

#include "datapath/replay/capture_reader.hpp"

int main(int argc, char** argv) {
  using nflua::replay::CaptureReader;
  if (argc != 2) {
    fprintf(stderr, "usage: %s CAPTURE\n", argv[0]);
    return 2;
  }
  auto reader = CaptureReader::open(argv[1]);
  if (!reader) {
    fprintf(stderr, "%s\n", reader.failure().message().c_str());
    return 3;
  }
  unsigned long long packets = 0;
  while ((*reader)->next()) ++packets;
  printf("%llu\n", packets);
}
