#!/bin/sh
# stores: trust.jks:changeit more.p12:changeit
set -eu
for cert in certs/middle.crt certs/root.crt renewed.crt; do
    keytool -importcert -noprompt -alias "$(basename "$cert" .crt)" -file "$cert" -keystore trust.jks \
        -storepass changeit
    echo "$cert done"
done
keytool -delete -alias partner -keystore more.p12 -storepass changeit
