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
  grid: ['M36 14v72M64 14v72M14 36h72M14 64h72'],
  lock: ['M26 46h48v38H26z', 'M34 46V34a16 16 0 0 1 32 0v12'],
  camera: ['M14 32h18l8-12h20l8 12h18v50H14z', 'M50 40a16 16 0 1 1 0 32a16 16 0 1 1 0-32'],
  auto: ['M50 16a34 34 0 1 1-30 18', 'M20 14v22h22', 'M50 34v18l12 10'],
  list: ['M18 28h6M36 28h46M18 50h6M36 50h46M18 72h6M36 72h46'],
  sun: [
    'M50 34a16 16 0 1 1 0 32a16 16 0 1 1 0-32',
    'M50 10v10M50 80v10M10 50h10M80 50h10M22 22l7 7M71 71l7 7M78 22l-7 7M29 71l-7 7',
  ],
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
