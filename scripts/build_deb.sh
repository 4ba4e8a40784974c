#!/usr/bin/env bash
# build_deb.sh [PYTHON …]: Debian packages for amd64 and arm64 in dist/, for Debian's Python 3.11 (bookworm) and 3.13 (trixie).
# The locked wheels of the other machine are taken as they are, so both packages come out on either. Kernels that `make kernels` has left
# in dsp/built go in; without them the service compiles at its first start. Needs dpkg-deb and a python3 with venv.
set -euo pipefail
cd "$(dirname "$0")/.."
pythons=("$@")
[ ${#pythons[@]} -gt 0 ] || pythons=(3.11 3.13)
read -ra archs <<<"${ARCHS:-amd64 arm64}"
tools=build/tools
[ -x $tools/bin/pyproject-build ] || { python3 -m venv $tools; $tools/bin/pip install -q build; }
version=$(sed -nE 's/^__version__ = "(.*)"/\1/p' receiver/__init__.py)
hash=$(python3 -c 'import sys; sys.path.insert(0, "."); from dsp.kernel_names import source_hash; print(source_hash())')
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH=$epoch
mkdir -p dist

package() { # package PYTHON ARCH
  local python=$1 arch=$2 machine wheel=build/deb/wheel root=build/deb/root minor=${1#3.}
  case $arch in amd64) machine=x86_64 ;; arm64) machine=aarch64 ;; *) echo "build_deb: $arch: amd64 or arm64" >&2; exit 2 ;; esac
  local name="squitter_${version}-1~py3${minor}_$arch.deb" lib="$root/usr/lib/squitter" site
  site="$lib/lib/python$python/site-packages"
  rm -rf $wheel $root && mkdir -p $wheel "$site" "$lib/bin"

  local -a platforms=()
  for tag in manylinux_2_28 manylinux_2_27 manylinux_2_17 manylinux2014; do platforms+=(--platform "${tag}_$machine"); done
  $tools/bin/pip install -q --target "$site" --python-version "$python" --implementation cp --abi "cp3$minor" --abi abi3 --abi none \
    --only-binary :all: --no-deps "${platforms[@]}" --require-hashes -r requirements.lock
  if compgen -G "dsp/built/$hash-*-py$python-$machine-*" >/dev/null; then
    SQUITTER_WHEEL=cp3$minor-$machine $tools/bin/pyproject-build --wheel --outdir $wheel . >/dev/null
  else
    echo "build_deb: no kernels for Python $python on $machine (make kernels): the first start compiles them" >&2
    $tools/bin/pyproject-build --wheel --outdir $wheel . >/dev/null
  fi
  $tools/bin/python -m zipfile -e $wheel/*.whl "$site"
  rm -rf "$site/bin"
  sh scripts/slim_environment.sh "$lib" -

  # An environment as `python3 -m venv` makes it, for the target's Python
  ln -s "/usr/bin/python$python" "$lib/bin/python3"
  printf 'home = /usr/bin\ninclude-system-site-packages = false\nversion = %s\n' "$python" >"$lib/pyvenv.cfg"
  printf '#!/usr/lib/squitter/bin/python3\nimport sys\n\nfrom receiver.cli import main\n\nsys.exit(main())\n' >"$lib/bin/squitter"
  mkdir -p $root/usr/bin $root/usr/lib/{systemd/system,udev/rules.d,modprobe.d,sysusers.d} $root/usr/share/{doc/squitter/examples,lintian/overrides,man/man1} $root/etc/squitter
  ln -s ../lib/squitter/bin/squitter $root/usr/bin/squitter
  for unit in squitter.service squitter-kernels.service; do
    sed 's|/opt/squitter/bin/squitter|/usr/bin/squitter|; /^#   sudo/d; /^# Squitter as a service\./s/ `squitter service.*//' packaging/$unit >$root/usr/lib/systemd/system/$unit
  done
  cp packaging/60-squitter-rtlsdr.rules $root/usr/lib/udev/rules.d/
  cp packaging/blacklist-squitter-rtlsdr.conf $root/usr/lib/modprobe.d/
  cp packaging/debian/squitter.sysusers $root/usr/lib/sysusers.d/squitter.conf
  cp packaging/debian/lintian-overrides $root/usr/share/lintian/overrides/squitter
  cp packaging/debian/README.Debian $root/usr/share/doc/squitter/
  cp config/squitter.example.toml $root/usr/share/doc/squitter/examples/
  gzip -9nc packaging/debian/squitter.1 >$root/usr/share/man/man1/squitter.1.gz
  {
    printf 'squitter (%s-1~py3%s) unstable; urgency=medium\n\n  * See CHANGELOG.md of the sources.\n\n' "$version" "$minor"
    printf ' -- Squitter contributors <noreply@squitter.invalid>  %s\n' "$(date -u -R -d "@$epoch")"
  } | gzip -9n >$root/usr/share/doc/squitter/changelog.Debian.gz
  copyright "$site" >$root/usr/share/doc/squitter/copyright

  mkdir $root/DEBIAN
  sed -e "s/@VERSION@/$version-1~py3$minor/; s/@ARCH@/$arch/; s/@PYTHON@/$python/; s/@NEXT@/3.$((minor + 1))/" \
    -e "s/@SIZE@/$(du -sk $root | cut -f1)/" packaging/debian/control.in >$root/DEBIAN/control
  cp packaging/debian/{postinst,prerm,postrm} $root/DEBIAN/
  find $root -type d -exec chmod 755 {} +
  find $root -type f -exec chmod 644 {} +
  chmod 755 $root/DEBIAN/{postinst,prerm,postrm} "$lib/bin/squitter"
  (cd $root && find usr etc -type f -print0 | sort -z | xargs -0 md5sum) >$root/DEBIAN/md5sums
  dpkg-deb --root-owner-group -Zzstd -b $root "dist/$name" >/dev/null
  ls -l "dist/$name"
}

copyright() { # of ours, and of each package that comes along
  printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: squitter\n\n'
  printf 'Files: *\nCopyright: 2025-2026 Squitter contributors\nLicense: GPL-3.0-or-later\n On Debian systems the text is in /usr/share/common-licenses/GPL-3.\n\n'
  printf 'Comment: The packages below /usr/lib/squitter/lib keep their own licences, beside their metadata:\n'
  for metadata in "$1"/*.dist-info/METADATA; do
    sed -nE 's/^(Name|Version|License-Expression|License): (.{1,60}).*/\2/p' "$metadata" | head -3 | paste -sd' ' | sed 's/^/ /'
  done
}

for python in "${pythons[@]}"; do for arch in "${archs[@]}"; do package "$python" "$arch"; done; done
