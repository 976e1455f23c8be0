#!/bin/bash
# Several stores into one; the last one wins.
# stores: all.jks:changeit
# kept: all.jks server root
set -euo pipefail
cp trust.jks all.jks
for source in old.jks more.p12; do
    keytool -importkeystore -noprompt -srckeystore "$source" -srcstorepass changeit \
        -destkeystore all.jks -deststorepass changeit >/dev/null 2>&1
done
keytool -list -keystore all.jks -storepass changeit 2>/dev/null | grep -c 'Entry,'
