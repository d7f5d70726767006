#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the captures beside this script with real programs. Needs root; README.md says what is in
# each, and which packages it takes.
#
#    namespace client              namespace router                namespace server
#   ┌──────────────────┐     ┌────────────────────────────┐     ┌─────────────────────┐
#   │ curl dig openssl │ c0  │ r0                      r1 │ s0  │ http.server  :80    │
#   │ ping traceroute  ├─────┤                            ├─────┤ openssl s_server:443│
#   └──────────────────┘     │                            │     │ dnsmasq      :53    │
#    192.0.2.2 and .3        │ 192.0.2.1     198.51.100.1 │     └─────────────────────┘
#    2001:db8:1::2 and ::3   │ 2001:db8:1::1  2001:db8:2::1    198.51.100.2, 2001:db8:2::2
#                            └────────────────────────────┘
#   Most captures are of r0. For VLANs, a switch (wire.py) is plugged into the client's cable:
#      c0 ─ sw-a [tag] sw-ta ══ trunk ══ sw-tb [tag] sw-b ─ r0     captured at sw-tb
#   For raw IP, a tunnel: tun0 (203.0.113.1, 2001:db8:3::1) in client ─ tun0 (.2, ::2) in server.
#
# Names of namespaces carry this process's id; at the end they and all that runs in them go.
set -euo pipefail
cd "$(dirname "$0")"
readonly here=$PWD id=$$ python=/usr/bin/python3
readonly client=nfc$id router=nfr$id server=nfs$id
work=$(mktemp -d)

