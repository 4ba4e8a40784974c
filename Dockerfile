# Squitter in a container: Debian slim, not root, kernels compiled while the image is built.
ARG BASE=debian:trixie-slim
FROM ${BASE} AS build
# Debian's stable release holds the versions
# hadolint ignore=DL3008
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends python3 python3-venv ca-certificates binutils
WORKDIR /build
# The packages first: a change of the sources installs none of them again
COPY requirements.lock ./
RUN python3 -m venv /opt/squitter \
 && /opt/squitter/bin/pip install -q --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY scripts/slim_environment.sh scripts/
COPY config config
COPY dsp dsp
COPY receiver receiver
RUN /opt/squitter/bin/pip install -q --no-cache-dir --no-deps .
# Sets of kernels that `make kernels` has left in dsp/built are taken; what is missing is compiled here. Each user of the image
# gets a copy where it may write.
RUN sh scripts/slim_environment.sh /opt/squitter /build/dsp/built

FROM ${BASE}
ENV PATH=/opt/squitter/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/var/lib/squitter \
    SQUITTER_HEARTBEAT=/tmp/squitter-heartbeat
# 46 is Debian's plugdev, the group that the udev rule gives dongles to
# hadolint ignore=DL3008
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends python3 ca-certificates \
 && apt-get clean && rm -rf /var/lib/apt/lists/* /usr/share/doc /usr/share/man \
 && useradd --system --uid 1090 --user-group --home-dir /var/lib/squitter --groups plugdev squitter \
 && mkdir -p /etc/squitter \
 && install -d -m 1777 /var/lib/squitter
COPY --from=build /opt/squitter /opt/squitter
USER 1090:1090
WORKDIR /var/lib/squitter
VOLUME ["/var/lib/squitter"]
EXPOSE 8080 30002 30003 30005
STOPSIGNAL SIGTERM
# It lives while its heart beats, with or without a map and a dongle
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
  CMD ["sh", "-c", "test $(($(date +%s) - $(stat -c %Y \"$SQUITTER_HEARTBEAT\"))) -lt 60"]
ENTRYPOINT ["squitter"]
CMD ["run"]
