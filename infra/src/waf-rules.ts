import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';

type Rule = CfnWebACL.RuleProperty;

const visibility = (metricName: string) => ({
  cloudWatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
  metricName: `spinbay-${metricName}`,
});

/** Refuses an address with more than `limit` requests in five minutes. The API's own limits are lower and count callers. */
function rate(name: string, priority: number, limit: number, pathPrefix?: string): Rule {
  const scopeDownStatement =
    pathPrefix === undefined
      ? {}
      : {
          scopeDownStatement: {
            byteMatchStatement: {
              fieldToMatch: { uriPath: {} },
              positionalConstraint: 'STARTS_WITH',
              searchString: pathPrefix,
              textTransformations: [{ priority: 0, type: 'NORMALIZE_PATH' }],
            },
          },
        };
  return {
    name,
    priority,
    action: { block: { customResponse: { responseCode: 429 } } },
    statement: {
      rateBasedStatement: { limit, aggregateKeyType: 'IP', evaluationWindowSec: 300, ...scopeDownStatement },
    },
    visibilityConfig: visibility(name),
  };
}

function managed(name: string, priority: number): Rule {
  return {
    name,
    priority,
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement: { vendorName: 'AWS', name } },
    visibilityConfig: visibility(name),
  };
}

/** A dealer's whole staff and all their phones may share one address, so the limits are far above their use. */
export const apiRules: Rule[] = [
  managed('AWSManagedRulesAmazonIpReputationList', 0),
  managed('AWSManagedRulesKnownBadInputsRuleSet', 1),
  rate('sign-in-rate', 2, 600, '/auth/'),
  rate('request-rate', 3, 20_000),
];
