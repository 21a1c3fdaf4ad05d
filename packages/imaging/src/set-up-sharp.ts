import type Sharp from 'sharp';

/** Lets sharp decode JPEGs only, with little memory. */
export function setUpSharp(sharp: typeof Sharp): void {
  // No picture is decoded twice in the same way, so a cache would only hold memory. One thread per picture leaves the other
  // cores free.
  sharp.cache(false);
  sharp.concurrency(1);
  // sharp chooses the decoder by content: without this, it would decode a PNG or SVG named .jpg.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['VipsForeignLoadJpeg'] });
}
