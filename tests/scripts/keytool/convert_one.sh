#!/bin/sh
# One key out of many: for a server that wants its own file and its own alias.
# stores: web.p12:export-pw tomcat.jks:tomcat-pw:tomcat-key
# kept: web.p12 web
# kept: tomcat.jks tomcat
set -e
keytool -importkeystore -srckeystore legacy.jks -srcstorepass storepass1 -srcalias app \
    -srckeypass keypass1 -destkeystore web.p12 -deststoretype PKCS12 -deststorepass export-pw \
    -destkeypass export-pw -destalias web -noprompt
openssl pkcs12 -in web.p12 -passin pass:export-pw -nocerts -nodes 2>/dev/null |
    openssl pkey -pubout >web.pub
openssl x509 -in server.crt -noout -pubkey | cmp - web.pub && echo "the same key"
keytool -importkeystore -srckeystore web.p12 -srcstoretype PKCS12 -srcstorepass export-pw \
    -srcalias web -destalias tomcat -destkeystore tomcat.jks -deststoretype JKS \
    -deststorepass tomcat-pw -destkeypass tomcat-key
keytool -importkeystore -srckeystore legacy.jks -srcstorepass storepass1 -srcalias nobody \
    -destkeystore web.p12 -deststorepass export-pw >/dev/null 2>&1 || echo "nobody is not there"
