-- SPDX-License-Identifier: GPL-2.0-or-later
-- Looks at packets that are larger than any segment, in whatever pieces the kernel has them.
largest, words, bad = 0, 0, 0
-- Packets that are several, and the largest of their segments, by protocol.
bundles, sizes = { tcp = 0, udp = 0 }, { tcp = 0, udp = 0 }

local word = "NEEDLE"

-- Each way to read must find the same.
function look(pkt)
  local pos, size = pkt:payload()
  largest = math.max(largest, #pkt)
  local name = select(2, pkt:tuple()) == 6 and "tcp" or "udp"
  local segment = pkt:segment_size()
  if segment then
    bundles[name] = bundles[name] + 1
    sizes[name] = math.max(sizes[name], segment)
  end
  if not pos or size == 0 then return false end
  local payload = pkt:unpack("c" .. size, pos)
  local copy = memory.create(size)
  local copied = pkt:copybytes(copy, pos)
  if copied ~= size or copy:tostring() ~= payload then bad = bad + 1 end
  local at, expected = pkt:find(word, pos), payload:find(word, 1, true)
  if (at and at - pos + 1) ~= expected then bad = bad + 1 end
  if at then words = words + 1 end
  if pkt:unpack("B", #pkt) ~= payload:byte(-1) then bad = bad + 1 end
  if pcall(pkt.unpack, pkt, "B", #pkt + 1) then bad = bad + 1 end
  return false
end
