import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { findZone } from '../find-zone.ts';
import { type SiteName, siteHeaders } from '../site-headers.ts';
import type { DataStack } from './data.ts';
import type { SignIn } from './sign-in.ts';
import { SpinbayStack, type SpinbayStackProps } from './spinbay-stack.ts';

interface WebStackProps extends SpinbayStackProps {
  readonly data: DataStack;
  readonly signIn: SignIn;
}

/**
 * Serves index.html for every page of an app. A missing file is an error: 403, because CloudFront may not list the bucket.
 */
const singlePageFallback = `function handler(event) {
  var request = event.request;
  var last = request.uri.split('/').pop();
  if (last.indexOf('.') === -1 && request.uri.indexOf('/assets/') !== 0) request.uri = '/index.html';
  return request;
}`;

/** Portal and capture app: static files in a private bucket behind CloudFront. */
export class WebStack extends SpinbayStack {
  readonly distributions: Readonly<Record<SiteName, cloudfront.Distribution>>;

  constructor(scope: Construct, { data, signIn, ...props }: WebStackProps) {
    super(scope, 'web', props);
    const { protectData } = this.params;
    const files = new s3.Bucket(this, 'Files', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [{ noncurrentVersionExpiration: Duration.days(30) }],
      serverAccessLogsBucket: data.accessLogs,
      serverAccessLogsPrefix: 'web/',
      removalPolicy: protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const pages = new cloudfront.Function(this, 'Pages', {
      code: cloudfront.FunctionCode.fromInline(singlePageFallback),
      runtime: cloudfront.FunctionRuntime.JS_2_0,
    });
    const objectsOrigin = `https://${data.photoBucketName}.s3.${this.region}.amazonaws.com`;
    const make = (site: SiteName) =>
      this.#makeSite(site, files, pages, siteHeaders(site, this.params, signIn, objectsOrigin));
    this.distributions = { portal: make('portal'), capture: make('capture') };
    new CfnOutput(this, 'FilesBucket', { value: files.bucketName });
  }

  #makeSite(site: SiteName, files: s3.Bucket, pages: cloudfront.Function, headers: Readonly<Record<string, string>>) {
    const { domains, certificates, hostedZone, name } = this.params;
    const id = `${site[0]?.toUpperCase()}${site.slice(1)}`;
    const policy = new cloudfront.ResponseHeadersPolicy(this, `${id}Headers`, {
      responseHeadersPolicyName: `spinbay-${name}-${site}`,
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: headers['content-security-policy'] ?? '', override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
        referrerPolicy: {
          referrerPolicy: headers['referrer-policy'] as cloudfront.HeadersReferrerPolicy,
          override: true,
        },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: false, override: true },
      },
      customHeadersBehavior: {
        customHeaders: ['cross-origin-opener-policy', 'cross-origin-resource-policy', 'permissions-policy'].map(
          (header) => ({ header, value: headers[header] ?? '', override: true }),
        ),
      },
    });
    const origin = S3BucketOrigin.withOriginAccessControl(files, { originPath: `/${site}` });
    const behavior = {
      origin,
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD,
      compress: true,
      responseHeadersPolicy: policy,
      // uploadSite sets the cache lifetime of each file.
      cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
    };
    const distribution = new cloudfront.Distribution(this, id, {
      comment: `Spinbay ${name}: ${site}`,
      domainNames: [domains[site]],
      certificate: acm.Certificate.fromCertificateArn(this, `${id}Certificate`, certificates.web),
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      priceClass: cloudfront.PriceClass.PRICE_CLASS_100,
      defaultBehavior: {
        ...behavior,
        functionAssociations: [{ function: pages, eventType: cloudfront.FunctionEventType.VIEWER_REQUEST }],
      },
    });
    acknowledge(distribution, {
      'AwsSolutions-CFR1': 'Dealers are in all countries, so there is no geographic restriction.',
      'AwsSolutions-CFR2': 'These are static files of an open-source project. The firewall protects the API.',
      'AwsSolutions-CFR3':
        'The bucket logs requests that are not in the cache, and the files contain no personal data.',
    });
    new CfnOutput(this, `${id}Distribution`, { value: distribution.distributionId });
    new CfnOutput(this, `${id}Address`, { value: distribution.distributionDomainName });
    if (hostedZone !== null) {
      new route53.ARecord(this, `${id}Record`, {
        zone: findZone(this, hostedZone),
        recordName: `${domains[site]}.`,
        target: route53.RecordTarget.fromAlias(new CloudFrontTarget(distribution)),
      });
    }
    return distribution;
  }
}
