/** The adapters that tests of WGSL run on. */
import { describe, it } from "vitest";
import { type Gpu, openGpu } from "../../src/runtime/gpu-device.ts";

/** software adapters: Mesa's lavapipe, Chromium's SwiftShader. HSC_ADAPTERS names those that must be there */
export const ADAPTERS = ["llvmpipe", "SwiftShader"] as const;
const needed = process.env["HSC_ADAPTERS"]?.split(",") ?? [];
const opened = new Map<string, Gpu | string>();
for (const name of ADAPTERS) opened.set(name, await openGpu({ adapter: name }));

/** the tests once for each adapter; skipped by name where there is none, a failure where HSC_ADAPTERS wants it */
export function onEachAdapter(title: string, tests: (gpu: Gpu, adapter: string) => void): void {
  for (const [adapter, gpu] of opened)
    if (typeof gpu !== "string") describe(`${title} on ${adapter}`, () => tests(gpu, adapter));
    else if (needed.includes(adapter))
      it(`${title} on ${adapter}`, () => {
        throw new Error(gpu);
      });
    else it.skip(`${title} on ${adapter} (${gpu})`, () => {});
}
