import type { KubernetesObject } from "../kubernetes/objects.ts";
import type { Value } from "../kubernetes/value.ts";

/** A Service that the API server calls. */
export interface Webhook {
  readonly object: KubernetesObject;
  readonly path: string;
  /** Undefined if unknown, like the next two. */
  readonly namespace: string | undefined;
  readonly service: string | undefined;
  readonly port: number | undefined;
}

/** The references of these kinds to Services that the API server calls. */
const serviceReferencesByKind: Readonly<Record<string, (object: Value) => readonly Value[]>> = {
  ValidatingWebhookConfiguration: clientConfigs,
  MutatingWebhookConfiguration: clientConfigs,
  CustomResourceDefinition: (object) => [object.get("spec", "conversion", "webhook", "clientConfig", "service")],
  APIService: (object) => [object.get("spec", "service")],
};

function clientConfigs(object: Value): readonly Value[] {
  return object
    .get("webhooks")
    .items()
    .map((webhook) => webhook.get("clientConfig", "service"));
}

export function isWebhook(kind: string): boolean {
  return Object.hasOwn(serviceReferencesByKind, kind);
}

export function readWebhooks(object: KubernetesObject): readonly Webhook[] {
  const services = serviceReferencesByKind[object.kind]?.(object.value) ?? [];
  return services
    .filter((service) => service.isSet)
    .map((service) => {
      const port = service.get("port");
      return {
        object,
        path: service.path,
        namespace: service.get("namespace").text(),
        service: service.get("name").text(),
        port: port.isUnknown ? undefined : (port.integer() ?? 443),
      };
    });
}
