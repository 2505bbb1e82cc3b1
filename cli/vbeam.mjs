#!/usr/bin/env node
// The `vbeam` command.
import { start } from './start.mjs';

await start(process.argv.slice(2));
