import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** The Raft state that a fake Typesense node reports. */
export interface RaftNode {
  readonly term: number;
  /** Term and index of the last entry in its log; 0 for an empty log. */
  readonly log: readonly [term: number, index: number];
  /** Addresses in its configuration. */
  readonly peers: readonly string[];
  /** Address of the leader that it knows; its own if it is the leader. */
  readonly leader?: string;
  /** Whether it grants every vote. @default true */
  readonly votes?: boolean;
}

/** A request that a node received. */
export interface RecordedRequest {
  readonly address: string;
  readonly call: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Fake Raft ports of nodes, on loopback addresses with the same port number. Records requests. */
export class RaftNodes {
  readonly requests: RecordedRequest[] = [];
  readonly #servers: Server[] = [];
  #port = 0;

  get port(): number {
    return this.#port;
  }

  /** Starts to listen on an address such as 127.0.1.1. */
  async start(address: string, node: RaftNode): Promise<void> {
    const server = createServer((request, response) => {
      void (async () => {
        const call = request.url ?? "";
        if (request.method === "GET") {
          response.end(this.#stat(address, node));
          return;
        }
        this.requests.push({
          address,
          call: call.replace("/RaftService/", ""),
          fields: JSON.parse(await text(request)) as RecordedRequest["fields"],
        });
        response.end(
          JSON.stringify({
            term: node.term,
            ...(call.endsWith("vote") ? { granted: node.votes ?? true } : { success: true }),
          }),
        );
      })();
    });
    await once(server.listen(this.#port, address), "listening");
    this.#port = (server.address() as AddressInfo).port;
    this.#servers.push(server);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await once(server.close(), "close");
    }
  }

  /** In braft's format. */
  #stat(address: string, { term, log, peers, leader }: RaftNode): string {
    const name = (node: string) => `${node}:${String(this.#port)}:8108`;
    return [
      "[default_group]",
      `peer_id: ${name(address)}`,
      `state: ${leader === address ? "LEADER" : "FOLLOWER"}`,
      "readonly: 0",
      `term: ${String(term)}`,
      "conf_index: 1",
      `peers: ${peers.map(name).join(" ")}`,
      ...(leader === address ? ["changing_conf: NO    stage: STAGE_NONE"] : []),
      ...(leader === address ? [] : [`leader: ${leader === undefined ? "0.0.0.0:0:0" : name(leader)}`]),
      `storage: [1, ${String(log[1])}]`,
      `last_log_id: (index=${String(log[1])},term=${String(log[0])})`,
      "state_machine: Idle",
      "",
    ].join("\r\n");
  }
}
