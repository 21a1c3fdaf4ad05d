import type { Client } from '@spinbay/client';
import type { QcThresholds } from '@spinbay/contracts';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useApi } from './api-context.tsx';

/** The thresholds of the organization, and those of the installation. */
export function qcThresholdsQuery(client: Client) {
  return queryOptions({
    queryKey: ['qc-thresholds'],
    queryFn: async ({ signal }) => (await client.getQcThresholds({}, { signal })).body,
    staleTime: 5 * 60_000,
  });
}

/** The thresholds that frames are judged by. Until they are loaded, those of the installation. */
export function useQcThresholds(): QcThresholds {
  const { client, config } = useApi();
  return useQuery(qcThresholdsQuery(client)).data?.thresholds ?? config.qc;
}
