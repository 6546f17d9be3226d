/** Tests of what a machine is said to compute on. */
import { describe, expect, it } from 'vitest';
import { judgeDevices } from './devices.js';
import type { Trial } from './machine-facts.js';
import { parseGpuList, parseGpuModel, parseKernelDriver } from './nvidia-texts.js';
import { machine } from './testing/machines.js';

const works = (numericClass: string, reproducible = true): Trial => ({
  ...{ usable: true, version: '1.30.0', from: 'lockstep', numericClass, reproducible },
});
const FAILS: Trial = { usable: false, message: 'device lost', fix: 'Mend it.', log: '' };

describe('a report of devices', () => {
  it('has a row for each engine, provider and device, and the same obstacles for a device as for its provider', () => {
    const engines = [
      { engine: 'onnxruntime', backend: 'c-api', trial: works('ort/cpu') },
      { engine: 'tfjs', backend: 'cpu', trial: { ...FAILS, message: 'TensorFlow.js is not installed.' } },
    ];
    const facts = machine({ offered: ['cpu', 'webgpu', 'cuda', 'tensorrt'], vulkan: { drivers: ['lvp_icd.json'] } });
    const report = judgeDevices(facts, {
      engines,
      providers: { cpu: works('ort/cpu'), webgpu: works('ort/webgpu', false), cuda: FAILS },
    });
    expect(report.engines.map(({ engine, usable, version }) => [engine, usable, version])).toEqual([
      ['onnxruntime', true, '1.30.0'],
      ['tfjs', false, ''],
    ]);
    expect(report.engines[1]?.obstacles).toEqual([{ why: 'TensorFlow.js is not installed.', fix: 'Mend it.' }]);
    expect(report.providers.map(({ provider, usable, reproducible }) => [provider, usable, reproducible])).toEqual([
      ['cpu', true, true],
      ['webgpu', true, false],
      ['cuda', false, null],
      ['tensorrt', false, null],
    ]);
    expect(report.providers[1]?.note).toBe('Vulkan in software, slower than the CPU; other bits at each run');
    expect(report.providers[3]?.obstacles[0]?.fix).toBe('Use --device cpu, webgpu or cuda.');
    expect(report.devices.map(({ device, name, usable }) => [device, name, usable])).toEqual([
      ['cpu', 'Some CPU', true],
      ['cuda', 'NVIDIA H200', false],
      ['webgpu', 'Vulkan, lvp_icd.json', true],
    ]);
    expect(report.devices[1]?.obstacles).toEqual(report.providers[2]?.obstacles);
    expect(report.devices[0]?.cores).toEqual({ usable: 2, ofMachine: 8 });
  });
});

describe("what NVIDIA's driver writes", () => {
  it('names its version in both of its forms', () => {
    const closed =
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\nGCC: 12\n';
    const open =
      'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  560.35.03  Release Build  (dvs-builder@U16)\n';
    expect([closed, open, ''].map(parseKernelDriver)).toEqual(['535.183.01', '560.35.03', '']);
  });

  it('names GPUs, their memory and the version, and leaves out what is no line of a GPU', () => {
    const lines = [
      '0, GPU-8a01-77, 143771, 560.35.03, NVIDIA H200',
      '1, GPU-9b02-12, [N/A], 560.35.03, NVIDIA GB10',
      'Unable to determine the device handle for GPU0000:41:00.0: Unknown Error',
    ];
    expect(parseGpuList(lines.join('\n'))).toEqual({
      gpus: [
        { name: 'NVIDIA H200', memoryBytes: 143_771 * 2 ** 20, uuid: 'GPU-8a01-77', index: 0 },
        { name: 'NVIDIA GB10', memoryBytes: 0, uuid: 'GPU-9b02-12', index: 1 },
      ],
      driverVersion: '560.35.03',
    });
  });

  it('leaves a GPU there that does not answer what it is asked', () => {
    const lost = '[GPU is lost]';
    const lines = [
      '0, GPU-8a01-77, [Unknown Error], [N/A], NVIDIA A100',
      `1, ${lost}, ${lost}, 560.35.03, ${lost}`,
      '',
    ];
    expect(parseGpuList(lines.join('\r\n'))).toEqual({
      gpus: [
        { name: 'NVIDIA A100', memoryBytes: 0, uuid: 'GPU-8a01-77', index: 0 },
        { name: 'NVIDIA GPU', memoryBytes: 0, uuid: '', index: 1 },
      ],
      driverVersion: '560.35.03',
    });
  });

  it('names a GPU of the kernel and its UUID', () => {
    const text = 'Model: \t\t NVIDIA A10\nIRQ:   \t\t 0\nGPU UUID: \t GPU-8a01-77\n';
    expect(parseGpuModel(text)).toEqual({ name: 'NVIDIA A10', memoryBytes: 0, uuid: 'GPU-8a01-77', index: null });
    expect(parseGpuModel('')).toMatchObject({ name: 'NVIDIA GPU', uuid: '' });
  });
});
