/**
 * The system calls of files, pipes, names, waiting, sockets and terminals on erl, one case after
 * the other: tests/linux/linux_calls.erl, which says what differs.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compileErlang } from '../../image/erlang.ts';

const here = import.meta.dirname;
const root = join(here, '..', '..');
const sources = join(root, 'os', 'linux', 'src');

test('calls of files, pipes, names, waiting, sockets and terminals do as Linux does', async () => {
  const behaviours = ['vbeam_linux_object.erl', 'vbeam_linux_server.erl', 'vbeam_linux_tree.erl'];
  const modules = readdirSync(sources)
    .filter((name) => /^vbeam_linux_.*\.erl$/.test(name))
    .map((name) => join(sources, name));
  const cases = ['linux_calls.erl', 'file_cases.erl', 'channel_cases.erl'].map((name) =>
    join(here, name),
  );
  const beams = await compileErlang(
    [...modules, ...cases],
    join(root, 'build', 'linux_calls'),
    behaviours,
  );
  const folder = join(beams[0] as string, '..');
  const args = ['-noshell', '-pa', folder, '-s', 'linux_calls', 'run'];
  const run = spawnSync('erl', args, { encoding: 'utf8', timeout: 120_000 });
  const failed = run.stdout.split('\n').filter((line) => !line.endsWith(': ok'));
  assert.deepEqual(failed, ['26 cases', ''], run.stdout + run.stderr);
  assert.equal(run.status, 0);
});
