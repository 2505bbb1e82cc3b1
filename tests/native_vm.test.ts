/**
 * The real VM through the whole native pipeline: AssemblyScript, Wasm to C, clang, for both
 * targets.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildVmObjects } from '../native/build.ts';
import { hostFunctions } from '../tables/host.ts';
import { buildVm } from '../tools/build_vm.ts';

const skip = !existsSync('vm/main.ts') && 'vm/main.ts does not exist yet';

for (const target of ['metal', 'linux'] as const) {
  test(`the VM compiles for ${target} and needs only the host functions`, {
    skip,
    timeout: 900_000,
  }, async () => {
    const { wasm } = await buildVm({ level: 1 });
    const cacheDir = mkdtempSync(join(tmpdir(), 'vbeam-native-vm-'));
    try {
      const objects = await buildVmObjects({ wasm, target, optimise: 1, cacheDir });
      const paths = objects.map((o) => o.path);
      const text = execFileSync('nm', ['-P', ...paths], { encoding: 'utf8', maxBuffer: 1 << 26 });
      const rows = text.split('\n').map((line) => line.split(' '));
      const defined = new Set(
        rows.filter(([, kind]) => kind && kind !== 'U').map(([name]) => name),
      );
      const needed = new Set(rows.filter(([, kind]) => kind === 'U').map(([name]) => name));
      const allowed = new Set(['vm_trap', ...hostFunctions.map((f) => `host_${f.name}`)]);
      for (const name of needed)
        assert.ok(defined.has(name) || allowed.has(name as string), `${name} is needed`);
      for (const name of ['vm_main', 'vm_init_memory'])
        assert.ok(defined.has(name), `${name} is missing`);
    } finally {
      rmSync(cacheDir, { recursive: true, force: true });
    }
  });
}
