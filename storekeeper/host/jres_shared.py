"""Places of JREs that are the same on every platform: version managers, build tools, products.

Patterns as in `tree.Tree.expand`, each with the words that say how a JRE there was found.
"""

from __future__ import annotations

PLACES = (
    # https://sdkman.io/install: SDKMAN_CANDIDATES_DIR is exported by its init script.
    ("$SDKMAN_CANDIDATES_DIR/java/*", "SDKMAN"),
    ("~/.sdkman/candidates/java/*", "SDKMAN"),
    # asdf manual: ASDF_DATA_DIR, default ~/.asdf.
    ("$ASDF_DATA_DIR/installs/java/*", "asdf"),
    ("~/.asdf/installs/java/*", "asdf"),
    # mise manual: MISE_DATA_DIR, default ~/.local/share/mise.
    ("$MISE_DATA_DIR/installs/java/*", "mise"),
    ("~/.local/share/mise/installs/java/*", "mise"),
    # jabba README: JABBA_HOME, default ~/.jabba.
    ("$JABBA_HOME/jdk/*", "jabba"),
    ("~/.jabba/jdk/*", "jabba"),
    # jenv README: JENV_ROOT; versions are links to homes elsewhere.
    ("$JENV_ROOT/versions/*", "jenv"),
    ("~/.jenv/versions/*", "jenv"),
    # IntelliJ IDEA help, "SDKs": downloaded JDKs go to ~/.jdks.
    ("~/.jdks/*", "IntelliJ IDEA"),
    # Gradle user manual, "Toolchains": provisioned JDKs; up to Gradle 8 the archive's own
    # top directory is kept below a directory of Gradle's.
    ("$GRADLE_USER_HOME/jdks/*", "Gradle"),
    ("$GRADLE_USER_HOME/jdks/*/*", "Gradle"),
    ("~/.gradle/jdks/*", "Gradle"),
    ("~/.gradle/jdks/*/*", "Gradle"),
    # maven-toolchains-plugin, ToolchainDiscoverer; jbang documentation.
    ("~/.m2/jdks/*", "Maven toolchains"),
    ("~/.jbang/cache/jdks/*", "jbang"),
    # Visual Studio Code's Java extension brings a JRE along.
    ("~/.vscode/extensions/redhat.java-*/jre/*", "Visual Studio Code"),
    # Products that bring their own JRE and say in a variable where they are.
    ("$IAHOME/jre", "xMatters integration agent (IAHOME)"),
    ("$SAG_HOME/jvm/jvm", "webMethods (SAG_HOME)"),
    ("$TIBCO_HOME/tibcojre*/*", "TIBCO (TIBCO_HOME)"),
)
