import { z } from 'zod';

// Must be imported before any schema is created. Otherwise zod tries to compile code at run time, which the content security
// policy forbids and the browser reports as a violation.
z.config({ jitless: true });
