#!/bin/sh
# Configuration management in one file: delete what is there, then import.
# stores: trust.jks:changeit
set -e
KEYSTORE=trust.jks
STOREPASS=changeit

ensure() {
    if keytool -list -keystore "$KEYSTORE" -storepass "$STOREPASS" -alias "$1" >/dev/null 2>&1; then
        echo "replacing $1"
        keytool -delete -keystore "$KEYSTORE" -storepass "$STOREPASS" -alias "$1"
    else
        echo "adding $1"
    fi
    keytool -importcert -noprompt -keystore "$KEYSTORE" -storepass "$STOREPASS" -alias "$1" \
        -file "$2"
}

ensure proxy renewed.crt
ensure Partner "certs/partner ca.crt"
ensure partner "certs/partner ca.crt"
