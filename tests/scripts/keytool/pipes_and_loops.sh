#!/bin/bash
# Certificates that come through pipes, and stores worked through alias by alias.
# stores: trust.jks:changeit fresh.p12:changeit
set -euo pipefail
KS=(-keystore trust.jks -storepass changeit)
{ echo "depth=0 CN = server"; echo "Server certificate"; cat certs/middle.crt; echo "subject=x"; } |
    keytool -importcert -noprompt -alias piped "${KS[@]}"
openssl x509 -in renewed.crt | keytool -importcert -noprompt -alias substituted "${KS[@]}"
keytool -importcert -noprompt -alias stdin "${KS[@]}" < <(openssl x509 -in server.crt -outform DER)
tr -d '\r' <certs/proxy.pem | sed 's/$/\r/' >dos.pem
keytool -import -noprompt -alias DOS -file dos.pem "${KS[@]}"
openssl x509 -in certs/middle.crt -text >text.pem
keytool -import -noprompt -alias text -file text.pem -keystore fresh.p12 -storepass changeit
sed -i '$!b;s/$/\n\n/' text.pem
keytool -import -noprompt -alias text2 -file ./text.pem -keystore fresh.p12 -storepass changeit

keytool -list "${KS[@]}" 2>/dev/null | grep trustedCertEntry | cut -d, -f1 | sort | while read -r alias; do
    case $alias in
    s*) keytool -delete -alias "$alias" "${KS[@]}" ;;
    *) echo "kept $alias" ;;
    esac
done
for fp in $(keytool -list "${KS[@]}" 2>/dev/null | sed -n 's/.*SHA-256): //p' | tr -d : | sort -u); do
    echo "$fp"
done
keytool -exportcert -alias piped "${KS[@]}" | keytool -printcert | grep '^Owner'
keytool -exportcert -rfc -alias piped "${KS[@]}" |
    keytool -importcert -noprompt -alias copied -keystore fresh.p12 -storepass changeit
