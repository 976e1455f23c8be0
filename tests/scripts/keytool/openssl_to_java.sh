#!/bin/bash
# A key and certificates from OpenSSL, as every second guide has it.
# stores: server.jks:changeit plain.p12:changeit named.p12:changeit both.p12:changeit
# kept: named.p12 web
set -euo pipefail
openssl pkcs12 -export -in server.crt -inkey server.key -certfile bundle.pem -passout pass:changeit \
    -out plain.p12
openssl pkcs12 -export -in chain.pem -inkey server.key -name "My Server" -passout pass:changeit \
    -out named.p12
keytool -list -keystore plain.p12 -storepass changeit | grep -o '^[0-9a-z ]*, '
keytool -importkeystore -srckeystore plain.p12 -srcstoretype PKCS12 -srcstorepass changeit \
    -srcalias 1 -destkeystore server.jks -deststoretype JKS -deststorepass changeit \
    -destkeypass changeit -destalias tomcat
keytool -importkeystore -srckeystore named.p12 -srcstorepass changeit -srcalias "my server" \
    -destkeystore server.jks -deststorepass changeit
keytool -importkeystore -noprompt -srckeystore named.p12 -srcstorepass changeit \
    -destkeystore both.p12 -deststorepass changeit
keytool -importkeystore -noprompt -srckeystore plain.p12 -srcstorepass changeit \
    -destkeystore both.p12 -deststorepass changeit
keytool -changealias -alias "my server" -destalias web -keystore named.p12 -storepass changeit
keytool -importcert -noprompt -alias ca -file certs/root.crt -keystore plain.p12 -storepass changeit
keytool -list -keystore server.jks -storepass changeit 2>/dev/null | grep -c PrivateKeyEntry
openssl pkcs12 -in both.p12 -passin pass:changeit -nodes 2>/dev/null | grep 'friendlyName' |
    tr A-Z a-z | sort
