/** The function behind `kubernetes.yaml.ConfigFile` and `ConfigGroup`: manifests as objects. */
import { kindOf } from "../kinds.ts";
import { namespaceOf } from "../metadata.ts";
import { isReachable, type Session } from "../session.ts";
import { isFields, put, text, type Fields, type Value } from "../values.ts";

/** @throws Error naming the place of a syntax error. */
export async function decodeYaml(manifests: string, defaultNamespace: string, session: Session): Promise<Fields[]> {
  // Few programs need it.
  const { parseAllDocuments } = await import("yaml");
  const objects: Fields[] = [];
  for (const document of parseAllDocuments(manifests)) {
    const [error] = "errors" in document ? document.errors : [];
    if (error !== undefined) throw new Error(`the manifest is not YAML: ${error.message}`);
    const object = document.toJS() as Value;
    if (!isFields(object) || text(object, "kind") === "" || text(object, "apiVersion") === "") continue;
    if (defaultNamespace !== "" && namespaceOf(object) === "") {
      const { cluster } = session;
      const namespaced = isReachable(cluster) ? await cluster.objects.isNamespaced(kindOf(object)) : true;
      if (namespaced) put(object, defaultNamespace, "metadata", "namespace");
    }
    objects.push(object);
  }
  return objects;
}
