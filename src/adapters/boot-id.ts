/** Which start of the machine this is: what was written since then is there, synced or not. */
import { readFileSync } from "node:fs";

/** Linux draws 16 new random bytes at every start. */
const LINUX_PATH = "/proc/sys/kernel/random/boot_id";

/** So does macOS, and tells them by a program. */
const MACOS_COMMAND = ["sysctl", "-n", "kern.bootsessionuuid"];

/** Size of a boot id in bytes. */
export const BOOT_ID_SIZE_BYTES = 16;

/** The id of this start; all zeros where the system has none, which equals no start at all. */
export function readBootId(): Uint8Array {
  try {
    const id = Uint8Array.fromHex(readText().replaceAll(/[^0-9a-fA-F]/g, ""));
    return id.length === BOOT_ID_SIZE_BYTES ? id : new Uint8Array(BOOT_ID_SIZE_BYTES);
  } catch {
    // Another system, or one that hides it.
    return new Uint8Array(BOOT_ID_SIZE_BYTES);
  }
}

function readText(): string {
  if (process.platform !== "darwin") return readFileSync(LINUX_PATH, "utf8");
  return Bun.spawnSync(MACOS_COMMAND).stdout.toString();
}
