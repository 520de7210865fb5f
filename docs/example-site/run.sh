#!/bin/sh
# Starts Winnow and the example website side by side; Ctrl-C ends both.
# `make demo` sets WINNOW, SITE_PYTHON, PORT, DEMO_PORT and WINNOW_HOME.
set -eu

# Both are on this machine, which webhooks may otherwise not reach.
export WINNOW_WEBHOOK_NETWORKS="${WINNOW_WEBHOOK_NETWORKS:-127.0.0.1/32}"
"$WINNOW" init

# keep FILE COMMAND...: what the command prints, once and for all, for our eyes only
keep() {
    file=$1; shift
    [ -s "$file" ] || { (umask 077 && "$@" > "$file.new") && mv "$file.new" "$file"; }
    cat "$file"
}
key=$(keep "$WINNOW_HOME/demo-key" "$WINNOW" key create --site default --role backend)
secret=$(keep "$WINNOW_HOME/demo-secret-$DEMO_PORT" \
    "$WINNOW" webhook create --site default "http://127.0.0.1:$DEMO_PORT/webhook")
# The first time only, and never over a policy that somebody has put.
keep "$WINNOW_HOME/demo-policy" \
    "$WINNOW" policy apply --site default --version 1 docs/example-site/policy.yaml || true

"$WINNOW" serve --port "$PORT" &
trap 'kill $! 2>/dev/null; wait' EXIT INT TERM

echo "The example website: http://127.0.0.1:$DEMO_PORT    The queue: http://127.0.0.1:$PORT/moderate"
WINNOW_URL=http://127.0.0.1:$PORT WINNOW_KEY=$key WINNOW_WEBHOOK_SECRET=$secret PORT=$DEMO_PORT \
    DEMO_DATABASE=$WINNOW_HOME/demo.db "$SITE_PYTHON" docs/example-site/app.py
