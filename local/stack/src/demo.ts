import type { NewOrganization } from '@spinbay/core';

/** The dealer that a newcomer sees; the operator may see one of its two sites. */
export const demoDealer: NewOrganization = {
  name: 'Demo Motors',
  enrolment: 'open',
  sites: ['Studio North', 'Studio South'],
  users: [
    { email: 'admin@demo.test', name: 'Ada Admin', role: 'admin', sites: ['Studio North', 'Studio South'] },
    { email: 'reviewer@demo.test', name: 'Rita Reviewer', role: 'reviewer', sites: ['Studio North', 'Studio South'] },
    { email: 'operator@demo.test', name: 'Omar Operator', role: 'operator', sites: ['Studio North'] },
  ],
};

/** Another dealer of the same installation, so that isolation can be tried. */
export const otherDealer: NewOrganization = {
  name: 'Other Cars',
  enrolment: 'open',
  sites: ['Elsewhere'],
  users: [{ email: 'admin@other.test', name: 'Olga Other', role: 'admin', sites: ['Elsewhere'] }],
};

export const demoPeople = [...demoDealer.users, ...otherDealer.users];
