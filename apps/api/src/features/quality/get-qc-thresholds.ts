import { type Routes, thresholdsOf } from '@spinbay/contracts';
import { readQcChoice } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const getQcThresholds: Handler<Routes['getQcThresholds']> = async ({ org }, { qc }) => {
  const choice = await org.read((tx) => readQcChoice(tx));
  return { status: 200, body: { thresholds: thresholdsOf(qc, choice), defaults: qc } };
};
