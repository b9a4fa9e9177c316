import { containersOf, type PodTemplate } from "../pods.ts";
import { Notes } from "../value.ts";
import { portName, portNumber } from "./formats.ts";
import { templateMetadata } from "./metadata.ts";
import { integer, list, object, oneOf, required, text, unique } from "./schema.ts";

const ports = list(
  object({
    name: text(portName),
    containerPort: required(integer(portNumber)),
    protocol: oneOf("", "TCP", "UDP", "SCTP"),
  }),
  unique((item) => item.get("name").text() || undefined, "name"),
);

/** Notes what the API server would reject in the labels and ports of pods, which network policies use. */
export function validateTemplate({ metadata, spec }: PodTemplate): Notes {
  const found = new Notes();
  templateMetadata(metadata.withNotes(found));
  for (const { value } of containersOf(spec.withNotes(new Notes()))) {
    const declared = value.get("ports");
    // A value that is not a list is noted where the container is read.
    if (declared.isList) ports(declared.withNotes(found));
  }
  return found;
}
