#!/bin/sh
# Options shared by every call, in a file.
# sizes: default
# stores: site.p12:site-pass
set -e
cat >keytool.conf <<'END'
# for every command
keytool.all = -keystore ${user.dir}/site.p12 -storepass:file ${user.dir}/site.pass
keytool.genkeypair = -keyalg RSA -validity 10 -dname 'CN=one site, O=Example'
keytool.list = -rfc
END
printf 'site-pass' >site.pass
keytool -conf keytool.conf -genkeypair -alias one
keytool -conf keytool.conf -importcert -noprompt -alias proxy -file certs/proxy.pem
keytool -conf keytool.conf -list | grep -c 'BEGIN CERTIFICATE'
