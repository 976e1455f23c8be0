#!/bin/bash
# RUN lines of a Dockerfile: the path of cacerts in full, one file after another.
# stores: jre/lib/security/cacerts:changeit
set -euo pipefail
KEYSTORE="$JAVA_HOME/lib/security/cacerts"
for f in certs/*.crt; do
    keytool -import -trustcacerts -noprompt -keystore "$KEYSTORE" -storepass changeit \
        -alias "$(basename "$f" .crt | tr ' ' '-')" -file "$f"
done
keytool -delete -alias root -keystore "$KEYSTORE" -storepass changeit
keytool -v -list -keystore "$KEYSTORE" -storepass changeit -alias middle | grep '^Owner:'
