#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# libpcap 1.10.5 (Debian 13) takes many times the CPU time of 1.10.3 (Debian 12) for the same filter.
# Expected: about the same time for the same filter and the same instructions.
# Seen: `port 1 or port 2 or ... port 200` compiles to the same instructions with both, but takes 7 to 10 times as long
# (14 s against 1.5 s on one machine), all of it in the optimizer: with `tcpdump -O` both need less than a second. So a
# capture that is to start with a list of ports starts late. User CPU time is compared, of one tcpdump (4.99.3) that
# gets first the one library and then the other. A ratio above 3 is asserted.
set -u
skip() { echo "SKIPPED: $1"; exit 77; }
changed() { echo "CHANGED: $1"; exit 1; }
dir=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
cd "$dir" || skip "no temporary folder"
command -v python3 > log || skip "no python3 here"
apt-get -qq download tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 \
    > log 2>&1 || skip "these packages can't be had: $(grep '^E:' log | tail -n 1)"
for deb in *.deb; do dpkg -x "$deb" root; done
# shellcheck disable=SC2016 # apt expands it
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | sort -u | head -n 1)
[ "$(dpkg --print-architecture)" = amd64 ] || skip "the pinned packages are of amd64"
while read -r path sum; do
    /usr/lib/apt/apt-helper download-file "$mirror/pool/main/$path" new.deb "SHA256:$sum" > log 2>&1 ||
        skip "$path can't be had: $(grep '^E:' log | tail -n 1)"
    dpkg -x new.deb newer
    rm new.deb
done << 'END'
libp/libpcap/libpcap0.8t64_1.10.5-2_amd64.deb 6a756d536a5b0cd3ef92f19ff9f22ed80c66baadbc0fe55d599f4aa0c27d3f86
g/glibc/libc6_2.41-12+deb13u5_amd64.deb b59b0625cd1a791375d40dab23a4d5d3d0641e3d0a773501becdc3725b7f99cf
END
cat > measure.py << 'END'
import resource, subprocess, sys
folder = sys.argv[1]
libraries = {'1.10.3': folder + '/root/usr/lib/x86_64-linux-gnu', '1.10.5': folder + '/pcap'}
ports = ' or '.join('port %d' % port for port in range(1, 201))

def tcpdump(version, *arguments):
    base = [folder + '/newer/usr/lib64/ld-linux-x86-64.so.2', '--library-path',
            libraries[version] + ':' + folder + '/newer/usr/lib/x86_64-linux-gnu', folder + '/root/usr/bin/tcpdump']
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    run = subprocess.run(base + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return run.stdout, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before

for version in libraries:
    shown = tcpdump(version, '--version')[0]
    if 'libpcap version ' + version not in shown:
        print('SKIPPED: tcpdump does not start with libpcap', version + ':', shown.strip())
        sys.exit(77)
code, cpu = zip(*(tcpdump(version, '-y', 'EN10MB', '-d', ports) for version in ('1.10.3', '1.10.5')))
if code[0] != code[1]:
    print('CHANGED: the two compile to different instructions')
    sys.exit(1)
text = '%.1f s with 1.10.3, %.1f s with 1.10.5, %d instructions' % (*cpu, code[0].count('\n'))
if cpu[1] < 3 * cpu[0]:
    print('CHANGED: the times are alike:', text)
    sys.exit(1)
print('seen:', text)
END
mkdir pcap
mv newer/usr/lib/x86_64-linux-gnu/libpcap.so* pcap/
python3 measure.py "$dir"
