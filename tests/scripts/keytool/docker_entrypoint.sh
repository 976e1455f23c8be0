#!/bin/sh
# A container's entrypoint: every CA that is mounted goes into the JRE, then the program starts.
# stores: jre/lib/security/cacerts:changeit
set -e
CERT_DIR=${CERT_DIR:-certs}

import_all() {
    for cert in "$CERT_DIR"/*.crt "$CERT_DIR"/*.pem; do
        [ -e "$cert" ] || continue
        name=$(basename "$cert")
        alias=${name%.*}
        if keytool -list -cacerts -storepass changeit -alias "$alias" >/dev/null 2>&1; then
            echo "$alias is there"
        else
            keytool -importcert -noprompt -trustcacerts -cacerts -storepass changeit \
                -alias "$alias" -file "$cert" >/dev/null 2>&1
            echo "$alias imported"
        fi
    done
}

before=$(keytool -list -cacerts -storepass changeit 2>/dev/null | grep -c trustedCertEntry)
import_all
import_all # the container starts again
after=$(keytool -list -cacerts -storepass changeit 2>/dev/null | grep -c trustedCertEntry)
echo "$((after - before)) more"
exec echo "starting" "$@"
