/** IPv4 ranges that are not on the public internet (IANA special-purpose registry), and multicast. */
const specialPurpose = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private use
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8", // loopback
  "169.254.0.0/16", // link-local, includes the cloud's metadata service
  "172.16.0.0/12", // private use
  "192.0.0.0/24", // protocol assignments
  "192.168.0.0/16", // private use
  "198.18.0.0/15", // benchmarking
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
];

export const internet = { title: "the internet", cidrs: ["0.0.0.0/0"], except: specialPurpose } as const;
