#!/bin/sh
# Aliases as another product wants them.
# stores: old.jks:changeit more.p12:changeit
# kept: old.jks web ca-root
set -e
keytool -changealias -alias server -destalias web -keystore old.jks -storepass changeit
keytool -changealias -alias Root -destalias CA-Root -keystore old.jks -storepass changeit
keytool -changealias -alias partner -destalias other -keystore more.p12 -storepass changeit
keytool -changealias -alias web -destalias ca-root -keystore old.jks -storepass changeit \
    >/dev/null 2>&1 || echo "taken"
keytool -list -keystore old.jks -storepass changeit 2>/dev/null | awk -F, '/Entry/ {print $1}'
