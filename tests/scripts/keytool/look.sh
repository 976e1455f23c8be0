#!/bin/bash
# What monitoring asks of stores and certificates, and how it takes the answers apart.
set -euo pipefail
keytool -list -keystore old.jks -storepass changeit 2>/dev/null | grep -c trustedCertEntry
keytool -list -keystore old.jks -storepass changeit 2>/dev/null | grep -q '^server,.*PrivateKeyEntry' && echo yes
keytool -printcert -file certs/root.crt | awk '/SHA256:/ {print $2}'
keytool -printcert <certs/middle.crt | awk -F': ' '/SHA1:/ {print $2}' | tr -d ':'
keytool -printcert -rfc -file certs/middle.crt | openssl x509 -noout -subject
keytool -printcert -file chain.pem | grep -c '^Owner:'
keytool -list -v -keystore old.jks -storepass changeit 2>/dev/null |
    awk '/^Alias name:/ {alias = $3} /until:/ {sub(/.*until: /, ""); print alias, $0}'
keytool -list -v -keystore old.jks -storepass changeit -alias server |
    sed -n 's/^Serial number: //p;s/^Valid from: \(.*\) until:.*/\1/p;s/^Signature algorithm name: //p'
keytool -list -keystore more.p12 -storepass changeit | head -4
keytool -list -keystore old.jks </dev/null 2>/dev/null | grep 'Certificate fingerprint'
openssl req -new -key server.key -subj /CN=asked | keytool -printcertreq | grep -E '^(Subject|Public Key|Signature)'
