/* Made by `node packages/imaging/fixtures/make-coded-tiles.mjs`: NAL units of one drawn picture of 64 x 64 pixels. */

export interface CodedUnits {
  readonly parameterSets: readonly Buffer[];
  readonly slices: readonly Buffer[];
}

const coded = (parameterSets: string[], slices: string[]): CodedUnits => ({
  parameterSets: parameterSets.map((unit) => Buffer.from(unit, 'base64')),
  slices: slices.map((unit) => Buffer.from(unit, 'base64')),
});

export const codedTiles = {
  full: coded(
    ['QAEMAf//BAgAAAMAn6gAAAMAAB66AkA=', 'QgEBBAgAAAMAn6gAAAMAAB6gIIEFlupJG2ubgAACggAAAwACAAADADIQ', 'RAHBcrAiQA=='],
    [
      'KAGvBfipNgtIUJ33jCAMPV8F92KDS0vRfLIwWpvc8hkb4/LQHw9fjjRYflhV4fe9A5y7wmXdJXy4VOGehyXU6Sis4GwHwzrLmJe4/T01S9u8kH9fCZ3/geN59VQuGrZfR/2RAkrKdmD/areKovVWOqd61D0mG5dZ8jRtnL+/+MUe/f7XN+OtmONkypAIkb1Wbvq78aEktD52q9m7xbNeX9swSn8tX6EJQAiD3ZH5wGC2O094ZO/UUM6Z2K3uIPxDOdvusSmbtToXftBaHd4ZXN/ykr9AI/8T2wJTZ5yD7gER6nXKCMtONgDB5lTk',
    ],
  ),
  limited: coded(
    ['QAEMAf//BAgAAAMAn6gAAAMAAB66AkA=', 'QgEBBAgAAAMAn6gAAAMAAB6gIIEFlupJG2uagAAAggAAAwACAAADADIQ', 'RAHBcrAiQA=='],
    [
      'KAGvBfipCBaQoTvpWJBh6vVq5yVpaXhn81stTSf1DIMWiyA9gJ7MfLD8Pz+vY+gc5d21zsD36wyLvu1lr9PBnbUcNWQwPPvdT9sVv0Tw/r4TatLs/dapnS89OmwhRaG/wwK2zBtiqbdWaW5vsbMf9zEf5dj2T/xy8cP1D/fI0GLRAhdxf8apwK7X6QYA1aTJI4/JwsPqxrjBi338W30N+qubprveNI9Xn/aYeZLWT1RNdBuqkfjpVxMseo1gqfXhR8qNdeNqOjh0WEc0ZfjffMTQRtTUVZ5bFiCgDNzBSn8GCl7b89nILA==',
    ],
  ),
  tenBits: coded(
    ['QAEMAf//BAgAAAMAnagAAAMAAB66AkA=', 'QgEBBAgAAAMAnagAAAMAAB6gIIEE2W6kkba5qAAAKCAAAAMAIAAAAwMh', 'RAHBcrAiQA=='],
    [
      'KAGvBfiQATsKScVk/4fcjH6Bz6mqZv83h9UkWzWvi0rIb9er5tWQb/U4sDgh8Pr/8Ifxu4272Rb6buy0/0T3+TcjNj9jC3Y1L1uP8kVzVs+3WKLRdgVDWTsP1Ga8wr35P+sd7L6HL72WbjHin28rvL7T5nXFjKwLq717B75iAv/GmovPmknvSv9K4gMk6Jd3faPNCZgWH+W75l4fer/jKlvI48G/0zljcQyAXOU6Igrqo5vhmanOvKrrRaeg6Xd7iUuwfdbGNHJmt96X5FoxjzidsnDCnZeH8q3x+AP6W2qJQo2iiCusvYr0wA==',
    ],
  ),
  fullChroma: coded(
    ['QAEMAf//BAgAAAMAnigAAAMAAB66AkA=', 'QgEBBAgAAAMAnigAAAMAAB6QBBAgst1JI21zcAAAUEAAAAMAQAAABkI=', 'RAHBcoYMAiQ='],
    [
      'KAGvBfhW67TD/G5dNqavgvuxQaWl6L5ZGC1N7nkMjfH5aA+Hr8caLD8sKvD73oHOXeEy7pK+XCnMh8pY1Qnc0DH0g243/AxyrwVsrAH1o4vd8onzsl9QnBSD/i7zpXSgdJxbEUUqt5YtljG4f7orxR79/tc7///FOH//6dqezp39IgGjfrmKP/+Xf1D/p+2rV//YGP//b3/g',
    ],
  ),
  grey: coded(
    ['QAEMAf//BAgAAAMAn+gAAAMAAB66AkA=', 'QgEBBAgAAAMAn+gAAAMAAB7AggQWW6kkba5uAAAKCAAAAwAIAAADAMhA', 'RAHBcrAiQA=='],
    ['KAGuC/ByivDH6LVSpnr9VV5SB7hXovlkYLU3ueQyN8floD4evxxosPywq8Pvegc5d4TLukr5cbVvZf9UyB3Fv3QO7np+2rVw'],
  ),
} as const;
