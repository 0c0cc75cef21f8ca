#!/bin/sh
# Shows the main job on the built-in mock: nothing leaves this machine, and no AWS account is needed.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export KMSEAL_MOCK_DIR="$work/mock"
kmseal() { node bin/kmseal.cjs --backend mock "$@"; }
say() { printf '\n$ %s\n' "$*"; }

say "printf 'correct horse' | kmseal encrypt > secret.txt; kmseal decrypt secret.txt"
printf 'correct horse' | kmseal encrypt > "$work/secret.txt"
cat "$work/secret.txt"
kmseal decrypt "$work/secret.txt"
echo

say "kmseal encrypt package-lock.json -o lock.enc; kmseal inspect lock.enc"
kmseal encrypt package-lock.json -o "$work/lock.enc"
kmseal inspect "$work/lock.enc"

say "kmseal decrypt lock.enc -o lock.json; cmp package-lock.json lock.json"
kmseal decrypt "$work/lock.enc" -o "$work/lock.json"
cmp package-lock.json "$work/lock.json" && echo same bytes

say "printf 'pa55word' | kmseal put-param /app/db/password; kmseal get-param /app/db/password"
printf 'pa55word' | kmseal put-param /app/db/password
kmseal get-param /app/db/password
echo
