import { ApplicationPod } from "../application-pod.ts";
import { eventually } from "../eventually.ts";
import { replacePod } from "../kubernetes.ts";

/** Seconds that an application waits for a search: as long as the retries in docs/clients.md. */
const patience = 30;
const restarted = { timeout: 180 };
const client = new ApplicationPod("search-client", "typesense-nodes.mjs");

beforeAll(() => client.start());
afterAll(() => client.remove());

test("while the nodes restart one after the other, no search of a client that retries fails", async () => {
  await client.run(["create", "rolled"], { timeout: 60 });
  const milliseconds: number[] = [];
  const errors: string[] = [];
  const { ended } = client.stream(["search", "rolled", String(patience)], {
    onLine: (line) => milliseconds.push(Number(line)),
    onErrorLine: (line) => errors.push(line),
  });
  const state = { ended: false };
  void ended.then(() => (state.ended = true));
  const moreSearches = async (): Promise<void> => {
    const before = milliseconds.length;
    await eventually(() => state.ended || milliseconds.length >= before + 20);
  };
  await moreSearches();
  for (const ordinal of [2, 1, 0]) {
    await replacePod({ namespace: "nx-search", name: `nx-typesense-${String(ordinal)}` }, restarted);
    await moreSearches();
  }
  expect({ ended: state.ended, errors: state.ended ? errors.slice(-5) : [] }).toEqual({ ended: false, errors: [] });
  await client.touch("/tmp/stop-rolled");
  await ended;
  // No moment without an answer: one search may meet the end of a server, and its next attempt another server.
  expect(Math.max(...milliseconds)).toBeLessThan(10_000);
});
