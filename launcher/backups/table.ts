/** The report of `npm run backups` as text. */
import { duration } from "./duration.ts";
import type { BaseBackup, ServerReport } from "./report.ts";

/** How many base backups of a server are listed. */
const LISTED = 10;

/** "2026-01-15 10:30:00 UTC" */
const time = (text: string): string => `${new Date(text).toISOString().slice(0, 19).replace("T", " ")} UTC`;

function range({ restores, backups, first, last, state }: ServerReport): string {
  if (restores === "each backup") {
    return backups.some((backup) => backup.state === "completed") ? "each completed backup, by its name" : "nothing";
  }
  if (first === undefined) return "nothing";
  if (last === undefined) return `from ${time(first)}`;
  // Of a deleted server only its base backups are known; WAL after the last of them is in the archive too.
  return `from ${time(first)} to ${state === "deleted" ? "at least " : ""}${time(last)}`;
}

function line({ name, started, seconds, state, error }: BaseBackup): string {
  const took = seconds === undefined ? "" : `  in ${duration(seconds)}`;
  const at = started === undefined ? "" : `  ${time(started)}`;
  return `  ${state.padEnd(9)}${at}${took}  ${name}${error === undefined ? "" : `: ${error.split("\n")[0] ?? ""}`}`;
}

function serverLines(report: ServerReport): string[] {
  const { store, server, state, place, backups, logAge, problems } = report;
  const hidden = backups.length - LISTED;
  return [
    `${store}, ${server}${state === "running" ? "" : ` (${state})`}, in ${place}`,
    `  can be recovered: ${range(report)}`,
    ...(logAge === undefined ? [] : [`  last WAL archived ${duration(logAge)} ago`]),
    ...(state === "deleted" ? [] : [backups.length === 0 ? "  no backups" : "  backups:"]),
    ...backups.slice(0, LISTED).map((backup) => `  ${line(backup)}`),
    ...(hidden > 0 ? [`    and ${String(hidden)} older ones`] : []),
    ...problems.map((problem) => `  PROBLEM: ${problem}`),
  ];
}

export const reportText = (reports: readonly ServerReport[]): string =>
  reports.map((report) => serverLines(report).join("\n")).join("\n\n");
