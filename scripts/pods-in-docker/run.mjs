/**
 * Runs the pods of a rendered manifest as Docker containers.
 * Usage: node run.mjs up MANIFEST FOLDER [OPTION]...    starts them; FOLDER takes their files and volumes
 *        node run.mjs test MANIFEST FOLDER [OPTION]...  runs the test pods to their end; fails as they do
 *        node run.mjs down MANIFEST FOLDER              removes them
 * --image NAME=LOCAL     runs the image LOCAL where a pod names NAME
 * --forward POD=HERE:PORT  lets this machine reach a port of a pod at 127.0.0.1:HERE; 0 is a free one
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { planPods } from './plan.mjs';

const NETWORK = 'lockstep-pods';
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    image: { type: 'string', multiple: true, default: [] },
    forward: { type: 'string', multiple: true, default: [] },
  },
});
const [verb, manifest, folder] = positionals;
if (!['up', 'test', 'down'].includes(verb) || !manifest || !folder)
  throw new Error('usage: node run.mjs up|test|down MANIFEST FOLDER');
const images = new Map(values.image.map((pair) => pair.split('=')));
const forwards = values.forward.map((pair) => pair.split('='));
const { pods, tests } = planPods(readFileSync(manifest, 'utf8'));
const unknown = forwards.find(([name]) => !pods.some((pod) => pod.name === name));
if (unknown) throw new Error(`there is no pod ${unknown[0]}; there are ${pods.map(({ name }) => name).join(', ')}`);
const docker = (...args) => execFileSync('docker', args, { stdio: ['ignore', 'inherit', 'inherit'] });
const quietly = (...args) => execFileSync('docker', args, { stdio: 'ignore' });

/** Docker's option for a mount. Files of secrets are for the pod's group alone. */
function mountOption(pod, { volume, at, subPath, files, isMemory, isReadOnly }) {
  if (isMemory) return ['--mount', `type=tmpfs,target=${at},tmpfs-mode=1777`];
  const place = resolve(folder, pod.name, volume);
  if (!existsSync(place)) {
    mkdirSync(place, { recursive: true });
    for (const [name, text] of Object.entries(files ?? {})) {
      writeFileSync(join(place, name), text, { mode: 0o440 });
      chownSync(join(place, name), 0, pod.owner);
    }
    chownSync(place, 0, pod.owner);
    chmodSync(place, files ? 0o750 : 0o770);
  }
  const source = subPath ? join(place, subPath) : place;
  return ['--mount', `type=bind,source=${source},target=${at}${isReadOnly ? ',readonly' : ''}`];
}

function run(pod, container, ...how) {
  docker(
    ...['run', '--name', container.name, ...how, ...container.options],
    ...container.mounts.flatMap((mount) => mountOption(pod, mount)),
    ...[images.get(container.image) ?? container.image, ...container.arguments],
  );
}

/** The first container has the pod's address, the others share it. */
function network(pod, index) {
  if (index > 0) return ['--network', `container:${pod.containers[0].name}`];
  const ports = forwards.filter(([name]) => name === pod.name).map(([, port]) => `127.0.0.1:${port}`);
  return [
    ...['--network', NETWORK, '--hostname', pod.name],
    ...[pod.name, ...pod.aliases].flatMap((name) => ['--network-alias', name]),
    ...ports.flatMap((port) => ['--publish', port]),
  ];
}

/** Removes what may not be there. */
function remove(...args) {
  try {
    quietly(...args);
  } catch {
    // It was never started, or is gone.
  }
}

function down() {
  const names = [...pods, ...tests].flatMap((pod) => [...pod.init, ...pod.containers]).map(({ name }) => name);
  for (const name of names.reverse()) remove('rm', '--force', '--volumes', name);
  remove('network', 'rm', NETWORK);
  rmSync(folder, { recursive: true, force: true });
}

if (verb === 'down') down();
else if (verb === 'up') {
  quietly('network', 'create', NETWORK);
  for (const pod of pods) {
    for (const container of pod.init) run(pod, container, '--rm', '--network', NETWORK);
    for (const [index, container] of pod.containers.entries()) {
      run(pod, container, '--detach', '--restart', 'unless-stopped', ...network(pod, index));
    }
  }
} else {
  for (const pod of tests) for (const container of pod.containers) run(pod, container, '--rm', '--network', NETWORK);
}
