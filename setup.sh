#!/bin/sh
# Makes this directory ready to run: RabbitMQ (Debian's package, no service of it is started), a virtual environment in
# .venv and the exact packages of requirements.lock; where node is there, a wallet and an issuer that others wrote. Does
# nothing, in less than a second, when nothing changed.
#
#   ./setup.sh           what `make run`, `make demo` and `make test` need
#   ./setup.sh bench     and what the benchmarks compare with
#   ./setup.sh deploy    and, in an environment of its own, what `make check-deploy` asks
#   ./setup.sh security  the same for `make check-security` and `make audit`
#   ./setup.sh api       the same for `make check-api`
#
# PYTHON=python3.12 chooses the interpreter; AMQP_URI=… uses a broker that runs, and nothing is installed for one.
set -eu
cd "$(dirname "$0")"
LOG=var/setup.log
VENV=.venv/bin/python

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

# Run a long step with its output in the log; say how long it took, or show the log's end when it fails.
step() {
    title=$1; shift
    began=$(date +%s)
    printf '%s ... ' "$title"
    if "$@" >>"$LOG" 2>&1; then
        say "$(($(date +%s) - began)) s"
    else
        say "failed"
        tail -n 15 "$LOG" >&2
        fail "$title failed; the whole output is in $PWD/$LOG"
    fi
}

# Install Debian packages without starting what they bring: policy-rc.d answers 101, "not allowed", to every start.
apt_install() {
    # shellcheck disable=SC2016
    as_root sh -c '
        set -e
        export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
        trap "exit 130" INT TERM
        if [ ! -e /usr/sbin/policy-rc.d ]; then
            trap "rm -f /usr/sbin/policy-rc.d" EXIT
            printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d
            chmod 755 /usr/sbin/policy-rc.d
        fi
        apt-get update -q
        apt-get install -y -q --no-install-recommends "$@"
        if [ -d /run/systemd/system ]; then
            for unit in rabbitmq-server.service epmd.service epmd.socket; do
                case " $* " in *" rabbitmq-server "*) systemctl disable --now "$unit" || true ;; esac
            done
        fi' sh "$@"
}

may_install() { command -v apt-get >/dev/null && as_root true; }

right_version() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

has_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        right_version "$PYTHON" ||
            fail "PYTHON=$PYTHON is no Python 3.11, 3.12 or 3.13; set PYTHON to one, for example PYTHON=python3.12."
        return
    fi
    for candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        right_version "$candidate" || continue
        PYTHON=${PYTHON:-$candidate}
        if has_venv "$candidate"; then PYTHON=$candidate; return; fi
    done
    [ -n "${PYTHON:-}" ] || {
        may_install || fail "There is no Python 3.11, 3.12 or 3.13: install one and name it with PYTHON=…"
        step "Installing Python" apt_install python3 python3-venv
        PYTHON=/usr/bin/python3
        right_version "$PYTHON" || fail "There is no Python 3.11, 3.12 or 3.13: install one and name it with PYTHON=…"
    }
}

need_venv_module() {
    has_venv "$PYTHON" && return
    package=$("$PYTHON" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    case "$("$PYTHON" -c 'import sys; print(sys.prefix)')" in
    /usr) ;;
    *) fail "$PYTHON cannot make virtual environments (no ensurepip); set PYTHON to one that can." ;;
    esac
    may_install || fail "$PYTHON cannot make virtual environments: run \`apt-get install $package\` as root, then again."
    step "Installing $package" apt_install "$package"
}

need_rabbitmq() {
    [ -n "${AMQP_URI:-}" ] && return
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] && return
    may_install || fail "RabbitMQ is missing and may not be installed from here: run \`apt-get install rabbitmq-server\`\
 as root, or set AMQP_URI to a broker that runs, for example AMQP_URI=amqp://guest:guest@localhost:5672/."
    step "Installing RabbitMQ" apt_install rabbitmq-server
}

make_venv() {
    choose_python
    need_venv_module
    rm -rf .venv
    step "Making .venv with $("$PYTHON" -V)" "$PYTHON" -m venv .venv
}

