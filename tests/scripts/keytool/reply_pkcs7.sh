#!/bin/sh
# The CA answers with PKCS#7, root first, and is known to the JRE only.
# sizes: default
# stores: id.pkcs12:changeit id.jks:changeit jre/lib/security/cacerts:changeit
set -e
keytool -importcert -noprompt -cacerts -storepass changeit -alias corp -file certs/root.crt
for type in pkcs12 jks; do
    ks=id.$type
    keytool -genkey -alias web -keyalg EC -keystore "$ks" -storetype "$type" \
        -storepass changeit -keypass changeit -dname "CN=web.example.com"
    keytool -certreq -alias web -keystore "$ks" -storepass changeit >web.csr
    openssl x509 -req -in web.csr -CA certs/middle.crt -CAkey issuing.key -set_serial 78 \
        -days 90 -out web.crt 2>/dev/null
done

# In the PKCS12 the leaf alone is refused: nobody knows its issuer.
cp web.crt jks.crt
keytool -certreq -alias web -keystore id.pkcs12 -storepass changeit |
    openssl x509 -req -CA certs/middle.crt -CAkey issuing.key -set_serial 79 -days 90 \
        -out web.crt 2>/dev/null
if keytool -importcert -trustcacerts -alias web -file web.crt -keystore id.pkcs12 \
    -storepass changeit >/dev/null 2>&1; then
    echo "taken"
else
    echo "no chain from the leaf alone"
fi
openssl crl2pkcs7 -nocrl -certfile certs/root.crt -certfile certs/middle.crt -certfile web.crt \
    -out web.p7b
keytool -importcert -trustcacerts -alias web -file web.p7b -keystore id.pkcs12 -storepass changeit
# In the JKS the intermediate is imported first, and then the leaf is enough.
keytool -importcert -trustcacerts -alias middle -file certs/middle.crt -keystore id.jks \
    -storepass changeit
keytool -importcert -trustcacerts -alias web -file jks.crt -keystore id.jks -storepass changeit
for ks in id.pkcs12 id.jks; do
    keytool -list -v -alias web -keystore "$ks" -storepass changeit | grep -c '^Certificate\['
done
