const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** "26 h", "15 min", "40 s" */
export function duration(length: number): string {
  if (length >= 48 * HOUR) return `${String(Math.floor(length / (24 * HOUR)))} days`;
  if (length >= 2 * HOUR) return `${String(Math.floor(length / HOUR))} h`;
  if (length >= 2 * MINUTE) return `${String(Math.floor(length / MINUTE))} min`;
  return `${String(Math.round(length))} s`;
}

/** Seconds from one time to another; 0 if that is earlier. */
export const seconds = (from: string, to: string | number): number =>
  Math.max(0, Math.round((new Date(to).getTime() - new Date(from).getTime()) / 1000));
