#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Make this clone run: system packages, .venv, locked dependencies, the project itself.
#
#   scripts/setup.sh demo    what `make demo` needs
#   scripts/setup.sh test    what the tests need as well
#   scripts/setup.sh tools   only .venv: for lint, words and docs
#
# Rules: nothing is fetched when nothing is missing; nothing that requirements.lock does not pin is
# ever fetched; the machine's own pip, apt and proxy settings stay in force; a second run is instant.
set -eu
cd "$(dirname "$0")/.."

DEMO_PACKAGES="flac libportaudio2"
TEST_PACKAGES="$DEMO_PACKAGES alsa-utils btrfs-progs coreutils dbus-daemon e2fsprogs espeak-ng
  gnome-keyring libasound2-plugins openssl pulseaudio pulseaudio-utils sox strace util-linux"

say() { printf '%s\n' "$*" >&2; }

missing_packages() {
  command -v dpkg-query >/dev/null 2>&1 || return 0
  for package in "$@"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || printf '%s ' "$package"
  done
}

# Install Debian packages, or say exactly what to run. Returns 1 when they could not be installed.
install_packages() {
  if [ "$(id -u)" = 0 ]; then
    root=""
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    root="sudo"
  else
    say "These system packages are missing. Have an administrator run:"
    say "    apt-get install -y --no-install-recommends $*"
    return 1
  fi
  if ! command -v apt-get >/dev/null 2>&1; then
    say "This system has no apt-get. Install by its own means: $*"
    return 1
  fi
  say "Installing system packages: $*"
  # The lists of a bare machine are empty, those of an old one name versions that are gone.
  $root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
  $root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" >&2
}

system_packages() {
  # shellcheck disable=SC2086 # lists of words
  case "$1" in
    demo) wanted=$(missing_packages $DEMO_PACKAGES) ;;
    test) wanted=$(missing_packages $TEST_PACKAGES) ;;
    *) wanted="" ;;
  esac
  [ -n "$wanted" ] || return 0
  # shellcheck disable=SC2086
  install_packages $wanted && return 0
  [ "$1" = demo ] || exit 1
  # The demo's speech goes through the file source; PortAudio serves microphones only, and flac is
  # one of the programs with which the result can be checked.
  say "The demo goes on without them."
}

is_new_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
  for name in python3.13 python3.12 python3.11 python3; do
    if command -v "$name" >/dev/null 2>&1 && is_new_enough "$name"; then
      command -v "$name"
      return 0
    fi
  done
  return 1
}

make_venv() {
  if ! python=$(find_python); then
    install_packages python3 python3-venv || exit 1
    python=$(find_python) || {
      say "Modoptager needs Python 3.11 or newer; this system has none. Install it and try again."
      exit 1
    }
  fi
  # Debian ships Python without the part that makes virtual environments.
  if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    install_packages "$version" || exit 1
  fi
  say "Making .venv with $python"
  rm -rf .venv
  "$python" -m venv .venv
  pwd >.venv/place
}

is_current() { # stamp, files …: do the files still have the content that was set up?
  stamp=$1
  shift
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(cksum "$@")" ]
}

system_packages "$1"
# The programs in .venv name the folder that they were made in: a clone that moved needs a new one.
if [ "$(cat .venv/place 2>/dev/null)" != "$(pwd)" ] || ! is_new_enough .venv/bin/python; then
  make_venv
fi
if ! is_current .venv/locked requirements.lock; then
  say "Installing the locked dependencies"
  .venv/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
  cksum requirements.lock >.venv/locked
  rm -f .venv/project
fi
if ! is_current .venv/project pyproject.toml; then
  .venv/bin/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable .
  # Without bytecode the first start takes three times as long.
  .venv/bin/python -m compileall -q recorder esdh_adapter
  cksum pyproject.toml >.venv/project
fi
