#!/usr/bin/env -S bun --no-install
/** The command `channels`: runs one of its commands in a process of its own. */
import "../sim/banned-globals.ts";
import { ProcessShell } from "./process-shell.ts";
import { runProgram } from "./program.ts";

const shell = new ProcessShell();
shell.watch();
await shell.end(await runProgram(process.argv.slice(2), shell));
