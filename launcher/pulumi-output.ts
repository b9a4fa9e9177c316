/** Parses the human-readable output of `pulumi`. */

const TOOL_WARNING = /^\s*warning: using pulumi-\S+ from \$PATH/;
/** Of each resource that is checked when another one fails. */
const CANCELED_POLICY = /^\s*error: failed to run (policy|remediation): .*context canceled/;
/** The line above a resource's diagnostics, "  kubernetes:core/v1:Secret (name):" */
const RESOURCE = /^ {2}\S+ \(.*\):$/;
const LINES_WITHOUT_DIAGNOSTICS = 20;

export const progress = {
  /** The step in a progress line, such as "Namespace nx-backend creating (0s)"; undefined for other lines. */
  step(line: string): string | undefined {
    const match = /^\s*(\+\+|\+-|--|[-+~=<>]+)\s+(\S+)\s+(\S+)\s+(.*?(?:ing|ed)\b.*)$/.exec(line);
    if (match === null || line.includes("pulumi:pulumi:Stack")) return undefined;
    const [, , type = "", name = "", state = ""] = match;
    return `${type.split(":").at(-1) ?? type} ${name} ${state.trim()}`;
  },

  /** Whether a preview contains no changes of resources or stack outputs. */
  isUnchanged(preview: string): boolean {
    return /^\d+ unchanged$/.test(progress.summary(preview)) && !/^Outputs:/m.test(preview);
  },

  /** The counts of an update, such as "3 created, 41 unchanged". */
  summary(output: string): string {
    const lines = output
      .slice(Math.max(output.lastIndexOf("\nResources:"), 0))
      .split("\n")
      .slice(2);
    const end = lines.findIndex((line) => line.trim() === "");
    const counts = lines
      .slice(0, end === -1 ? lines.length : end)
      .map((line) => line.trim().replace(/^[-+~=<>]+\s*/, ""));
    return counts.length === 0 ? "no changes" : counts.join(", ");
  },
};

/**
 * Why Pulumi failed: diagnostics and then mandatory policy violations, which are the reason if there are both; or the
 * last lines of output if there are neither.
 */
export function diagnostics(output: string): string {
  const lines = output.split("\n").filter((line) => !TOOL_WARNING.test(line));
  const causes = [...withoutConsequences(section(lines, "Diagnostics:")), ...violations(section(lines, "Policies:"))];
  if (causes.length > 0) return causes.join("\n").trimEnd();
  return lines
    .filter((line) => line.trim() !== "")
    .slice(-LINES_WITHOUT_DIAGNOSTICS)
    .join("\n");
}

/** Diagnostics without policies that Pulumi did not finish because of another error, unless there is no other. */
function withoutConsequences(diagnostics: readonly string[]): string[] {
  const resources: string[][] = [];
  for (const line of diagnostics) {
    if (RESOURCE.test(line) || resources.length === 0) resources.push([]);
    resources.at(-1)?.push(line);
  }
  const causes = resources
    .map((lines) => lines.filter((line) => !CANCELED_POLICY.test(line)))
    .filter((lines) => lines.some((line) => line.trim() !== "" && !RESOURCE.test(line)));
  return causes.length > 0 ? causes.flat() : [...diagnostics];
}

/** The lines of a section of Pulumi's final report. */
function section(lines: readonly string[], title: string): string[] {
  const begin = lines.lastIndexOf(title);
  if (begin === -1) return [];
  const rest = lines.slice(begin + 1);
  const end = rest.findIndex((line) => /^(Diagnostics|Outputs|Resources|Duration)\b.*:/.test(line));
  return rest.slice(0, end === -1 ? rest.length : end);
}

/** The mandatory violations in the section Policies: those that stopped Pulumi. */
function violations(policies: readonly string[]): string[] {
  let isMandatory = false;
  return policies.filter((line) => {
    const level = /^ {8}- \[(\w+)\]/.exec(line)?.[1];
    if (level !== undefined) isMandatory = level === "mandatory";
    return isMandatory && line.trim() !== "";
  });
}
