/** The workflow and the action for GitHub say what GitHub understands, and lead to what is there. */
import { describe, expect } from "bun:test";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { unit } from "../kind.ts";

const ROOT = resolve(import.meta.dir, "../..");

type Step = {
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
};

type Action = {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
};

type Workflow = {
  readonly on: object;
  readonly permissions: object;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
};

const parse = (path: string): unknown => Bun.YAML.parse(readFileSync(join(ROOT, path), "utf8"));
const action = parse(".github/actions/fuzz/action.yml") as Action;
const workflow = parse(".github/workflows/fuzz.yml") as Workflow;
const script = readFileSync(join(ROOT, "ci/fuzz.sh"), "utf8");

describe("the action", () => {
  unit("calls the script, which can be executed", () => {
    const calls = action.runs.steps.flatMap(({ run = "" }) => run.match(/ci\/[\w.-]+/g) ?? []);

    expect(calls).toEqual(["ci/fuzz.sh"]);
    expect(() => accessSync(join(ROOT, "ci/fuzz.sh"), constants.X_OK)).not.toThrow();
    expect(resolve(ROOT, ".github/actions/fuzz", "../../..")).toBe(ROOT);
  });

  unit(
    "gives the script only variables that it reads, and lets no input into the text of a command",
    () => {
      for (const { env = {}, run = "", shell } of action.runs.steps) {
        expect(run).not.toContain("${{");
        if (run !== "") expect(shell).toBe("sh");
        for (const name of Object.keys(env).filter((key) => key.startsWith("FUZZ_"))) {
          expect(script).toContain(`#   ${name} `);
        }
      }
    },
  );

  unit("uses only inputs that it has, and has none that it does not use", () => {
    const text = JSON.stringify(action.runs);
    const used = [...text.matchAll(/inputs\.(\w+)/g)].map(([, name = ""]) => name);

    expect([...new Set(used)].sort()).toEqual(Object.keys(action.inputs).sort());
  });

  unit("has a canary that is planted, the same as the script's", () => {
    const canary = action.inputs["canary"]?.default ?? "";

    expect(existsSync(join(ROOT, "planted", `${canary}.patch`))).toBe(true);
    expect(script).toContain(`FUZZ_CANARY:-${canary}}`);
  });
});

describe("the workflow", () => {
  unit("runs for pull requests and at night, and may only read", () => {
    expect(Object.keys(workflow.on)).toEqual(["pull_request", "schedule", "workflow_dispatch"]);
    expect(workflow.permissions).toEqual({ contents: "read" });
  });

  unit("uses the action of this repository, with inputs that it has", () => {
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
    const own = steps.filter(({ uses }) => uses?.startsWith("./"));

    expect(own).toHaveLength(1);
    for (const step of own) {
      expect(existsSync(join(ROOT, step.uses ?? "", "action.yml"))).toBe(true);
      expect(Object.keys(action.inputs)).toEqual(
        expect.arrayContaining(Object.keys(step.with ?? {})),
      );
    }
  });
});
