/** Tests of the lines that a node writes about itself. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { createNodeLog, type NodeLog, type NodeLogOptions } from "./node-log.ts";

const KEY = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const PASSWORD = 'pass (wo"rd)+';

function open(options: Partial<NodeLogOptions> = {}): { log: NodeLog; lines: string[] } {
  const lines: string[] = [];
  const log = createNodeLog({
    level: "debug",
    format: "json",
    secrets: [`0x${KEY}`, PASSWORD],
    write: (line) => lines.push(line),
    ...options,
  });
  return { log, lines };
}

describe("createNodeLog", () => {
  unit("writes one JSON document for each line, with level, time and facts", () => {
    const { lines, log } = open();
    log.info("a peer is there", { peer: "0xb0b", amount: 5n });

    expect(lines).toHaveLength(1);
    expect(lines[0]).toEndWith("}\n");
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      msg: "a peer is there",
      peer: "0xb0b",
      amount: "5",
    });
  });

  unit("leaves out what is below its level", () => {
    const { lines, log } = open({ level: "warn" });
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");

    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(["c", "d"]);
  });

  unit("writes short lines for people", () => {
    const { lines, log } = open({ format: "pretty" });
    log.warn("the chain is away", {
      error: new NodeError("RpcUnreachable", "nobody answers"),
      n: 1,
    });

    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d {2}warn {3}the chain is away {2}error=nobody answers {2}n=1\n$/,
    );
  });

  unit("tells errors by name, code and message", () => {
    const { lines, log } = open();
    log.error("it failed", { error: new NodeError("DiskFull", "no room") });

    expect(JSON.parse(lines[0] ?? "").error).toMatchObject({
      name: "NodeError",
      code: "DiskFull",
      message: "no room",
    });
  });

  adversarial("never writes a secret, whatever brings it and in whatever form", () => {
    for (const format of ["json", "pretty"] as const) {
      const { lines, log } = open({ format });
      log.info(`starting with ${KEY}`);
      log.info("upper", { text: `0x${KEY.toUpperCase()}` });
      log.error("deep", { nested: { list: [`x${KEY}y`] }, error: new Error(`bad ${PASSWORD}`) });
      log.info("named", {
        privateKey: "short",
        password: "pw",
        apiToken: "tk",
        Authorization: "Bearer",
      });

      const text = lines.join("");
      expect(text.toLowerCase()).not.toContain(KEY);
      expect(text).not.toContain(PASSWORD);
      expect(text).not.toContain(JSON.stringify(PASSWORD).slice(1, -1));
      for (const word of ["short", '"pw"', "=pw", '"tk"', "=tk", "Bearer"]) {
        expect(text).not.toContain(word);
      }
      expect(text).toContain("(a secret)");
      expect(lines).toHaveLength(4);
    }
  });
});
