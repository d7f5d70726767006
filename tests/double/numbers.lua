-- SPDX-License-Identifier: GPL-2.0-or-later
-- All that a script can do with floats, printed so that a differing bit shows. tests/double/run runs it
-- on the machine's doubles and on the software's, and compares.

local pack, unpack, format = string.pack, string.unpack, string.format

local function float(bits) return (unpack('<d', pack('<i8', bits))) end

-- A float as its bits; anything else as it is printed.
local function show(value)
  if math.type(value) ~= 'float' then return tostring(value) end
  return format('%016x', (unpack('<i8', pack('<d', value))))
end

-- Of two NaNs the machine may take either; and a function's NaN may be any.
local function show_number(value) return value ~= value and 'nan' or show(value) end

local function line(...)
  local shown = table.pack(...)
  for i = 1, shown.n do shown[i] = show(shown[i]) end
  print(table.concat(shown, ' '))
end

-- What a function returns or raises, without its position.
local function try(f, ...)
  local results = table.pack(pcall(f, ...))
  if not results[1] then return (tostring(results[2]):gsub('^.-:%d+: ', '')) end
  return table.unpack(results, 2, results.n)
end

-- xorshift64: the same everywhere.
local state = 88172645463325252
local function random_bits()
  state = state ~ (state << 13)
  state = state ~ (state >> 7)
  state = state ~ (state << 17)
  return state
end

local special = {
  0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.0, 2.5, -2.5, 3.0, 7.0, 10.0, 0.1, -0.3, 1e15, 1e16, 1e100, -1e100, 1e308,
  123456789.125, 2^31, 2^32, 2^52, 2^53, 2^53 + 2, 2^62, 2^63, -2^63, 2^64, 5e-324, -5e-324, 2.2250738585072014e-308,
  2.225073858507201e-308, 1.7976931348623157e308, 1e-300, math.pi, -math.pi, math.huge, -math.huge, 0/0, -(0/0),
  1 + 2^-52, 1 - 2^-53, float(0x7ff8000000001234),
}
local integers = {0, 1, -1, 2, 3, -7, 10, 255, 2^53 | 0, (2^53 | 0) + 1, -(2^53 | 0) - 1, math.maxinteger, math.mininteger,
  math.maxinteger - 1, math.maxinteger - 511, math.maxinteger - 512, math.maxinteger - 513, math.mininteger + 1}
