import { usePlatform } from '../platform/platform.tsx';

/** Paths on a square of 100 units. */
const icons = {
  back: ['M62 18 30 50l32 32'],
  settings: [
    'M16 30h40M72 30h12M16 70h12M44 70h40',
    'M64 22a8 8 0 1 1 0 16a8 8 0 1 1 0-16',
    'M36 62a8 8 0 1 1 0 16a8 8 0 1 1 0-16',
  ],
  upload: ['M50 74V24M30 44l20-20 20 20', 'M18 66v18h64V66'],
  check: ['M20 52l20 20 40-44'],
  undo: ['M34 22 16 40l18 18', 'M18 40h40a22 22 0 0 1 0 44H40'],
  camera: ['M14 32h18l8-12h20l8 12h18v50H14z', 'M50 40a16 16 0 1 1 0 32a16 16 0 1 1 0-32'],
} as const;

export function Icon({
  name,
  color,
  size = 30,
}: {
  readonly name: keyof typeof icons;
  readonly color: string;
  readonly size?: number;
}) {
  const { Drawing } = usePlatform().views;
  return <Drawing paths={icons[name]} color={color} width={size} height={size} stroke={9} />;
}
