/**
 * Ends the process of an embedded database when the node that started it is gone: a statement that runs lets
 * nothing else in that process be heard, so this is a thread of its own.
 */

/** Milliseconds between two looks. */
const INTERVAL_MS = 1_000;

const node = process.ppid;

setInterval(() => {
  if (process.ppid !== node) process.kill(process.pid, "SIGKILL");
}, INTERVAL_MS);