# The build tool comes from the lock too, so that nothing is built with anything unpinned.
pip_install() { "$VENV" -m pip install --no-deps --no-build-isolation --disable-pip-version-check "$@"; }

install_lock() {
    awk '/^setuptools==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements.lock >var/setuptools.lock
    pip_install --require-hashes -r var/setuptools.lock
    pip_install --require-hashes -r "$1"
}

# One program out of Debian's package; nothing is installed.
unpack_promtool() {
    as_root apt-get update -q
    (cd .venv/deploy && apt-get download -q prometheus && dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb)
}

# Tools that pin versions which the platform does not want: .venv/$1 with the packages of the lock $2.
own_environment() {
    step "Making an environment of its own for the check ($1)" "$VENV" -m venv ".venv/$1"
    step "Installing its packages (a minute)" ".venv/$1/bin/python" -m pip install --no-deps \
        --disable-pip-version-check --require-hashes -r "$2"
}

wanted() { { pwd; "$VENV" -V; cat "$@"; } | sha256sum; }

stamped() { [ -f ".venv/$1" ] && [ "$(cat ".venv/$1")" = "$(wanted requirements.lock pyproject.toml)" ]; }

venv_fits() {
    [ -x "$VENV" ] && right_version "$VENV" && [ "$(cat .venv/made-in 2>/dev/null || pwd)" = "$(pwd)" ] || return 1
    [ -z "${PYTHON:-}" ] || [ "$("$PYTHON" -V 2>&1)" = "$("$VENV" -V)" ]
}

mkdir -p var
: >"$LOG"
need_rabbitmq
venv_fits || make_venv
pwd >.venv/made-in
if ! stamped setup-done; then
    count=$(grep -c '^[a-zA-Z0-9].*==' requirements.lock)
    step "Installing about $count packages (a minute or two the first time)" install_lock requirements.lock
    step "Installing libranet itself" pip_install -e .
    wanted requirements.lock pyproject.toml >.venv/setup-done
fi
# Programs that others wrote, which the tests and the benchmarks hold ours against: where there is node.
install_peer() {
    stamp=.venv/$(basename "$2")-done
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted "$2/package-lock.json")" ] && return
    printf '%s ... ' "Installing $1 of other people's making"
    if npm ci --prefix "$2" --ignore-scripts --no-audit --no-fund --fetch-retries 1 >>"$LOG" 2>&1; then
        say "done"
    else
        rm -rf "$2/node_modules"
        say "not possible here (see $LOG): what needs it is left out. To try again, delete $stamp."
    fi
    wanted "$2/package-lock.json" >"$stamp"
}
if command -v npm >/dev/null; then
    install_peer "a wallet" tests/wallets/openid4vc
    install_peer "an issuer" bench/contenders/digitalbazaar
fi
if [ "${1:-}" = bench ] && ! { [ -f .venv/bench-done ] && [ "$(cat .venv/bench-done)" = "$(wanted bench/requirements.lock)" ]; }
then
    step "Installing what the benchmarks compare with" install_lock bench/requirements.lock
    wanted bench/requirements.lock >.venv/bench-done
fi
if [ "${1:-}" = deploy ] && ! { [ -f .venv/deploy-done ] && [ "$(cat .venv/deploy-done)" = "$(wanted deploy/requirements.lock)" ]; }
then
    own_environment deploy deploy/requirements.lock
    command -v apt-get >/dev/null || fail "promtool comes from Debian's package prometheus, and there is no apt-get here."
    step "Unpacking promtool" unpack_promtool
    wanted deploy/requirements.lock >.venv/deploy-done
fi
if [ "${1:-}" = security ] &&
    ! { [ -f .venv/security-done ] && [ "$(cat .venv/security-done)" = "$(wanted deploy/security/requirements.lock)" ]; }
then
    own_environment security deploy/security/requirements.lock
    wanted deploy/security/requirements.lock >.venv/security-done
fi
if [ "${1:-}" = api ] && ! { [ -f .venv/api-done ] && [ "$(cat .venv/api-done)" = "$(wanted deploy/api/requirements.lock)" ]; }
then
    own_environment api deploy/api/requirements.lock
    wanted deploy/api/requirements.lock >.venv/api-done
fi
