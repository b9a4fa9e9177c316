import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "../../names.ts";
import type { KafkaUser } from "../user.ts";
import { customResource, reconciled } from "./custom-resource.ts";
import { brokers } from "./endpoints.ts";
import { checkUserName, kafkaUser, passwords } from "./users.ts";
import type { Acl } from "./users.ts";

export interface KafkaUsersArgs {
  /** Tells why a user cannot be made ready. */
  readonly onError: pulumi.ErrorHook;
  readonly users: readonly { readonly user: KafkaUser; readonly acls: readonly Acl[] }[];
}

/** The users in Kafka, with their passwords and what they may do. Created when each can log in. */
export class KafkaUsers extends pulumi.ComponentResource {
  constructor(name: string, { users, onError }: KafkaUsersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:KafkaUsers", name, {}, opts);
    const secret = new k8s.core.v1.Secret(
      passwords,
      {
        metadata: { name: passwords, namespace: brokers.namespace, labels: commonLabels },
        type: "Opaque",
        stringData: Object.fromEntries(users.map(({ user }) => [user.username, user.password])),
      },
      { parent: this },
    );
    for (const { user, acls } of users) {
      const { username } = user;
      checkUserName(username);
      customResource(
        "KafkaUser",
        { name: username, annotations: reconciled, spec: kafkaUser(username, acls, user.checksum) },
        // The Secret first: the user operator reads it when the KafkaUser changes.
        { parent: this, dependsOn: secret, hooks: { onError: [onError] } },
      );
    }
    this.registerOutputs();
  }
}
