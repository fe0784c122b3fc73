/** The directory of a log: what is in it, who may open it, what is refused, and copies of it. */
import { describe, expect } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adversarial, concurrency, crash, unit } from "../../test/kind.ts";
import { collect, put } from "../../test/ports-key-value.ts";
import { withFolder } from "../../test/ports-temporary-folder.ts";
import type { NodeError } from "../primitives/node-error.ts";
import { type LogDirectory, openLogDirectory } from "./log-directory.ts";
import { copyLogDirectory, listLogFiles, openLogCopy } from "./log-directory-copy.ts";

const HOLDER = join(import.meta.dir, "../../test/crash/disk-holder.ts");
/** Half a minute for starting a process, which takes a tenth of a second, on a busy machine. */
const BUSY_MS_MAX = 30_000;

const BYTES = Uint8Array.of(1, 2, 3);

async function refusal(opening: Promise<LogDirectory>): Promise<NodeError> {
  return opening.then(
    () => Promise.reject(new Error("it opened")),
    (error: NodeError) => error,
  );
}

async function makeLog(directory: string): Promise<void> {
  const log = await openLogDirectory(directory);
  await log.keyValue.batch([put(1, 10)]);
  await log.journal.write(0, BYTES);
  await log.head.write(BYTES);
  await log.close();
}

async function expectWhole(log: LogDirectory): Promise<void> {
  expect(await collect(log.keyValue)).toEqual(["1=10"]);
  expect((await log.journal.read()).subarray(0, 4)).toEqual(Uint8Array.of(1, 2, 3, 0));
  expect(await log.head.read()).toEqual({ value: BYTES, isLatest: true });
}

