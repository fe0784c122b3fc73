/**
 * A process that opens the log in the directory it is given, says so, and holds it until its input ends. Where
 * the log cannot be opened, it says that instead.
 */
import { openLogDirectory } from "../../src/node/log-directory.ts";

try {
  const log = await openLogDirectory(process.argv[2] ?? "");
  process.stdout.write("open\n");
  process.stdin.on("end", () => void log.close());
  process.stdin.resume();
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : error}\n`);
}
