// Reads and writes the JSON files in which the scripts remember what they did.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * @param {string} file
 * @returns undefined if the file is missing or damaged: a killed process or a full disk can leave a truncated file
 */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Writes the whole file or nothing.
 * @param {string} file
 * @param {unknown} value
 */
export function writeJson(file, value) {
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, JSON.stringify(value), { flush: true });
  renameSync(draft, file);
}
