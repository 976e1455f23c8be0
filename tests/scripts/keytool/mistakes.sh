#!/bin/bash
# Mistakes, one after the other, in an if and in a pipe: nothing is written.
set -uo pipefail
try() { if "$@" >/dev/null 2>&1; then echo "went well: $3"; else echo "failed: $3 $?"; fi; }
try keytool -importcert -noprompt -alias x -file certs/proxy.pem -keystore short.jks -storepass short
try keytool -importcert -noprompt -alias x -file nowhere.pem -keystore none.jks -storepass changeit
try keytool -importcert -noprompt -alias x -file server.key -keystore none.jks -storepass changeit
try keytool -importcert -noprompt -alias x -file trust.jks -keystore none.jks -storepass changeit
try keytool -genkeypair -alias x -keyalg RSA -keysize 100 -dname CN=x -keystore none.jks -storepass changeit
try keytool -genkeypair -alias x -keyalg NONE -dname CN=x -keystore none.jks -storepass changeit
try keytool -genkeypair -alias x -keyalg EC -dname "no name" -keystore none.jks -storepass changeit
try keytool -importkeystore -srckeystore nowhere.jks -srcstorepass changeit -destkeystore none.jks -deststorepass changeit
try keytool -storepasswd -new changed1 -keystore none.jks -storepass changeit
try keytool -importcertificate -alias x -keystore none.jks -storepass changeit
try keytool -list -alias x -keystore none.jks -storepass
keytool -certreq -alias x -keystore none.jks -storepass changeit 2>/dev/null | grep -c BEGIN
echo "pipe: ${PIPESTATUS[*]}"
ls -- *.jks
