# One image for web server, workers and beat; docker-compose.yml says which command each runs.
FROM python:3.11.13-slim-bookworm AS build
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11.13-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MARGIN_VAR=/data \
    MARGIN_STATIC_ROOT=/opt/margin-static \
    MARGIN_BIND=0.0.0.0 \
    MARGIN_PORT=8000
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin margin \
    && install -d -o margin -g margin /data /data/media /data/store
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
RUN MARGIN_VAR=/tmp/build MARGIN_SECRET_KEY=only-for-this-step python manage.py collectstatic --noinput \
    && rm -rf /tmp/build && python -m compileall -q .
USER margin
VOLUME ["/data/media", "/data/store"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "-c", "python:alproject.webserver", "alproject.wsgi"]
