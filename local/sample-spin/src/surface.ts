/** How a spot of the car reflects light. Colours are linear, 0 to 1. */
export class Surface {
  /** The diffuse colour. */
  red = 0;
  green = 0;
  blue = 0;
  /** The share of a tinted, blurred reflection, as of metal flakes or brushed metal. */
  metal = 0;
  /** The reflectance at normal incidence. It rises to 1 at grazing angles. */
  mirror = 0;
  /** 1 gives a sharp reflection, 0 a satin one. */
  gloss = 0;
  /** The emitted light. */
  glow = 0;
  /** A thin line is at or near the spot, so it must not be interpolated. */
  fine = false;

  set({ colour, metal, mirror, gloss, glow }: Finish): void {
    [this.red, this.green, this.blue] = colour;
    this.metal = metal;
    this.mirror = mirror;
    this.gloss = gloss;
    this.glow = glow;
    this.fine = false;
  }

  /** Blends a finish over the surface, with a `cover` of 0 to 1. */
  lay({ colour, metal, mirror, gloss, glow }: Finish, cover: number): void {
    if (cover <= 0) return;
    const keep = 1 - cover;
    this.red = this.red * keep + colour[0] * cover;
    this.green = this.green * keep + colour[1] * cover;
    this.blue = this.blue * keep + colour[2] * cover;
    this.metal = this.metal * keep + metal * cover;
    this.mirror = this.mirror * keep + mirror * cover;
    this.gloss = this.gloss * keep + gloss * cover;
    this.glow = this.glow * keep + glow * cover;
  }

  darken(by: number): void {
    this.red *= by;
    this.green *= by;
    this.blue *= by;
    this.metal *= by;
    this.mirror *= by;
  }
}

interface Finish {
  readonly colour: readonly [number, number, number];
  readonly metal: number;
  readonly mirror: number;
  readonly gloss: number;
  readonly glow: number;
}

export const finish = {
  paint: { colour: [0.43, 0.022, 0.009], metal: 0.62, mirror: 0.055, gloss: 1, glow: 0 },
  roof: { colour: [0.012, 0.012, 0.014], metal: 0, mirror: 0.055, gloss: 1, glow: 0 },
  glass: { colour: [0.006, 0.008, 0.009], metal: 0, mirror: 0.07, gloss: 1, glow: 0 },
  trim: { colour: [0.022, 0.022, 0.024], metal: 0, mirror: 0.03, gloss: 0.1, glow: 0 },
  gap: { colour: [0.004, 0.003, 0.003], metal: 0, mirror: 0.005, gloss: 0, glow: 0 },
  chrome: { colour: [0.62, 0.63, 0.65], metal: 0.25, mirror: 0.6, gloss: 0.9, glow: 0 },
  lamp: { colour: [0.03, 0.032, 0.036], metal: 0.2, mirror: 0.08, gloss: 1, glow: 0 },
  white: { colour: [0.9, 0.95, 1], metal: 0, mirror: 0.05, gloss: 1, glow: 1.5 },
  redGlass: { colour: [0.2, 0.004, 0.006], metal: 0.25, mirror: 0.06, gloss: 1, glow: 0.12 },
  red: { colour: [1, 0.03, 0.03], metal: 0, mirror: 0.05, gloss: 1, glow: 0.95 },
  rubber: { colour: [0.018, 0.018, 0.019], metal: 0, mirror: 0.025, gloss: 0, glow: 0 },
  rubberMark: { colour: [0.05, 0.05, 0.052], metal: 0, mirror: 0.03, gloss: 0, glow: 0 },
  alloy: { colour: [0.52, 0.53, 0.55], metal: 0.75, mirror: 0.25, gloss: 0.35, glow: 0 },
  disc: { colour: [0.3, 0.3, 0.31], metal: 0.5, mirror: 0.1, gloss: 0, glow: 0 },
  caliper: { colour: [0.7, 0.32, 0.01], metal: 0, mirror: 0.05, gloss: 0.8, glow: 0 },
  liner: { colour: [0.008, 0.008, 0.009], metal: 0, mirror: 0, gloss: 0, glow: 0 },
  plate: { colour: [0.8, 0.8, 0.78], metal: 0, mirror: 0.04, gloss: 0.3, glow: 0 },
  ink: { colour: [0.012, 0.014, 0.03], metal: 0, mirror: 0.04, gloss: 0.3, glow: 0 },
} as const satisfies Record<string, Finish>;
