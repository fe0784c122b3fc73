#!/bin/sh
# Searches this repository for failures within a budget, as a CI does: first a canary, a copy with a planted bug in
# which the search must find it; then the search itself; then one report for each kind of failure. It needs Bun or
# npx, and the packages of the repository installed. See docs/guides/fuzz-in-ci.md.
#
#   FUZZ_MINUTES       how long to search; 5 when neither this nor FUZZ_SEEDS is given
#   FUZZ_SEEDS         how many seeds to play instead
#   FUZZ_COMMIT        the hash that the first seed comes from; that of the present commit when absent
#   FUZZ_ROUND         counts the searches of one commit, so that each plays other seeds; 0
#   FUZZ_FROM          the first seed, instead of one from a commit
#   FUZZ_CHAIN         model, evm or anvil; evm
#   FUZZ_SIGNATURES    real or fast; fast
#   FUZZ_WORKERS       processes that play; one for each core
#   FUZZ_MARKS         a file of expected marks, `own` for that of this repository, or `none`; own
#   FUZZ_REPEAT        `no`: play no seed again with real signatures on Anvil; yes
#   FUZZ_SHRINK        `no`: leave failures as they are; yes
#   FUZZ_CANARY        the planted bug, or `none`; 28-deletions-unsaved
#   FUZZ_CANARY_SEEDS  how many seeds may look for it; 20
#   FUZZ_OUT           where capsules, reports, scenarios and summary.md are written; fuzz-out
#
# Ends with 0 when all held, 1 when something failed or the canary lived, 2 for wrong usage, 3 when something outside
# failed, 130 or 143 when it was ended.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
out=${FUZZ_OUT:-fuzz-out}
chain=${FUZZ_CHAIN:-evm}
signatures=${FUZZ_SIGNATURES:-fast}
canary=${FUZZ_CANARY:-28-deletions-unsaved}

# Asked before there is a function of the same name, which would be found instead.
if command -v bun >/dev/null 2>&1; then has_bun=yes; else has_bun=no; fi

bun() {
  if [ "$has_bun" = yes ]; then command bun "$@" </dev/null; else npx -y bun@1.4.5 "$@" </dev/null; fi
}

wrong_usage() {
  echo "error: $1" >&2
  exit 2
}

# The first eight digits of the hash as a number, and another one for each round. Seeds have 32 bits.
first_seed() {
  commit=${FUZZ_COMMIT:-$(git -C "$root" rev-parse HEAD 2>/dev/null || echo 00000001)}
  digits=$(printf '%.8s' "$commit")
  case $commit in *[!0-9a-fA-F]*) digits="" ;; esac
  [ "${#digits}" -eq 8 ] || wrong_usage "FUZZ_COMMIT is the hash of no commit: $commit"
  case ${FUZZ_ROUND:-0} in *[!0-9]*) wrong_usage "FUZZ_ROUND is no number: $FUZZ_ROUND" ;; esac
  echo $(((0x$digits + ${FUZZ_ROUND:-0} * 1000003) % 4294967296))
}

# Searches the copy with the bug. It must end with 1 because an oracle saw something, and not because it fell over.
find_canary() {
  echo "--- canary $canary"
  ended=0
  bun "$root/planted/plant.ts" "$canary" "$nest/copy" || ended=$?
  [ "$ended" -eq 0 ] || return "$ended"
  bun --no-install "$nest/copy/bin/channels.ts" fuzz --seeds "${FUZZ_CANARY_SEEDS:-20}" --chain model \
    --signatures fast --no-repeat --no-shrink --out "$nest/found" >"$nest/page.txt" 2>&1 || ended=$?
  found=$(cd "$nest" && find found -name '*.capsule.json' 2>/dev/null | grep -Ev '/(process|error)-' || true)
  if [ "$ended" -eq 1 ] && [ -n "$found" ]; then
    echo "$found" | sed 's/\.capsule\.json$//; s/^found\//found as /'
    return 0
  fi
  cat "$nest/page.txt" >&2
  [ "$ended" -gt 1 ] && return "$ended"
  echo "THE CANARY LIVES: the search does not find $canary, so it proves nothing that it finds nothing" >&2
  return 1
}

search() {
  if [ -n "${FUZZ_SEEDS:-}" ]; then set -- --seeds "$FUZZ_SEEDS"; else set -- --minutes "${FUZZ_MINUTES:-5}"; fi
  set -- "$@" --from "$from" --chain "$chain" --signatures "$signatures" --out "$out"
  if [ -n "${FUZZ_WORKERS:-}" ]; then set -- "$@" --workers "$FUZZ_WORKERS"; fi
  if [ "${FUZZ_REPEAT:-yes}" = no ]; then set -- "$@" --no-repeat; fi
  if [ "${FUZZ_SHRINK:-yes}" = no ]; then set -- "$@" --no-shrink; fi
  case ${FUZZ_MARKS:-own} in
    none) ;;
    own) set -- "$@" --expect-marks ;;
    *) set -- "$@" --expect-marks "$FUZZ_MARKS" ;;
  esac
  echo "--- fuzz $*"
  ended=0
  bun --no-install "$root/bin/channels.ts" fuzz "$@" >"$out/page.txt" || ended=$?
  cat "$out/page.txt"
  return "$ended"
}

# One report for each kind of failure: of what it was shrunk to, where it was.
report_each() {
  for capsule in "$out"/*.capsule.json; do
    case $capsule in *'*'* | *.small.capsule.json) continue ;; esac
    name=${capsule%.capsule.json}
    if [ -e "$name.small.capsule.json" ]; then capsule=$name.small.capsule.json; fi
    bun --no-install "$root/bin/channels.ts" replay "$capsule" >"$name.report.txt" 2>&1 || true
  done
}

# A page in Markdown, for a CI that shows one.
summarise() {
  printf '## Search for failures: %s\n\nFrom seed %s on %s.\n' "$1" "$from" "$chain"
  for report in "$out"/*.report.txt; do
    case $report in *'*'*) continue ;; esac
    printf '\n### %s\n\n```text\n' "$(basename "$report" .report.txt)"
    cat "$report"
    printf '```\n'
  done
  printf '\n<details><summary>All that was seen</summary>\n\n```text\n'
  cat "$out/page.txt"
  printf '```\n\n</details>\n'
}

from=${FUZZ_FROM:-}
if [ -z "$from" ]; then from=$(first_seed); fi
nest=$(mktemp -d)
trap 'rm -rf "$nest"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$out"
rm -f "$out"/*.capsule.json "$out"/*.report.txt
code=0
if [ "$canary" != none ]; then find_canary || code=$?; fi
if [ "$code" -ne 0 ]; then
  printf '## Search for failures: not begun\n\nThe canary %s was not found.\n' "$canary" >"$out/summary.md"
  exit "$code"
fi
search || code=$?
report_each
case $code in
  0) summarise "all held" ;;
  1) summarise "something failed" ;;
  *) summarise "ended with code $code" ;;
esac >"$out/summary.md"
exit "$code"
