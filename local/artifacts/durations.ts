/** Seconds that artifacts take when nothing of them is in a cache, alone on a quiet machine of two cores: seen, not bounds. */
const seconds: Readonly<Record<string, number>> = {
  kubernetes: 240,
  coredns: 60,
  "kube-network-policies": 15,
  "local-path-provisioner": 15,
  "image-maven-kafka-4.1.1": 60,
  "image-maven-debezium-connect-3.0": 40,
};

/** What anything else takes: a file system of a few Debian packages. */
const FEW_PACKAGES = 15;

export const secondsOf = ({ name }: { readonly name: string }): number => seconds[name] ?? FEW_PACKAGES;
