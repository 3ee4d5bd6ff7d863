# shellcheck shell=bash disable=SC2034 # the scripts that source this use what it sets
# What every script shares; sourced, never run. The caller has set `set -euo pipefail`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
name=$(basename "$0")

# The oldest Swift that Package.swift's tools version accepts.
swift_minimum=6.2

say() { printf '%s: %s\n' "$name" "$*"; }
warn() { printf '%s: warning: %s\n' "$name" "$*" >&2; }
die() {
  printf '%s: %s\n' "$name" "$*" >&2
  exit 1
}

# version_at_least FOUND WANTED: compares dotted numbers (`6.10` is newer than `6.2`).
version_at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# Puts a Swift toolchain on PATH where one is installed in a usual place but not named there: a CI
# job or a `sudo` often starts with a bare PATH.
find_swift() {
  local folder
  if command -v swift >/dev/null; then return 0; fi
  for folder in /opt/swift/usr/bin /usr/local/swift/usr/bin /usr/libexec/swift/bin \
    "${SWIFTLY_BIN_DIR:-${HOME:-/root}/.local/share/swiftly/bin}"; do
    if [ -x "$folder/swift" ]; then
      PATH=$folder:$PATH
      export PATH
      return 0
    fi
  done
  return 1
}

# Root's embedded PostgreSQL runs as the user postgres, who may not pass through folders such as
# /root: where the checkout lies in one, Daybreak's home goes to /var/lib instead.
use_reachable_home() {
  if [ "$(id -u)" -ne 0 ] || [ -n "${DAYBREAK_HOME:-}${DAYBREAK_DATABASE_URL:-}" ] ||
    ! id postgres >/dev/null 2>&1; then
    return 0
  fi
  if ! setpriv --reuid=postgres --regid=postgres --clear-groups test -x "$root"; then
    export DAYBREAK_HOME=/var/lib/daybreak
    say "the user postgres may not pass to $root: DAYBREAK_HOME is $DAYBREAK_HOME"
  fi
}
