-- SPDX-License-Identifier: GPL-2.0-or-later
-- How deep things nest before "stack overflow": depths() returns what it counted, as text. The
-- numbers in docs/kernel.md come from here (tests/freestanding/depth_test.cpp).
local deepest

-- Calls itself by `call` until that fails.
local function count(call)
  deepest = 0
  local function nest(depth)
    if depth > deepest then deepest = depth end
    if depth < 200 then call(nest, depth + 1) end
  end
  pcall(nest, 0)
  return deepest
end

-- How many levels of `source(depth)` the compiler takes.
local function count_levels(source)
  local depth = 0
  while depth < 200 and load(source(depth + 1)) do depth = depth + 1 end
  return depth
end

local WAYS <const> = {
  {"pcall", function() return count(pcall) end},
  {"coroutine", function()
    return count(function(nest, depth) coroutine.wrap(nest)(depth) end)
  end},
  {"metamethod", function()
    return count(function(nest, depth)
      return setmetatable({}, {__index = function() nest(depth) end}).x
    end)
  end},
  {"sort", function()
    return count(function(nest, depth)
      table.sort({1, 2}, function() nest(depth) end)
    end)
  end},
  {"gsub", function()
    return count(function(nest, depth) string.gsub("x", "x", function() nest(depth) end) end)
  end},
  {"parentheses", function()
    return count_levels(function(n) return "return " .. ("("):rep(n) .. "1" .. (")"):rep(n) end)
  end},
  {"tables", function()
    return count_levels(function(n) return "return " .. ("{"):rep(n) .. ("}"):rep(n) end)
  end},
  {"functions", function()
    return count_levels(function(n) return ("local function f() "):rep(n) .. (" end"):rep(n) end)
  end},
  {"blocks", function()
    return count_levels(function(n) return ("do "):rep(n) .. (" end"):rep(n) end)
  end},
}

function depths()
  local found = {}
  for i, way in ipairs(WAYS) do found[i] = way[1] .. " " .. way[2]() end
  return table.concat(found, ", ")
end

function match()
  in_callback = depths()
  return false
end
