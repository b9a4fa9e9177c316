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

/** What the API server would refuse of what networks see of pods: their labels and ports. */
export function validateTemplate({ metadata, spec }: PodTemplate): Notes {
  const found = new Notes();
  templateMetadata(metadata.notedIn(found));
  for (const { value } of containersOf(spec.notedIn(new Notes()))) {
    const declared = value.get("ports");
    // What is no list is said by who reads the rest of the container.
    if (declared.isList) ports(declared.notedIn(found));
  }
  return found;
}
