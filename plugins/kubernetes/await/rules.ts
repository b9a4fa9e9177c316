/** Which rule says that an object is ready. */
import { isNotFound } from "../api-error.ts";
import { apiVersionOf, kindOf } from "../kinds.ts";
import { annotation, annotations } from "../metadata.ts";
import type { Objects } from "../objects.ts";
import { text, type Fields } from "../values.ts";
import { generallyReady, waitForRule } from "./conditions.ts";
import { daemonSet } from "./daemonset.ts";
import { deployment } from "./deployment.ts";
import { ingress } from "./ingress.ts";
import { job } from "./job.ts";
import { pod } from "./pod.ts";
import type { Rule } from "./rule.ts";
import { service } from "./service.ts";
import { statefulSet } from "./statefulset.ts";
import {
  persistentVolume,
  persistentVolumeClaim,
  replicationController,
  resourceQuota,
  tokenSecret,
} from "./storage.ts";

const byKind: ReadonlyMap<string, Rule> = new Map([
  ["apps/v1/DaemonSet", daemonSet],
  ["apps/v1/Deployment", deployment],
  ["apps/v1/StatefulSet", statefulSet],
  ["batch/v1/Job", job],
  ["networking.k8s.io/v1/Ingress", ingress],
  ["v1/PersistentVolume", persistentVolume],
  ["v1/Pod", pod],
  ["v1/ReplicationController", replicationController],
  ["v1/ResourceQuota", resourceQuota],
  ["v1/Service", service],
]);

/** The rule of the object's kind; undefined when objects of it are ready as soon as they exist. */
export async function builtInRule(object: Fields, objects: Objects): Promise<Rule | undefined> {
  const gvk = kindOf(object);
  const name = `${apiVersionOf(gvk)}/${gvk.kind}`;
  if (name === "v1/PersistentVolumeClaim") return persistentVolumeClaim(await storageClassOf(object, objects));
  if (name === "v1/Secret" && text(object, "type") === "kubernetes.io/service-account-token") return tokenSecret;
  return byKind.get(name);
}

async function storageClassOf(claim: Fields, objects: Objects): Promise<Fields | undefined> {
  const name = text(claim, "spec", "storageClassName");
  if (name === "") return undefined;
  try {
    return await objects.get({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass" }, name);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * What to wait for after a create or an update: what the program says, else the rule of the kind.
 * @throws Error when the program's own condition cannot be read.
 */
export async function ruleFor(inputs: Fields, object: Fields, objects: Objects): Promise<Rule | undefined> {
  if (annotation(inputs, annotations.skipAwait) === "true") return undefined;
  const waitFor = annotation(inputs, annotations.waitFor);
  if (waitFor !== "") return waitForRule(waitFor);
  const rule = await builtInRule(object, objects);
  return rule ?? (process.env["PULUMI_K8S_AWAIT_ALL"] === "true" ? generallyReady : undefined);
}

/** Kinds whose deletion is not waited for either when `pulumi.com/skipAwait` is set. */
const skipDeletion = new Set([
  "v1/Namespace",
  "v1/Pod",
  "v1/ReplicationController",
  "apps/v1/DaemonSet",
  "apps/v1/Deployment",
  "apps/v1/StatefulSet",
  "batch/v1/Job",
]);

export function skipsDeletionWait(inputs: Fields): boolean {
  const gvk = kindOf(inputs);
  return annotation(inputs, annotations.skipAwait) === "true" && skipDeletion.has(`${apiVersionOf(gvk)}/${gvk.kind}`);
}

/** Seconds to wait: the resource option `customTimeouts`, else the annotation, else the rule's or ten minutes. */
export function timeoutFor(option: number, inputs: Fields, rule: Rule | undefined): number {
  if (option > 0) return option;
  const annotated = Number(annotation(inputs, annotations.timeoutSeconds) || Number.NaN);
  return Number.isInteger(annotated) ? annotated : (rule?.timeout ?? 600);
}
