/** A program for wasmer's SDK, which runs commands and calls no functions: it sends back what it reads. */
import { Wasmer } from "@wasmer/sdk";
import wabt from "wabt";
import { assert } from "../src/primitives/assert.ts";

/** Bytes that it reads and writes at once: what a small message and its answer have. */
export const FRAME_BYTES = 64;

const PROGRAM = `(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $again
      (i32.store (i32.const 0) (i32.const 1024))
      (i32.store (i32.const 4) (i32.const ${FRAME_BYTES}))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (if (i32.load (i32.const 8))
        (then
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
          (br $again))))
    (call $exit (i32.const 0))))`;

/** Sends frames through the program, all at once, and gives when they are back. */
export type WasiEcho = {
  readonly run: (frames: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Starts wasmer, and loads the program. */
export async function openWasiEcho(): Promise<WasiEcho> {
  const assembler = await wabt();
  const module = assembler.parseWat("echo.wat", PROGRAM);
  const bytes = module.toBinary({}).buffer;
  module.destroy();
  const wasmer = await new Wasmer().ready();
  const program = await wasmer.packages.load(bytes);
  const sandbox = await wasmer.sandboxes.create({ packages: [program] });
  const command = sandbox.command(program);
  return {
    run: async (frames) => {
      const sizeBytes = frames * FRAME_BYTES;
      const { stdout } = await command.run({
        stdin: new Uint8Array(sizeBytes),
        outputBytes: sizeBytes,
      });
      assert(stdout.bytes.length === sizeBytes, "all frames come back");
    },
    close: () => wasmer.close(),
  };
}
