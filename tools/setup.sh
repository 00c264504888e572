# Sourced by ./dev: installs what a build needs. Debian packages by apt, PyPI packages into .venv.
# Nothing else outside the clone is written.
# shellcheck shell=bash

packages=(g++ cmake ninja-build ccache git python3 python3-venv python3-dev catch2 rapidjson-dev
          libspdlog-dev libcli11-dev libbenchmark-dev libopenblas-serial-dev zlib1g-dev libjpeg-dev
          libpng-dev libcurl4-openssl-dev libssl-dev graphviz spin)

# need_packages NAME...: installs those that are missing, or says what to install.
need_packages() {
  local missing=() package
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  local install="apt-get install --no-install-recommends -y ${missing[*]}"
  ((EUID == 0)) || fail "Debian packages are missing. As root, run: $install"
  say "installing Debian packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >.cache/apt.log 2>&1 || true  # an old list may still do
  $install </dev/null >>.cache/apt.log 2>&1 ||
    fail "apt-get could not install them (.cache/apt.log has the reason). Try: $install"
}

need_venv() {
  if ! .venv/bin/python -c "" 2>/dev/null; then
    say "creating .venv"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
      fail "python3 is $(python3 -V); 3.11 or newer is needed."
    python3 -m venv --clear .venv || fail "python3 could not make .venv; is python3-venv installed?"
  fi
  say "installing PyPI packages of tools/requirements.txt into .venv"
  .venv/bin/python -m pip install --disable-pip-version-check -q -r tools/requirements.txt \
    >.cache/pip.log 2>&1 ||
    fail "pip could not install them; .cache/pip.log has the reason: $(tail -n 1 .cache/pip.log)"
}

setup() {
  local stamp=.venv/treadle-setup now
  now=$(cat tools/requirements.txt tools/setup.sh /etc/os-release | cksum)
  if [[ -x .venv/bin/python && -f $stamp && $(<"$stamp") == "$now" ]]; then return; fi
  command -v apt-get >/dev/null || fail "there is no apt-get here; install what tools/setup.sh lists by hand."
  need_packages "${packages[@]}"
  need_venv
  echo "$now" >"$stamp"
  say "set up: $(.venv/bin/python -V), $(cmake --version | head -n 1), $(c++ --version | head -n 1)"
}
