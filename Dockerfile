# CPU image; the same make targets as on a developer's machine. After the build nothing needs a network.
FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 service
WORKDIR /app
COPY --chown=service . .
RUN chown service /app
USER service
ENV PYTHON=python3.11 PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1 NLP_HOME=/app/var
RUN make prepare
EXPOSE 8000
VOLUME /app/var
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
    CMD [".venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
# Listening beyond loopback needs a key first: docker run … .venv/bin/nlp-service keys add NAME --role admin
CMD [".venv/bin/nlp-service", "serve", "--host", "0.0.0.0"]
