# One image for each process: docker build --build-arg SERVICE=profiles --tag libranet/profiles .
# SERVICE is profiles, jobs, learning, credentials, analytics, deliveries, gateway, or operator (the commands).
# What is in it can be read from the packages' own metadata: `docker build --sbom=true`, or any scanner.
FROM python:3.11.13-slim-bookworm AS build
ARG SERVICE
WORKDIR /build
SHELL ["/bin/sh", "-eu", "-c"]
COPY pyproject.toml requirements.lock ./
COPY deploy/image.py deploy/
RUN python deploy/image.py requirements "$SERVICE" wanted; \
    python -m venv --without-pip /opt/libranet; \
    python -m pip install --no-cache-dir --no-deps --require-hashes -r wanted/build.txt; \
    python -m pip --python /opt/libranet/bin/python install --no-cache-dir --no-deps --require-hashes \
        -r wanted/requirements.txt
COPY . .
RUN python deploy/image.py source "$SERVICE" source; \
    python -m pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir wheels ./source; \
    python -m pip --python /opt/libranet/bin/python install --no-cache-dir --no-deps --no-index wheels/*.whl

FROM python:3.11.13-slim-bookworm
ARG SERVICE
LABEL org.opencontainers.image.title="libranet-${SERVICE}" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 libranet && \
    useradd --uid 10001 --gid libranet --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin libranet && \
    install --directory --owner libranet --group libranet --mode 0700 /keys /backups
COPY --from=build /opt/libranet /opt/libranet
COPY deploy/serve.sh /usr/local/bin/serve
ENV SERVICE=${SERVICE} \
    PATH=/opt/libranet/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-S", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["serve"]
