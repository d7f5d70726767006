-- SPDX-License-Identifier: GPL-2.0-or-later
-- The functions that cases.py compares. The packets are UDP, 60 bytes, to port 9000 of 127.0.0.1; the
-- last field that is looked at is not what is looked for.
local UDP <const>, HTTP <const>, LOOPBACK <const> = 17, 80, 0x7f000001
local HEADERS <const> = ">xxxxxxxxx B xx I4 xxxx xx I2"
local NEEDLE <const> = "GET /index"

local copy = memory.create(60)

function no(pkt)
  return false
end

function yes(pkt)
  return true
end

function accept(pkt)
  return "accept"
end

function tuple(pkt)
  local _, protocol, source, _, _, dport = pkt:tuple()
  return protocol == UDP and source == LOOPBACK and dport == HTTP
end

function unpack(pkt)
  local protocol, source, dport = pkt:unpack(HEADERS)
  return protocol == UDP and source == LOOPBACK and dport == HTTP
end

function string_unpack(pkt)
  pkt:copybytes(copy)
  local protocol, source, dport = string.unpack(HEADERS, memory.tostring(copy))
  return protocol == UDP and source == LOOPBACK and dport == HTTP
end

function find(pkt)
  local from = pkt:payload()
  return pkt:find(NEEDLE, from) ~= nil
end

function find_from_29(pkt)
  return pkt:find(NEEDLE, 29) ~= nil
end
