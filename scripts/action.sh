#!/usr/bin/env bash
# The script of action.yml. Variables: PATHS and OPTIONS (one per line), SARIF, HTML. COMMAND is an
# installed wslint; if empty, PYTHON creates an environment for the one in SOURCE. GITHUB_STEP_SUMMARY
# is the file to which GitHub wants the summary of the step appended.
# Written for bash 3.2, the version on macOS.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
options=(--output-format github)
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || options+=(--output-format "markdown:$work/summary.md")
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
  environment="$work/environment"
  "$PYTHON" -I -m venv "$environment"
  bin="$environment/bin"
  [ -d "$bin" ] || bin="$environment/Scripts"
  "$bin/python" -I -m pip install -q "$SOURCE"
  COMMAND="$bin/wslint"
fi
code=0
"$COMMAND" check "${options[@]}" -- "${paths[@]}" || code=$?
[ ! -f "$work/summary.md" ] || cat "$work/summary.md" >>"$GITHUB_STEP_SUMMARY"
exit "$code"
