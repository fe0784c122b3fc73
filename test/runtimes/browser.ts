/** A browser without a window: shows it a page, and gives what the page sends back. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Longest wait for a page, in milliseconds. It takes two seconds on a quiet machine. */
const PAGE_TIMEOUT_MS = 50_000;

const NAMES = ["chromium", "chromium-browser", "google-chrome"] as const;

/** A browser, and what it is started with besides what all are. */
export type Browser = {
  readonly program: string;
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

/**
 * The program named by CHANNELS_CHROMIUM, or the first that is installed; with CHANNELS_CHROMIUM=npm, none.
 * Debian's package is `chromium`.
 */
export function installedBrowser(): Browser | undefined {
  const named = process.env["CHANNELS_CHROMIUM"] ?? "";
  if (named === "npm") return undefined;
  const found = NAMES.map((name) => Bun.which(name)).find((path) => path !== null);
  const program = named === "" ? found : named;
  return program === undefined ? undefined : { program, flags: [], environment: {} };
}

/** Opens a page that runs `script`, and gives the JSON that it sends to `/told`. */
export async function runInBrowser(
  { environment, flags, program }: Browser,
  script: string,
): Promise<unknown> {
  const { promise, reject, resolve } = Promise.withResolvers<unknown>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    routes: {
      "/": page('<!doctype html><script type="module" src="/page.js"></script>', "text/html"),
      "/page.js": page(script, "text/javascript"),
      "/told": {
        POST: async (request) => {
          resolve(await request.json());
          return new Response();
        },
      },
    },
  });
  const profile = mkdtempSync(join(tmpdir(), "channels-browser-"));
  const browser = Bun.spawn(
    [
      program,
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
      ...[
        "--no-first-run",
        "--remote-debugging-port=0",
        `--user-data-dir=${profile}`,
        ...flags,
        server.url.href,
      ],
    ],
    {
      env: { ...process.env, ...environment },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    },
  );
  const timer = setTimeout(() => reject(new Error("the page sent nothing")), PAGE_TIMEOUT_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    browser.kill();
    await browser.exited;
    await server.stop(true);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

const page = (text: string, type: string) => () =>
  new Response(text, { headers: { "content-type": type } });
