/** Tests of what a node tells Prometheus. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import { type GaugeName, type MetricSources, NodeMetrics } from "./node-metrics.ts";

const numbers = new Proxy({} as Record<GaugeName, number>, { get: () => 7 });

const sources: MetricSources = {
  numbers: () => numbers,
  waits: () => new Map([["PrefundComplete", 2]]),
  wires: () => [{ wire: "tcp", connections: 3, queuedBytes: 5, counters: { Dialed: 9 } }],
};

/** The lines of one metric, without those that explain it. */
async function linesOf(metrics: NodeMetrics, name: string): Promise<readonly string[]> {
  const lines = (await metrics.text()).split("\n");
  return lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

describe("NodeMetrics", () => {
  unit("shows what its sources say at the moment when it is asked", async () => {
    const metrics = new NodeMetrics();
    metrics.follow(sources);

    for (const name of ["channels_log_events", "channels_ready", "channels_outbox_messages"]) {
      expect(await linesOf(metrics, name)).toEqual([`${name} 7`]);
    }
    expect(await linesOf(metrics, "channels_objectives_waiting")).toEqual([
      'channels_objectives_waiting{waiting_for="PrefundComplete"} 2',
    ]);
    expect(await linesOf(metrics, "channels_wire_connections")).toEqual([
      'channels_wire_connections{wire="tcp"} 3',
    ]);
    expect(await linesOf(metrics, "channels_wire_happenings")).toEqual([
      'channels_wire_happenings{wire="tcp",code="Dialed"} 9',
    ]);
  });

  unit("what is waited for no more is not shown any more", async () => {
    const metrics = new NodeMetrics();
    metrics.follow(sources);
    await metrics.text();
    metrics.follow({ ...sources, waits: () => new Map() });

    expect(await linesOf(metrics, "channels_objectives_waiting")).toEqual([]);
  });

  unit("counts events, refusals, faults, answers and calls, and times appends", async () => {
    const metrics = new NodeMetrics();
    metrics.event("StateSigned");
    metrics.event("StateSigned");
    metrics.refused("engine", "WrongTurn");
    metrics.failed("chain", "RpcUnreachable");
    metrics.answered("node_info", undefined);
    metrics.answered("node_info", "Unauthorized");
    metrics.chainCall("eth_call", "answered", 0.2);
    metrics.appended(0.002);

    expect(await linesOf(metrics, "channels_events_total")).toEqual([
      'channels_events_total{type="StateSigned"} 2',
    ]);
    expect(await linesOf(metrics, "channels_refusals_total")).toEqual([
      'channels_refusals_total{layer="engine",code="WrongTurn"} 1',
    ]);
    expect(await linesOf(metrics, "channels_faults_total")).toEqual([
      'channels_faults_total{kind="chain",code="RpcUnreachable"} 1',
    ]);
    expect(await linesOf(metrics, "channels_requests_total")).toEqual([
      'channels_requests_total{method="node_info",code="ok"} 1',
      'channels_requests_total{method="node_info",code="Unauthorized"} 1',
    ]);
    expect(await linesOf(metrics, "channels_append_seconds_count")).toEqual([
      "channels_append_seconds_count 1",
    ]);
    expect(await linesOf(metrics, "channels_chain_call_seconds_count")).toEqual([
      'channels_chain_call_seconds_count{method="eth_call",outcome="answered"} 1',
    ]);
  });

  adversarial("labels that others choose are bounded in number, length and form", async () => {
    const metrics = new NodeMetrics();
    for (let number = 0; number < 5_000; number++) {
      metrics.refused("engine", `Code${number}`);
      metrics.answered(`method_${number}`, undefined);
    }
    metrics.answered('evil"} 1\nchannels_ready 1', undefined);
    metrics.answered("x".repeat(10_000), undefined);

    const text = await metrics.text();
    expect((await linesOf(metrics, "channels_refusals_total")).length).toBeLessThanOrEqual(201);
    expect((await linesOf(metrics, "channels_requests_total")).length).toBeLessThanOrEqual(201);
    expect(text).toContain('channels_requests_total{method="other",code="ok"} 4802');
    expect(text).not.toContain("evil");
    expect(text.length).toBeLessThan(200_000);
  });
});