local floats = table.move(special, 1, #special, 1, {})
for _ = 1, 60 do floats[#floats + 1] = float(random_bits()) end
for _ = 1, 60 do floats[#floats + 1] = (random_bits() >> 20) / 2^(random_bits() & 63) end

print('arithmetic')
for _, a in ipairs(floats) do
  for _, b in ipairs(floats) do
    local shown = a ~= a and b ~= b and show_number or show
    print(shown(a + b), shown(a - b), shown(a * b), shown(a / b), shown(a // b), shown(a % b), show_number(math.fmod(a, b)))
  end
end

print('comparisons')
for _, list in ipairs{floats, integers} do
  for _, a in ipairs(list) do
    for _, b in ipairs(floats) do print(a == b, a < b, a <= b, b < a, b <= a, a ~= b) end
  end
end

print('integers and floats')
for _, i in ipairs(integers) do
  for _, f in ipairs(floats) do
    line(i + f, i - f, f - i, i * f, i / f, f / i, i // f, f // i, i % f, f % i)
  end
  for _, j in ipairs(integers) do
    line(i / j, try(function() return i // j end), try(function() return i % j end), i < j)
  end
  line(i + 0.0, -i, i | 0)
end

print('conversions')
for _, f in ipairs(floats) do
  line(-f, math.floor(f), math.ceil(f), math.abs(f), math.modf(f))
  line(math.tointeger(f), math.type(f), try(function() return f | 0 end), try(function() return 1 << f end))
  line(tostring(f), tonumber(tostring(f)), f .. '', '' .. -f, math.max(f, 1), math.min(f, 1))
  line(try(format, '%d', f), format('%q', f), show_number(math.sqrt(f)), math.deg(f), math.rad(f))
  local keys = {}
  if f == f then keys[f] = true end
  line(next(keys), try(string.rep, 'x', f > 9 and 9.5 or f), try(string.char, f))
end

print('text')
local formats = {'%.14g', '%.17g', '%g', '%f', '%e', '%a', '%A', '%.0f', '%.3f', '%.20f', '%.99f', '%10.2f', '%-12.3e|', '%+g', '% g',
  '%#g', '%#.0f', '%010.3f', '%+08.1e', '%.0e', '%.0g', '%G', '%E', '%.5a', '%20a', '%.0a', '%5.1f', '%s'}
for _, f in ipairs(floats) do
  for _, each in ipairs(formats) do print(each, format(each, f)) end
end

print('numerals')
local numerals = {'0.1', '.5', '5.', '1e1', '1E+2', '1e-2', '0x1p4', '0x.8', '0xA.8p-1', '0x1p-1074', '1e308', '1e309', '-1e309', '4.9e-324',
  '2.4703282292062327e-324', '2.4703282292062328e-324', '9007199254740993', '9007199254740993.0', '9223372036854775807',
  '9223372036854775808', '-9223372036854775809', '0x7fffffffffffffff', '0xffffffffffffffffff', '1e', '0x', '0xp1', '1..2', '', ' ',
  ' 10 ', '10x', 'nan', 'inf', '1e+', '0x1P+2', ('7'):rep(400), '0.' .. ('0'):rep(400) .. '1', '0.' .. ('9'):rep(400), '1' .. ('0'):rep(308),
  '1' .. ('0'):rep(309), '0x' .. ('f'):rep(300), '0x.' .. ('0'):rep(300) .. 'fp1000', '1e99999999999', '1e-99999999999', '0e99999999999'}
for _, text in ipairs(numerals) do
  line(tonumber(text), tonumber('-' .. text), try(function() return text + 1 end), (select(2, load('return ' .. text))))
  local chunk = load('return ' .. text .. ', -' .. text)
  if chunk then line(try(chunk)) end
end
for _ = 1, 2000 do
  local text = format('%d.%de%d', random_bits() >> 40, random_bits() >> 30, (random_bits() & 511) - 256)
  line(text, tonumber(text), tonumber(format('0x%x.%xp%d', random_bits(), random_bits(), random_bits() & 255)))
end

print('bytes')
for _, f in ipairs(floats) do
  local bytes = pack('<f>d=n', f, f, f)
  local single, double, number = unpack('<f>d=n', bytes)
  print((bytes:gsub('.', function(c) return format('%02x', c:byte()) end)))
  line(single, double, number, string.packsize('fdn'))
end

print('loops')
for _, each in ipairs{{1.0, 2.0, 0.1}, {1, 2.5, 0.5}, {1, 0, -0.25}, {0.1, 1, 0.3}, {math.maxinteger - 2.0, math.huge, 2^62}, {1, math.huge, 1e300},
    {3, 1.5, -1}, {1.0, -math.huge, -1e308}, {1, 0/0, 1}, {-0.0, 0.0, 1.0}, {1, 3, 2^53}, {1, 2, 0.0}} do
  local turns = 0
  line(try(function()
    local last
    for x = each[1], each[2], each[3] do
      last, turns = x, turns + 1
      if turns == 100 then break end
    end
    return turns, last
  end))
end

print('random')
math.randomseed(42)
for _ = 1, 500 do line(math.random(), math.random(100), math.random(0)) end

print('constants')
line(math.pi, math.huge, math.maxinteger, math.mininteger, 7 // 2.0, -7 // 2.0, 7 % -3.0, -7 % 3.0, 2^0.5, 10^2, 1e15, 2^63, -0.0, 0x.1p4, 3 | 0, 5.0 // 0, -5.0 // 0, 0.0 / 0 ~= 0.0 / 0)
line(string.format('%5.1f|%-8.3g|%+.2e', 3.14159, 2.71828, 1e10), #tostring(1/3), 1e15 .. '', 1e16 .. '', 2^24 .. '', -1e15 .. '')

-- Within 1 ulp: twelve digits.
print('functions')
local function digits(value) return value ~= value and 'nan' or format('%.12g', value) end
for _, f in ipairs(floats) do
  print(digits(math.sin(f)), digits(math.cos(f)), digits(math.tan(f)), digits(math.asin(f)), digits(math.acos(f)), digits(math.atan(f)),
    digits(math.exp(f)), digits(math.log(f)), digits(math.log(f, 2)), digits(math.log(f, 10)), digits(math.log(f, 3)))
  for _, g in ipairs(special) do print(digits(f ^ g), digits(math.atan(f, g)), digits((f % 9) ^ (g % 7))) end
end
