/** Debian's Java 21, the version of the upstream images, without files that servers do not need; no shell. */
export const JAVA = {
  suite: "trixie",
  packages: ["default-jre-headless"],
  excludes: [
    "usr/bin/*perl*",
    "usr/lib/*/perl*",
    "usr/share/perl*",
    "usr/share/binfmts",
    "etc/init.d",
    "usr/lib/systemd",
  ],
} as const;

const HOME = "/opt/java/openjdk";

export const javaEnvironment = {
  JAVA_HOME: HOME,
  LANG: "C.UTF-8",
  PATH: `${HOME}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
};

export const javaLinks = { [HOME]: "/usr/lib/jvm/default-java" };

/** Creates the JVM's default CDS archive, as Debian's maintainer script does. Halves the startup time. */
export const javaSetup = [[`${HOME}/bin/java`, "-Xshare:dump"]] as const;
