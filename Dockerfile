# A small image of Winnow: `docker build -t winnow .`; docs/deploying.md says how to run it.
# No secret is in it, and it writes to /data and /tmp alone, so that --read-only works.

FROM python:3.13-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/winnow
WORKDIR /src
COPY . .
RUN /opt/winnow/bin/pip install --no-cache-dir --disable-pip-version-check '.[read,limits,oidc]'
# The compiled part is optional elsewhere; here it must be there. Not from /src: what is installed.
WORKDIR /
RUN /opt/winnow/bin/python -c 'import classifier._kernel' \
 && /opt/winnow/bin/winnow --version

FROM python:3.13-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin winnow \
 && install --directory --owner=winnow --mode=0700 /data
COPY --from=build /opt/winnow /opt/winnow
ENV PATH=/opt/winnow/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WINNOW_HOME=/data
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# Whether it can keep comments; a server that is told to stop says no, and is left alone.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD \
  ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/ready', timeout=2)"]
# A container's first process hears of no signal that it has not asked for yet: told to stop while it
# starts, Winnow would be killed at last. tini passes it on.
ENTRYPOINT ["tini", "--", "winnow"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
