import { chooseLink, routedNetworks } from "../../../../local/node/link.ts";

// First address of 10.213.0.0/16.
const pool = 0x0ad50000;

test("the network depends on the cluster id only, and differs between clusters", () => {
  expect(chooseLink("00000001", [])).toEqual({
    name: "bana-00000001",
    hostAddress: "10.213.0.5",
    nodeAddress: "10.213.0.6",
    prefix: 30,
  });
  expect(chooseLink("00000002", [])?.hostAddress).toBe("10.213.0.9");
});

test("a network in use on the machine is skipped", () => {
  expect(chooseLink("00000001", [[pool + 4, 4]])?.hostAddress).toBe("10.213.0.9");
  expect(chooseLink("00000001", [[pool, 256]])?.hostAddress).toBe("10.213.1.1");
});

test("the search wraps around at the end of the pool", () => {
  expect(chooseLink("00003fff", [[pool + 0xfffc, 4]])?.hostAddress).toBe("10.213.0.1");
});

test("no network is chosen when a larger one covers the pool", () => {
  expect(chooseLink("00000001", [[0x0a000000, 2 ** 24]])).toBeUndefined();
});

test("routes are read from the kernel's table, except the default route and the link's own", () => {
  const table = [
    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT",
    "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
    "eth0\t0000D50A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
    "bana-1\t0400D50A\t00000000\t0001\t0\t0\t0\tFCFFFFFF\t0\t0\t0",
    "",
  ].join("\n");
  expect(routedNetworks(table, "bana-1")).toEqual([[pool, 65536]]);
  expect(routedNetworks(table, "other")).toContainEqual([pool + 4, 4]);
});
