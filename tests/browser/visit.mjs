// Visits a page with Chromium behind Scrim, types prompts into it, and prints what the page shows as JSON.
// Usage: visit.mjs '{"proxy","authority","home","page","prompts","picture"}'
// Trust comes from the user's own NSS store, so that Chromium checks the real chain, name constraints included.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { proxy, authority, home, page: url, prompts, picture } = JSON.parse(process.argv[2]);
const PATIENCE = 120_000;

function trust() {
  const store = join(home, ".pki", "nssdb");
  mkdirSync(store, { recursive: true });
  const certutil = (...args) => execFileSync("certutil", ["-d", `sql:${store}`, ...args], { env: { ...process.env, HOME: home } });
  certutil("-N", "--empty-password");
  certutil("-A", "-t", "C,,", "-n", "Scrim", "-i", authority);
}

async function ask(page, number, prompt) {
  await page.fill("#prompt", prompt);
  await page.click("#send");
  const turn = page.locator("#turns > li").nth(number);
  await page.locator(`#turns > li:nth-child(${number + 1})[data-state]`).waitFor({ timeout: PATIENCE });
  return turn.evaluate((element) => ({
    person: element.querySelector(".person").textContent,
    assistant: element.querySelector(".assistant").textContent,
    events: Number(element.dataset.events),
    failure: element.dataset.failure ?? null,
  }));
}

function executable() {
  return ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
}

trust();
const context = await chromium.launchPersistentContext(join(home, "profile"), {
  executablePath: executable(),
  headless: true,
  env: { ...process.env, HOME: home },
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--proxy-server=http://${proxy}`,
  ],
  viewport: { width: 900, height: 700 },
});
try {
  const page = context.pages()[0] ?? (await context.newPage());
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(url, { timeout: PATIENCE });
  const turns = [];
  for (const [number, prompt] of prompts.entries()) {
    turns.push(await ask(page, number, prompt));
    await page.screenshot({ path: picture, fullPage: true });
  }
  console.log(JSON.stringify({ turns, console: said }));
} finally {
  await context.close();
}
