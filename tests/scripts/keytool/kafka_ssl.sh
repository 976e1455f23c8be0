#!/bin/bash
# Brokers' and clients' stores for a cluster, with a CA of its own.
# sizes: default
# stores: kafka.server.keystore.jks:broker-pw kafka.server.truststore.jks:broker-pw
# stores: kafka.client.truststore.jks:broker-pw
set -euo pipefail
PASSWORD=broker-pw
VALIDITY=365
openssl req -new -x509 -newkey rsa:2048 -nodes -keyout ca-key -out ca-cert -days $VALIDITY \
    -subj "/CN=Kafka CA/O=Example" 2>/dev/null

keytool -keystore kafka.server.keystore.jks -alias localhost -validity $VALIDITY -genkey \
    -keyalg RSA -storepass $PASSWORD -keypass $PASSWORD -dname "CN=broker1.example.com,O=Example" \
    -ext SAN=DNS:broker1.example.com,DNS:localhost,IP:127.0.0.1
for role in server client; do
    keytool -keystore kafka.$role.truststore.jks -alias CARoot -import -file ca-cert \
        -storepass $PASSWORD -noprompt
done
keytool -keystore kafka.server.keystore.jks -alias localhost -certreq -file cert-file \
    -storepass $PASSWORD -ext SAN=DNS:broker1.example.com,DNS:localhost,IP:127.0.0.1
openssl req -in cert-file -noout -text | grep -A1 'Alternative Name' | tail -1 | tr -d ' '
printf 'subjectAltName=DNS:broker1.example.com,DNS:localhost\n' >san.ext
openssl x509 -req -CA ca-cert -CAkey ca-key -in cert-file -out cert-signed -days $VALIDITY \
    -CAcreateserial -extfile san.ext 2>/dev/null
keytool -keystore kafka.server.keystore.jks -alias CARoot -import -file ca-cert \
    -storepass $PASSWORD -noprompt
keytool -keystore kafka.server.keystore.jks -alias localhost -import -file cert-signed \
    -storepass $PASSWORD -noprompt
keytool -list -v -keystore kafka.server.keystore.jks -storepass $PASSWORD 2>/dev/null |
    grep -E '^(Alias name|Entry type|Certificate chain length|Owner):?'
