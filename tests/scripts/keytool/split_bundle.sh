#!/bin/bash
# A bundle cut into pieces, because keytool takes the first certificate of a file only.
# stores: awk.jks:changeit csplit.p12:changeit
set -euo pipefail
mkdir -p parts
awk '/BEGIN CERT/ {n++} n {print > ("parts/awk-" n ".pem")}' bundle.pem
for part in parts/awk-*.pem; do
    keytool -importcert -noprompt -file "$part" -alias "$(basename "$part" .pem)" \
        -keystore awk.jks -storetype JKS -storepass changeit >/dev/null 2>&1
done

csplit -sz -f parts/csplit- -b %02d.pem bundle.pem '/-----BEGIN CERTIFICATE-----/' '{*}'
i=0
for part in parts/csplit-*.pem; do
    grep -q BEGIN "$part" || continue
    i=$((i + 1))
    keytool -import -trustcacerts -noprompt -alias "corp_$i" -keystore csplit.p12 \
        -storepass changeit <"$part"
done
keytool -list -keystore awk.jks -storepass changeit 2>/dev/null | grep -c trustedCertEntry
keytool -list -keystore csplit.p12 -storepass changeit | grep 'contains'