clean_up() {
  local running
  running=$(jobs -pr)
  [ -z "$running" ] || kill $running
  wait || true
  for name in $client $router $server; do ip netns del "$name" 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean_up EXIT

inside() { ip netns exec "$@"; }
# Runs a program in a namespace until the end.
serve() { ip netns exec "$@" >>"$work/log" 2>&1 & }

# cable NETNS DEVICE NETNS DEVICE
cable() {
  ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
  local end
  for end in "$1 $2" "$3 $4"; do
    set -- $end
    inside "$1" sysctl -qw "net.ipv6.conf.$2.accept_dad=0" "net.ipv6.conf.$2.router_solicitations=0"
    offload "$1" "$2" off
    inside "$1" ip link set "$2" up
  done
}

# offload NETNS DEVICE on|off: off, so that checksums are final and packets have their wire size.
offload() { inside "$1" ethtool -K "$2" tx "$3" tso "$3" gso "$3" gro "$3" >/dev/null 2>&1; }

# capture FILE NETNS DEVICE TCPDUMP-OPTION… -- COMMAND…: captures while the command runs.
capture() {
  local file=$1 netns=$2 device=$3 options=() pid
  shift 3
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  : >"$work/tcpdump"
  ip netns exec "$netns" tcpdump -Z root --immediate-mode -U -n -i "$device" -w "$here/$file" \
    "${options[@]}" 2>>"$work/tcpdump" &
  pid=$!
  until grep -q 'listening on' "$work/tcpdump"; do kill -0 $pid; sleep 0.05; done
  "$@"
  sleep 0.4
  kill -INT $pid
  wait $pid
}

set_up() {
  for name in $client $router $server; do
    ip netns add "$name"
    inside "$name" ip link set lo up
  done
  inside "$router" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  cable "$client" c0 "$router" r0
  cable "$router" r1 "$server" s0
  address_client
  inside "$router" ip addr add 198.51.100.1/24 dev r1
  inside "$router" ip addr add 2001:db8:2::1/64 dev r1
  inside "$server" ip addr add 198.51.100.2/24 dev s0
  inside "$server" ip addr add 2001:db8:2::2/64 dev s0
  inside "$server" ip route add default via 198.51.100.1
  inside "$server" ip route add default via 2001:db8:2::1
}

address_client() {
  inside "$router" ip addr add 192.0.2.1/24 dev r0
  inside "$router" ip addr add 2001:db8:1::1/64 dev r0
  local address
  for address in 192.0.2.2/24 192.0.2.3/24 2001:db8:1::3/64 2001:db8:1::2/64; do
    inside "$client" ip addr add "$address" dev c0
  done
  inside "$client" ip route add default via 192.0.2.1
  inside "$client" ip route add default via 2001:db8:1::1
}

start_servers() {
  mkdir "$work/www"
  echo '<p>welcome' >"$work/www/index.html"
  head -c 16000 /dev/zero | tr '\0' x >"$work/www/large.txt"
  serve "$server" "$python" -m http.server --bind :: --directory "$work/www" 80
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
    -subj /CN=blocked.example -keyout "$work/key" -out "$work/cert" 2>/dev/null
  echo hello >"$work/www/tls"
  cd "$work/www"  # what -WWW serves
  for family in -4 -6; do
    serve "$server" openssl s_server -WWW -accept 443 $family -cert ../cert -key ../key
  done
  cd "$here"
  serve "$server" dnsmasq --no-daemon --no-resolv --no-hosts --conf-file=/dev/null --port=53 \
    --host-record=blocked.example,198.51.100.10,2001:db8:2::10 \
    --host-record=www.blocked.example,198.51.100.10,2001:db8:2::10 \
    --host-record=allowed.example,198.51.100.20,2001:db8:2::20 --txt-record=blocked.example,text
  sleep 1.5
}

# fetch URL [CURL-OPTION…]: twice, over IPv4 and over IPv6.
fetch() {
  local url=$1 host address
  host=${url#*://} host=${host%%/*}
  shift
  for address in 198.51.100.2 '[2001:db8:2::2]'; do
    inside "$client" curl -sk -o /dev/null --max-time 5 "$@" \
      --resolve "$host:80:$address" --resolve "$host:443:$address" "$url"
  done
}

web() { fetch http://allowed.example/; fetch http://blocked.example/; }
tls() { fetch https://allowed.example/tls; fetch https://blocked.example/tls; }
both() { web; tls; }

# Names with and without EDNS, in odd case, below a listed name, of another type, over TCP.
dns() {
  local address query
  for address in 198.51.100.2 2001:db8:2::2; do
    for query in 'A blocked.example' 'AAAA blocked.example' 'A allowed.example' \
      'AAAA allowed.example +noedns' 'A blocked.example +noedns' 'A WWW.Blocked.Example' \
      'TXT blocked.example' 'A blocked.example +tcp'; do
      inside "$client" dig +tries=1 +time=2 @"$address" $query >/dev/null
    done
  done
}

# The hello's list of ciphers is so long that the name is not in the first segment.
long_hello() {
  local address
  for address in 198.51.100.2 '[2001:db8:2::2]'; do
    inside "$client" openssl s_client -connect "$address:443" -servername blocked.example \
      -cipher 'ALL:COMPLEMENTOFALL:@SECLEVEL=0' </dev/null >/dev/null 2>&1
  done
}
split_tls() { tls; long_hello; }

pings() {
  for address in 198.51.100.2 2001:db8:2::2; do
    inside "$client" ping -q -c 3 -i 0.2 "$address" >/dev/null
  done
}
large_pings() {
  for address in 198.51.100.2 2001:db8:2::2; do
    inside "$client" ping -q -c 3 -i 0.2 -s 4000 "$address" >/dev/null
  done
}
# Time exceeded from the router, port unreachable from the server.
traces() {
  inside "$client" traceroute -n -q 2 -m 4 198.51.100.2 >/dev/null
  inside "$client" traceroute -6 -n -q 2 -m 4 2001:db8:2::2 >/dev/null
}

# One address sends a hundred packets a second, another five.
flood() {
  local slow fast
  for pair in '192.0.2 198.51.100.2 .' '2001:db8:1: 2001:db8:2::2 :'; do
    set -- $pair
    inside "$client" ping -q -i 0.2 -c 8 -s 16 -I "$1${3}3" "$2" >/dev/null &
    slow=$!
    inside "$client" ping -q -i 0.01 -c 130 -s 16 -I "$1${3}2" "$2" >/dev/null &
    fast=$!
    wait $slow $fast
  done
}

with_trunk() { # FILE VLANS
  local pid
  ip netns exec "$router" "$python" "$here/wire.py" trunk "$2" sw-a sw-ta sw-tb sw-b &
  pid=$!
  sleep 0.5
  capture "$1" "$router" sw-tb -- both
  kill $pid
  wait $pid || true
}

vlans() {
  inside "$client" ip link del c0
  cable "$client" c0 "$router" sw-a
  cable "$router" sw-ta "$router" sw-tb
  cable "$router" sw-b "$router" r0
  for device in sw-a sw-ta sw-tb sw-b; do
    inside "$router" sysctl -qw "net.ipv6.conf.$device.disable_ipv6=1"
  done
  address_client
  with_trunk vlan.pcap 100
  with_trunk qinq.pcap 200.100
}

tunnel() {
  "$python" "$here/wire.py" tun "$client" tun0 "$server" tun0 &
  sleep 0.5
  local end netns host
  for end in "$client 1" "$server 2"; do
    read -r netns host <<<"$end"
    inside "$netns" ip addr add "203.0.113.$host/24" dev tun0
    inside "$netns" ip addr add "2001:db8:3::$host/64" dev tun0 nodad
    inside "$netns" ip link set tun0 up
  done
  capture raw-ip.pcap "$client" tun0 -- tunnel_traffic
}
tunnel_traffic() {
  local address
  for address in 203.0.113.2 '[2001:db8:3::2]'; do
    inside "$client" curl -sk --resolve "blocked.example:80:$address" \
      --resolve "blocked.example:443:$address" http://blocked.example/ https://blocked.example/tls \
      >/dev/null
  done
}

small_segments() { # advmss of the server
  inside "$server" sysctl -qw net.ipv4.route.min_adv_mss=256 net.ipv6.route.min_adv_mss=256
  inside "$server" ip route change default via 198.51.100.1 advmss 256
  inside "$server" ip -6 route change default via 2001:db8:2::1 advmss 256
}

offloaded() {
  for end in "$client c0" "$router r0" "$router r1" "$server s0"; do offload $end "$1"; done
}

set_up
start_servers
capture http.pcap "$router" r0 -- web
capture tls.pcap "$router" r0 -- tls
capture dns.pcap "$router" r0 -- dns
capture ping.pcap "$router" r0 -- pings
capture icmp-errors.pcap "$router" r0 -- traces
capture fragments.pcap "$router" r0 -- large_pings
capture flood.pcap "$router" r0 'icmp or (icmp6 and (ip6[40] == 128 or ip6[40] == 129))' -- flood
capture download.pcap "$router" r0 -- fetch http://allowed.example/large.txt
capture truncated.pcap "$router" r0 -s 68 -- both
capture nanoseconds.pcap "$router" r0 --time-stamp-precision=nano -- both
capture cooked-v1.pcap "$router" any -y LINUX_SLL -- both
capture cooked-v2.pcap "$router" any -y LINUX_SLL2 -- both
ip netns exec "$router" dumpcap -q -i r0 -i r1 -w "$here/two-devices.pcapng" 2>"$work/dumpcap" &
dumpcap=$!
sleep 2
both
sleep 1
kill -INT $dumpcap
wait $dumpcap
chmod 644 two-devices.pcapng
offloaded on
capture partial-checksums.pcap "$client" c0 -- fetch http://blocked.example/large.txt
offloaded off
tunnel
small_segments
capture tls-split.pcap "$router" r0 -- split_tls
inside "$server" ip route change default via 198.51.100.1
inside "$server" ip -6 route change default via 2001:db8:2::1
vlans
