/**
 * The rules of this code that no compiler checks: who imports whom, sizes and names of files, what
 * documents name, no recursion in vm/. Prints every violation as `path:line: text`; exit status 1
 * when there is one.
 *
 *   node --import tsx tools/tidy.ts [--quick] [--fix [PATH...]]
 *
 * --quick leaves out the check that needs the built VM; --fix wraps wide comments (in those files).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docsViolations } from './tidy/docs_rule.ts';
import { importViolations } from './tidy/import_rule.ts';
import { recursionViolations } from './tidy/recursion_rule.ts';
import { sizeViolations } from './tidy/size_rule.ts';
import { root, type SourceFile, sourceFiles } from './tidy/source_files.ts';
import { wrapComments } from './tidy/wrap_comments.ts';

function fix(files: readonly SourceFile[], paths: readonly string[]): void {
  for (const { path, lines } of files) {
    if (path.startsWith('tables/') || (paths.length && !paths.includes(path))) continue;
    const text = lines.join('\n');
    const wrapped = wrapComments(path, text);
    if (wrapped !== text) writeFileSync(join(root, path), wrapped);
  }
}

const args = process.argv.slice(2);
if (args.includes('--fix'))
  fix(
    sourceFiles(),
    args.filter((arg) => !arg.startsWith('--')),
  );
const files = sourceFiles();
const violations = [
  ...files.flatMap(importViolations),
  ...files.flatMap(sizeViolations),
  ...docsViolations(files),
  ...(args.includes('--quick') ? [] : await recursionViolations()),
];
for (const { path, line, text } of violations)
  process.stdout.write(`${path}${line ? `:${line}` : ''}: ${text}\n`);
process.stdout.write(`tidy: ${files.length} files, ${violations.length} violations\n`);
process.exitCode = violations.length ? 1 : 0;
