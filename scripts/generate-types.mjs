/** Regenerates packages/protocol/src/gen from protos/: TypeScript types and the descriptor that is loaded at run time. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const protos = join(root, 'protos');
const out = join(root, 'packages/protocol/src/gen');
const files = readdirSync(join(protos, 'lockstep/v1'))
  .filter((file) => file.endsWith('.proto'))
  .map((file) => `lockstep/v1/${file}`);

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
execFileSync(
  process.execPath,
  [
    join(root, 'node_modules/@grpc/proto-loader/build/bin/proto-loader-gen-types.js'),
    '--longs=Number',
    '--enums=String',
    '--bytes=Buffer',
    '--defaults',
    '--oneofs',
    '--includeComments',
    '--grpcLib=@grpc/grpc-js',
    '--targetFileExtension=.ts',
    '--importFileExtension=.js',
    `--includeDirs=${protos}`,
    `--outDir=${out}`,
    ...files,
  ],
  { stdio: 'inherit' },
);

for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = join(entry.parentPath, entry.name);
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(root, ''));
}

const loaded = new protobuf.Root();
loaded.resolvePath = (_origin, target) => join(protos, target);
loaded.loadSync(files);
writeFileSync(
  join(out, 'descriptor.ts'),
  `/** Descriptor of protos/lockstep/v1, written by scripts/generate-types.mjs. */\nexport const descriptorJson: string = ${JSON.stringify(JSON.stringify(loaded.toJSON()))};\n`,
);
