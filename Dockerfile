# Squitter in a container: Debian slim, not root, kernels compiled while the image is built.
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
COPY pyproject.toml hatch_build.py README.md LICENSE requirements.lock ./
COPY config config
COPY dsp dsp
COPY receiver receiver
RUN python -m venv /opt/squitter \
 && /opt/squitter/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock \
 && /opt/squitter/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim-bookworm
# The same values while building and running, or numba would not find its cache: a processor name of its own for each
# kind of Pi would compile everything again at the first start, a minute there.
ENV PATH=/opt/squitter/bin:$PATH \
    NUMBA_CACHE_DIR=/var/cache/squitter/numba \
    NUMBA_CPU_NAME=generic \
    PYTHONUNBUFFERED=1
# 46 is Debian's plugdev, the group that the udev rule gives dongles to
RUN useradd --system --uid 1090 --create-home --home-dir /var/lib/squitter --groups plugdev squitter \
 && mkdir -p /var/cache/squitter/numba /etc/squitter \
 && chown -R squitter: /var/cache/squitter /var/lib/squitter
COPY --from=build /opt/squitter /opt/squitter
USER squitter
WORKDIR /var/lib/squitter
RUN squitter warmup
VOLUME ["/var/lib/squitter", "/var/cache/squitter/numba"]
EXPOSE 8080 30002 30003 30005
STOPSIGNAL SIGTERM
ENTRYPOINT ["squitter"]
CMD ["run"]
