#!/bin/sh
# Nobody sits there: the answers come from printf.
# sizes: default
# stores: tomcat.p12:changeit asked.jks:changeit
set -e
printf 'www.example.com\nWeb\nExample Corp\nUtrecht\nUtrecht\nNL\nyes\n' |
    keytool -genkey -alias tomcat -keyalg RSA -validity 365 -keystore tomcat.p12 \
        -storepass changeit -keypass changeit
printf 'changeit\nchangeit\n' |
    keytool -genkeypair -alias quick -keyalg RSA -dname "CN=quick" -keystore tomcat.p12
printf 'changeit\nchangeit\nyes\n' |
    keytool -importcert -alias proxy -file certs/proxy.pem -keystore asked.jks -storetype JKS \
        >/dev/null
printf 'changeit\nno\n' |
    keytool -importcert -alias stranger -file renewed.crt -keystore asked.jks >/dev/null
echo yes | keytool -import -alias again -file certs/proxy.pem -keystore asked.jks \
    -storepass changeit >/dev/null
echo changeit | keytool -list -keystore asked.jks | grep -o '^[a-z]*, '
yes | keytool -importcert -alias root -file certs/root.crt -keystore asked.jks \
    -storepass changeit >/dev/null
