/** Which way the table turned while the frames were shot, seen from above. */
export type Turntable = 'clockwise' | 'counterclockwise';
