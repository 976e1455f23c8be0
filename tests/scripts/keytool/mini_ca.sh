#!/bin/bash
# A CA for a lab out of nothing but keytool.
# sizes: default
# stores: ca.p12:changeit int.p12:changeit web.p12:changeit
set -euo pipefail
kt() { keytool "$@" -storepass changeit; }
kt -genkeypair -alias ca -keyalg RSA -keystore ca.p12 -dname "CN=Lab CA" -ext bc:c -validity 3650
kt -genkeypair -alias int -keyalg RSA -keystore int.p12 -dname "CN=Lab Issuing CA"
kt -genkeypair -alias web -keyalg EC -keystore web.p12 -dname "CN=web.lab"
kt -exportcert -rfc -alias ca -keystore ca.p12 >ca.pem
for ks in int web; do
    kt -importcert -noprompt -alias ca -file ca.pem -keystore $ks.p12
done
kt -certreq -alias int -keystore int.p12 |
    kt -gencert -alias ca -keystore ca.p12 -ext BC:critical=ca:true,pathlen:0 -ext KU=keyCertSign,cRLSign -rfc |
    kt -importcert -alias int -keystore int.p12
kt -certreq -alias web -keystore web.p12 -ext san=dns:web.lab,ip:10.0.0.7 -file web.csr
kt -gencert -alias int -keystore int.p12 -infile web.csr -outfile web.crt -rfc -validity 30 \
    -ext san=dns:web.lab,ip:10.0.0.7 -ext ku:c=dig,keyEnc -ext eku=serverAuth,clientAuth
kt -exportcert -rfc -alias int -keystore int.p12 >int.pem
cat web.crt int.pem ca.pem | kt -importcert -alias web -keystore web.p12
openssl verify -CAfile ca.pem -untrusted int.pem web.crt
kt -printcert -file web.crt | grep -A2 'DNSName'
