/** Debian's Java 21, as in the upstream's images, without what a server needs no file of; a shell is the image's own choice. */
export const JAVA = {
  suite: "trixie",
  packages: ["default-jre-headless"],
  without: [
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

/** Archives the classes that every program loads, as Debian's package would when it is installed: halves the start-up. */
export const javaSetup = [[`${HOME}/bin/java`, "-Xshare:dump"]] as const;
