/// <reference types="@webgpu/types" />
/** A GPU to compute on, through Dawn: found, named, opened with the limits that it has. Knows no plan. */

/** which adapter: a part of its name; absent: what Dawn prefers */
export interface Wanted {
  readonly adapter?: string | undefined;
}
export class Gpu {
  readonly device: GPUDevice;
  /** as its driver calls it */
  readonly name: string;
  /** runs on the processor: right, not fast */
  readonly software: boolean;
  /** Dawn ends with its instance */
  readonly #instance: GPU;
  #lost: string | undefined;

  constructor(instance: GPU, device: GPUDevice, info: GPUAdapterInfo) {
    this.#instance = instance;
    this.device = device;
    this.name = info.description || info.device;
    this.software = isSoftware(info);
    device.lost.then(
      l => {
        this.#lost ??= l.message;
      },
      () => {},
    );
  }
  /** why it went away; undefined: it is there */
  get lost(): string | undefined {
    return this.#instance ? this.#lost : "closed";
  }
  close(): void {
    this.device.destroy();
  }
}
const isSoftware = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter || /llvmpipe|swiftshader|software|lavapipe/i.test(`${info.architecture} ${info.description}`);

/** features that kernels may use where they are there */
const FEATURES: readonly GPUFeatureName[] = ["subgroups", "timestamp-query"];
/** limits that a device has only if they are asked for */
const LIMITS = [
  "maxStorageBuffersPerShaderStage",
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;

/** the GPU, or why there is none, as a person reads it */
export async function openGpu(wanted: Wanted = {}): Promise<Gpu | string> {
  let create: (flags: string[]) => GPU;
  try {
    ({ create } = (await import("webgpu")) as { create: (flags: string[]) => GPU });
  } catch (e) {
    return `Dawn does not load: ${(e as Error).message.split("\n")[0]}`;
  }
  const instance = create(wanted.adapter === undefined ? [] : [`adapter=${wanted.adapter}`]);
  // where there are adapters and none has the name, it throws; where there is none at all, it gives none
  const adapter = await instance.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (!adapter)
    return wanted.adapter === undefined ? "Dawn finds no adapter" : `Dawn finds no adapter \`${wanted.adapter}\``;
  const device = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter(f => adapter.features.has(f)),
    requiredLimits: Object.fromEntries(LIMITS.map(l => [l, adapter.limits[l]])),
  });
  return new Gpu(instance, device, adapter.info);
}
