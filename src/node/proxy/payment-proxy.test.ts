/** The payment proxy between a payer, a node that is paid, and something that costs money. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { type ApiScene, openVirtual, startScene } from "../../../test/api-scene.ts";
import { adversarial, integration, unit } from "../../../test/kind.ts";
import { Credits } from "./credits.ts";
import { paidBody } from "./paid-body.ts";
import { paidFetch } from "./paid-fetch.ts";
import { type Price, type RunningProxy, startPaymentProxy } from "./payment-proxy.ts";
import { queryWithoutVoucher, voucherHeaders, voucherOf } from "./presented-voucher.ts";

describe("the payment proxy", () => {
  let scene: ApiScene;
  let channelId: string;
  const asked: string[] = [];
  const upstream = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    // What fails here fails on purpose, and is not printed.
    error: () => new Response(null, { status: 500 }),
    fetch: (request) => {
      const url = new URL(request.url);
      asked.push(`${url.pathname}${url.search}`);
      if (url.pathname === "/endless") return new Response(endless());
      if (url.pathname === "/failing") return new Response(failing());
      if (url.pathname === "/echo") return new Response(request.body);
      return new Response("0123456789", { headers: { "x-kept": "yes" } });
    },
  });
  const proxies: RunningProxy[] = [];

  beforeAll(async () => {
    scene = await startScene(["alice", "bob", "irene"]);
    channelId = await openVirtual(scene);
  });
  afterAll(async () => {
    for (const proxy of proxies) await proxy.close();
    await upstream.stop(true);
    await scene.stop();
  });

  const open = (price: Partial<Price>, channels: readonly string[] = []): RunningProxy => {
    const proxy = startPaymentProxy({
      host: "127.0.0.1",
      port: 0,
      upstream: new URL(`http://127.0.0.1:${upstream.port}`),
      price: { perRequest: 0n, perByte: 0n, ...price },
      client: scene.client("bob"),
      channels,
    });
    proxies.push(proxy);
    return proxy;
  };
  const paying = (budget: bigint) => ({ client: scene.client("alice"), channelId, budget });
  const makeVoucher = async (amount: string) => {
    const made = await scene.client("alice").call("vouchers_create", { channelId, amount });
    const { amounts, counter, signature } = made.voucher;
    return { channelId, amount: BigInt(amounts[0] ?? ""), counter, signature };
  };

  integration(
    "asks for a voucher per request, and passes everything on once it is paid",
    async () => {
      const proxy = open({ perRequest: 3n });
      const bare = await fetch(`${proxy.url}/page?x=1`);
      const { paid, response } = await paidFetch(`${proxy.url}/page?x=1`, paying(3n));

      expect(bare.status).toBe(402);
      expect(await bare.json()).toMatchObject({
        code: "VoucherMissing",
        price: { perRequest: "3", perByte: "0" },
      });
      expect([response.status, await response.text(), paid]).toEqual([200, "0123456789", 3n]);
      expect(response.headers.get("x-kept")).toBe("yes");
      expect(asked).toEqual(["/page?x=1"]);
    },
  );

  integration(
    "takes a voucher in the query as go-nitro's clients send it, and hides it",
    async () => {
      const proxy = open({ perRequest: 2n });
      const made = await scene
        .client("alice")
        .call("create_voucher", { Amount: 2, Channel: channelId });
      const query = `channelId=${made.ChannelId}&amount=${made.Amount}&signature=${made.Signature}&file=a`;
      const first = await fetch(`${proxy.url}/f?${query}`);
      const again = await fetch(`${proxy.url}/f?${query}`);

      expect([first.status, await first.text()]).toEqual([200, "0123456789"]);
      expect(asked.at(-1)).toBe("/f?file=a");
      expect(again.status).toBe(402);
      expect(await again.json()).toMatchObject({ code: "PaymentTooSmall", missing: "2" });
    },
  );

  integration(
    "per byte says what is missing before it serves, and keeps what was paid",
    async () => {
      const proxy = open({ perByte: 2n });
      const voucher = await makeVoucher("5");
      const short = await fetch(`${proxy.url}/file`, { headers: voucherHeaders(voucher) });
      const { paid, response } = await paidFetch(`${proxy.url}/file`, paying(15n));

      expect(short.status).toBe(402);
      expect(await short.json()).toMatchObject({ needed: "20", credit: "5", missing: "15" });
      expect([response.status, await response.text(), paid]).toEqual([200, "0123456789", 15n]);
    },
  );

  integration(
    "breaks a body without a length off where the payment ends, and charges no more",
    async () => {
      const proxy = open({ perByte: 1n });
      const voucher = await makeVoucher("40");
      const response = await fetch(`${proxy.url}/endless`, { headers: voucherHeaders(voucher) });
      const got = await read(response);
      const after = await fetch(`${proxy.url}/file`, { headers: voucherHeaders(voucher) });

      expect(got).toEqual({ bytes: 40, isBroken: true });
      expect(await after.json()).toMatchObject({ code: "PaymentTooSmall", credit: "0" });
      while (proxy.load().requests > 0) await Bun.sleep(1);
    },
  );

  integration("passes on what came of a body that fails behind it, and breaks it off", async () => {
    const proxy = open({ perByte: 1n });
    const headers = voucherHeaders(await makeVoucher("40"));
    const response = await fetch(`${proxy.url}/failing`, { headers });

    expect(await read(response)).toEqual({ bytes: 10, isBroken: true });
  });

  integration("stays within the budget of the payer", async () => {
    const proxy = open({ perRequest: 50n });
    const { paid, response } = await paidFetch(`${proxy.url}/page`, paying(49n));

    expect([response.status, paid]).toEqual([402, 0n]);
  });

  integration(
    "passes bodies of requests on, and gives credit back where nobody is behind it",
    async () => {
      const proxy = open({ perRequest: 1n });
      const init = { method: "POST", body: "hello" };
      const { response } = await paidFetch(`${proxy.url}/echo`, { ...paying(1n), init });
      expect(await response.text()).toBe("hello");

      const nowhere = startPaymentProxy({
        host: "127.0.0.1",
        port: 0,
        upstream: new URL("http://127.0.0.1:1"),
        price: { perRequest: 1n, perByte: 0n },
        client: scene.client("bob"),
        channels: [],
      });
      proxies.push(nowhere);
      const voucher = await makeVoucher("1");
      const statuses: number[] = [];
      for (let count = 0; count < 2; count += 1) {
        const answer = await fetch(`${nowhere.url}/x`, { headers: voucherHeaders(voucher) });
        statuses.push(answer.status);
      }
      expect(statuses).toEqual([502, 502]);
    },
  );

  adversarial(
    "takes no forged voucher, no other channel, and no old voucher for new credit",
    async () => {
      const proxy = open({ perRequest: 1n }, [channelId]);
      const old = await makeVoucher("1");
      const newer = await makeVoucher("9");
      const get = async (voucher: Parameters<typeof voucherHeaders>[0]) => {
        const response = await fetch(`${proxy.url}/x`, { headers: voucherHeaders(voucher) });
        const body = response.status === 402 ? ((await response.json()) as { code: string }) : {};
        return [response.status, "code" in body ? body.code : undefined];
      };

      expect(await get({ ...newer, amount: newer.amount + 1n })).toEqual([402, "VoucherRefused"]);
      expect(await get({ ...newer, channelId: `0x${"ab".repeat(32)}` })).toEqual([
        402,
        "ChannelNotAllowed",
      ]);
      expect(await get(newer)).toEqual([200, undefined]);
      expect(await get(old)).toEqual([402, "PaymentTooSmall"]);
      expect(await get({ ...newer, signature: `0x${"11".repeat(65)}` })).toEqual([
        402,
        "PaymentTooSmall",
      ]);
      expect(await get(newer)).toEqual([200, undefined]);
    },
  );

  adversarial("two requests at once cannot use the same credit", async () => {
    const proxy = open({ perRequest: 4n });
    const voucher = await makeVoucher("4");
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        fetch(`${proxy.url}/x`, { headers: voucherHeaders(voucher) }),
      ),
    );

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

describe("paidBody", () => {
  unit("passes on what is paid, and tells how much that was, once", async () => {
    const ends: bigint[] = [];
    const body = new Response("abcdef").body ?? new ReadableStream();
    const onEnd = (bytes: bigint) => ends.push(bytes);
    const breakOff = () => Promise.reject(new Error("the payment is used up"));
    const passed = await read(new Response(paidBody(body, 4n, { onEnd, breakOff })));
    const whole = new Response("abcd").body ?? new ReadableStream();
    const text = await new Response(paidBody(whole, 4n, { onEnd, breakOff })).text();

    expect(passed.isBroken).toBe(true);
    expect(text).toBe("abcd");
    expect(ends).toEqual([4n, 4n]);
  });
});

describe("credit", () => {
  unit("is of the newest voucher alone, and of at most ten thousand channels", () => {
    const credits = new Credits();
    credits.add("a", 5n, "one");
    credits.add("a", 2n, "two");
    expect([credits.of("a", "one"), credits.of("a", "two")]).toEqual([0n, 7n]);
    for (let count = 0; count < 10_000; count += 1) credits.add(`${count}`, 1n, "s");
    expect([credits.size, credits.of("a", "two")]).toEqual([10_000, 0n]);
  });
});

describe("a presented voucher", () => {
  unit("is read from headers before the query, and taken out of it", () => {
    const shown = `channelId=0x${"cc".repeat(32)}&amount=5&signature=0x${"55".repeat(65)}`;
    const url = new URL(`http://x/?a=1&${shown}&counter=3`);
    const found = voucherOf(url, new Headers({ "x-payment-amount": "7" }));

    expect(found).toEqual({
      channelId: `0x${"cc".repeat(32)}`,
      amount: 7n,
      signature: `0x${"55".repeat(65)}`,
      counter: 3,
    });
    expect(queryWithoutVoucher(url)).toBe("?a=1");
    expect(voucherOf(new URL("http://x/?channelId=5&amount=-1"), new Headers())).toBeUndefined();
  });
});

/** Ten bytes at a time, without an end and without a pause. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("0123456789")),
  });
}

/** Ten bytes, and then nothing but an error. */
function failing(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("0123456789")),
    pull: async (controller) => {
      await Bun.sleep(20);
      controller.error(new Error("the disk is gone"));
    },
  });
}

async function read(response: Response): Promise<{ bytes: number; isBroken: boolean }> {
  let bytes = 0;
  try {
    for await (const part of response.body ?? new ReadableStream()) bytes += part.length;
    return { bytes, isBroken: false };
  } catch {
    return { bytes, isBroken: true };
  }
}
