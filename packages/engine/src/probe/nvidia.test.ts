import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { probeNvidia } from './nvidia.js';

/** What the kernel's driver shows, by path. */
const kernel = vi.hoisted(() => new Map<string, string>());
vi.mock('./read-text.js', () => ({
  textOf: (path: string) => kernel.get(path) ?? '',
  namesIn: (folder: string) =>
    [...kernel.keys()].flatMap((path) =>
      path.startsWith(`${folder}/`) ? [path.split('/')[folder.split('/').length]] : [],
    ),
}));

/** An nvidia-smi that prints lines, and ends with a code. */
function fakeSmi(lines: readonly string[], code = 0): void {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-smi-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, 'nvidia-smi'),
    `#!/bin/sh\n${lines.map((line) => `echo '${line}'\n`).join('')}exit ${code}\n`,
  );
  chmodSync(join(folder, 'nvidia-smi'), 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
}

/** The kernel's driver with a GPU. */
function fakeKernel(): void {
  kernel.set('/proc/driver/nvidia/version', 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12\n');
  kernel.set('/proc/driver/nvidia/gpus/0000:41:00.0/information', 'Model: \t\t NVIDIA A10\nGPU UUID: \t GPU-8a01\n');
}

const A10 = { name: 'NVIDIA A10', memoryBytes: 0, uuid: 'GPU-8a01', index: null };

afterEach(() => {
  vi.unstubAllEnvs();
  kernel.clear();
});

it('takes the version of the driver from nvidia-smi, which knows it under Windows too', async () => {
  fakeSmi(['0, GPU-8a01, 24564, 560.94, NVIDIA A10']);
  expect(await probeNvidia()).toMatchObject({ gpus: [{ name: 'NVIDIA A10' }], driverVersion: '560.94' });
});

it('takes GPUs and version from the kernel where nvidia-smi is not there', async () => {
  vi.stubEnv('PATH', '/nowhere');
  fakeKernel();
  expect(await probeNvidia()).toMatchObject({ gpus: [A10], driverVersion: '535.183.01' });
});

it('takes them from the kernel where nvidia-smi lists no GPU', async () => {
  fakeSmi(['No devices were found']);
  fakeKernel();
  expect(await probeNvidia()).toMatchObject({ gpus: [A10], driverVersion: '535.183.01' });
});

it('keeps what nvidia-smi says of the others where it fails for one', async () => {
  fakeSmi(
    ['0, GPU-8a01, 143771, 560.35.03, NVIDIA H200', 'Unable to determine the device handle for GPU0: Unknown Error'],
    15,
  );
  expect(await probeNvidia()).toMatchObject({ gpus: [{ name: 'NVIDIA H200' }], driverVersion: '560.35.03' });
});

it('tells whether CUDA counts GPUs as nvidia-smi does', async () => {
  expect((await probeNvidia()).isBusOrder).toBe(false);
  vi.stubEnv('CUDA_DEVICE_ORDER', 'FASTEST_FIRST');
  expect((await probeNvidia()).isBusOrder).toBe(false);
  vi.stubEnv('CUDA_DEVICE_ORDER', 'PCI_BUS_ID');
  expect((await probeNvidia()).isBusOrder).toBe(true);
});
