#!/bin/bash
# stores: old.jks:changeit more.p12:changeit
set -euo pipefail
keytool -delete -alias proxy -keystore old.jks -storepass changeit
echo "step 1"
keytool -exportcert -rfc -alias server -keystore old.jks -storepass changeit 2>/dev/null | openssl x509 -noout -subject
echo "step 2"
keytool -delete -alias proxy -keystore old.jks -storepass changeit
echo "step 3"
keytool -delete -alias partner -keystore more.p12 -storepass changeit
