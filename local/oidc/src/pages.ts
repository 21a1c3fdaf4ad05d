import { createHash } from 'node:crypto';

const style = `
:root{color-scheme:light dark;--page:#f3f6f7;--card:#fff;--text:#14252c;--quiet:#566970;--line:#cbd5d9;--edge:#73868d;--brand:#0d6380;--brand-over:#0a5069;--link:#0b5c78;--bad:#a3231d;--bad-page:#fdf0ef;--field:#fff}
@media (prefers-color-scheme:dark){:root{--page:#10181b;--card:#182226;--text:#e7eef0;--quiet:#a3b3b9;--line:#2f3d43;--edge:#6d8088;--brand:#14789b;--brand-over:#1a88ae;--link:#7cc7e0;--bad:#ffb3ad;--bad-page:#3a1d1c;--field:#10181b}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem 1rem;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main{width:100%;max-width:24rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.75rem}
.brand{display:flex;align-items:center;gap:.6rem;margin:0 0 1.25rem;font-size:1.3rem;font-weight:650;letter-spacing:-.015em}
.brand svg{width:2rem;height:2rem;flex:none}
h1{margin:0 0 1.1rem;font-size:1.15rem;font-weight:600}
p{margin:0 0 1rem}
label{display:block;margin:0 0 .3rem;font-weight:550;font-size:.93rem}
input{width:100%;min-height:2.75rem;margin:0 0 1rem;padding:.5rem .75rem;font:inherit;color:inherit;background:var(--field);border:1px solid var(--edge);border-radius:8px}
input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--link);outline-offset:2px}
input[aria-invalid=true]{border-color:var(--bad)}
button{width:100%;min-height:2.75rem;margin:.25rem 0 0;padding:.5rem 1rem;font:inherit;font-weight:600;color:#fff;background:var(--brand);border:0;border-radius:8px;cursor:pointer}
button:hover{background:var(--brand-over)}
.fault{padding:.65rem .8rem;border-radius:8px;background:var(--bad-page);color:var(--bad)}
.note{margin:1rem .25rem 0;color:var(--quiet);font-size:.88rem;text-align:center}
.other{margin:1.1rem 0 0;text-align:center}
a{color:var(--link)}
code{overflow-wrap:anywhere}
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** No scripts, no frames, no external content. Forms, and redirects after them, go only to the given origins. */
export function contentSecurityPolicy(formTargets: readonly string[] = []): string {
  const formAction = formTargets.length === 0 ? "'none'" : formTargets.join(' ');
  return `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`;
}

// The logo of the portal, so that people see that this page belongs to it.
const mark = `<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#0d6786"/><path d="M23.6 9.9A9.7 9.7 0 1 0 25.7 16" fill="none" stroke="#fff" stroke-width="3.2" stroke-linecap="round"/><circle cx="16" cy="16" r="3.7" fill="#fff"/><circle cx="26" cy="10.6" r="2.1" fill="#7fd4ef"/></svg>`;
const icon = `data:image/svg+xml,${encodeURIComponent(mark.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" '))}`;

function page(title: string, card: string, below = ''): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – Spinbay</title>
<link rel="icon" href="${icon}">
<style>${style}</style>
</head>
<body>
<main>
<div class="card">
<p class="brand">${mark}Spinbay</p>
${card}
</div>
${below}
</main>
</body>
</html>
`;
}

export interface SignInPage {
  /** The target of the form. */
  readonly action: string;
  /** The address typed before, or the one that the application suggests. */
  readonly email: string;
  /** Why the last attempt failed. */
  readonly fault: string | null;
}

export function signInPage({ action, email, fault }: SignInPage): string {
  const invalid = fault === null ? '' : ' aria-invalid="true" aria-describedby="fault"';
  return page(
    'Sign in',
    `<h1>Sign in</h1>
${fault === null ? '' : `<p class="fault" id="fault" role="alert">${escapeHtml(fault)}</p>`}
<form method="post" action="${escapeHtml(action)}">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254" value="${escapeHtml(email)}"${invalid}${email === '' ? ' autofocus' : ''}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="200"${invalid}${email === '' ? '' : ' autofocus'}>
<button type="submit">Sign in</button>
</form>`,
    '<p class="note">Demo sign-in of this installation: the passwords are in the terminal where Spinbay was started.</p>',
  );
}

/** @param form the provider's hidden form, which protects against forged requests */
export function signOutPage(form: string, portalUrl: string): string {
  return page(
    'Sign out',
    `<h1>Sign out of Spinbay?</h1>
${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
<p class="other"><a href="${escapeHtml(portalUrl)}">Stay signed in</a></p>`,
  );
}

export function signedOutPage(portalUrl: string): string {
  return page(
    'Signed out',
    `<h1>You are signed out</h1>
<p class="other"><a href="${escapeHtml(portalUrl)}">Back to Spinbay</a></p>`,
  );
}

export function faultPage(heading: string, detail: string, portalUrl: string): string {
  return page(
    heading,
    `<h1>${escapeHtml(heading)}</h1>
<p>${escapeHtml(detail)}</p>
<p class="other"><a href="${escapeHtml(portalUrl)}">Back to Spinbay</a></p>`,
  );
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
