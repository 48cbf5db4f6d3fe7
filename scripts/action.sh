#!/usr/bin/env bash
# What action.yml runs. Variables: PATHS and OPTIONS (one a line), SARIF, HTML; COMMAND is a wslint
# that is installed already, else PYTHON makes an environment for the one in SOURCE.
# Written for bash 3.2, which is what macOS has.
set -euo pipefail

options=(--output-format github)
[ -z "${SARIF:-}" ] || options+=(--output-format "sarif:$SARIF")
[ -z "${HTML:-}" ] || options+=(--output-format "html:$HTML")
while IFS= read -r line; do
  [ -z "$line" ] || options+=("$line")
done <<<"${OPTIONS:-}"

paths=()
while IFS= read -r line; do
  [ -z "$line" ] || paths+=("$line")
done <<<"${PATHS:-}"
[ ${#paths[@]} -gt 0 ] || paths=(.)

if [ -z "${COMMAND:-}" ]; then
  environment=$(mktemp -d)
  trap 'rm -rf "$environment"' EXIT
  "$PYTHON" -I -m venv "$environment"
  bin="$environment/bin"
  [ -d "$bin" ] || bin="$environment/Scripts"
  "$bin/python" -I -m pip install -q "$SOURCE"
  COMMAND="$bin/wslint"
fi
"$COMMAND" check "${options[@]}" -- "${paths[@]}"
