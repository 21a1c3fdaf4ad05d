import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PhotoFolder } from '../storage/photo-folder';

/** A folder of photos on the disk of this machine. */
export function openNodeFolder(path: string): PhotoFolder {
  mkdirSync(path, { recursive: true });
  return {
    list: () => readdirSync(path),
    read(name) {
      const file = join(path, name);
      return existsSync(file) ? { uri: `file://${file}`, size: statSync(file).size } : null;
    },
    remove: (name) => rmSync(join(path, name), { force: true }),
    place: (name) => `file://${join(path, name)}`,
    availableBytes: () => 1e9,
    usedBytes: () => readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0),
  };
}
