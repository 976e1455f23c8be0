#!/bin/sh
# Run at every boot; what was imported yesterday is no reason to stop.
# stores: trust.jks:changeit
set -e
add() {
    keytool -importcert -noprompt -alias "$1" -file "$2" -keystore trust.jks -storepass changeit \
        >/dev/null 2>&1 || true
}
add root certs/root.crt
add proxy renewed.crt
add middle certs/middle.crt

# The same, by what keytool says.
if said=$(keytool -importcert -noprompt -alias middle -file certs/middle.crt -keystore trust.jks \
    -storepass changeit 2>&1); then
    echo "imported"
elif echo "$said" | grep -q "already exists"; then
    echo "there already"
else
    echo "failed"
    exit 1
fi
keytool -list -keystore trust.jks -storepass changeit -alias nobody 2>&1 | grep -q "does not exist" &&
    echo "nobody is missing"
keytool -list -keystore trust.jks -storepass wrong-one 2>&1 | grep -q "password was incorrect" &&
    echo "wrong password"
keytool -list -keystore gone.jks -storepass changeit 2>&1 | grep -qi "keystore.* does not exist" &&
    echo "no such store"
