/** A reducer of the sandbox as what tables are derived from. */
import { equalBytes } from "../primitives/bytes.ts";
import { type Result, reject } from "../primitives/result.ts";
import { encode } from "../primitives/schema.ts";
import type { Refusal, RowSourceOpener } from "./row-source.ts";
import type { AdmittedModule } from "./sandbox/admission.ts";
import { openReducer, type Reducer, restoreReducer } from "./sandbox/reducer.ts";
import { initSchema, type ReducerInit } from "./sandbox/reducer-input.ts";

/** Opens an admitted module for the channel that begins with `init`. */
export function reducerOpener(module: AdmittedModule, init: ReducerInit): RowSourceOpener {
  return {
    id: module.id,
    open: () => openReducer(module, init),
    restore: (snapshot) => restoreHere(module, init, snapshot),
  };
}

/** A snapshot tells its own beginning, which must be that of this channel. */
function restoreHere(
  module: AdmittedModule,
  init: ReducerInit,
  snapshot: Uint8Array,
): Result<Reducer, Refusal> {
  const restored = restoreReducer(module, snapshot);
  if (!restored.ok) return restored;
  const isOurs = equalBytes(encode(initSchema, restored.value.init), encode(initSchema, init));
  return isOurs ? restored : reject({ code: "SnapshotRefused" });
}
