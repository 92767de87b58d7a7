#!/usr/bin/env bash
# `make test`: style and types, pure functions, the quick tests, notebooks, then real browsers.
# Installs Debian's packages when it may, and otherwise says what is missing and not tested.
set -euo pipefail
cd "$(dirname "$0")/.."

needed=(chromium fonts-liberation nginx-light redis-server)
missing=()
for package in "${needed[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
  if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo "== installing ${missing[*]}"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
  else
    echo "== missing: ${missing[*]} (not root, so not installed). Without chromium no browser test runs."
  fi
fi

step() { echo; echo "== $*"; "$@"; }
# On a busy machine a browser or a hub may be late: what failed there is run once more, alone, and both runs are shown.
tested() {
  step "$@" && return
  echo "== FAILED ABOVE; once more, the failed ones alone"
  step "$@" -n 0 --last-failed --last-failed-no-failures none
}
step ruff check .
step ruff format --check .
step mypy
step npm run --silent check
step npm run --silent test
step pytest -q -n 2 -m "not browser and not hub"
step pytest -q --nbval-lax notebooks
tested pytest -q -m "hub and not browser"
if [[ -x /usr/bin/chromium ]]; then
  tested pytest -q -m browser
else
  echo "== no browser: the tests marked 'browser' were NOT run"
fi
