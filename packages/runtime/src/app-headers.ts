export interface AppHeaders {
  /** Sources of the content security policy by directive. They add directives to the default ones or replace them. */
  readonly policy: Readonly<Record<string, string>>;
  readonly referrerPolicy: 'no-referrer' | 'same-origin';
  /** Whether the pages may use the camera. */
  readonly camera: boolean;
}

/**
 * The headers of every reply of a built app. Scripts come only from its own server and are never inline. Styles may be
 * inline, because the design system and React Native for Web need this.
 */
export function appHeaders({ policy, referrerPolicy, camera }: AppHeaders): Record<string, string> {
  const directives = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self' 'unsafe-inline'",
    'manifest-src': "'self'",
    'frame-ancestors': "'none'",
    ...policy,
  };
  return {
    'content-security-policy': Object.entries(directives)
      .map(([directive, sources]) => `${directive} ${sources}`)
      .join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': referrerPolicy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': `camera=(${camera ? 'self' : ''}), microphone=(), geolocation=(), payment=(), usb=()`,
  };
}
