import { readSettings, type Settings } from "../../settings.ts";
import { pulumi } from "./stack.ts";

/** The settings of the stack under test, as its program reads them. */
export async function settings(): Promise<Settings> {
  const config = JSON.parse(await pulumi("config", "--json", "--show-secrets")) as Record<string, { value: string }>;
  const texts = Object.entries(config).map(([key, { value }]) => [key, value] as const);
  return readSettings("bana-data-layer", Object.fromEntries(texts));
}
