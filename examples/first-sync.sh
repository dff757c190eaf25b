#!/usr/bin/env bash
# First sync: starts a server of its own, makes the first account, scans a folder of games, pairs two devices, carries a
# save from one to the other byte for byte, lets both change it, and shows that both changes are kept.
#
#   examples/first-sync.sh                         builds and runs the server
#   MEMCARD_SERVER=path examples/first-sync.sh     runs that binary
#
# Needs bash, curl, sed and cmp. Everything happens in a temporary folder and on a free port of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
server_pid=
finish() {
  [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
  [ -z "$server_pid" ] || wait "$server_pid" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

step() { printf '\n== %s\n' "$*"; }
fail() { printf 'failed: %s\n' "$*" >&2; exit 1; }

# member NAME: the first string or number of that name in the JSON on standard input.
member() { sed -nE "s/.*\"$1\": *\"?([^\",}]*)\"?.*/\1/p" | head -n 1; }
# hidden NAME: the value of that hidden field in the page on standard input.
hidden() { sed -nE "s/.*name=\"$1\" value=\"([^\"]*)\".*/\1/p" | head -n 1; }

# A browser with its cookies; a device with its token.
browser() { curl -sS --fail-with-body -L -b "$work/cookies" -c "$work/cookies" "$@"; }
device() { local token=$1; shift; curl -sS -H "Authorization: Bearer $token" "$@"; }

step "Start the server"
if [ -z "${MEMCARD_SERVER:-}" ]; then
  cargo build --quiet --release -p memcard-server
  MEMCARD_SERVER=${CARGO_TARGET_DIR:-target}/release/memcard-server
fi
"$MEMCARD_SERVER" --log warn serve --data "$work/data" --listen 127.0.0.1:0 > "$work/told" &
server_pid=$!
until grep -q 'setup?token=' "$work/told"; do
  kill -0 "$server_pid" 2>/dev/null || fail "the server did not start"
  sleep 0.05
done
cat "$work/told"
server=$(sed -nE 's#^Memcard is ready at (.*)/$#\1#p' "$work/told")
setup_link=$(grep -o 'http.*setup?token=.*' "$work/told")

step "Open the link and make the first account"
token=$(browser "$setup_link" | hidden token)
browser -o /dev/null "$server/setup" --data-urlencode "token=$token" \
  --data-urlencode "username=player" --data-urlencode "password=correct horse battery staple"
browser "$server/api/users/me" | grep -q '"username":"player"' || fail "not logged in"
echo "logged in as player"

step "Name a folder of games and scan it"
mkdir -p "$work/library/roms/gba" "$work/library/roms/snes"
printf 'a game' > "$work/library/roms/gba/Moon Garden (USA).gba"
printf 'another' > "$work/library/roms/snes/Star Post (Europe).sfc"
csrf=$(browser "$server/library" | hidden csrf_token)
browser -o /dev/null "$server/library" --data-urlencode "csrf_token=$csrf" --data-urlencode "folder=$work/library"
browser -o /dev/null "$server/library/scan" --data-urlencode "csrf_token=$csrf"
until browser "$server/api/library/scan" | grep -q '"status":"completed"'; do sleep 0.05; done
game=$(browser "$server/api/roms?search_term=moon" | sed 's/.*"items":\[//' | member id)
[ -n "$game" ] || fail "the scan found no game"
echo "Moon Garden is game $game"

# pair NAME: pairs a device as the person with the browser would, and sets device_token and device_id.
pair() {
  local init code consent answer
  init=$(curl -sS "$server/api/auth/device/init" -H 'Content-Type: application/json' -d "{
    \"client_device_identifier\": \"$1-0001\", \"name\": \"$1\", \"client\": \"grout\", \"platform\": \"muOS\",
    \"requested_scopes\": [\"me.read\", \"roms.read\", \"platforms.read\", \"assets.read\", \"assets.write\",
                           \"devices.read\", \"devices.write\"]}")
  code=$(member user_code <<< "$init")
  echo "$1 shows the code $code"
  poll() {
    curl -sS "$server/api/auth/device/token" -H 'Content-Type: application/json' \
      -d "{\"device_code\": \"$(member device_code <<< "$init")\"}"
  }
  poll | grep -q authorization_pending || fail "a device must wait until it is approved"
  csrf=$(browser "$server/pair/device" | hidden csrf_token)
  consent=$(browser "$server/pair/device" --data-urlencode "csrf_token=$csrf" --data-urlencode "user_code=$code")
  grep -q "Pair $1?" <<< "$consent" || fail "no consent page"
  local scopes=()
  while read -r scope; do scopes+=(--data-urlencode "scope=$scope"); done < <(
    grep -oE 'name="scope" value="[^"]*" checked' <<< "$consent" | sed -E 's/.*value="([^"]*)".*/\1/')
  browser -o /dev/null "$server/pair/device/decision" "${scopes[@]}" \
    --data-urlencode "csrf_token=$(hidden csrf_token <<< "$consent")" --data-urlencode "user_code=$code" \
    --data-urlencode "device_name=$1" --data-urlencode "expires_in=never" \
    --data-urlencode "in_front_of_me=yes" --data-urlencode "decision=approve"
  answer=$(poll)
  device_token=$(member access_token <<< "$answer")
  device_id=$(member device_id <<< "$answer")
  [ -n "$device_token" ] || fail "no token: $answer"
  echo "$1 is paired as device $device_id"
}

step "Pair the handheld and the phone"
pair Handheld; handheld=$device_token; handheld_id=$device_id
pair Phone; phone=$device_token; phone_id=$device_id

# upload TOKEN DEVICE FILE
upload() {
  device "$1" -w '\n%{http_code}\n' "$server/api/saves?rom_id=$game&slot=autosave&device_id=$2" \
    -F "saveFile=@$3;filename=Moon Garden (USA).srm"
}
# negotiate TOKEN DEVICE FILE|-: what the device should do about its file, or about none.
negotiate() {
  local saves=
  if [ "$3" != - ]; then
    saves="{\"rom_id\": $game, \"file_name\": \"Moon Garden (USA).srm\", \"slot\": \"autosave\",
            \"content_hash\": \"$(md5sum < "$3" | cut -d' ' -f1)\", \"file_size_bytes\": $(stat -c %s "$3"),
            \"updated_at\": \"2026-01-01T00:00:00Z\"}"
  fi
  device "$1" "$server/api/sync/negotiate" -H 'Content-Type: application/json' \
    -d "{\"device_id\": \"$2\", \"saves\": [$saves]}"
}

step "The handheld has a save: 8 KiB, made on the spot"
head -c 8192 /dev/urandom > "$work/handheld.srm"
plan=$(negotiate "$handheld" "$handheld_id" "$work/handheld.srm")
echo "the server says: $(member action <<< "$plan")"
[ "$(member action <<< "$plan")" = upload ] || fail "expected upload: $plan"
upload "$handheld" "$handheld_id" "$work/handheld.srm" | tail -n 1 | grep -q 200 || fail "upload refused"
echo "uploaded"

step "The phone has nothing yet"
plan=$(negotiate "$phone" "$phone_id" -)
echo "the server says: $(member action <<< "$plan")"
[ "$(member action <<< "$plan")" = download ] || fail "expected download: $plan"
save=$(member save_id <<< "$plan")
session=$(member session_id <<< "$plan")
device "$phone" -o "$work/phone.srm" "$server/api/saves/$save/content?device_id=$phone_id&optimistic=false"
device "$phone" -o /dev/null "$server/api/saves/$save/downloaded" -H 'Content-Type: application/json' \
  -d "{\"device_id\": \"$phone_id\"}"
device "$phone" "$server/api/sync/sessions/$session/complete" -H 'Content-Type: application/json' \
  -d '{"operations_completed": 1, "operations_failed": 0}' | grep -q COMPLETED || fail "session not completed"
cmp "$work/handheld.srm" "$work/phone.srm" || fail "the bytes differ"
echo "downloaded, byte for byte the same"

step "Both play on, and both change the save"
printf 'phone' >> "$work/phone.srm"
printf 'handheld' >> "$work/handheld.srm"
upload "$phone" "$phone_id" "$work/phone.srm" | tail -n 1 | grep -q 200 || fail "the phone's upload was refused"
echo "the phone was first: it had the newest save, so its change is the new one"
refused=$(upload "$handheld" "$handheld_id" "$work/handheld.srm")
tail -n 1 <<< "$refused" | grep -q 409 || fail "expected 409: $refused"
echo "the handheld is told: $(member detail <<< "$refused")"

step "Nothing is lost"
fork=$(sed -E 's/.*"fork":\{//' <<< "$refused" | member id)
device "$handheld" -o "$work/fork.srm" "$server/api/saves/$fork/content"
cmp "$work/handheld.srm" "$work/fork.srm" || fail "the refused bytes differ"
head_id=$(device "$handheld" "$server/api/saves?rom_id=$game&slot=autosave" | member id)
[ -n "$head_id" ] || fail "no head"
echo "Both changes are kept: the phone's as the newest save, the handheld's as a fork beside it."
