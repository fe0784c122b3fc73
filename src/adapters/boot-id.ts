/** Which start of the machine this is: what was written since then is there, synced or not. */
import { readFileSync } from "node:fs";

/** Linux draws 16 new random bytes at every start. */
const PATH = "/proc/sys/kernel/random/boot_id";

/** Size of a boot id in bytes. */
export const BOOT_ID_SIZE_BYTES = 16;

/** The id of this start; all zeros where the system has none, which equals no start at all. */
export function readBootId(): Uint8Array {
  try {
    const hex = readFileSync(PATH, "utf8").replaceAll(/[^0-9a-f]/g, "");
    const id = Uint8Array.fromHex(hex);
    return id.length === BOOT_ID_SIZE_BYTES ? id : new Uint8Array(BOOT_ID_SIZE_BYTES);
  } catch {
    // Another system than Linux, or one that hides it.
    return new Uint8Array(BOOT_ID_SIZE_BYTES);
  }
}
