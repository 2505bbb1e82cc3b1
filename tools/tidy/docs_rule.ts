/**
 * What the documents name must exist: paths, `make` targets, `vbeam` commands and their options.
 * Looked at are code spans, indented or fenced code, and links.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, type SourceFile, type Violation } from './source_files.ts';

/** Made by a build, so a clean clone does not have them. */
const generatedPaths = /^(build|node_modules|vm\/gen|vm\/host\.ts)(\/|$)/;

function makeTargets(): Set<string> {
  const text = readFileSync(join(root, 'Makefile'), 'utf8');
  return new Set([...text.matchAll(/^([a-z][\w-]*):/gm)].map((match) => match[1]!));
}

/** The text of a command's file by the command's name; its options are looked up in it. */
function commandSources(): Map<string, string> {
  const folder = join(root, 'cli', 'commands');
  return new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => [name.replace(/\.ts$/, ''), readFileSync(join(folder, name), 'utf8')]),
  );
}

interface Known {
  readonly targets: ReadonlySet<string>;
  readonly commands: ReadonlyMap<string, string>;
  readonly topLevel: ReadonlySet<string>;
}

/** Pieces of code of a document with their line numbers. */
function* codeOf(file: SourceFile): Generator<{ code: string; line: number; block: boolean }> {
  let fenced = false;
  for (const [index, text] of file.lines.entries()) {
    const line = index + 1;
    if (text.startsWith('```')) fenced = !fenced;
    else if (fenced || /^ {4}/.test(text)) yield { code: text.trim(), line, block: true };
    else {
      for (const [, code] of text.matchAll(/`([^`]+)`/g)) yield { code: code!, line, block: false };
      for (const [, link] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g))
        if (!/^\w+:/.test(link!)) yield { code: link!, line, block: false };
    }
  }
}

function commandProblems(code: string, known: Known): string[] {
  const problems: string[] = [];
  for (const [, target] of code.matchAll(/(?:^|\s)make ([a-z][a-z0-9-]*)/g))
    if (!known.targets.has(target!)) problems.push(`the Makefile has no target ${target}`);
  const [, name, rest] = /(?:^|\s)(?:npx )?vbeam ([a-z]+)\b([^|;#]*)/.exec(code) ?? [];
  if (name === undefined) return problems;
  const source = known.commands.get(name);
  if (source === undefined) return [...problems, `vbeam has no command ${name}`];
  for (const [option] of rest!.matchAll(/(?<=\s)--?[a-z][a-z-]*/g))
    if (option !== '--help' && !source.includes(`'${option}'`))
      problems.push(`vbeam ${name} has no option ${option}`);
  return problems;
}

/** Is this word meant as a path of the project? Placeholders in capitals and patterns are not. */
function looksLikePath(word: string, known: Known): boolean {
  if (!/^\.?[\w-]+(\/[\w.*-]+)*\/?$|^[\w-]+\.(ts|md|sh|json|h)$/.test(word)) return false;
  if (/\b[A-Z]{2,}\b(?!\.(md|tsv))/.test(word) && !existsSync(join(root, word))) return false;
  const [first, ...rest] = word.split('/');
  return rest.length > 0 ? known.topLevel.has(first!) : /\.(ts|md|sh|json)$/.test(word);
}

function pathExists(word: string, document: string): boolean {
  if (generatedPaths.test(word)) return true;
  const places = [root, join(root, dirname(document))];
  const star = word.indexOf('*');
  if (star < 0) return places.some((place) => existsSync(join(place, word)));
  const folder = word.slice(0, word.lastIndexOf('/', star) + 1);
  return places.some((place) => existsSync(join(place, folder)));
}

export function docsViolations(files: readonly SourceFile[]): Violation[] {
  const known: Known = {
    targets: makeTargets(),
    commands: commandSources(),
    topLevel: new Set(readdirSync(root)),
  };
  return files
    .filter((file) => file.path.endsWith('.md'))
    .flatMap((file) =>
      [...codeOf(file)].flatMap(({ code, line, block }) => {
        const words = block ? [] : code.split(/\s+/);
        const paths = words.filter((word) => looksLikePath(word, known));
        const missing = paths.filter((word) => !pathExists(word, file.path));
        return [
          ...missing.map((word) => `${word} does not exist`),
          ...commandProblems(code, known),
        ].map((text) => ({ path: file.path, line, text }));
      }),
    );
}
