/** Messages to the engine: permanent ones, and status lines beside the resource while it is worked on. */
import { grpc } from "../grpc.ts";
import { engineMessages, engineService } from "./protocol.ts";

export type Severity = "info" | "warning" | "error";

const severities = {
  info: engineMessages.LogSeverity.INFO,
  warning: engineMessages.LogSeverity.WARNING,
  error: engineMessages.LogSeverity.ERROR,
};

export class EngineLog {
  private client: InstanceType<typeof engineService.EngineClient> | undefined;
  /** Messages reach the engine one after the other, so that the last status line is the last written. */
  private queue: Promise<void> = Promise.resolve();

  connect(address: string): void {
    this.client = new engineService.EngineClient(address, grpc.credentials.createInsecure());
  }

  private send(urn: string, severity: Severity, message: string, ephemeral: boolean): void {
    const client = this.client;
    if (client === undefined) return;
    const request = new engineMessages.LogRequest()
      .setUrn(urn)
      .setSeverity(severities[severity])
      .setMessage(message)
      .setEphemeral(ephemeral);
    // An engine that is gone cannot show a message.
    this.queue = this.queue.then(() => new Promise((resolve) => client.log(request, () => resolve())));
  }

  message(urn: string, severity: Severity, message: string): void {
    this.send(urn, severity, message, false);
  }

  /** Replaces the status line of a resource; "" clears it. */
  status(urn: string, severity: Severity, message: string): void {
    this.send(urn, severity, message, true);
  }

  /** All messages so far have been delivered. */
  delivered(): Promise<void> {
    return this.queue;
  }
}
