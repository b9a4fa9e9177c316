/** A Markdown table from a header and rows, padded to the width of each column. */
export function table(lines: readonly (readonly string[])[]): string {
  const cells = lines.map((line) => line.map((text) => text.replaceAll("|", "\\|")));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(3, ...cells.map((line) => line[column]?.length ?? 0)));
  const [first = [], ...rest] = cells.map(
    (line) => `| ${line.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  return [first, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rest].join("\n");
}

/** Inline code. */
export const code = (text: string) => `\`${text}\``;
