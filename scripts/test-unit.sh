#!/usr/bin/env bash
# test-unit.sh [PACKAGE.deb]: what systemd and udev think of our files, and the service in a real boot. Without a package one is built for
# Debian 12's Python. The boot needs root, mmdebstrap, systemd-container; the root is kept in build/unit for the next run.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf 'test-unit: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }
work=${SQUITTER_UNIT_ROOT:-build/unit}
root=$work/root
mkdir -p "$work"

say "units: systemd-analyze verify"
rm -rf "$work/units" && mkdir "$work/units"
for unit in squitter.service squitter-kernels.service; do sed 's|/opt/squitter/bin/squitter|/bin/true|' packaging/$unit >"$work/units/$unit"; done
said=$(systemd-analyze verify "$work"/units/*.service 2>&1 | grep -v "Command 'man" | grep -E 'squitter' || true)
[ -z "$said" ] || fail "$said"
if udevadm verify --help >/dev/null 2>&1; then
  say "rule: udevadm verify"
  udevadm verify --resolve-names=never packaging/60-squitter-rtlsdr.rules
else
  say "rule: this udevadm is older than 254, it cannot verify"
fi

[ "$(id -u)" = 0 ] || { say "no boot: needs root"; exit 0; }
command -v systemd-nspawn mmdebstrap >/dev/null || { say "no boot: apt-get install systemd-container mmdebstrap"; exit 0; }
package=${1:-}
if [ -z "$package" ]; then
  ARCHS=$(dpkg --print-architecture) scripts/build_deb.sh 3.11
  package=$(ls -t dist/squitter_*~py311_"$(dpkg --print-architecture)".deb | head -1)
fi
if [ ! -d "$root/etc" ]; then
  say "Debian 12 with systemd"
  hooks=()
  for file in /etc/ssl/certs/ca-certificates.crt /etc/resolv.conf; do [ -f $file ] && hooks+=(--customize-hook="copy-in $file $(dirname $file)"); done
  mmdebstrap -q --variant=minbase --include=ca-certificates,systemd-sysv,dbus,udev,mosquitto,mosquitto-clients,python3,libusb-1.0-0,tzdata \
    "${hooks[@]}" bookworm "$root"
fi
say "installing $(basename "$package")"
cp "$package" "$root/srv/squitter.deb"
systemd-nspawn -q --directory="$root" --register=no --keep-unit --resolv-conf=off --pipe sh -c \
  'apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --reinstall --no-install-recommends /srv/squitter.deb' \
  </dev/null >"$work/install.log" 2>&1 ||
  { tail -5 "$work/install.log" >&2; fail "the package does not install"; }
rm -f "$root/srv/squitter.deb"

cat >"$root/usr/local/sbin/squitter-check" <<'CHECK'
#!/bin/sh
# Written beside the boot's journal: one line for each thing that was looked at
exec >/var/squitter-check 2>&1
show() { systemctl show "$1" -P "$2"; }
for _ in $(seq 600); do
  case $(show squitter.service ActiveState) in active | failed) break ;; esac
  sleep 1
done
echo "kernels $(show squitter-kernels.service Result)"
echo "service $(show squitter.service ActiveState) $(show squitter.service SubState) restarts $(show squitter.service NRestarts)"
echo "status $(mosquitto_sub -h 127.0.0.1 -t 'squitter/+/status' -C 1 -W 60)"
sleep 5
echo "user $(ps -o user= -p "$(show squitter.service MainPID)")"
echo "memory $(grep -E 'VmHWM|VmRSS' "/proc/$(show squitter.service MainPID)/status" | tr -s '\n\t ' ' ')of $(show squitter.service MemoryMax) bytes"
systemctl restart squitter.service && echo "restarted $(show squitter.service ActiveState)"
systemctl stop squitter.service && echo "stopped $(show squitter.service Result)"
journalctl -b -u squitter -u squitter-kernels --no-pager -o cat | tail -40
systemctl --no-block poweroff
CHECK
chmod 755 "$root/usr/local/sbin/squitter-check"
cat >"$root/etc/systemd/system/squitter-check.service" <<'CHECK'
[Unit]
After=squitter.service mosquitto.service
[Service]
Type=simple
ExecStart=/usr/local/sbin/squitter-check
[Install]
WantedBy=multi-user.target
CHECK
rm -f "$root/var/squitter-check"
chroot "$root" systemctl -q enable squitter-check.service
say "boot"
timeout -k 10 900 systemd-nspawn -q --directory="$root" --boot --register=no --keep-unit --machine=squitter-unit </dev/null >"$work/boot.log" 2>&1 ||
  { tail -15 "$work/boot.log"; fail "the boot ended with an error"; }
cat "$root/var/squitter-check"
for line in 'kernels success' 'service active running restarts 0' 'status online' 'user squitter' 'restarted active' 'stopped success'; do
  grep -q "^$line" "$root/var/squitter-check" || fail "expected: $line"
done
say "all good"
