#!/bin/sh
# An agent's installer: its own keystore, where the key has the store's password, and a CA's answer.
# stores: conf/.keystore:agent-pass
set -e
PASS=agent-pass
KS=conf/.keystore
mkdir -p conf
keytool -genkeypair -alias agent -keyalg RSA -keysize 2048 -validity 730 \
    -dname "CN=agent.example.com, OU=Integration, O=Example Corp, L=Utrecht, C=NL" \
    -keystore "$KS" -storetype JKS -storepass "$PASS" -keypass "$PASS"
keytool -certreq -alias agent -file agent.csr -keystore "$KS" -storepass "$PASS" -keypass "$PASS"
openssl req -in agent.csr -noout -verify -subject 2>/dev/null
openssl x509 -req -in agent.csr -CA certs/middle.crt -CAkey issuing.key -set_serial 77 -days 365 \
    -out agent.crt 2>/dev/null
cat agent.crt certs/middle.crt certs/root.crt >reply.pem
keytool -importcert -noprompt -alias root -file certs/root.crt -keystore "$KS" -storepass "$PASS"
keytool -importcert -alias agent -file reply.pem -keystore "$KS" -storepass "$PASS" -keypass "$PASS"
keytool -list -v -alias agent -keystore "$KS" -storepass "$PASS" | grep 'chain length'
