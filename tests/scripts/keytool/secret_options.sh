#!/bin/sh
# Passwords from the environment and from mounted files, on no command line.
# sizes: default
# stores: svc.p12:s3cret-store copy.jks:other-pass:s3cret-store
set -e
mkdir -p secrets
printf 's3cret-store\n' >secrets/store
printf 'other-pass' >secrets/other
export STOREPASS=s3cret-store
keytool -genkeypair -alias svc -keyalg RSA -dname CN=svc -keystore svc.p12 -storepass:env STOREPASS \
    -keypass:file secrets/store
keytool -importkeystore -srckeystore svc.p12 -srcstorepass:file secrets/store \
    -destkeystore copy.jks -deststoretype JKS -deststorepass:file secrets/other \
    -noprompt 2>/dev/null
keytool -importcert -noprompt -alias proxy -file certs/proxy.pem -keystore svc.p12 \
    -storepass:file secrets/store
keytool -list -keystore svc.p12 -storepass:env STOREPASS | grep -c Entry
keytool -list -keystore svc.p12 -storepass:env NOT_SET >/dev/null 2>&1 || echo "no such variable"
keytool -list -keystore svc.p12 -storepass:file secrets/none >/dev/null 2>&1 || echo "no such file"
