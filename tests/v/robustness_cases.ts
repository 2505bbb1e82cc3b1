/**
 * The cases of the robustness campaign, by number: each file whole, `prefixes` prefixes of each
 * file cut at random places, then `mutations` files with mutated tokens.
 */
import { readFileSync } from 'node:fs';
import { mutated, random, tokenTexts } from '../../v/mutants.ts';

export interface Campaign {
  readonly files: readonly string[];
  readonly seed: number;
  readonly prefixes: number;
  readonly mutations: number;
}

export function caseCount({ files, prefixes, mutations }: Campaign): number {
  return files.length * (1 + prefixes) + mutations;
}

const texts = new Map<string, string>();
function textOf(path: string): string {
  let text = texts.get(path);
  if (text === undefined) {
    text = readFileSync(path, 'utf8');
    texts.set(path, text);
  }
  return text;
}

export function caseSource(c: Campaign, number: number): { path: string; source: string } {
  const perFile = 1 + c.prefixes;
  const ofFiles = c.files.length * perFile;
  const pick = random(c.seed ^ Math.imul(number, 0x9e3779b1));
  if (number < ofFiles) {
    const path = c.files[Math.floor(number / perFile)] as string;
    const text = textOf(path);
    return { path, source: number % perFile === 0 ? text : text.slice(0, pick(text.length + 1)) };
  }
  const path = c.files[pick(c.files.length)] as string;
  return { path, source: mutated(tokenTexts(textOf(path)), pick) };
}
