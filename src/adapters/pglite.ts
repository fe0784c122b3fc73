/**
 * The `Sql` that needs no server: PGlite in a process of its own. It never syncs the disk, so that a power cut may
 * damage it. What is in it must be derivable again: never a log of record.
 */
import { join } from "node:path";
import type { Sql, SqlAnswer, SqlStatement } from "../ports/sql.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { PgliteReply, PgliteRequest, PgliteStart } from "./pglite-message.ts";
import { boundsOf } from "./postgres-bounds.ts";
import { changedError, postgresError } from "./postgres-error.ts";
import { answerOf, textsOf } from "./postgres-values.ts";

/** Where it is kept, and what makes it start sooner. */
export type PgliteOptions = {
  /** The folder of this database and of no other process. Without one it is in memory, and gone at the end. */
  readonly folder?: string;
  /**
   * A file with an empty database that was set up already: a new one starts from it. It is made where it is
   * missing. Its name should tell the version of PGlite.
   */
  readonly prepared?: string;
};

/**
 * Starts it. Throws `NodeError`: `LogInUse` when another process has the folder open, `DatabaseRefused` when it
 * does not start.
 *
 * A disk with less than 64 MiB of free space counts as full: PGlite would not come back from a commit without room.
 *
 * Nothing interrupts a statement of PGlite, therefore a question that takes too long ends the process: a database in
 * a folder is opened again at the next call with all that was committed, one in memory is empty then.
 */
export async function openPglite({ folder, prepared }: PgliteOptions = {}): Promise<Sql> {
  const name = folder === undefined ? "the database in memory" : `the database in ${folder}`;
  const pglite = new Pglite(name, { folder, prepared });
  await pglite.begin();
  return {
    transaction: (statements) => pglite.transaction(statements),
    read: (question, bounds) => pglite.read([...boundsOf(bounds), question], bounds.timeMs),
    close: () => pglite.close(),
  };
}

const PROGRAM: string = join(import.meta.dir, "./pglite-process.ts");

/**
 * Milliseconds that a start may take, at most: a minute, where one takes seconds on a busy machine. With a disk that
 * is full, PGlite may not come back from it.
 */
const START_MS_MAX = 60_000;

/** Ten minutes for a transaction, many times the largest of ours: one that takes longer does not come back. */
const TRANSACTION_MS_MAX = 600_000;

/** A process, and who waits for its next reply. */
type Running = {
  readonly child: Bun.Subprocess;
  /** Settles when it is gone and nobody counts on it any more. */
  readonly ended: Promise<void>;
  readonly ask: (request: PgliteRequest) => Promise<PgliteReply>;
};

class Pglite {
  readonly #name: string;
  readonly #start: PgliteStart;
  #running: Promise<Running> | undefined;
  /** Settles when the calls so far are done: there is one session, and one call at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(name: string, start: PgliteStart) {
    this.#name = name;
    this.#start = start;
  }

  async begin(): Promise<void> {
    await this.#process();
  }

  transaction(statements: readonly SqlStatement[]): Promise<readonly SqlAnswer[]> {
    return this.#inTurn(async () => {
      const running = await this.#process();
      const late = setTimeout(() => running.child.kill("SIGKILL"), TRANSACTION_MS_MAX);
      try {
        return await this.#answers(running, statements);
      } finally {
        clearTimeout(late);
      }
    });
  }

  /** The last statement is the question. */
  read(statements: readonly SqlStatement[], timeMs: number): Promise<SqlAnswer> {
    return this.#inTurn(async () => {
      const running = await this.#process();
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        running.child.kill("SIGKILL");
      }, timeMs);
      try {
        const answers = await this.#answers(running, statements);
        return answers.at(-1) ?? { columns: [], rows: [], changed: 0 };
      } catch (error) {
        throw isLate ? this.#lateError(timeMs, error) : error;
      } finally {
        clearTimeout(timer);
      }
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
    const running = await this.#running?.catch(() => undefined);
    running?.child.kill("SIGKILL");
    await running?.ended;
  }

  #inTurn<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    const answer = this.#last.then(run);
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #answers(
    running: Running,
    statements: readonly SqlStatement[],
  ): Promise<readonly SqlAnswer[]> {
    const reply = await running.ask({
      type: "Transaction",
      statements: statements.map((statement) => ({
        text: statement.text,
        parameters: textsOf(statement),
        changes: statement.changes,
      })),
    });
    if (reply.type !== "Answers") throw this.#errorOf(reply);
    return reply.answers.map(answerOf);
  }

  /** The process as it runs; starts one where none does. */
  #process(): Promise<Running> {
    if (this.#isClosed) {
      throw new NodeError("DatabaseAway", `${this.#name} is closed`);
    }
    this.#running ??= this.#spawn();
    return this.#running;
  }

  async #spawn(): Promise<Running> {
    const running = runProcess(() => {
      this.#running = undefined;
    });
    const late = setTimeout(() => running.child.kill("SIGKILL"), START_MS_MAX);
    const reply = await running.ask({ type: "Start", start: this.#start });
    clearTimeout(late);
    if (reply.type === "Started") return running;
    running.child.kill("SIGKILL");
    await running.ended;
    throw this.#errorOf(reply);
  }

  #errorOf(reply: PgliteReply): NodeError {
    if (reply.type === "Changed") return changedError(this.#name, reply.wanted, reply.changed);
    if (reply.type === "InUse") return new NodeError("LogInUse", reply.said);
    const failed = reply.type === "Failed" ? reply : { state: undefined, said: reply.type };
    return postgresError(this.#name, failed);
  }

  #lateError(timeMs: number, cause: unknown): NodeError {
    const message = `${this.#name} was asked something that takes longer than ${timeMs} ms`;
    return new NodeError("DatabaseTimeout", message, { cause });
  }
}

function runProcess(onEnd: () => void): Running {
  let settle: ((reply: PgliteReply) => void) | undefined;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const child = Bun.spawn([process.execPath, PROGRAM], {
    serialization: "advanced",
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    ipc: (reply: PgliteReply) => settle?.(reply),
    onExit: () => {
      onEnd();
      settle?.({ type: "Failed", state: undefined, said: "its process ended" });
      end();
    },
  });
  const ask = (request: PgliteRequest): Promise<PgliteReply> => {
    const { promise, resolve } = Promise.withResolvers<PgliteReply>();
    settle = resolve;
    try {
      child.send(request);
    } catch (error) {
      resolve({ type: "Failed", state: undefined, said: String(error) });
    }
    return promise;
  };
  return { child, ended, ask };
}
