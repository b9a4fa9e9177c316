/** IPv4 addresses that are not on the internet, or must not be reached as if they were: IANA's special-purpose registry. */
const specialPurpose = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private use
  "100.64.0.0/10", // shared by carriers
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local: the cloud's metadata service
  "172.16.0.0/12", // private use
  "192.0.0.0/24", // protocol assignments
  "192.168.0.0/16", // private use
  "198.18.0.0/15", // benchmarks
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
];

export const internet = { title: "the internet", cidr: "0.0.0.0/0", except: specialPurpose } as const;
