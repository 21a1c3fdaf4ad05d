/** The direction in which the table turned during the shoot, seen from above. */
export type Turntable = 'clockwise' | 'counterclockwise';
