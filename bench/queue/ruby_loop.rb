# SPDX-License-Identifier: GPL-2.0-or-later
# The loop of ruby-nfqueue's documentation; reads each packet's bytes and accepts it.
#   ruby_loop.rb [QUEUE]
# A full socket buffer (ENOBUFS) ends the library's loop, and so this program.
require 'nfqueue'

handled = 0
trap('TERM') { exit }
trap('INT') { exit }
at_exit do
  cpu = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
  puts "handled #{handled} enobufs 0 cpu #{cpu}"
end

Netfilter::Queue.create(Integer(ARGV.fetch(0, '0'))) do |packet|
  handled += 1
  packet.data
  Netfilter::Packet::ACCEPT
end
