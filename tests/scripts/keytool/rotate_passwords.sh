#!/bin/sh
# Once a year every password changes.
# stores: legacy.jks:new-store:new-key server.p12:new-store typed.jks:typed-pw:changeit
# kept: legacy.jks app
# kept: server.p12 server
set -e
keytool -storepasswd -keystore legacy.jks -storepass storepass1 -new new-store
keytool -keypasswd -alias app -keystore legacy.jks -storepass new-store -keypass keypass1 -new new-key
keytool -storepasswd -keystore server.p12 -storepass changeit -new new-store
if keytool -list -keystore server.p12 -storepass changeit >/dev/null 2>&1; then
    echo "the old password still opens it"
    exit 1
fi
keytool -keypasswd -alias server -keystore server.p12 -storepass new-store -new other-key \
    >/dev/null 2>&1 || echo "a PKCS12 has one password"
cp old.jks typed.jks
printf 'typed-pw\ntyped-pw\n' | keytool -storepasswd -keystore typed.jks -storepass changeit
