/** Wheels of the Python package index that hold TensorFlow's libraries and headers. */
import { type NativeBuild, TENSORFLOW_VERSION } from '@lockstep/engine';
import type { Wheel } from '../local/wheels.js';

/** A wheel with TensorFlow. */
export interface TensorflowWheel extends Wheel {
  readonly bytes: number;
  /** Names of the two libraries that the binding is linked to. */
  readonly libraries: readonly [string, string];
}

const LINUX = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;
const MACOS = ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'] as const;
/** The libraries are the same for every Python; the files of this one are pinned. */
const PYTHON = '3.11';

/** By build and platform; a published file never changes. */
const WHEELS: Readonly<Record<string, Omit<TensorflowWheel, 'version' | 'tags'> & { readonly platform: string }>> = {
  'cpu-linux-x64': {
    ...{ project: 'tensorflow-cpu', platform: 'manylinux_2_27_x86_64', bytes: 273_829_956, libraries: LINUX },
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  },
  'cpu-linux-arm64': {
    ...{ project: 'tensorflow', platform: 'manylinux_2_27_aarch64', bytes: 281_828_020, libraries: LINUX },
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
  },
  'cpu-darwin-arm64': {
    ...{ project: 'tensorflow', platform: 'macosx_12_0_arm64', bytes: 223_405_849, libraries: MACOS },
    sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
  },
  'gpu-linux-x64': {
    ...{ project: 'tensorflow', platform: 'manylinux_2_27_x86_64', bytes: 572_440_367, libraries: LINUX },
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  },
};

/** This machine, as wheels tell machines apart: "linux-x64", or "linux-x64-musl" where the C library is not glibc. */
export function wheelPlatform(): string {
  const platform = `${process.platform}-${process.arch}`;
  return process.platform === 'linux' && !hasGlibc() ? `${platform}-musl` : platform;
}

function hasGlibc(): boolean {
  // Else the report asks for the names of all addresses of this machine.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}

/** The wheel of a build, or null where TensorFlow has none for the platform. @param platform for example "linux-x64" */
export function tensorflowWheel(build: NativeBuild, platform: string): TensorflowWheel | null {
  const found = WHEELS[`${build}-${platform}`];
  if (!found) return null;
  const { platform: tag, ...wheel } = found;
  return { ...wheel, version: TENSORFLOW_VERSION, tags: { platform: tag, python: PYTHON } };
}
