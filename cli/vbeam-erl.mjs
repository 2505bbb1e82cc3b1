#!/usr/bin/env node
// `vbeam erl` under a name of its own, so that it can stand on PATH as `erl`.
import { start } from './start.mjs';

await start(['erl', ...process.argv.slice(2)]);
