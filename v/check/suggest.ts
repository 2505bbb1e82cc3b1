// "Did you mean …?": the nearest known name, as V adds to errors about unknown ones.

const similarityMin = 0.5;
const nameLengthMax = 60;

/** Dice coefficient of the two names' letter pairs, 0 to 1 (V ranks suggestions the same way). */
function similarity(a: string, b: string): number {
  if (a === b) return 1;
  if (a.length < 2 || b.length < 2) return 0;
  const pairs = new Map<string, number>();
  for (let i = 0; i + 1 < a.length; i++) {
    const pair = a.slice(i, i + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  let common = 0;
  for (let i = 0; i + 1 < b.length; i++) {
    const pair = b.slice(i, i + 2);
    const left = pairs.get(pair) ?? 0;
    if (left > 0) {
      common++;
      pairs.set(pair, left - 1);
    }
  }
  return (2 * common) / (a.length + b.length - 2);
}

export function suggest(message: string, name: string, known: readonly string[]): string {
  if (name.length > nameLengthMax) return message;
  let best = '';
  let bestScore = similarityMin;
  for (const candidate of known) {
    if (candidate === name || candidate.startsWith('_')) continue;
    const score = similarity(name, candidate);
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best === '' ? message : `${message}.\nDid you mean \`${best}\`?`;
}
