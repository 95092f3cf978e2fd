#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Resolve pyproject.toml for every platform into requirements.lock: versions and hashes, no addresses.
# uv.lock would name the registry or mirror it was made with in every entry, so it never leaves here.
set -eu
cd "$(dirname "$0")/.."

uv=.venv/bin/uv
[ -x "$uv" ] || uv=$(command -v uv) || {
  echo "uv is needed to resolve: .venv/bin/python -m pip install uv" >&2
  exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp pyproject.toml README.md LICENSE "$work"
"$uv" --directory "$work" --quiet lock --upgrade
"$uv" --directory "$work" --quiet export --frozen --no-emit-project --all-extras --no-header \
  --no-annotate --output-file "$work/exported.txt" >/dev/null
grep -vE '^(--|#)' "$work/exported.txt" >requirements.lock
