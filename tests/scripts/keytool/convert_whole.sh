#!/bin/sh
# The migration keytool recommends, and the way back for an old program.
# stores: old.jks:changeit new.p12:changeit back.jks:changeit inplace.jks:changeit
# stores: inplace.jks.old:changeit inplace.jks.old2:changeit
# kept: new.p12 server
# kept: back.jks server
# kept: inplace.jks server
# kept: inplace.jks.old2 server
set -e
keytool -importkeystore -srckeystore old.jks -destkeystore new.p12 -deststoretype pkcs12 \
    -srcstorepass changeit -deststorepass changeit
openssl pkcs12 -in new.p12 -passin pass:changeit -nodes 2>/dev/null | grep -c 'BEGIN CERT'
keytool -importkeystore -srckeystore new.p12 -srcstoretype PKCS12 -srcstorepass changeit \
    -destkeystore back.jks -deststoretype JKS -deststorepass changeit -noprompt
cp old.jks inplace.jks
keytool -importkeystore -srckeystore inplace.jks -destkeystore inplace.jks -deststoretype pkcs12 \
    -srcstorepass changeit
keytool -importkeystore -srckeystore inplace.jks -destkeystore inplace.jks -deststoretype jks \
    -srcstorepass changeit
ls inplace.jks inplace.jks.old inplace.jks.old2
