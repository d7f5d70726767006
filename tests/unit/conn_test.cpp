// SPDX-License-Identifier: GPL-2.0-or-later
// engine/lua/conn.cpp
#include <gtest/gtest.h>

#include "engine/address.hpp"
#include "tests/support/script.hpp"

namespace nflua::test {
namespace {

Tuple tuple(IpProto protocol, const char* source, uint16_t source_port, const char* destination,
            uint16_t destination_port) {
  return {protocol,    *parse_address(source), *parse_address(destination), true,
          source_port, destination_port};
}

class conn : public testing::Test {
 protected:
  conn() {
    ConnEntry entry{77, true, {{{3, 300}, {4, 400}}}};
    script.host().add_connection(tuple(IpProto::udp, "192.168.1.100", 8080, "8.8.8.8", 22), entry);
    entry = {-5, false, {}};
    script.host().add_connection(tuple(IpProto::tcp, "2001:db8::1", 1, "::ffff:1.2.3.4", 65535),
                                 entry);
  }

  /// What a call returned or raised, as print shows it.
  std::string call(const std::string& expression) {
    script.host().reports.clear();
    EXPECT_EQ(script.load("print(pcall(function() return " + expression + " end))"), "");
    return script.printed();
  }

  Script script{""};
};

TEST_F(conn, finds_an_entry_by_the_tuple_of_either_direction) {
  EXPECT_EQ(call("conn.find(4, 'udp', '192.168.1.100', 8080, '8.8.8.8', 22)"), "true\t77\n");
  EXPECT_EQ(call("conn.find(4, 'udp', '8.8.8.8', 22, '192.168.1.100', 8080)"), "true\t77\n");
  EXPECT_EQ(call("math.type(conn.find(4, 'udp', '8.8.8.8', 22, '192.168.1.100', 8080))"),
            "true\tinteger\n");
}

TEST_F(conn, reads_ipv6_addresses_in_any_textual_form) {
  for (const char* source : {"2001:db8::1", "2001:DB8:0:0::1", "2001:0db8:0000::0:0001"})
    for (const char* destination : {"::ffff:1.2.3.4", "::ffff:102:304", "0:0:0:0:0:FFFF:0102:304"})
      EXPECT_EQ(call(std::string("conn.find(6, 'tcp', '") + source + "', 1, '" + destination +
                     "', 65535)"),
                "true\t-5\n")
          << source << ' ' << destination;
}

TEST_F(conn, tells_when_there_is_no_entry) {
  const char* const kNotFound = "true\tnil\tconnid entry not found\n";
  for (const char* arguments : {"4, 'tcp', '192.168.1.100', 8080, '8.8.8.8', 22",
                                "4, 'udp', '8.8.8.8', 8080, '8.8.8.8', 22",
                                "4, 'udp', '192.168.1.100', 8081, '8.8.8.8', 22"}) {
    EXPECT_EQ(call(std::string("conn.find(") + arguments + ")"), kNotFound) << arguments;
    EXPECT_EQ(call(std::string("conn.traffic(") + arguments + ", 'both')"), kNotFound);
  }
}

TEST_F(conn, counts_by_conntracks_own_direction_whichever_tuple_found_the_entry) {
  for (const char* found_by :
       {"'192.168.1.100', 8080, '8.8.8.8', 22", "'8.8.8.8', 22, '192.168.1.100', 8080"}) {
    const std::string start = std::string("conn.traffic(4, 'udp', ") + found_by;
    EXPECT_EQ(call(start + ", 'original')"), "true\t3\t300\n");
    EXPECT_EQ(call(start + ", 'reply')"), "true\t4\t400\n");
    EXPECT_EQ(call(start + ", 'both')"), "true\t3\t300\t4\t400\n");
  }
}

TEST_F(conn, has_no_counters_where_accounting_is_off) {
  EXPECT_EQ(call("conn.traffic(6, 'tcp', '2001:db8::1', 1, '::ffff:1.2.3.4', 65535, 'both')"),
            "true\tnil\tcounters not found\n");
}

TEST_F(conn, names_the_argument_that_is_wrong) {
  const char* const kText = "failed to convert address to binary";
  const std::string long_address = "'" + std::string(100000, '1') + "'";
  const struct {
    std::string arguments;
    int argument;
    const char* error;
  } kCases[] = {
      {"5, 'udp', '1.1.1.1', 1, '2.2.2.2', 2", 1, "unknown family"},
      {"'x', 'udp', '1.1.1.1', 1, '2.2.2.2', 2", 1, "number expected, got string"},
      {"4, 'sctp', '1.1.1.1', 1, '2.2.2.2', 2", 2, "invalid option 'sctp'"},
      {"4, 'TCP', '1.1.1.1', 1, '2.2.2.2', 2", 2, "invalid option 'TCP'"},
      {"4, 'udp', '1.1.1', 1, '2.2.2.2', 2", 3, kText},
      {"4, 'udp', '', 1, '2.2.2.2', 2", 3, kText},
      {"4, 'udp', '::1', 1, '2.2.2.2', 2", 3, kText},
      {"6, 'udp', '::1', 1, '2.2.2.2', 2", 5, kText},
      {"4, 'udp', '1.1.1.1\\0', 1, '2.2.2.2', 2", 3, kText},
      {"4, 'udp', '1.1.1.1', 1, " + long_address + ", 2", 5, kText},
      {"4, 'udp', '1.1.1.1', 1, '2.2.2.256', 2", 5, kText},
      {"6, 'udp', 'fe80::1%lo', 1, '::1', 2", 3, kText},
      {"4, 'udp', 16843009, 1, '2.2.2.2', 2", 3, kText},
      {"4, 'udp', {}, 1, '2.2.2.2', 2", 3, "string expected, got table"},
      {"4, 'udp', '1.1.1.1', 0, '2.2.2.2', 2", 4, "invalid port"},
      {"4, 'udp', '1.1.1.1', 65536, '2.2.2.2', 2", 4, "invalid port"},
      {"4, 'udp', '1.1.1.1', 1, '2.2.2.2', -1", 6, "invalid port"},
      {"4, 'udp', '1.1.1.1', 1, '2.2.2.2', 1.5", 6, "number has no integer representation"},
      {"4, 'udp', '1.1.1.1', 1, '2.2.2.2'", 6, "number expected, got no value"},
  };
  for (const auto& each : kCases) {
    for (const char* function : {"find", "traffic"}) {
      const bool complete = each.arguments.back() != '\'' || each.argument != 6;
      const std::string direction = function[0] == 't' && complete ? ", 'both'" : "";
      const std::string expected = "bad argument #" + std::to_string(each.argument) + " to '" +
                                   function + "' (" + each.error + ")\n";
      const std::string result =
          call(std::string("conn.") + function + "(" + each.arguments + direction + ")");
      EXPECT_NE(result.find(expected), std::string::npos) << each.arguments << ": " << result;
    }
  }
}

TEST_F(conn, wants_a_direction_that_it_knows) {
  const std::string start = "conn.traffic(4, 'udp', '1.1.1.1', 1, '2.2.2.2', 2";
  EXPECT_NE(call(start + ", 'all')").find("bad argument #7 to 'traffic' (invalid option 'all')"),
            std::string::npos);
  EXPECT_NE(call(start + ")").find("bad argument #7 to 'traffic'"), std::string::npos);
}

TEST_F(conn, survives_each_allocation_that_fails) {
  const std::string chunk =
      "print(conn.find(4, 'udp', '8.8.8.8', 22, '192.168.1.100', 8080)) "
      "print(conn.find(4, 'udp', '9.9.9.9', 22, '192.168.1.100', 8080))";
  script.fail_each_allocation(chunk, [](bool) {});
  EXPECT_EQ(script.load(chunk), "");
}

}  // namespace
}  // namespace nflua::test
