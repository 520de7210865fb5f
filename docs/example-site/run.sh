#!/bin/sh
# Starts Winnow and the example website side by side; Ctrl-C ends both.
# `make demo` sets WINNOW, SITE_PYTHON, PORT, DEMO_PORT and WINNOW_HOME.
set -eu

"$WINNOW" init
key_file=$WINNOW_HOME/demo-key
if [ ! -s "$key_file" ]; then
    (umask 077 && "$WINNOW" key create --site default --role backend > "$key_file")
fi

"$WINNOW" serve --port "$PORT" &
trap 'kill $! 2>/dev/null; wait' EXIT INT TERM

echo "The example website: http://127.0.0.1:$DEMO_PORT    The queue: http://127.0.0.1:$PORT/moderate"
WINNOW_URL=http://127.0.0.1:$PORT WINNOW_KEY=$(cat "$key_file") PORT=$DEMO_PORT \
    DEMO_DATABASE=$WINNOW_HOME/demo.db "$SITE_PYTHON" docs/example-site/app.py
