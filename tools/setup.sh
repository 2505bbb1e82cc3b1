#!/bin/sh
# Installs what building, booting and testing need: Debian packages (list: tables/requirements.ts,
# which needs Node to be read, so the packages stand here once more; tests/setup.test.ts compares
# the two) and the pinned npm packages. Does nothing when all is there.
set -eu
cd "$(dirname "$0")/.."

packages=''
need() { # program, or file of Erlang's applications; package
  case "$1" in
    */*)
      # An Erlang that is not Debian's has the applications that it has.
      [ -d /usr/lib/erlang/lib ] || ! command -v erl >/dev/null 2>&1 || return 0
      ls /usr/lib/erlang/lib/$1 >/dev/null 2>&1 && return
      ;;
    *) command -v "$1" >/dev/null 2>&1 && return ;;
  esac
  case " $packages " in
    *" $2 "*) ;;
    *) packages="$packages $2" ;;
  esac
}
need erl erlang-base
need erlc erlang-base
need clang clang
need as binutils
need objdump binutils
need qemu-system-x86_64 qemu-system-x86
need elixir elixir
need stdlib-*/src/lists.erl erlang-src
need eunit-*/ebin/eunit.beam erlang-eunit
need eunit-*/include/eunit.hrl erlang-dev
need sbsign sbsigntool
need e2fsck e2fsprogs
need dpkg-source dpkg-dev
need gcc gcc
need gencat libc6-dev
need xz xz-utils
ls /usr/share/OVMF/OVMF_CODE.fd /usr/share/OVMF/OVMF_CODE_4M.fd /usr/share/ovmf/OVMF.fd /usr/share/edk2/x64/OVMF_CODE.4m.fd 2>/dev/null | grep -q . || packages="$packages ovmf"

if ! command -v node >/dev/null 2>&1; then
  echo "setup: Node 20 or newer is needed (https://nodejs.org, or: apt-get install nodejs npm)" >&2
  exit 1
fi
major=$(node -p 'process.versions.node.split(".")[0]')
if [ "$major" -lt 20 ]; then
  echo "setup: Node 20 or newer is needed, this is $(node --version)" >&2
  exit 1
fi

if [ -n "$packages" ]; then
  install="apt-get install -y --no-install-recommends$packages"
  if [ "$(id -u)" = 0 ]; then as_root=''
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root='sudo'
  elif command -v sudo >/dev/null 2>&1 && [ -t 0 ]; then as_root='sudo'
  else
    echo "setup: missing Debian packages, and neither root nor sudo. Run as root:" >&2
    echo "  apt-get update && $install" >&2
    exit 1
  fi
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: this is not a Debian system; install the equivalents of:$packages" >&2
    exit 1
  fi
  echo "setup: installing Debian packages:$packages" >&2
  $as_root apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive $as_root $install >&2
fi

lock=$(cksum < package-lock.json)
if [ ! -f node_modules/.vbeam-lock ] || [ "$(cat node_modules/.vbeam-lock)" != "$lock" ]; then
  echo "setup: installing npm packages" >&2
  # Not `npm ci`: it refuses a lock file in which a registry has no package of some foreign platform
  # (Biome's have eight).
  npm install --no-save --no-audit --no-fund --loglevel=error >&2
  echo "$lock" > node_modules/.vbeam-lock
fi
