/** Why a pod does not come up, in words. */
import { nameOf } from "../metadata.ts";
import { fields, list, number, text, type Fields } from "../values.ts";
import { condition } from "./rule.ts";

/** A container whose last lines of output say more than its status does. */
export interface CrashedContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The output of the run before the present one. */
  readonly previous: boolean;
}

export interface PodProblem {
  readonly message: string;
  readonly crashed?: CrashedContainer;
}

/** Reasons to wait that pass by themselves. */
const passing = new Set(["ContainerCreating", "PodInitializing", ""]);

const statuses = (pod: Fields): Fields[] => [
  ...list(pod, "status", "initContainerStatuses"),
  ...list(pod, "status", "containerStatuses"),
];

function exit(state: Fields): string {
  const reason = text(state, "reason");
  const message = text(state, "message").trim();
  const ended = `ended with exit code ${number(state, "exitCode") ?? "?"}`;
  return [ended, reason === "" || reason === "Error" ? "" : ` (${reason})`, message === "" ? "" : `: ${message}`].join(
    "",
  );
}

function containerProblem(pod: Fields, status: Fields): PodProblem | undefined {
  const container = text(status, "name");
  const [waiting, terminated] = [fields(status, "state", "waiting"), fields(status, "state", "terminated")];
  const last = fields(status, "lastState", "terminated");
  const output = (previous: boolean): { crashed: CrashedContainer } => ({
    crashed: { namespace: text(pod, "metadata", "namespace"), pod: nameOf(pod), container, previous },
  });
  const about = `container "${container}"`;

  if (number(terminated, "exitCode") !== undefined && terminated["exitCode"] !== 0) {
    return { message: `${about} ${exit(terminated)}`, ...output(false) };
  }
  const reason = text(waiting, "reason");
  if (reason === "CrashLoopBackOff") {
    return { message: `${about} ${exit(last)}, and does so again and again (CrashLoopBackOff)`, ...output(true) };
  }
  if (!passing.has(reason)) return { message: `${about}: ${reason}: ${text(waiting, "message")}` };
  if (status["ready"] !== true && number(last, "exitCode") !== undefined && last["exitCode"] !== 0) {
    return { message: `${about} ${exit(last)}, and was started again`, ...output(true) };
  }
  return undefined;
}

/** What is wrong with a pod that is not ready; nothing while it is simply starting. */
export function podProblems(pod: Fields): PodProblem[] {
  if (condition(pod, "Ready")?.["status"] === "True" || text(pod, "status", "phase") === "Succeeded") return [];
  const named = (problem: PodProblem): PodProblem => ({
    ...problem,
    message: `Pod ${nameOf(pod)}: ${problem.message}`,
  });

  const scheduled = condition(pod, "PodScheduled");
  if (text(scheduled, "status") === "False") {
    return [named({ message: `cannot be scheduled: ${text(scheduled, "message")}` })];
  }
  if (text(pod, "metadata", "deletionTimestamp") !== "") return [named({ message: "is being deleted" })];
  const problems = statuses(pod)
    .map((status) => containerProblem(pod, status))
    .filter((problem) => problem !== undefined);
  if (problems.length === 0) {
    const notReady = list(pod, "status", "containerStatuses").filter((status) => status["ready"] !== true);
    const running = notReady.filter((status) => Object.keys(fields(status, "state", "running")).length > 0);
    for (const status of running) {
      problems.push({
        message: `container "${text(status, "name")}" runs, but its readiness probe does not succeed yet`,
      });
    }
    if (text(pod, "status", "reason") !== "") {
      problems.push({ message: `${text(pod, "status", "reason")}: ${text(pod, "status", "message")}` });
    }
  }
  return problems.map(named);
}
