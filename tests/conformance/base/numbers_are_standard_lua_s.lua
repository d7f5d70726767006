-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
function target()
  same("5 2 2.5 1 1", 2 + 3, 5 // 2, 5 / 2, 5 % 2, -5 % 2)
  same("1e+15 0.1 -0.0 inf", 1e15, 0.1, -0.0, 1 / 0)
  same("3.0 1e+100 9007199254740993", 3.0, 1e100, 9007199254740993)
  same("0.3333 3.14159 +7 ff", ("%.4f %g %+d %x"):format(1 / 3, 3.14159, 7, 255))
  same("1.4142135623731", ("%.14g"):format(math.sqrt(2)))
  same("-9223372036854775808", math.maxinteger + 1)
  same("true false", 1 == 1.0, 2^53 == 2^53 + 1.5)
  same("nan", (tostring(0 / 0):gsub("-", "")))
  raises("divide", function() return 1 // 0 end)
  raises("no integer representation", function() return 1.5 | 0 end)
  return "accept"
end
