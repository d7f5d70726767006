-- SPDX-License-Identifier: GPL-2.0-or-later

function match(pkt)
  local family, protocol, _, source_port = pkt:tuple()
  return family ~= nil and protocol == 17 and source_port == nil
end
