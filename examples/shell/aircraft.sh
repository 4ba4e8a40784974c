#!/bin/sh
# A line for each change of an aircraft: aircraft.sh [HOST [PORT]]
# address, call sign, altitude, speed, latitude, longitude; a lone address when it has left
exec mosquitto_sub -h "${1:-127.0.0.1}" -p "${2:-1883}" -t 'squitter/+/aircraft/+' -F '%t %p' |
while read -r topic payload; do
    hex=${topic##*/}
    if [ -z "$payload" ]; then
        echo "$hex has left"
    else
        printf '%s\n' "$payload" |
            jq -r '[.hex, (.flight // "-" | gsub("[^A-Z0-9-]"; "")), .alt_baro // "-", .gs // "-", .lat // "-", .lon // "-"] | join(" ")'
    fi
done
