#!/usr/bin/env node
// The `vbeam` command: starts cli/main.ts through tsx, so that no build step stands between a
// change and its effect.
import { register } from 'tsx/esm/api';

register();
await import('./main.ts');
