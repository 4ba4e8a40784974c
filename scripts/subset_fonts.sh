#!/bin/sh
# Renews receiver/watch/picture/fonts: Inter (SIL Open Font License 1.1) cut down to Latin, Greek and Cyrillic.
# Needs npm and fonttools (pip install fonttools). Run from the root of the checkout.
set -eu
version=0.4.2
out=$PWD/receiver/watch/picture/fonts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "@expo-google-fonts/inter@$version" >/dev/null
tar xzf expo-google-fonts-inter-$version.tgz
letters=U+0020-007E,U+00A0-024F,U+0259,U+02BB-02BC,U+02C6-02DD,U+0370-03FF,U+0400-045F,U+0490-0491,U+1E00-1EFF
letters=$letters,U+2010-2015,U+2018-201E,U+2022,U+2026,U+2032-2033,U+2039-203A,U+20AC,U+2190-2193,U+2212,U+2248,U+2264-2265
for cut in 400Regular:regular 600SemiBold:semibold; do
	pyftsubset "package/${cut%%:*}/Inter_${cut%%:*}.ttf" --unicodes="$letters" --layout-features=kern --no-hinting \
		--output-file="$out/inter-${cut##*:}.ttf"
done
cp package/LICENSE_FONT "$out/LICENSE"
