-- SPDX-License-Identifier: GPL-2.0-or-later
-- Answers HTTP requests to listed hosts, and to hosts below them, with a page of our own.
--
--   nflua replay -w out.pcap examples/http_block_page.lua tests/captures/http.pcap
--   nflua run --hook forward examples/http_block_page.lua
--
-- Not caught: HTTPS; a Host header that is not in the request's first segment, or not in its first
-- 2 000 bytes. The server keeps its half of the connection until its own timeout.

local blocked = { ["blocked.example"] = true }

local tcp, head_bytes = 6, 2000
local page = "<!doctype html><title>Blocked</title><h1>This site is blocked here</h1>\n"
local response = table.concat({
  "HTTP/1.1 403 Forbidden",
  "Content-Type: text/html",
  "Content-Length: " .. #page,
  "Cache-Control: no-store",
  "Connection: close",
  "",
  page,
}, "\r\n")

local function is_blocked(host)
  while host do
    if blocked[host] then return true end
    host = host:match("%.(.+)$")
  end
  return false
end

function target(pkt)
  local _, protocol, _, port = pkt:tuple()
  if protocol ~= tcp or not port then return end -- without ports: a later fragment
  local pos, size = pkt:payload()
  if not pos or size == 0 then return end
  local head = pkt:unpack("c" .. math.min(size, head_bytes), pos)
  if not head:find("^%u+ %S+ HTTP/1%.") then return end
  local host = head:lower():match("\r\nhost:[ \t]*([^%s:]-)%.?[%s:]")
  if not is_blocked(host) then return end

  local ok, message = pkt:tcpreply("tcp", response)
  if not ok then print("no page for", tostring(pkt), message) end
  return "drop"
end
