/** What closing segments writes to the index. */
import type { KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import { indexKey, registerKey } from "./keys.ts";
import { soundIndex } from "./tag-reader.ts";
import { encodeRegister, REGISTER_SEGMENTS, registerOf } from "./tag-register.ts";

/** The writes for the entries of closed segments, and for the registers that are full with them. */
export async function indexWrites(
  keyValue: KeyValue,
  entries: ReadonlyMap<number, Uint8Array>,
): Promise<readonly KeyValueWrite[]> {
  const writes: KeyValueWrite[] = [];
  for (const [segment, value] of entries) {
    writes.push({ type: "Put", key: indexKey(segment), value });
    if ((segment + 1) % REGISTER_SEGMENTS !== 0) continue;
    const register = registerOf(segment);
    const all = await entriesOf(keyValue, register, entries);
    if (all === undefined) continue;
    writes.push({ type: "Put", key: registerKey(register), value: encodeRegister(register, all) });
  }
  return writes;
}

/** The entries of a register's segments; undefined when one is not sound: readers do without the register. */
async function entriesOf(
  keyValue: KeyValue,
  register: number,
  fresh: ReadonlyMap<number, Uint8Array>,
): Promise<readonly Uint8Array[] | undefined> {
  const entries: Uint8Array[] = [];
  const first = register * REGISTER_SEGMENTS;
  for (let segment = first; segment < first + REGISTER_SEGMENTS; segment += 1) {
    const entry = fresh.get(segment) ?? (await soundIndex(keyValue, indexKey(segment)));
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  return entries;
}
