/** Process that holds a nats-server: ends it, and removes its folder, as soon as standard input closes. */
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const [program, configPath, folder] = process.argv.slice(2) as [string, string, string];
const args = ['-c', configPath, '--ports_file_dir', folder];

// Standard input covers the death of the parent; where the kernel can, it covers the death of this process too.
const tie = ['--pdeathsig', 'KILL'];
const isTied = process.platform === 'linux' && spawnSync('setpriv', [...tie, 'true']).status === 0;
const server = isTied
  ? spawn('setpriv', [...tie, program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  : spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });

/** Set by the first reason to end; the server's own end comes after it. */
let exitCode: number | null = null;

function end(code: number): void {
  exitCode ??= code;
  server.kill('SIGKILL');
}

function ended(): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.exit(exitCode ?? 1);
}

server.once('error', ended);
server.once('exit', ended);
process.stdin.once('end', () => end(0));
process.stdin.once('error', () => end(0));
process.once('SIGTERM', () => end(0));
process.once('SIGHUP', () => end(0));
process.on('SIGINT', () => {});
process.stdin.resume();
