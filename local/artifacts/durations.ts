/** Seconds to build an artifact with empty caches on an idle machine with two cores: measured, not upper bounds. */
const measured: Readonly<Record<string, number>> = {
  kubernetes: 300,
  coredns: 60,
  "kube-network-policies": 15,
  "local-path-provisioner": 15,
  "cloudnative-pg": 75,
  "plugin-barman-cloud": 60,
  versitygw: 40,
  "image-maven-kafka-4.1.1": 60,
  "image-maven-debezium-connect-3.0": 40,
};

/** Estimate for other artifacts: a file system of a few Debian packages. */
const DEFAULT_SECONDS = 15;

export const estimatedSeconds = ({ name }: { readonly name: string }): number => measured[name] ?? DEFAULT_SECONDS;
