#!/usr/bin/env bash
# Installs what the tests need and is missing, builds, checks the format, and runs every test. Arguments go to the test runner:
#   bash tests/run.sh --filter-class '*WindowStore*'
# --fast runs the unit tests only: those without the trait Category=System, which need no process, cluster, broker or PostgreSQL.
# --long runs the soak test at its full length and rate, and the faults harder and with 20 seeds: hours instead of minutes.
# Ends with the slowest tests and a line "N passed, N failed, N skipped"; exits non-zero when a test failed or none ran.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

fast=0
runner_arguments=()
for argument in "$@"; do
    case $argument in
        --fast) fast=1 ;;
        --long) export GRAINSENSORS_TEST_LONG=1 ;;
        *) runner_arguments+=("$argument") ;;
    esac
done

command -v dotnet >/dev/null || { echo "The .NET SDK is missing; install version 10 from https://dot.net." >&2; exit 2; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

has_postgres() {
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null ||
        { command -v pg_config >/dev/null && [ -x "$(pg_config --bindir)/initdb" ]; }
}

# The tests start a PostgreSQL of their own; only its programs are needed.
if ! has_postgres; then
    if ! command -v apt-get >/dev/null; then
        echo "PostgreSQL's server programs (initdb, pg_ctl) are missing; install PostgreSQL 14 or later." >&2
        exit 2
    fi
    echo "Installing PostgreSQL's server programs."
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql
fi

# Silos are tested behind Debian's pgbouncer. Where it is not to be had the tests that need it are skipped and say so.
if ! command -v pgbouncer >/dev/null && [ ! -x /usr/sbin/pgbouncer ] && command -v apt-get >/dev/null; then
    echo "Installing pgbouncer."
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends pgbouncer ||
        echo "pgbouncer could not be installed." >&2
fi

# The bridge is tested with Debian's MQTT broker and its clients. Where they are not to be had the tests that need them are skipped and
# say so.
if { ! command -v mosquitto_pub >/dev/null || { ! command -v mosquitto >/dev/null && [ ! -x /usr/sbin/mosquitto ]; }; } &&
    command -v apt-get >/dev/null; then
    echo "Installing mosquitto."
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends mosquitto mosquitto-clients ||
        echo "mosquitto could not be installed." >&2
fi

# The pages are tested in a browser.
if [ -z "${CHROMIUM:-}" ] && ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then
    if ! command -v apt-get >/dev/null; then
        echo "Chromium is missing; install it, or name it in CHROMIUM." >&2
        exit 2
    fi
    echo "Installing Chromium."
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium
fi

# Debian's Prometheus scrapes a silo in a test, and its nginx serves one. Only their programs, unpacked beside: installed, they would
# run as services. Where one is not to be had the tests that need it are skipped and say so.
fetch() {
    local package=$1 program=$2
    local folder=$HOME/.cache/grainsensors/$package
    if command -v "$package" >/dev/null || [ -x "$folder/$program" ] || ! command -v apt-get >/dev/null; then
        return
    fi
    echo "Fetching $package, into $folder."
    local download
    download=$(mktemp -d)
    (
        cd "$download"
        apt-get download -q "$package" || { as_root apt-get update -q && apt-get download -q "$package"; }
        dpkg -x "$package"_*.deb unpacked
        mkdir -p "$(dirname "$folder")"
        rm -rf "$folder"
        mv unpacked "$folder"
    ) || echo "$package could not be fetched." >&2
    rm -rf "$download"
}
fetch prometheus usr/bin/prometheus
fetch nginx usr/sbin/nginx

# The OpenAPI document is checked by Redocly's linter, where npm is there to fetch it.
redocly=$HOME/.cache/grainsensors/redocly
if [ ! -x "$redocly/node_modules/.bin/redocly" ] && command -v npm >/dev/null; then
    echo "Fetching Redocly's linter, into $redocly."
    npm install --prefix "$redocly" --no-audit --no-fund --silent @redocly/cli@2.77.0 || echo "Redocly's linter could not be fetched." >&2
fi

dotnet build GrainSensors.sln -c Release -v quiet

# The build has checked the code style; this checks the white space. By folder it needs no compilation.
dotnet format whitespace . --folder --verify-no-changes --verbosity quiet ||
    { echo "The white space differs from .editorconfig; run: dotnet format whitespace . --folder" >&2; exit 1; }

# The tests start hundreds of processes that live for seconds, and starts take most of the machine's time. So they start what
# is published, compiled ahead. The rest they compile in a hurry, while the product compiles everything well at once, which
# pays for a silo that works for hours; and without the guard on memory that is written and then executed.
if [ "$fast" -eq 1 ]; then
    # Exit code 8 means that no test has run, which is right for a project without unit tests.
    runner_arguments+=(--filter-not-trait Category=System --ignore-exit-code 8)
else
    export GRAINSENSORS_TEST_PUBLISHED=$PWD/artifacts/grainsensors
    dotnet publish src/GrainSensors -c Release --use-current-runtime --no-self-contained -v quiet -o "$GRAINSENSORS_TEST_PUBLISHED"
fi
export DOTNET_TC_QuickJit=1 DOTNET_EnableWriteXorExecute=0

log=$(mktemp)
reports=$(mktemp -d)
# What tests have measured, of those that pass too.
export GRAINSENSORS_TEST_FIGURES=$(mktemp)
trap 'rm -rf "$log" "$reports" "$GRAINSENSORS_TEST_FIGURES"' EXIT
status=0
# One test project at a time: they start clusters and databases, and measure how long things take to happen.
dotnet test --solution GrainSensors.sln -c Release --no-build --max-parallel-test-modules 1 \
    --report-xunit-xml --results-directory "$reports" ${runner_arguments[@]+"${runner_arguments[@]}"} 2>&1 | tee "$log" || status=$?

sort "$GRAINSENSORS_TEST_FIGURES"

# Tests run beside each other: their seconds add up to more than the run took.
echo "The slowest tests, in seconds:"
find "$reports" -name '*.xml' -exec grep -oh '<test [^>]*' {} + |
    sed -n 's/.* name="\([^"]*\)".* time="\([0-9.]*\)".*/\2 \1/p' |
    sed 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' | sort -rn | awk 'NR <= 20 { seconds = $1; $1 = ""; printf "%7.1f %s\n", seconds, $0 }'

# What has failed, once more and briefly: the end of a long log is what people read, and often all that is kept of it.
awk '
    /^failed / { left = 6 }
    /^(Test run summary|Running tests|passed |skipped )/ { left = 0 }
    left-- > 0 { print substr($0, 1, 500) }' "$log"

count() {
    sed -n "s/^ *$1: *\([0-9][0-9]*\).*/\1/p" "$log" | tail -n 1
}
passed=$(count succeeded)
failed=$(count failed)
skipped=$(count skipped)
[ "${passed:-0}" -gt 0 ] || { echo "No test has run." >&2; [ "$status" -ne 0 ] || status=1; }
echo "${passed:-0} passed, ${failed:-0} failed, ${skipped:-0} skipped"
exit "$status"
