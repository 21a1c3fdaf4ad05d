#!/usr/bin/env node
// `npx spinbay ...`: builds what is stale, then runs the command.
import { prepare } from '../../../scripts/prepare.mjs';

await prepare({ quiet: true });
await import('../../../dist/cli.mjs');
