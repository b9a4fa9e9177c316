import { baselineCases } from "./pod-security-baseline-cases.ts";
import type { Case } from "./pod-security-case.ts";
import { restrictedCases } from "./pod-security-restricted-cases.ts";

export const cases: readonly Case[] = [...baselineCases, ...restrictedCases];
