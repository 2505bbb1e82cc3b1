#!/usr/bin/env node
// `vbeam erl` under a name of its own, so that it can stand on PATH as `erl`.
import { register } from 'tsx/esm/api';

register();
process.argv.splice(2, 0, 'erl');
await import('./main.ts');