/** Runs while another process holds the log, which it does until `release`. */
async function whileHeld(
  directory: string,
  run: (holder: {
    readonly pid: number;
    readonly end: (signal?: "SIGKILL") => Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  const child = Bun.spawn([process.execPath, HOLDER, directory], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const end = async (signal?: "SIGKILL"): Promise<void> => {
    if (signal === undefined) child.stdin.end();
    else child.kill(signal);
    await child.exited;
  };
  try {
    await child.stdout.getReader().read();
    await run({ pid: child.pid, end });
  } finally {
    await end("SIGKILL");
  }
}

describe("openLogDirectory", () => {
  unit("makes a log, and finds in it what was written when it is opened again", () =>
    withFolder(async (folder) => {
      const directory = join(folder, "log");
      await makeLog(directory);

      expect(readdirSync(directory).toSorted()).toEqual([
        "format",
        "head",
        "journal",
        "lock",
        "store",
      ]);
      expect(readFileSync(join(directory, "format"), "utf8")).toBe("channels log 2\n");
      const log = await openLogDirectory(directory);
      await expectWhole(log);
      await log.close();
    }),
  );

  unit("makes a log in an empty folder, and where the making of one was stopped", () =>
    withFolder(async (folder) => {
      await makeLog(folder);
      rmSync(join(folder, "format"));
      for (const name of ["store", "journal", "head"]) {
        rmSync(join(folder, name), { recursive: true });
      }
      writeFileSync(join(folder, "format.new"), "chann");

      await makeLog(folder);
      expect(readFileSync(join(folder, "format"), "utf8")).toBe("channels log 2\n");
    }),
  );

  adversarial("refuses what is no log, and says what is there instead", () =>
    withFolder(async (folder) => {
      const file = join(folder, "file");
      writeFileSync(file, "");

      const { code, message } = await refusal(openLogDirectory(folder));
      expect(code).toBe("NotALog");
      expect(message).toBe(
        `${folder} is not the directory of a log: it has no file "format", but has "file"`,
      );
      expect((await refusal(openLogDirectory(file))).message).toEndWith("it is a file");
      const absent = openLogDirectory(join(folder, "no"), { create: false });
      expect((await refusal(absent)).message).toEndWith("there is nothing");
      expect(readdirSync(folder)).toEqual(["file"]);
    }),
  );

  adversarial("refuses other formats, a newer one as newer", () =>
    withFolder(async (folder) => {
      for (const [text, code, words] of [
        ["channels log 3\n", "LogTooNew", "a log of format 3, this program reads 2"],
        [
          "channels log 1\n",
          "NotALog",
          "it is of format 1, which only an older program reads; this one reads 2",
        ],
        ["channels log 2", "NotALog", `its file "format" has another text`],
        ["", "NotALog", `its file "format" has another text`],
      ] as const) {
        writeFileSync(join(folder, "format"), text);
        const refused = await refusal(openLogDirectory(folder));
        expect(refused.code).toBe(code);
        expect(refused.message).toContain(words);
      }
      expect(readdirSync(folder)).toEqual(["format"]);
    }),
  );

  adversarial("says why it cannot make a folder", () =>
    withFolder(async (folder) => {
      const directory = join(folder, "no", "log");
      const { code, message } = await refusal(openLogDirectory(directory));

      expect(code).toBe("DiskFailed");
      expect(message).toBe(
        `cannot make ${directory}: it is not there, or the folder above it is not (ENOENT)`,
      );
    }),
  );

  adversarial("lets go of everything when a part cannot be opened", () =>
    withFolder(async (folder) => {
      await makeLog(folder);
      rmSync(join(folder, "journal"));
      mkdirSync(join(folder, "journal"));
      expect((await refusal(openLogDirectory(folder))).code).toBe("DiskFailed");

      rmSync(join(folder, "journal"), { recursive: true });
      const log = await openLogDirectory(folder);
      await log.close();
    }),
  );

  concurrency("refuses a log that this process has open, until it is closed", () =>
    withFolder(async (folder) => {
      const log = await openLogDirectory(folder);

      const { code, message } = await refusal(openLogDirectory(folder));
      expect(code).toBe("LogInUse");
      expect(message).toBe(`${folder}/lock is held by this very process; stop that first`);
      await log.close();
      await (await openLogDirectory(folder)).close();
    }),
  );

  concurrency(
    "refuses a log that another process has open, and names it",
    () =>
      withFolder((folder) =>
        whileHeld(folder, async ({ end, pid }) => {
          const { code, message } = await refusal(openLogDirectory(folder));
          expect(code).toBe("LogInUse");
          expect(message).toBe(`${folder}/lock is held by process ${pid}; stop that first`);

          await end();
          await (await openLogDirectory(folder)).close();
        }),
      ),
    BUSY_MS_MAX,
  );

  crash(
    "opens a log whose process was killed",
    () =>
      withFolder((folder) =>
        whileHeld(folder, async ({ end }) => {
          await end("SIGKILL");

          await (await openLogDirectory(folder)).close();
        }),
      ),
    BUSY_MS_MAX,
  );
});

describe("openLogCopy", () => {
  unit("gives what is in a log, leaves every byte of it alone, and removes the copy", () =>
    withFolder(async (folder) => {
      await makeLog(folder);
      const contents = (): readonly string[] =>
        listLogFiles(folder).map(
          ({ path, sizeBytes }) =>
            `${path} ${sizeBytes} ${Bun.hash(readFileSync(join(folder, path)))}`,
        );
      const before = contents();

      const log = await openLogCopy(folder);
      await expectWhole(log);
      await log.keyValue.batch([put(2, 20)]);
      await log.close();

      expect(contents()).toEqual(before);
      expect(existsSync(log.directory)).toBe(false);
    }),
  );

  adversarial("leaves nothing behind where there is no log", () =>
    withFolder(async (folder) => {
      const before = process.env["TMPDIR"];
      process.env["TMPDIR"] = folder;
      try {
        expect((await refusal(openLogCopy(folder))).code).toBe("NotALog");
        expect((await refusal(openLogCopy(join(folder, "no")))).code).toBe("NotALog");
        expect(readdirSync(folder)).toEqual([]);
      } finally {
        if (before === undefined) delete process.env["TMPDIR"];
        else process.env["TMPDIR"] = before;
      }
    }),
  );

  concurrency(
    "refuses a log that another process has open, and names it",
    () =>
      withFolder((folder) =>
        whileHeld(folder, async ({ end, pid }) => {
          const { code, message } = await refusal(openLogCopy(folder));
          expect(code).toBe("LogInUse");
          expect(message).toContain(`process ${pid}`);

          await end("SIGKILL");
          await (await openLogCopy(folder)).close();
        }),
      ),
    BUSY_MS_MAX,
  );

  unit("copies to a folder as well, with all but the lock", () =>
    withFolder(async (folder) => {
      const [from, to] = [join(folder, "from"), join(folder, "to")];
      await makeLog(from);
      copyLogDirectory(from, to);

      const paths = listLogFiles(from).map(({ path }) => path);
      expect(listLogFiles(to).map(({ path }) => path)).toEqual(
        paths.filter((path) => path !== "lock"),
      );
      const log = await openLogDirectory(to);
      await expectWhole(log);
      await log.close();
    }),
  );
});
