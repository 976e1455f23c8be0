#!/bin/sh
# stores: trust.jks:changeit old.jks:changeit
set -e
keytool -importcert -noprompt -alias middle -file certs/middle.crt -keystore trust.jks -storepass changeit
echo "step 1"
keytool -importcert -noprompt -alias other -file renewed.crt -keystore trust.jks -storepass changed
echo "step 2"
keytool -delete -alias server -keystore old.jks -storepass changeit
