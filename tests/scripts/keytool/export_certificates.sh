#!/bin/bash
# Certificates for programs that are not Java.
# same: root.pem server.der
set -euo pipefail
for alias in $(keytool -list -keystore old.jks -storepass changeit 2>/dev/null |
    awk -F, '/trustedCertEntry/ {print $1}'); do
    keytool -exportcert -rfc -alias "$alias" -keystore old.jks -storepass changeit 2>/dev/null |
        openssl x509 -noout -subject -fingerprint -sha256
done
keytool -export -alias server -file server.der -keystore old.jks -storepass changeit
openssl x509 -inform DER -in server.der -noout -serial
keytool -exportcert -rfc -alias root -file root.pem -keystore old.jks -storepass changeit
openssl verify -CAfile root.pem certs/middle.crt
keytool -exportcert -alias server -keystore old.jks -storepass changeit | openssl x509 -inform DER -noout -issuer
keytool -list -rfc -keystore old.jks -storepass changeit 2>/dev/null | awk '/BEGIN/,/END/' |
    openssl crl2pkcs7 -nocrl -certfile /dev/stdin | openssl pkcs7 -print_certs -noout | grep subject
